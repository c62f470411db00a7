// Up to where a journal is known to be on stable storage, for whoever appends next: so that it needn't write anew what another
// process has synced. A mark is a fact that stays true; one that is torn, lost, or read from an old cache only costs a sync.

import DICOM
import Platform

/// The content of the file `lock`, little-endian. Written after a sync, and never synced itself.
///
///     offset  size  field
///          0     4  magic "FRLS"
///          4     4  zero
///          8     8  salt      of the journal
///         16     8  end       its bytes before that, and its name, are on stable storage
///         24     4  crc       CRC-32C of bytes 0 ..< 24
struct SettledMark: Equatable, Sendable {
    static let byteCount = 28
    private static let magic = Array("FRLS".utf8)

    let salt: UInt64
    let endOffset: UInt64

    init(salt: UInt64, endOffset: UInt64) {
        self.salt = salt
        self.endOffset = endOffset
    }

    func encoded() -> [UInt8] {
        var bytes = Self.magic + [0, 0, 0, 0]
        bytes.appendLittleEndian(salt)
        bytes.appendLittleEndian(endOffset)
        bytes.appendLittleEndian(checksum(bytes))
        return bytes
    }

    /// Nil where there is none.
    init?(decoding bytes: [UInt8]) {
        guard bytes.count == Self.byteCount, bytes.starts(with: Self.magic),
            littleEndian32(bytes, 24) == checksum(Array(bytes[..<24]))
        else { return nil }
        salt = JournalFrame.number(bytes, 8)
        endOffset = JournalFrame.number(bytes, 16)
    }
}

extension IndexFolder {
    /// Up to where a journal is on stable storage, and its name, by what its writers have left; nil where that says nothing of
    /// it. Under the append lock.
    func markedEnd(of journal: Journal) -> Int? {
        guard let open = markedFile(), let bytes = try? open.file.read(at: 0, count: SettledMark.byteCount),
            let mark = SettledMark(decoding: bytes), mark.salt == journal.head.salt
        else { return nil }
        return Int(clamping: mark.endOffset)
    }

    /// Leaves a mark that a journal is on stable storage up to there. Under the append lock, after the sync.
    func mark(_ head: JournalHead, settledTo end: Journal.Position) {
        let mark = SettledMark(salt: head.salt, endOffset: UInt64(end.endOffset))
        try? markedFile()?.file.write(mark.encoded(), at: 0)
    }

    private func markedFile() -> OpenFile? {
        if let known = lockContent.withLock({ $0 }) { return known }
        guard let file = try? File.open(path.appending("lock"), .openingOrCreating, kernel: kernel) else { return nil }
        let open = OpenFile(file)
        lockContent.withLock { $0 = open }
        return open
    }
}
