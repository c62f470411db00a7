// C-STORE straight from a file: one pread and one gathered write for many PDUs, in memory that doesn't grow with the instance.

import DICOM
import Platform
import UpperLayer

extension Association {
    /// Sends a message whose data set is `length` bytes of `file` from `offset` on, as they are; an odd number of them, which
    /// only a deflated data set may have, is followed by a NUL (PS3.5 §A.5, PS3.8 §E.1).
    ///
    /// - Throws: `.file` and `.fileTooShort`: before anything was sent when the first bytes can't be read, and the
    ///   association lives (`state` says so); later an A-ABORT ends it, because half a data set can't be taken back.
    package func send(
        _ command: CommandSet, file: borrowing File, from offset: Int, length: Int, in id: PresentationContextID
    ) throws(AssociationFault) {
        var command = command
        command.hasDataSet = true
        guard length > 0 else {
            try send(command, dataSet: [], in: id)
            return
        }
        guard context(id) != nil else { throw .unknownContext(id) }
        let chunkBytes = fragmentation.chunkBytes(upTo: Self.readBytes)
        let paddedLength = length + length % 2
        var content = [UInt8](repeating: 0, count: min(paddedLength, chunkBytes))
        try fill(&content, from: file, at: offset, count: min(length, content.count))
        try beginSending(command, dataSet: nil, in: id)
        var headers: [UInt8] = []
        fragmentation.append(command.encoded(), in: id, isCommand: true, to: &headers)
        var pieces = [GatherPiece(buffer: 0, range: 0..<headers.count)]
        var sent = 0
        while true {
            let count = min(chunkBytes, paddedLength - sent)
            let fileCount = min(count, length - sent)
            if sent > 0 { try fillOrAbort(&content, from: file, at: offset + sent, count: fileCount) }
            if fileCount < count { content[fileCount] = 0 }
            for range in fragmentation.ranges(of: count) {
                appendFragment(range, isLast: sent + range.upperBound == paddedLength, in: id, to: &headers, &pieces)
            }
            try link.send([headers, content], pieces)
            sent += count
            guard sent < paddedLength else { return }
            try abortIfCut()
            headers.removeAll(keepingCapacity: true)
            pieces.removeAll(keepingCapacity: true)
        }
    }

    /// What is read from the file at a time, rounded down to whole fragments: fits the processor's cache, and fills a
    /// socket's buffer.
    private static let readBytes = 262_144

    /// Whoever was told to stop doesn't send the rest of a long data set: a peer may take it as fast as it comes, so that no wait
    /// would ever be woken.
    func abortIfCut() throws(AssociationFault) {
        guard isCut else { return }
        link.abort()
        throw .interrupted(.sending)
    }

    private func fill(
        _ content: inout [UInt8], from file: borrowing File, at offset: Int, count: Int
    ) throws(AssociationFault) {
        let got: Int
        do throws(FileFault) {
            got = try file.read(at: offset, into: &content, from: 0, count: count)
        } catch {
            throw .file(error)
        }
        guard got == count else { throw .fileTooShort(missingBytes: count - got) }
    }

    private func fillOrAbort(
        _ content: inout [UInt8], from file: borrowing File, at offset: Int, count: Int
    ) throws(AssociationFault) {
        do throws(AssociationFault) {
            try fill(&content, from: file, at: offset, count: count)
        } catch {
            link.abort()
            throw error
        }
    }
}
