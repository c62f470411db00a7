// The ID of a presentation context (PS3.8 §7.1.1.13): odd, 1–255, unique within an association.

import DICOM

/// An odd number from 1 to 255.
package struct PresentationContextID: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt8

    package init?(rawValue: UInt8) {
        guard rawValue & 1 == 1 else { return nil }
        self.rawValue = rawValue
    }

    /// The ID of the `index`-th context of a proposal: 1, 3, 5, … Nil past the 128th.
    package init?(index: Int) {
        guard (0..<AssociateLimits.presentationContexts).contains(index) else { return nil }
        rawValue = UInt8(index * 2 + 1)
    }

    init(decoding item: RawSpan, at offset: Int) throws(DecodingFault) {
        let value = try item.bigEndian(UInt8.self, at: offset)
        guard let id = PresentationContextID(rawValue: value) else {
            throw .invalid("presentation context ID", value: UInt64(value), offset: offset)
        }
        self = id
    }

    package static func < (left: PresentationContextID, right: PresentationContextID) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension PresentationContextID: CustomStringConvertible {
    package var description: String { String(rawValue) }
}
