// Rows of one table over several sources, in key order, those with one key together.

/// A row and where it comes from.
struct SourcedRow: Sendable {
    /// Which source of the snapshot.
    let source: Int
    let row: StoredRow

    var number: Int { row.ordinal }
}

/// Merges tables of several sources. Memory: a page for each source.
struct RowMerger: Sendable {
    private struct Head: Sendable {
        let source: Int
        var cursor: TableCursor
        let end: Int
        /// Of the row that the cursor gave.
        var key: [KeyValue] = []
    }

    private var heads: [Head] = []
    private let parts: [Table.KeyPart]
    /// Of the rows that `next` gave.
    private(set) var key: [KeyValue] = []

    init(key parts: [Table.KeyPart]) { self.parts = parts }

    /// Adds the rows that `cursor` gives next, up to row number `end`.
    mutating func add(_ cursor: TableCursor, source: Int, end: Int) throws(IndexFault) {
        var head = Head(source: source, cursor: cursor, end: end)
        if try step(&head) { heads.append(head) }
    }

    private func step(_ head: inout Head) throws(IndexFault) -> Bool {
        guard try head.cursor.advance(), head.cursor.number < head.end else { return false }
        try head.cursor.readKey(parts, into: &head.key)
        return true
    }

    /// All rows with the next key, oldest source first; nil at the end.
    mutating func next() throws(IndexFault) -> [SourcedRow]? {
        guard let first = heads.first else { return nil }
        var least = first.key
        for head in heads.dropFirst() where head.key.lexicographicallyPrecedes(least) { least = head.key }
        key = least
        var rows: [SourcedRow] = []
        var index = 0
        while index < heads.count {
            var isOver = false
            while heads[index].key == least {
                rows.append(SourcedRow(source: heads[index].source, row: heads[index].cursor.row))
                if try !step(&heads[index]) {
                    isOver = true
                    break
                }
            }
            if isOver { heads.remove(at: index) } else { index += 1 }
        }
        return rows
    }
}
