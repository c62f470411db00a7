// Goes through the rows of a table in order, or jumps; and finds rows by their keys.

/// A place in a table of a run.
struct TableCursor: Sendable {
    let run: Run
    let table: Table
    private let rowCount: Int
    private var page: Page?
    /// The number of the row that `advance` gives next.
    private(set) var next = 0
    private var isHeld = false
    /// The texts that were read last of this page, by column.
    private var heldTexts: [HeldText]

    init(_ run: Run, _ table: Table) {
        self.run = run
        self.table = table
        rowCount = run.table(table).rowCount
        heldTexts = Array(repeating: HeldText(), count: table.shape.texts.count)
    }

    /// The row that `advance` gave.
    ///
    /// Only after it gave one.
    var row: StoredRow {
        guard let page else { preconditionFailure("no row was given yet") }
        return StoredRow(run: run, page: page, ordinal: number)
    }
    var number: Int { next - 1 }

    /// A text of that row: where rows are read one after the other, without beginning anew for each.
    mutating func text(_ column: Int) throws(IndexFault) -> [UInt8] {
        guard let page else { preconditionFailure("no row was given yet") }
        try page.read(column, number - page.rows.lowerBound, into: &heldTexts[column])
        return heldTexts[column].bytes
    }

    /// The path of that row of `files`.
    mutating func path() throws(IndexFault) -> [UInt8] { try row.path(of: try text(Column.Files.path)) }

    /// The values of `parts` of that row.
    mutating func readKey(_ parts: some Sequence<Table.KeyPart>, into key: inout [KeyValue]) throws(IndexFault) {
        key.removeAll(keepingCapacity: true)
        for part in parts {
            switch part {
            case .number(let index): key.append(.number(row.number(index)))
            case .text(let index):
                let isPath = table == .files && index == Column.Files.path
                key.append(.text(isPath ? try path() : try text(index)))
            }
        }
    }

    /// Whether that row stands before `key`, which has a value for each of `parts`.
    fileprivate mutating func isBefore(_ key: [KeyValue], _ parts: ArraySlice<Table.KeyPart>) throws(IndexFault) -> Bool
    {
        for (part, value) in zip(parts, key) {
            switch (part, value) {
            case (.number(let index), .number(let wanted)):
                let own = row.number(index)
                if own != wanted { return own < wanted }
            case (.text(let index), .text(let wanted)):
                let isPath = table == .files && index == Column.Files.path
                let own = isPath ? try path() : try text(index)
                if own != wanted { return own.lexicographicallyPrecedes(wanted) }
            default: preconditionFailure("a key has the kinds of its table")
            }
        }
        return false
    }

    /// To be given again by the next `advance`.
    mutating func hold() { isHeld = true }

    /// Goes to the next row; false at the end.
    mutating func advance() throws(IndexFault) -> Bool {
        if isHeld {
            isHeld = false
            return true
        }
        guard next < rowCount else { return false }
        if page?.rows.contains(next) != true { try load(next) }
        next += 1
        return true
    }

    private mutating func load(_ number: Int) throws(IndexFault) {
        page = try run.page(ofRow: number, of: table)
        for column in heldTexts.indices { heldTexts[column] = HeldText() }
    }

    /// Makes `number` the row that `advance` gives next; nothing follows when it is the count of rows.
    mutating func seek(_ number: Int) throws(IndexFault) {
        guard number >= 0, number <= rowCount else {
            throw run.fault(table, number, "referred to, and isn't there")
        }
        isHeld = false
        next = number
    }

    /// Row `number`, wherever the cursor stands; it stands behind it then.
    mutating func row(_ number: Int) throws(IndexFault) -> StoredRow {
        guard number >= 0, number < rowCount else { throw run.fault(table, number, "referred to, and isn't there") }
        isHeld = false
        next = number + 1
        if page?.rows.contains(number) != true { try load(number) }
        return row
    }
}

extension Run {
    /// A cursor whose next row is `number`.
    func cursor(_ table: Table, at number: Int) throws(IndexFault) -> TableCursor {
        var cursor = cursor(table)
        try cursor.seek(number)
        return cursor
    }

    /// A cursor whose next row is the first of `rows` that is not less than `key` (values for the first parts of the sort key).
    ///
    /// - Parameter rows: nil stands for all.
    func cursor(
        _ table: Table, from key: [KeyValue], within rows: Range<Int>? = nil
    ) throws(IndexFault) -> TableCursor {
        let parts = table.shape.key.prefix(key.count)
        let reader = self.table(table)
        var low = rows?.lowerBound ?? 0
        var high = rows?.upperBound ?? reader.rowCount
        var cursor = cursor(table)
        guard low < high else {
            try cursor.seek(low)
            return cursor
        }
        // The first row of a page tells where it stands, then the first row of a group, then rows one after the other.
        var first = try reader.pageIndex(ofRow: low)
        var last = try reader.pageIndex(ofRow: high - 1)
        while first < last {
            let middle = (first + last + 1) / 2
            let head = try head(ofPage: middle, of: table)
            if KeyValue.precedes(head.key, key) {
                first = middle
                low = max(low, head.row)
            } else {
                last = middle - 1
                high = min(high, head.row)
            }
        }
        while high - low > FrontTexts.groupRows {
            let middle = (low + high) / 2
            _ = try cursor.row(middle)
            if try cursor.isBefore(key, parts) { low = middle + 1 } else { high = middle }
        }
        while low < high {
            _ = try cursor.row(low)
            if try !cursor.isBefore(key, parts) { break }
            low += 1
        }
        try cursor.seek(low)
        return cursor
    }
}
