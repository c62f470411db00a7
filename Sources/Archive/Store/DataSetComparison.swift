// Whether two files hold the same data set: the same bytes behind their File Meta Information, group lengths not counted, which
// say nothing and which some senders leave out (PS3.5 §7.2).

import ArchiveIndex
import DICOM
import Platform

/// Compares a file that arrived with one that is there. Both are in one transfer syntax.
struct DataSetComparison {
    /// So much of each file is in memory at a time.
    static let pieceBytes = 131_072
    /// A data set has few; more are compared as what they are.
    private static let groupLengthsMaximum = 4_096

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
        // An index may say anything of a file.
        guard ownBytes >= 0, knownBytes >= 0 else { return false }
        if ownBytes == knownBytes, try areEqual(known, arrivedOffset, knownOffset, ownBytes) { return true }
        guard !isDeflated else { return false }
        let own = try KeptParts(of: ownBytes, as: encoding) { (offset, count, buffer) throws(FileFault) in
            _ = try arrived.read(at: arrivedOffset + offset, count: count, into: &buffer)
        }
        let other = try KeptParts(of: knownBytes, as: encoding) { (offset, count, buffer) throws(FileFault) in
            _ = try known.read(at: knownOffset + offset, count: count, into: &buffer)
        }
        guard own.isLessThanAll || other.isLessThanAll, own.byteCount == other.byteCount else { return false }
        return try areEqual(known, own, at: arrivedOffset, other, at: knownOffset)
    }

    private func areEqual(
        _ known: borrowing File, _ ownStart: Int, _ knownStart: Int, _ count: Int
    ) throws(FileFault) -> Bool {
        var own = ReadBuffer(capacity: min(Self.pieceBytes, count))
        var other = ReadBuffer(capacity: min(Self.pieceBytes, count))
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

    /// Both have as many bytes.
    private func areEqual(
        _ known: borrowing File, _ ownParts: KeptParts, at ownStart: Int, _ otherParts: KeptParts, at knownStart: Int
    ) throws(FileFault) -> Bool {
        var (own, other) = (ownParts, otherParts)
        while let count = [own.nextCount, other.nextCount].min(), count > 0 {
            guard try areEqual(known, ownStart + own.take(count), knownStart + other.take(count), count) else {
                return false
            }
        }
        return true
    }

    /// A data set without the group lengths before its pixel data, as parts of it, in order.
    private struct KeptParts {
        private var parts: [Range<Int>] = []
        private(set) var byteCount = 0
        private(set) var isLessThanAll = false
        private var next = 0

        /// - Parameter read: gives bytes of the data set.
        init(
            of dataSetBytes: Int, as encoding: Encoding, _ read: (Int, Int, inout ReadBuffer) throws(FileFault) -> Void
        ) throws(FileFault) {
            var buffer = ReadBuffer(capacity: pieceBytes)
            var elements = StreamedElements(as: encoding)
            var start = 0
            var at = 0
            walk: while at < dataSetBytes {
                try read(at, min(pieceBytes, dataSetBytes - at), &buffer)
                guard buffer.bytes.byteCount > 0 else { break }
                var within = 0
                while true {
                    let found: StreamedElement?
                    do throws(DecodingFault) {
                        found = try elements.next(in: buffer.bytes, from: &within)
                    } catch {
                        // What can't be read as elements is compared as bytes.
                        break walk
                    }
                    guard let element = found else { break }
                    guard element.tag.isGroupLength, element.tag.group > 0, let length = element.length else {
                        if element.tag.group >= 0x7FE0 { break walk }
                        continue
                    }
                    guard length <= dataSetBytes - element.valueOffset, parts.count < groupLengthsMaximum else {
                        break walk
                    }
                    add(start..<element.headOffset)
                    start = element.valueOffset + length
                    isLessThanAll = true
                }
                at += within
            }
            add(start..<dataSetBytes)
        }

        private mutating func add(_ part: Range<Int>) {
            guard !part.isEmpty else { return }
            parts.append(part)
            byteCount += part.count
        }

        /// Bytes up to the next gap; 0 at the end.
        var nextCount: Int { parts[next...].first?.count ?? 0 }

        /// - Returns: where they begin.
        mutating func take(_ count: Int) -> Int {
            let start = parts[next].lowerBound
            parts[next] = start + count..<parts[next].upperBound
            if parts[next].isEmpty { next += 1 }
            return start
        }
    }
}
