// Where a run's bytes go: a file or memory, from begin to end, with the checksum of each block on the way.

import DICOM
import Platform

/// A file that outlives the scope that opened it, for owners that are classes.
final class OpenFile: Sendable {
    let file: File

    init(_ file: consuming File) { self.file = file }
}

/// Appends bytes; knows how many and their checksums by block.
struct RunSink {
    private let target: OpenFile?
    private var buffer: [UInt8] = []
    private var flushedBytes = 0
    private(set) var blockChecksums: [UInt32] = []
    /// How much of the buffer is in `blockChecksums`.
    private var checkedBytes = 0

    private static let flushBytes = 1 << 20
    /// A sync now and then, so that the one at the end doesn't hold up everybody else's.
    private static let syncBytes = 64 << 20
    private var unsyncedBytes = 0

    /// - Parameter target: a new, empty file; nil for memory.
    init(_ target: OpenFile?) { self.target = target }

    var byteCount: Int { flushedBytes + buffer.count }

    mutating func append(_ bytes: [UInt8]) throws(IndexFault) {
        buffer += bytes
        while buffer.count - checkedBytes >= RunLayout.blockBytes { closeBlock(RunLayout.blockBytes) }
        if target != nil, buffer.count >= Self.flushBytes { try flush() }
    }

    /// Closes the last, short block: what follows is not under block checksums.
    mutating func endBlocks() {
        if buffer.count > checkedBytes { closeBlock(buffer.count - checkedBytes) }
    }

    private mutating func closeBlock(_ length: Int) {
        blockChecksums.append(crc32c(buffer.rawSpan.extracting(checkedBytes..<(checkedBytes + length))))
        checkedBytes += length
    }

    private mutating func flush() throws(IndexFault) {
        guard let target else { return }
        let whole = checkedBytes
        guard whole > 0 else { return }
        let part = Array(buffer[..<whole])
        try wrapping { () throws(FileFault) in try target.file.append(part) }
        flushedBytes += whole
        unsyncedBytes += whole
        buffer.removeFirst(whole)
        checkedBytes = 0
        if unsyncedBytes >= Self.syncBytes {
            unsyncedBytes = 0
            try wrapping { () throws(FileFault) in try target.file.synchronizeData() }
        }
    }

    /// Appends what is not under block checksums, writes out, and syncs.
    ///
    /// - Returns: the bytes, where the target is memory.
    mutating func finish(_ bytes: [UInt8]) throws(IndexFault) -> [UInt8] {
        buffer += bytes
        guard let target else { return buffer }
        let rest = buffer
        try wrapping { () throws(FileFault) in
            try target.file.append(rest)
            try target.file.synchronize()
        }
        flushedBytes += rest.count
        buffer = []
        return []
    }
}
