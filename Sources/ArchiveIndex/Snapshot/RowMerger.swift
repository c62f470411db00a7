// Rows of one table over several sources, in key order, those with one key together.

/// A row and where it comes from.
struct SourcedRow: Sendable {
    /// Which source of the snapshot.
    let source: Int
    let number: Int
    let row: Row
}

/// Merges tables of several sources. Memory: a page for each source.
struct RowMerger: Sendable {
    private struct Head: Sendable {
        let source: Int
        var cursor: TableCursor
        let end: Int
    }

    private var heads: [Head] = []
    private let key: [Table.KeyPart]

    init(key: [Table.KeyPart]) { self.key = key }

    /// Adds the rows that `cursor` gives next, up to row number `end`.
    mutating func add(_ cursor: TableCursor, source: Int, end: Int) throws(IndexFault) {
        var head = Head(source: source, cursor: cursor, end: end)
        if try Self.step(&head) { heads.append(head) }
    }

    private static func step(_ head: inout Head) throws(IndexFault) -> Bool {
        guard try head.cursor.advance() else { return false }
        return head.cursor.number < head.end
    }

    /// All rows with the next key, oldest source first; nil at the end.
    mutating func next() throws(IndexFault) -> [SourcedRow]? {
        guard var least = heads.first?.cursor.row else { return nil }
        for index in heads.indices.dropFirst() where precedes(heads[index].cursor.row, least) {
            least = heads[index].cursor.row
        }
        var rows: [SourcedRow] = []
        var index = 0
        while index < heads.count {
            var isOver = false
            while !precedes(least, heads[index].cursor.row) {
                rows.append(
                    SourcedRow(
                        source: heads[index].source, number: heads[index].cursor.number, row: heads[index].cursor.row))
                if try !Self.step(&heads[index]) {
                    isOver = true
                    break
                }
            }
            if isOver { heads.remove(at: index) } else { index += 1 }
        }
        return rows
    }

    private func precedes(_ left: Row, _ right: Row) -> Bool {
        for part in key {
            switch part {
            case .number(let index):
                if left.numbers[index] != right.numbers[index] { return left.numbers[index] < right.numbers[index] }
            case .text(let index):
                if left.texts[index] != right.texts[index] {
                    return left.texts[index].lexicographicallyPrecedes(right.texts[index])
                }
            }
        }
        return false
    }
}
