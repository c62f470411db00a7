// A message whose data set is produced while it is sent: in memory that doesn't grow with it, many PDUs in one system call.

import DICOM
import Platform
import UpperLayer

extension Association {
    /// Sends a message whose data set `produce` gives a piece at a time.
    ///
    /// - Parameter produce: appends to the bytes until they are as many as it is told, or some more; false when all was appended.
    /// - Throws: `.dataSet` for what `produce` throws: before anything was sent when it throws at once, and the association
    ///   lives (`state` says so); later an A-ABORT ends it, because half a data set can't be taken back.
    package func send(
        _ command: CommandSet, in id: PresentationContextID,
        _ produce: (_ bytes: inout [UInt8], _ wanted: Int) throws(ConversionFault) -> Bool
    ) throws(AssociationFault) {
        var command = command
        command.hasDataSet = true
        guard context(id) != nil else { throw .unknownContext(id) }
        let chunkBytes = fragmentation.chunkBytes(upTo: Self.producedBytes)
        var content: [UInt8] = []
        // One byte more than goes out: it says that these aren't the last.
        content.reserveCapacity(chunkBytes + Self.producedBytes)
        var isMore = try Self.fill(&content, chunkBytes + 1, produce)
        try beginSending(command, dataSet: nil, in: id)
        var headers: [UInt8] = []
        fragmentation.append(command.encoded(), in: id, isCommand: true, to: &headers)
        var pieces = [GatherPiece(buffer: 0, range: 0..<headers.count)]
        while true {
            let isLast = content.count <= chunkBytes
            let count = isLast ? content.count : chunkBytes
            for range in fragmentation.ranges(of: count) {
                appendFragment(range, isLast: isLast && range.upperBound == count, in: id, to: &headers, &pieces)
            }
            try link.send([headers, content], pieces)
            if isLast { return }
            try abortIfCut()
            headers.removeAll(keepingCapacity: true)
            pieces.removeAll(keepingCapacity: true)
            let rest = count..<content.count
            content.moveToStart(rest)
            content.removeLast(content.count - rest.count)
            guard isMore else { continue }
            do throws(AssociationFault) {
                isMore = try Self.fill(&content, chunkBytes + 1, produce)
            } catch {
                link.abort()
                throw error
            }
        }
    }

    /// What is produced before it is sent, rounded down to whole fragments.
    private static let producedBytes = 262_144

    private static func fill(
        _ content: inout [UInt8], _ wanted: Int,
        _ produce: (inout [UInt8], Int) throws(ConversionFault) -> Bool
    ) throws(AssociationFault) -> Bool {
        do throws(ConversionFault) {
            return content.count < wanted ? try produce(&content, wanted) : true
        } catch {
            throw .dataSet(error)
        }
    }
}
