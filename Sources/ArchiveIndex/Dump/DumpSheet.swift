// The lines of a dump: cells under named columns, between tabs or as the members of a JSON object.

/// How a dump is written.
package enum DumpStyle: Sendable {
    /// A line with the columns' names, then a line a row, tabs between.
    case table
    /// A line a row, each an object.
    case json
}

/// A value of a row.
enum DumpCell: Equatable {
    /// There is none.
    case absent
    /// As stored; none at all is written `""`.
    case bytes(ArraySlice<UInt8>)
    /// Text that is in the form of a dump already.
    case written([UInt8])
    /// A number that every reader of JSON takes as it is.
    case number(Int)
    /// One of 64 bits, which not every reader of JSON does: a string there.
    case wide(String)

    static func bytes(_ value: [UInt8]) -> DumpCell { .bytes(value[...]) }
    static func text(_ text: String) -> DumpCell { .bytes(Array(text.utf8)) }
    static func flag(_ isSet: Bool) -> DumpCell { .number(isSet ? 1 : 0) }
}

/// Writes rows.
struct DumpSheet {
    let columns: [String]
    let style: DumpStyle
    /// The members' names of JSON.
    private let labels: [[UInt8]]

    private static let tab = UInt8(ascii: "\t")
    private static let lineEnd = UInt8(ascii: "\n")

    init(_ columns: [String], _ style: DumpStyle) {
        self.columns = columns
        self.style = style
        labels = columns.map { Array("\"\($0)\": ".utf8) }
    }

    /// The first line; none in JSON.
    var header: [UInt8] { style == .json ? [] : Array(columns.joined(separator: "\t").utf8) + [Self.lineEnd] }

    /// A whole row.
    func append(_ cells: [DumpCell], to lines: inout [UInt8]) {
        begin(&lines)
        for (column, cell) in cells.enumerated() { append(cell, column, to: &lines) }
        end(&lines)
    }

    // MARK: A row cell by cell

    func begin(_ line: inout [UInt8]) {
        if style == .json { line.append(UInt8(ascii: "{")) }
    }

    func append(_ cell: DumpCell, _ column: Int, to line: inout [UInt8]) {
        guard style == .json else {
            switch cell {
            case .absent: break
            case .bytes(let value) where value.isEmpty: line += [0x22, 0x22]
            // What isn't empty and looks so.
            case .bytes(let value) where value.elementsEqual([0x22, 0x22]): line += Array("%22%22".utf8)
            case .bytes(let value): DumpText.append(value, to: &line)
            case .written(let text): line += text
            case .number(let number): line += Array(String(number).utf8)
            case .wide(let number): line += Array(number.utf8)
            }
            line.append(Self.tab)
            return
        }
        if cell == .absent { return }
        line += labels[column]
        if case .number(let number) = cell {
            line += Array(String(number).utf8)
        } else {
            line.append(0x22)
            switch cell {
            case .bytes(let value): DumpText.append(value, in: .json, to: &line)
            case .written(let text):
                for byte in text {
                    if byte == 0x22 || byte == 0x5C { line.append(0x5C) }
                    line.append(byte)
                }
            case .wide(let number): line += Array(number.utf8)
            case .absent, .number: break
            }
            line.append(0x22)
        }
        line += [0x2C, 0x20]
    }

    func end(_ line: inout [UInt8]) {
        if style == .json {
            if line.last == 0x20 { line.removeLast(2) }
            line.append(UInt8(ascii: "}"))
        } else {
            line.removeLast()
        }
        line.append(Self.lineEnd)
    }
}
