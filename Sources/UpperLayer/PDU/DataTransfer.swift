// The P-DATA-TF PDU (PS3.8 §9.3.5): presentation data values, each a fragment of a command set or of a data set.

import DICOM

/// One presentation data value (PDV) of a P-DATA-TF (PS3.8 §9.3.5.1, Annex E).
///
///     offset  size  field
///          0     4  length of what follows, big-endian: the ID, the control header and the fragment
///          4     1  presentation context ID
///          5     1  message control header: bit 0 command, bit 1 last fragment
///          6     n  fragment
package struct PresentationDataValue: Equatable, Sendable {
    /// What a PDV adds to its fragment.
    package static let headerBytes = 6

    package let contextID: PresentationContextID
    package let isCommand: Bool
    package let isLast: Bool
    /// Of even length in all that keeps to the standard (PS3.8 §E.1).
    package let fragment: [UInt8]

    package init(contextID: PresentationContextID, isCommand: Bool, isLast: Bool, fragment: [UInt8]) {
        self.contextID = contextID
        self.isCommand = isCommand
        self.isLast = isLast
        self.fragment = fragment
    }
}

/// The body of a P-DATA-TF as a value: for tests, traces and tools. The association itself never copies fragments into one.
package struct DataTransfer: Equatable, Sendable {
    package let values: [PresentationDataValue]

    package init(_ values: [PresentationDataValue]) { self.values = values }

    /// Copies the values out of the body, header not counted.
    ///
    /// - Throws: when a value passes the end, is shorter than its own header, or has an even presentation context ID.
    package init(decoding body: RawSpan) throws(DecodingFault) {
        var values: [PresentationDataValue] = []
        var offset = 0
        while let value = try PresentationDataValueHeader(decoding: body, at: offset) {
            values.append(
                PresentationDataValue(
                    contextID: value.contextID, isCommand: value.isCommand, isLast: value.isLast,
                    fragment: [UInt8](copying: body.extracting(value.fragment))))
            offset = value.fragment.upperBound
        }
        self.values = values
    }

    /// Appends the body, header not counted.
    package func encode(into body: inout [UInt8]) {
        for value in values {
            PresentationDataValueHeader.encode(
                value.contextID, isCommand: value.isCommand, isLast: value.isLast,
                fragmentBytes: value.fragment.count, into: &body)
            body += value.fragment
        }
    }
}

/// The first 6 bytes of a PDV, and where its fragment is. Table: `PresentationDataValue`.
struct PresentationDataValueHeader {
    let contextID: PresentationContextID
    let isCommand: Bool
    let isLast: Bool
    /// Byte range of the fragment in the P-DATA-TF's body; may be empty.
    let fragment: Range<Int>

    /// Nil at the end of the body.
    ///
    /// - Throws: when the length passes the end, doesn't cover ID and control header, or the ID is even.
    init?(decoding body: RawSpan, at offset: Int) throws(DecodingFault) {
        guard offset < body.byteCount else { return nil }
        let length = Int(try body.bigEndian(UInt32.self, at: offset))
        guard length >= 2 else { throw .invalid("PDV length", value: UInt64(length), offset: offset) }
        let start = offset + 4
        guard length <= body.byteCount - start else {
            throw .truncated(offset: start, neededBytes: length, availableBytes: body.byteCount - start)
        }
        contextID = try PresentationContextID(decoding: body, at: start)
        let control = try body.bigEndian(UInt8.self, at: start + 1)
        isCommand = control & 1 != 0
        isLast = control & 2 != 0
        fragment = (start + 2)..<(start + length)
    }

    static func encode(
        _ id: PresentationContextID, isCommand: Bool, isLast: Bool, fragmentBytes: Int, into body: inout [UInt8]
    ) {
        body.append(bigEndian: UInt32(fragmentBytes + 2))
        body.append(id.rawValue)
        body.append((isCommand ? 1 : 0) | (isLast ? 2 : 0))
    }
}
