// The A-RELEASE-RQ and A-RELEASE-RP PDUs (PS3.8 §9.3.6, §9.3.7): an orderly end. Neither says anything but its type.

import DICOM

/// The body of an A-RELEASE-RQ or -RP: 4 reserved bytes, sent as 0, not tested.
enum ReleaseBody {
    static let bytes: [UInt8] = [0, 0, 0, 0]

    /// - Throws: when the 4 bytes are not there.
    static func check(_ body: RawSpan) throws(DecodingFault) {
        _ = try body.bigEndian(UInt32.self, at: 0)
    }
}
