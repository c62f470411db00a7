// What could not be read while an index was dumped: each told once, as it is met.

/// Counts and tells faults.
final class DumpFaults {
    private(set) var count = 0
    private var told: Set<String> = []
    private let tell: (String) -> Void
    /// More are counted, and not told.
    private static let toldMaximum = 100

    init(_ tell: @escaping (String) -> Void) { self.tell = tell }

    /// Tells a fault; one place that many rows refer to is one fault.
    func note(_ fault: IndexFault) {
        let place = fault.place
        guard told.count < Self.toldMaximum else {
            if !told.contains(place) { count += 1 }
            return
        }
        guard told.insert(place).inserted else { return }
        count += 1
        tell(place)
        if told.count == Self.toldMaximum { tell("what else is damaged is only counted") }
    }

    /// Tells what is no damage.
    func remark(_ text: String) { tell(text) }
}

extension TableCursor {
    /// Goes to the next row that can be read; a page that can't be is told of and passed over.
    mutating func advance(telling faults: DumpFaults) -> Bool {
        while true {
            do throws(IndexFault) { return try advance() } catch {
                faults.note(error)
                pass()
            }
        }
    }

    /// Goes behind the page of the next row: as the directory has it, else as pages are when they are full.
    private mutating func pass() {
        let reader = run.table(table)
        let page = try? reader.place(ofPage: reader.pageIndex(ofRow: next))
        var behind = (next / RunLayout.pageRows + 1) * RunLayout.pageRows
        if let page, page.rows.contains(next) { behind = page.rows.upperBound }
        try? seek(min(behind, reader.rowCount))
    }
}
