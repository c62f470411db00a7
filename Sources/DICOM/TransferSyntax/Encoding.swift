// The coding of data elements: what of a transfer syntax their reader needs to know (PS3.5 §7.1, §7.3).

/// How elements are coded, once a deflated data set is inflated (PS3.5 §7.1).
package struct Encoding: Hashable, Sendable {
    package let isExplicitVR: Bool
    package let byteOrder: ByteOrder

    package init(isExplicitVR: Bool, byteOrder: ByteOrder) {
        self.isExplicitVR = isExplicitVR
        self.byteOrder = byteOrder
    }

    package static let implicitLittle = Encoding(isExplicitVR: false, byteOrder: .little)
    package static let explicitLittle = Encoding(isExplicitVR: true, byteOrder: .little)
    package static let explicitBig = Encoding(isExplicitVR: true, byteOrder: .big)
}
