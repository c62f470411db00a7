// A table that fits the terminal: columns as wide as their widest cell; where there is no room, headings are cut, then the
// columns that matter least are left out, then the widest are cut.

/// Rows under headings.
struct TextTable {
    /// A column, and what may become of it where the terminal is narrow.
    struct Column {
        let heading: String
        /// Cells say something even when they are cut.
        var isCuttable = true
        /// 0 stays; of the others the greatest goes first.
        var dispensability = 0
    }

    private static let leastCutWidth = 10
    private static let leastHeadingWidth = 8
    /// Where nothing is cut, a longer cell moves its line's others instead of all lines'.
    private static let paddedMaximum = 120
    private static let gap = 2

    let columns: [Column]
    private(set) var rows: [[String]] = []

    init(_ columns: [Column]) { self.columns = columns }

    init(_ headings: [String]) { self.init(headings.map { Column(heading: $0) }) }

    mutating func add(_ row: [String]) { rows.append(row.map(\.onOneLine)) }

    /// The table in at most `available` terminal columns; nil doesn't cut. What was left out is said below it.
    func text(columns available: Int?) -> String {
        let cells = columns.indices.map { index in
            rows.reduce(min(Self.leastHeadingWidth, columns[index].heading.terminalColumns)) {
                max($0, $1[index].terminalColumns)
            }
        }
        var shown = Array(columns.indices)
        var widths = available == nil ? cells.map { min($0, Self.paddedMaximum) } : cells
        if let available {
            while Self.total(shown.map { leastWidth($0, cells) }) > available,
                let least = shown.filter({ columns[$0].dispensability > 0 }).max(by: {
                    columns[$0].dispensability < columns[$1].dispensability
                })
            {
                shown.removeAll { $0 == least }
            }
            shrink(&widths, shown, to: available)
        }
        // Headings get what room is left.
        for index in shown {
            let wanted = columns[index].heading.terminalColumns
            let room = available.map { $0 - Self.total(shown.map { widths[$0] }) } ?? .max
            widths[index] += max(0, min(wanted - widths[index], room))
        }
        let text = ([columns.map(\.heading)] + rows).map { row in
            let cells = shown.map { row[$0] }
            let own = shown.map { widths[$0] }
            return available == nil ? Self.lineBehind(cells, own) : Self.line(cells, own)
        }.joined()
        let missing = columns.indices.filter { !shown.contains($0) }.map { columns[$0].heading }
        return missing.isEmpty ? text : text + "No room for \(missing.joined(separator: ", ")).\n"
    }

    /// How wide columns are where nothing is cut.
    var fullWidths: [Int] {
        columns.indices.map { index in
            rows.reduce(columns[index].heading.terminalColumns) {
                max($0, min($1[index].terminalColumns, Self.paddedMaximum))
            }
        }
    }

    /// Cells padded or cut to their widths.
    private static func line(_ cells: [String], _ widths: [Int]) -> String {
        closed(zip(cells, widths).map { $0.fitted(to: $1) })
    }

    /// A line behind those of a table, whose cells are padded and not cut.
    static func lineBehind(_ cells: [String], _ widths: [Int]) -> String {
        closed(zip(cells, widths).map { $0.terminalColumns < $1 ? $0.fitted(to: $1) : $0 })
    }

    private static func closed(_ cells: [String]) -> String {
        var line = cells.joined(separator: String(repeating: " ", count: gap))
        while line.last == " " { line.removeLast() }
        return line + "\n"
    }

    private static func total(_ widths: [Int]) -> Int { widths.reduce(0, +) + gap * max(0, widths.count - 1) }

    private func leastWidth(_ index: Int, _ cells: [Int]) -> Int {
        columns[index].isCuttable ? min(cells[index], Self.leastCutWidth) : cells[index]
    }

    /// Takes from the widest column until the row fits, from one that mustn't be cut only where nothing else helps.
    private func shrink(_ widths: inout [Int], _ shown: [Int], to available: Int) {
        for (candidates, least) in [(shown.filter { columns[$0].isCuttable }, Self.leastCutWidth), (shown, 1)] {
            while Self.total(shown.map { widths[$0] }) > available,
                let widest = candidates.max(by: { widths[$0] < widths[$1] }), widths[widest] > least
            {
                widths[widest] -= 1
            }
        }
    }
}

extension String {
    /// Columns on a terminal: East Asian characters take two, combining ones none.
    var terminalColumns: Int { unicodeScalars.reduce(0) { $0 + $1.terminalColumns } }

    /// Padded or cut to `width` columns.
    func fitted(to width: Int) -> String {
        let own = terminalColumns
        if own <= width { return self + String(repeating: " ", count: width - own) }
        var text = ""
        var used = 0
        for scalar in unicodeScalars {
            if used + scalar.terminalColumns > width - 1 { break }
            text.unicodeScalars.append(scalar)
            used += scalar.terminalColumns
        }
        return text + "…" + String(repeating: " ", count: max(0, width - used - 1))
    }
}

extension Unicode.Scalar {
    fileprivate var terminalColumns: Int {
        if properties.generalCategory == .nonspacingMark || properties.generalCategory == .enclosingMark { return 0 }
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
            0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE4F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
            0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
