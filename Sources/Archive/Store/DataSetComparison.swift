// Whether two files hold the same data set: the same bytes behind their File Meta Information, group lengths not counted, which
// say nothing and which some senders leave out (PS3.5 §7.2).

import ArchiveIndex
import DICOM
import Platform

/// Compares a file that arrived with one that is there. Both are in one transfer syntax.
struct DataSetComparison {
    private static let pieceBytes = 262_144

    let arrived: IncomingFile
    /// Bytes to its data set.
    let arrivedOffset: Int
    let encoding: Encoding
    /// Nothing can be told of a deflated data set but by its bytes.
    let isDeflated: Bool

    /// - Throws: when one of them can't be read.
    func isSame(_ known: borrowing File, at knownOffset: Int, sizeBytes: Int) throws(FileFault) -> Bool {
        let ownBytes = arrived.byteCount - arrivedOffset
        let knownBytes = sizeBytes - knownOffset
        if ownBytes == knownBytes, try areEqual(known, arrivedOffset, knownOffset, ownBytes) { return true }
        guard !isDeflated else { return false }
        let own = try header(ownBytes) { (count, buffer) throws(FileFault) in
            try arrived.read(at: arrivedOffset, count: count, into: &buffer)
        }
        let other = try header(knownBytes) { (count, buffer) throws(FileFault) in
            try known.read(at: knownOffset, count: count, into: &buffer)
        }
        guard own.hasGroupLengths || other.hasGroupLengths, own.bytes == other.bytes else { return false }
        let rest = ownBytes - own.endOffset
        guard rest == knownBytes - other.endOffset else { return false }
        return try areEqual(known, arrivedOffset + own.endOffset, knownOffset + other.endOffset, rest)
    }

    private func areEqual(
        _ known: borrowing File, _ ownStart: Int, _ knownStart: Int, _ count: Int
    ) throws(FileFault) -> Bool {
        var own = ReadBuffer(capacity: Self.pieceBytes)
        var other = ReadBuffer(capacity: Self.pieceBytes)
        var done = 0
        while done < count {
            let step = min(Self.pieceBytes, count - done)
            let got = try arrived.read(at: ownStart + done, count: step, into: &own)
            guard got == step, try known.read(at: knownStart + done, count: step, into: &other) == step,
                own.bytes.isEqual(to: other.bytes)
            else { return false }
            done += step
        }
        return true
    }

    /// The elements before the pixel data without group lengths.
    private struct Header {
        var bytes: [UInt8] = []
        var endOffset = 0
        var hasGroupLengths = false
    }

    private func header(
        _ dataSetBytes: Int, _ read: (Int, inout ReadBuffer) throws(FileFault) -> Int
    ) throws(FileFault) -> Header {
        var buffer = ReadBuffer(capacity: Self.pieceBytes)
        _ = try read(min(dataSetBytes, InstanceHeader.maximumBytes), &buffer)
        var header = Header()
        var cursor = ElementCursor(as: encoding)
        let set = buffer.bytes
        // What can't be read as elements is compared as bytes.
        while let element = try? cursor.next(in: set) {
            if element.tag.group >= 0x7FE0, !element.tag.isGroupLength { break }
            guard (try? cursor.skip(element, in: set)) != nil else { break }
            if element.tag.isGroupLength {
                header.hasGroupLengths = true
            } else {
                header.bytes.append(copying: set.extracting(element.headerOffset..<cursor.offset))
            }
            header.endOffset = cursor.offset
        }
        return header
    }
}
