// Entries as the payload of a journal frame: each stands for itself, because a journal is short and soon folded.

import DICOM

/// A batch: varint count, then each entry:
///
///     1 byte flags: 1 removal, 2 foreign file, 4 trusted
///     place: varint root, prefixed path, varint size, varint zigzag mtime, varint inode, varint data set offset,
///         prefixed digest
///     foreign: 1 byte reason. Otherwise: prefixed patient ID, issuer, packed study, series, instance, SOP class and transfer
///     syntax UID, varint fingerprint, then the attribute sets of patient, study, series and image level: see `AttributeCoding`
///
/// "Prefixed" is a varint length and as many bytes.
enum EntryCoding {
    struct Batch: Equatable, Sendable {
        var entries: [SignedEntry] = []
        var foreign: [SignedForeignFile] = []

        var count: Int { entries.count + foreign.count }
    }

    /// The sets of one instance, by level.
    private typealias Sets = [AttributeSet]
    private static let noSets: Sets = [.empty, .empty, .empty, .empty]

    static func encode(_ batch: Batch) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendVarint(UInt64(batch.count))
        var last = noSets
        for entry in batch.entries { append(entry, after: &last, to: &bytes) }
        for file in batch.foreign { append(file, to: &bytes) }
        return bytes
    }

    private static func append(_ signed: SignedEntry, after last: inout Sets, to bytes: inout [UInt8]) {
        let entry = signed.entry
        bytes.append((signed.isRemoval ? 1 : 0) | (entry.place.isTrusted ? 4 : 0))
        append(entry.place, to: &bytes)
        bytes.appendPrefixed(entry.patientID)
        bytes.appendPrefixed(entry.issuer)
        for uid in [
            entry.studyInstanceUID, entry.seriesInstanceUID, entry.sopInstanceUID, entry.sopClassUID,
            entry.transferSyntaxUID,
        ] { bytes.appendPrefixed(uid.packed) }
        bytes.appendVarint(entry.headerFingerprint)
        let sets = [entry.patient, entry.study, entry.series, entry.image]
        for (set, before) in zip(sets, last) { AttributeCoding.append(set, after: before, to: &bytes) }
        last = sets
    }

    private static func append(_ signed: SignedForeignFile, to bytes: inout [UInt8]) {
        let file = signed.file
        bytes.append((signed.isRemoval ? 1 : 0) | 2 | (file.place.isTrusted ? 4 : 0))
        append(file.place, to: &bytes)
        bytes.append(file.reason)
    }

    private static func append(_ place: Place, to bytes: inout [UInt8]) {
        bytes.appendVarint(UInt64(place.root))
        bytes.appendPrefixed(place.path)
        bytes.appendVarint(UInt64(place.sizeBytes))
        bytes.appendVarint(zigzag(place.modificationNs))
        bytes.appendVarint(place.inode)
        bytes.appendVarint(UInt64(place.dataSetOffset))
        bytes.appendPrefixed(place.digest)
    }

    static func decode(_ payload: [UInt8], file: String, base: Int) throws(IndexFault) -> Batch {
        var reader = ByteReader(payload, file: file, base: base)
        // An entry has more than 8 bytes: no count makes more than what is there.
        let count = try reader.count(maximum: payload.count / 8 + 1)
        var batch = Batch()
        var last = noSets
        for _ in 0..<count {
            let start = reader.offset
            let flags = try reader.byte()
            guard flags < 8 else { throw reader.fault("an entry's flags", at: start) }
            let place = try place(&reader, isTrusted: flags & 4 != 0)
            if flags & 2 != 0 {
                let reasonAt = reader.offset
                let reason = try reader.byte()
                guard reason > 0 else { throw reader.fault("a foreign file without a reason", at: reasonAt) }
                batch.foreign.append(
                    SignedForeignFile(file: ForeignFile(place, reason: reason), isRemoval: flags & 1 != 0))
            } else {
                let entry = try entry(&reader, place, after: &last)
                batch.entries.append(SignedEntry(entry: entry, isRemoval: flags & 1 != 0))
            }
        }
        guard reader.isAtEnd else { throw reader.fault("there are bytes behind the last entry") }
        return batch
    }

    private static func place(_ reader: inout ByteReader, isTrusted: Bool) throws(IndexFault) -> Place {
        let root = try reader.count(maximum: Int(UInt32.max))
        let pathAt = reader.offset
        let path = try reader.prefixedArray()
        guard !path.contains(0) else { throw reader.fault("a path", at: pathAt) }
        let size = try reader.count(maximum: 1 << 61)
        let modified = unzigzag(try reader.varint())
        let inode = try reader.varint()
        let offset = try reader.count(maximum: 1 << 61)
        let digest = try reader.prefixedArray()
        return Place(
            root: root, path: path, sizeBytes: size, modificationNs: modified, inode: inode, isTrusted: isTrusted,
            dataSetOffset: offset, digest: digest)
    }

    private static func entry(
        _ reader: inout ByteReader, _ place: Place, after last: inout Sets
    ) throws(IndexFault) -> InstanceEntry {
        let patientID = try reader.prefixedArray()
        let issuer = try reader.prefixedArray()
        var uids: [UID] = []
        for _ in 0..<5 {
            let start = reader.offset
            guard let uid = UID(packed: try reader.prefixedArray()) else {
                throw reader.fault("a UID isn't one", at: start)
            }
            uids.append(uid)
        }
        let fingerprint = try reader.varint()
        var sets: Sets = []
        for before in last { sets.append(try AttributeCoding.read(after: before, from: &reader)) }
        last = sets
        return InstanceEntry(
            patientID: patientID, issuer: issuer, studyInstanceUID: uids[0], seriesInstanceUID: uids[1],
            sopInstanceUID: uids[2], sopClassUID: uids[3], transferSyntaxUID: uids[4], patient: sets[0], study: sets[1],
            series: sets[2], image: sets[3], headerFingerprint: fingerprint, place: place)
    }
}
