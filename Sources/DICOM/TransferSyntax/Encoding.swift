// The coding of data elements: what of a transfer syntax their reader needs to know (PS3.5 §7.1, §7.3).

/// How elements are coded, once a deflated data set is inflated (PS3.5 §7.1).
package struct Encoding: Hashable, Sendable {
    package let isExplicitVR: Bool
    package let byteOrder: ByteOrder

    package init(isExplicitVR: Bool, byteOrder: ByteOrder) {
        self.isExplicitVR = isExplicitVR
        self.byteOrder = byteOrder
    }

    /// Implicit VR Little Endian (PS3.5 §A.1).
    package static let implicitLittle = Encoding(isExplicitVR: false, byteOrder: .little)
    /// Explicit VR Little Endian (PS3.5 §A.2), of all encapsulated and deflated syntaxes too.
    package static let explicitLittle = Encoding(isExplicitVR: true, byteOrder: .little)
    /// Explicit VR Big Endian, retired (PS3.5-2016b §A.3).
    package static let explicitBig = Encoding(isExplicitVR: true, byteOrder: .big)
}
