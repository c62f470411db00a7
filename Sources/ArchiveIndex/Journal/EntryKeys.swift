// What a frame speaks of, told without decoding it: numbers for the SOP Instance UIDs and the files of its entries.

import DICOM
import Platform

extension EntryCoding {
    /// Two of one UID have one number; others nearly always have another.
    static func key(of uid: UID) -> UInt64 { UInt64(crc32c(uid.packed)) }

    /// The same of files; none is a UID's.
    static func key(of path: RootedPath) -> UInt64 { fileKey(root: path.root, path.path.rawSpan) }

    private static func fileKey(root: Int, _ path: RawSpan) -> UInt64 {
        1 << 32 | UInt64(crc32c(path, seed: UInt32(truncatingIfNeeded: root)))
    }

    /// How many entries a payload has.
    static func count(in payload: [UInt8], file: String, base: Int) throws(IndexFault) -> Int {
        var reader = ByteReader(payload, file: file, base: base)
        return try reader.count(maximum: payload.count / 8 + 1)
    }

    /// Gives the numbers of all entries of a payload: of each one's file, and of its instance where it is one.
    ///
    /// - Throws: where the payload isn't made of entries.
    static func forEachKey(
        of payload: [UInt8], file: String, base: Int, _ body: (UInt64) -> Void
    ) throws(IndexFault) {
        var reader = ByteReader(payload, file: file, base: base)
        for _ in 0..<(try reader.count(maximum: payload.count / 8 + 1)) {
            let flags = try reader.byte()
            guard flags < 8 else { throw reader.fault("an entry's flags", at: reader.offset - 1) }
            let root = try reader.count(maximum: Int(UInt32.max))
            body(fileKey(root: root, payload.rawSpan.extracting(try reader.prefixedRange())))
            for _ in 0..<4 { _ = try reader.varint() }  // size, time, inode, data set offset
            _ = try reader.prefixedRange()  // digest
            if flags & 2 != 0 {
                _ = try reader.byte()
                continue
            }
            for _ in 0..<4 { _ = try reader.prefixedRange() }  // patient ID, issuer, study, series
            body(UInt64(crc32c(payload.rawSpan.extracting(try reader.prefixedRange()))))
            for _ in 0..<2 { _ = try reader.prefixedRange() }  // SOP class, transfer syntax
            _ = try reader.varint()  // fingerprint
            for _ in 0..<4 { try AttributeCoding.passOver(in: &reader) }
        }
        guard reader.isAtEnd else { throw reader.fault("there are bytes behind the last entry") }
    }
}
