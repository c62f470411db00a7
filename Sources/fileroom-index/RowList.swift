// Rows printed as they come: JSON one by one, a table as soon as its first rows say how wide its columns are.

import Daemon
import Platform

/// A list on standard output, in memory that doesn't grow with it.
struct RowList {
    /// So many rows say how wide columns are; a cell behind them may be wider.
    private static let tableRows = 1_000

    private let isJSON: Bool
    private let limit: Int
    private let columns: [TextTable.Column]
    private var table: TextTable
    private var count = 0
    private var hasMore = false
    private var waiting = ""
    private var widths: [Int]?

    /// - Parameter limit: 0 is none.
    init(_ columns: [TextTable.Column], isJSON: Bool, limit: Int) {
        self.columns = columns
        self.isJSON = isJSON
        self.limit = limit
        table = TextTable(columns)
    }

    /// Whether another row is taken; asked only where there is one.
    var hasRoom: Bool {
        mutating get {
            hasMore = limit > 0 && count >= limit
            return !hasMore
        }
    }

    mutating func add(_ members: [(String, JSON)]) {
        waiting += (count == 0 ? "[\n  " : ",\n  ") + JSON.object(members).compact
        count += 1
        flush()
    }

    mutating func add(_ cells: [String]) {
        count += 1
        if let widths {
            waiting += TextTable.lineBehind(cells.map(\.onOneLine), widths)
            flush()
            return
        }
        table.add(cells)
        if count == Self.tableRows, !StandardStream.output.isTerminal {
            widths = table.fullWidths
            waiting += table.text(columns: nil)
            flush()
        }
    }

    private mutating func flush(atLeast count: Int = 1 << 16) {
        guard waiting.utf8.count >= count else { return }
        IndexProgram.print(Array(waiting.utf8))
        waiting = ""
    }

    /// Prints what is left, and says where there is more.
    mutating func end() {
        if isJSON {
            waiting += count == 0 ? "[]\n" : "\n]\n"
        } else if widths == nil {
            let output = StandardStream.output
            waiting += table.text(columns: output.isTerminal ? output.columns : nil)
        }
        flush(atLeast: 1)
        if hasMore, !isJSON { StandardOptions.complain("… more than \(limit) rows; --limit 0 lists all") }
    }
}
