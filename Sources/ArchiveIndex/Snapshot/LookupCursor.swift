// A range of a look-up over several sources: its rows in the order of what they say, then of the entities that they name,
// whichever sources have them.

import DICOM

/// Which rows of a look-up are wanted.
struct LookupRange: Sendable {
    enum Verdict {
        case take, pass, stop
        /// None before this text, which is behind the one that was judged.
        case leap([UInt8])
    }

    let table: Table
    /// The first text that may be wanted.
    let start: [UInt8]
    /// Judges the texts from there on.
    let judge: @Sendable ([UInt8]) -> Verdict

    /// One text.
    static func exactly(_ text: [UInt8], in table: Table) -> LookupRange {
        LookupRange(table: table, start: text) { $0 == text ? .take : .stop }
    }

    /// All that begin so.
    static func beginning(with prefix: [UInt8], in table: Table) -> LookupRange {
        LookupRange(table: table, start: prefix) { $0.starts(with: prefix) ? .take : .stop }
    }

    /// All between the two, both included; nil is open.
    static func between(_ first: [UInt8]?, _ last: [UInt8]?, in table: Table) -> LookupRange {
        LookupRange(table: table, start: first ?? []) { text in
            if let last, last.lexicographicallyPrecedes(text) { return .stop }
            return .take
        }
    }

    /// All that begin with some letters, whatever their accents.
    static func beginning(with prefix: PlainPrefix, in table: Table) -> LookupRange {
        LookupRange(table: table, start: []) { text in
            switch prefix.judge(text) {
            case .begins: .take
            case .leap(let next): .leap(next)
            case .over: .stop
            }
        }
    }

    /// All that `isWanted` takes: a scan of the whole look-up.
    static func all(in table: Table, where isWanted: @escaping @Sendable ([UInt8]) -> Bool) -> LookupRange {
        LookupRange(table: table, start: []) { isWanted($0) ? .take : .pass }
    }
}

/// What the rows of a look-up name.
protocol LookupOwner: Comparable, Sendable {
    /// Where it is.
    static var table: Table { get }

    init(_ row: StoredRow) throws(IndexFault)
}

/// A study, in the order of studies.
struct StudyOwner: LookupOwner {
    static let table = Table.studies
    let packed: [UInt8]

    init(_ row: StoredRow) throws(IndexFault) { packed = try row.text(Column.Studies.uid) }

    static func < (left: StudyOwner, right: StudyOwner) -> Bool { left.packed.lexicographicallyPrecedes(right.packed) }
}

extension PatientKey: LookupOwner {
    static let table = Table.patients

    init(_ row: StoredRow) throws(IndexFault) { self = try row.patientKey() }
}

/// The wanted rows of a look-up, one text and owner at a time. Memory: a page or two for each source.
struct LookupCursor<Owner: LookupOwner>: Sendable {
    /// A text, whose it is, and the owner's rows in those sources that say so.
    struct Found: Sendable {
        let text: [UInt8]
        let owner: Owner
        var rows: [SourcedRow]
    }

    private let runs: [Run]

    private struct Head: Sendable {
        var rows: TableCursor
        var owners: TableCursor
        let source: Int
        /// What `rows` gave.
        var found: Found?
    }

    private let range: LookupRange
    private var heads: [Head] = []
    private var isStarted = false

    init(_ range: LookupRange, in snapshot: Snapshot) throws(IndexFault) {
        self.range = range
        runs = snapshot.sources
        for (source, run) in snapshot.sources.enumerated() {
            let rows = try run.cursor(range.table, from: [.text(range.start)])
            heads.append(Head(rows: rows, owners: run.cursor(Owner.table), source: source))
        }
    }

    /// The next; nil at the end.
    mutating func next(_ watch: SearchWatch?) throws(IndexFault) -> Found? {
        if !isStarted {
            isStarted = true
            for index in heads.indices { try step(index, watch) }
        }
        var least: Found?
        for head in heads {
            guard let found = head.found else { continue }
            if let known = least, !Self.precedes(found, known) { continue }
            least = found
        }
        guard var result = least else { return nil }
        result.rows = []
        for index in heads.indices {
            guard let found = heads[index].found, found.text == result.text, found.owner == result.owner else {
                continue
            }
            result.rows += found.rows
            try step(index, watch)
        }
        return result
    }

    private static func precedes(_ left: Found, _ right: Found) -> Bool {
        left.text == right.text ? left.owner < right.owner : left.text.lexicographicallyPrecedes(right.text)
    }

    /// Goes to the next wanted row of a source.
    private mutating func step(_ index: Int, _ watch: SearchWatch?) throws(IndexFault) {
        heads[index].found = nil
        while try heads[index].rows.advance() {
            try watch?.pass()
            let text = try heads[index].rows.text(0)
            let verdict = range.judge(text)
            switch verdict {
            case .take:
                let row = try heads[index].owners.row(heads[index].rows.row.int(0))
                heads[index].found = Found(
                    text: text, owner: try Owner(row), rows: [SourcedRow(source: heads[index].source, row: row)])
                return
            case .leap(let next):
                heads[index].rows = try runs[heads[index].source].cursor(range.table, from: [.text(next)])
            case .pass: continue
            case .stop: return
            }
        }
    }
}
