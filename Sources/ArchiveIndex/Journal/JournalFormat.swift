// The head of a journal and the frames behind it.

import DICOM
import Platform

/// The first bytes of a journal. It gets its name only when they are on stable storage.
///
///     offset  size  field, little-endian
///          0     4  magic "FRJH"
///          4     4  zero
///          8     8  version
///         16     8  number of this journal
///         24     8  predecessor's number, 0 for none
///         32     8  up to which byte the predecessor counts
///         40     8  sequence of the first frame
///         48     8  salt      a random number that its frames repeat
///         56     4  zero
///         60     4  crc of bytes 0 ..< 60; the first frame's `previous`
struct JournalHead: Equatable, Sendable {
    static let byteCount = 64
    private static let magic = Array("FRJH".utf8)

    var number: UInt64
    var predecessor: UInt64
    var predecessorEnd: UInt64
    var firstSequence: UInt64
    /// Who sends instances may know this format, and so write a frame into a text: this number they don't know.
    var salt = UInt64.random(in: .min ... .max)
    /// A newer minor version began the journal.
    var isNewer = false

    func encoded() -> [UInt8] {
        var bytes = Self.magic + [0, 0, 0, 0]
        FormatVersion.append(to: &bytes)
        for value in [number, predecessor, predecessorEnd, firstSequence, salt] { bytes.appendLittleEndian(value) }
        bytes.appendLittleEndian(UInt32(0))
        bytes.appendLittleEndian(checksum(bytes))
        return bytes
    }

    init(number: UInt64, predecessor: UInt64, predecessorEnd: UInt64, firstSequence: UInt64) {
        self.number = number
        self.predecessor = predecessor
        self.predecessorEnd = predecessorEnd
        self.firstSequence = firstSequence
    }

    init(decoding bytes: [UInt8], file: String) throws(IndexFault) {
        var reader = ByteReader(bytes, file: file)
        guard bytes.count == Self.byteCount, try reader.array(4) == Self.magic else {
            throw .damaged(file: file, byte: 0, what: "it doesn't begin as a journal does")
        }
        guard littleEndian32(bytes, 60) == checksum(Array(bytes[..<60])) else {
            throw .damaged(file: file, byte: 60, what: "the checksum of the head is wrong")
        }
        _ = try reader.array(4)
        let isFullyKnown = try FormatVersion.check(&reader)
        isNewer = !isFullyKnown
        number = try reader.littleEndian(UInt64.self)
        predecessor = try reader.littleEndian(UInt64.self)
        predecessorEnd = try reader.littleEndian(UInt64.self)
        firstSequence = try reader.littleEndian(UInt64.self)
        guard firstSequence < 1 << 56 else { throw reader.fault("the first sequence", at: 40) }
        salt = try reader.littleEndian(UInt64.self)
        for reserved in [4..<8, 56..<60] where isFullyKnown && bytes[reserved].contains(where: { $0 != 0 }) {
            throw reader.fault("reserved bytes", at: reserved.lowerBound)
        }
        // From nothing on, a journal counts to its head at least.
        guard predecessor == 0 || predecessorEnd >= UInt64(Self.byteCount), predecessorEnd < 1 << 56 else {
            throw reader.fault("up to where its predecessor counts", at: 32)
        }
    }
}

/// One journal frame: one batch. Whole only if `crc` agrees, so a torn tail reads as "not there yet".
///
///     offset  size  field, little-endian
///          0     4  magic "FRJF"
///          4     4  length    bytes of payload, at most `payloadMaximumBytes`
///          8     8  salt      of the journal: a frame can't stand in another
///         16     8  sequence  counts on over all journals of an area
///         24     4  previous  crc of the frame before, or of the head
///         28     1  kind      1 entries, 2 sealed, 3 published, 128 availability; from 128 on to be passed over where it isn't
///                             known
///         29     3  zero
///         32     n  payload
///     32 + n     4  crc       CRC-32C of bytes 0 ..< 32 + n
struct JournalFrame: Equatable, Sendable {
    static let headBytes = 32
    static let payloadMaximumBytes = 1 << 22
    private static let magic = Array("FRJF".utf8)

    enum Kind: UInt8, Sendable {
        /// A batch: see `EntryCoding`.
        case entries = 1
        /// The journal ends here; the payload is the next one's number, 8 bytes.
        case sealed = 2
        /// `current` was replaced; the payload is its generation, 8 bytes. Readers look again anyway; this tells waiting ones.
        case published = 3
        /// Marks of instances whose files are gone or there again: see `AvailabilityCoding`. A hint.
        case availability = 128
    }

    var salt: UInt64
    var sequence: UInt64
    var previous: UInt32
    /// As it stands in the frame: a newer minor version may have other kinds.
    var kindCode: UInt8
    var payload: [UInt8]

    func encoded() -> (bytes: [UInt8], crc: UInt32) {
        var bytes = Self.magic
        bytes.reserveCapacity(Self.headBytes + payload.count + 4)
        bytes.appendLittleEndian(UInt32(payload.count))
        bytes.appendLittleEndian(salt)
        bytes.appendLittleEndian(sequence)
        bytes.appendLittleEndian(previous)
        bytes += [kindCode, 0, 0, 0]
        bytes += payload
        let crc = checksum(bytes)
        bytes.appendLittleEndian(crc)
        return (bytes, crc)
    }

    init(salt: UInt64, sequence: UInt64, previous: UInt32, kind: Kind, payload: [UInt8]) {
        self.salt = salt
        self.sequence = sequence
        self.previous = previous
        kindCode = kind.rawValue
        self.payload = payload
    }

    /// Nil where this version doesn't know it.
    var kind: Kind? { Kind(rawValue: kindCode) }
    /// What an unknown one says needn't be known.
    var mayBePassedOver: Bool { kindCode >= 128 }

    /// The whole frame at `offset` of `bytes`; nil where there is none.
    init?(in bytes: [UInt8], at offset: Int) {
        guard bytes.count - offset >= Self.headBytes + 4, Array(bytes[offset..<(offset + 4)]) == Self.magic else {
            return nil
        }
        let length = Int(littleEndian32(bytes, offset + 4))
        guard length <= Self.payloadMaximumBytes, length <= bytes.count - offset - Self.headBytes - 4 else {
            return nil
        }
        let end = offset + Self.headBytes + length
        let span = bytes.rawSpan.extracting(offset..<end)
        guard littleEndian32(bytes, end) == crc32c(span),
            bytes[(offset + 29)..<(offset + 32)].allSatisfy({ $0 == 0 })
        else { return nil }
        salt = Self.number(bytes, offset + 8)
        sequence = Self.number(bytes, offset + 16)
        previous = littleEndian32(bytes, offset + 24)
        kindCode = bytes[offset + 28]
        payload = Array(bytes[(offset + Self.headBytes)..<end])
    }

    /// Bytes of the whole frame.
    var byteCount: Int { Self.headBytes + payload.count + 4 }

    /// The number of a sealed or published frame.
    var payloadNumber: UInt64? { payload.count == 8 ? Self.number(payload, 0) : nil }

    static func number(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
        UInt64(littleEndian32(bytes, offset)) | UInt64(littleEndian32(bytes, offset + 4)) << 32
    }

    /// Whether a whole frame of the journal of that salt with a sequence of at least `sequence` begins at or behind `offset`.
    static func isFrame(of salt: UInt64, from sequence: UInt64, in bytes: [UInt8], behind offset: Int) -> Bool {
        var at = offset
        while at <= bytes.count - headBytes - 4 {
            // The salt before the checksum: a sender's bytes cost no more than a look at each.
            if bytes[at] == magic[0], number(bytes, at + 8) == salt, number(bytes, at + 16) >= sequence,
                JournalFrame(in: bytes, at: at) != nil
            {
                return true
            }
            at += 1
        }
        return false
    }
}
