// A table that fits the terminal: columns as wide as their widest cell, the widest ones cut where there is no room.

/// Rows under headings.
struct TextTable {
    let headings: [String]
    private(set) var rows: [[String]] = []

    init(_ headings: [String]) { self.headings = headings }

    mutating func add(_ row: [String]) { rows.append(row.map(\.onOneLine)) }

    /// The table in at most `columns` terminal columns; nil doesn't cut.
    func text(columns: Int?) -> String {
        var widths = headings.map(\.terminalColumns)
        for row in rows {
            for (index, cell) in row.enumerated() where index < widths.count {
                widths[index] = max(widths[index], cell.terminalColumns)
            }
        }
        if let columns { Self.shrink(&widths, to: columns) }
        return ([headings] + rows).map { row in
            var line = zip(row, widths).map { $0.fitted(to: $1) }.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    /// Takes from the widest column until the row fits, but leaves each a few characters.
    private static func shrink(_ widths: inout [Int], to columns: Int) {
        func total() -> Int { widths.reduce(0, +) + 2 * (widths.count - 1) }
        while total() > columns, let widest = widths.indices.max(by: { widths[$0] < widths[$1] }), widths[widest] > 3 {
            widths[widest] -= 1
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
