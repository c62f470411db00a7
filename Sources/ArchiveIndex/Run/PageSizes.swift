// What the columns of a page cost.

import DICOM

/// Bytes of a page by column.
struct PageSizes {
    /// In the order numbers, texts, attributes.
    private(set) var columns: [Int] = []
    /// Of the attribute column, by tag.
    private(set) var attributes: [(tag: Tag, byteCount: Int)] = []
    /// All of it.
    let byteCount: Int

    init(_ table: Table, _ counts: ColumnCounts, _ part: RunPart) throws(IndexFault) {
        byteCount = part.byteCount
        do throws(PageFault) {
            let parts = try part.withBytes { page throws(PageFault) in try PageColumns.parts(counts, in: page) }
            columns = parts.map(\.count)
            guard table.shape.hasAttributes else { return }
            let last = parts[counts.numbers + counts.texts]
            attributes = try part.withBytes { page throws(PageFault) in
                try AttributeColumn.sizes(of: last, in: page)
            }
        } catch {
            throw .damaged(file: part.file, byte: part.offset + error.offset, what: "\(table.name): \(error.what)")
        }
    }
}
