// Who calls whom, as both association PDUs carry it: an answer repeats the request's bytes (PS3.8 Tables 9-11, 9-17).

import DICOM

/// The 64 bytes from offset 4 on of an A-ASSOCIATE-RQ and -AC: called AE title, calling AE title, 32 reserved.
struct AssociationParties: Equatable, Sendable {
    private static let offset = 4
    private static let titleBytes = 16

    private(set) var bytes: [UInt8]

    init(called: AETitle, calling: AETitle) {
        bytes = called.padded + calling.padded + [UInt8](repeating: 0, count: 32)
    }

    init(decoding body: RawSpan) throws(DecodingFault) {
        bytes = [UInt8](copying: try body.part(at: Self.offset, length: AssociateRequest.fixedBytes - Self.offset))
    }

    var called: AETitle? {
        get { title(at: 0) }
        set { set(newValue, at: 0) }
    }

    var calling: AETitle? {
        get { title(at: Self.titleBytes) }
        set { set(newValue, at: Self.titleBytes) }
    }

    /// Titles are compared as they are meant; what is reserved means nothing.
    static func == (left: AssociationParties, right: AssociationParties) -> Bool {
        left.called == right.called && left.calling == right.calling
    }

    private func title(at start: Int) -> AETitle? { AETitle(stored: Array(bytes[start..<(start + Self.titleBytes)])) }

    private mutating func set(_ title: AETitle?, at start: Int) {
        let field = title?.padded ?? [UInt8](repeating: 0x20, count: Self.titleBytes)
        bytes.replaceSubrange(start..<(start + Self.titleBytes), with: field)
    }
}
