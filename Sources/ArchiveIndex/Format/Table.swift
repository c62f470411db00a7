// The tables of a run: their columns and what they are sorted by. FORMAT.md describes each; the numbers are the format.

/// A kind of table.
enum Table: UInt8, CaseIterable, Sendable {
    case patients = 1
    case patientSets = 2
    case studies = 3
    case studySets = 4
    case series = 5
    case seriesSets = 6
    case instances = 7
    case files = 8
    case instanceFiles = 9
    case patientStudies = 10
    case sopClasses = 11
    case transferSyntaxes = 12
    case instanceUIDs = 13
    case seriesUIDs = 14
    case accessionNumbers = 15
    case studyDates = 16
    case patientNames = 17

    /// Part of a sort key: the number or text with that index.
    enum KeyPart: Equatable, Sendable {
        case number(Int)
        case text(Int)
    }

    struct Shape: Sendable {
        let name: String
        let numbers: [String]
        let texts: [String]
        let hasAttributes: Bool
        /// Rows ascend by these. FORMAT.md says how rows are ordered where they are equal.
        let key: [KeyPart]
        /// No two rows have one key.
        let isUnique: Bool
    }

    var shape: Shape { Self.shapes[Int(rawValue) - 1] }
    var name: String { shape.name }

    private static let shapes: [Shape] = [
        Shape(
            name: "patients", numbers: ["added", "removed"], texts: ["patient ID", "issuer", "study UID", "sets"],
            hasAttributes: false, key: [.text(0), .text(1), .text(2)], isUnique: true),
        Shape(
            name: "patient sets", numbers: ["patient", "weight"], texts: [], hasAttributes: true, key: [],
            isUnique: false),
        Shape(
            name: "studies",
            numbers: ["first set", "sets", "first series", "series", "instances", "added", "removed"],
            texts: ["study UID"], hasAttributes: false, key: [.text(0)], isUnique: true),
        Shape(
            name: "study sets", numbers: ["study", "patient set", "weight"], texts: [], hasAttributes: true,
            key: [.number(0)], isUnique: false),
        Shape(
            name: "series",
            numbers: ["study", "first set", "sets", "first instance", "rows", "instances", "added", "removed"],
            texts: ["series UID", "SOP classes"], hasAttributes: false, key: [.number(0), .text(0)], isUnique: true),
        Shape(
            name: "series sets", numbers: ["series", "weight"], texts: [], hasAttributes: true, key: [.number(0)],
            isUnique: false),
        Shape(
            name: "instances",
            numbers: [
                "series", "fingerprint", "data set bytes", "SOP class", "transfer syntax", "study set", "series set",
            ],
            texts: ["SOP Instance UID"], hasAttributes: true,
            key: [.number(0), .text(0), .number(1), .number(2)], isUnique: false),
        Shape(
            name: "files",
            numbers: [
                "root", "kind", "removal", "bytes", "modified", "inode", "trusted", "data set offset", "instance",
            ],
            texts: ["path", "digest"], hasAttributes: false, key: [.number(0), .text(0)], isUnique: false),
        Shape(
            name: "files of instances", numbers: ["instance", "file"], texts: [], hasAttributes: false,
            key: [.number(0), .number(1)], isUnique: true),
        Shape(
            name: "studies of patients", numbers: ["patient", "study"], texts: [], hasAttributes: false,
            key: [.number(0), .number(1)], isUnique: true),
        Shape(
            name: "SOP classes", numbers: [], texts: ["UID"], hasAttributes: false, key: [], isUnique: false),
        Shape(
            name: "transfer syntaxes", numbers: [], texts: ["UID"], hasAttributes: false, key: [], isUnique: false),
        Shape(
            name: "instance UIDs", numbers: ["hash", "instance"], texts: [], hasAttributes: false,
            key: [.number(0), .number(1)], isUnique: true),
        Shape(
            name: "series UIDs", numbers: ["hash", "series"], texts: [], hasAttributes: false,
            key: [.number(0), .number(1)], isUnique: true),
        Shape(
            name: "accession numbers", numbers: ["study"], texts: ["accession number"], hasAttributes: false,
            key: [.text(0), .number(0)], isUnique: true),
        Shape(
            name: "study dates", numbers: ["study"], texts: ["date"], hasAttributes: false,
            key: [.text(0), .number(0)], isUnique: true),
        Shape(
            name: "patient names", numbers: ["patient"], texts: ["folded name"], hasAttributes: false,
            key: [.text(0), .number(0)], isUnique: true),
    ]
}

/// One row of a table: its columns by kind.
struct Row: Equatable, Sendable {
    var numbers: [UInt64]
    var texts: [[UInt8]]
    var attributes: AttributeSet

    init(_ table: Table) {
        let shape = table.shape
        numbers = Array(repeating: 0, count: shape.numbers.count)
        texts = Array(repeating: [], count: shape.texts.count)
        attributes = .empty
    }

    init(numbers: [UInt64] = [], texts: [[UInt8]] = [], attributes: AttributeSet = .empty) {
        self.numbers = numbers
        self.texts = texts
        self.attributes = attributes
    }

    /// The number in a column, as an ordinal or a count.
    func int(_ index: Int) -> Int { Int(truncatingIfNeeded: numbers[index] & 0x7FFF_FFFF_FFFF_FFFF) }
}

/// A value to look for in a sort key.
enum KeyValue: Equatable, Sendable {
    case number(UInt64)
    case text([UInt8])
}

extension Row {
    /// -1, 0 or 1: where this row stands against `key`, a value for each of the first parts of the table's sort key.
    func compare(_ table: Table, to key: [KeyValue]) -> Int {
        compare(table.shape.key, to: key)
    }

    func compare(_ parts: [Table.KeyPart], to key: [KeyValue]) -> Int {
        for (part, value) in zip(parts, key) {
            switch (part, value) {
            case (.number(let index), .number(let wanted)):
                if numbers[index] != wanted { return numbers[index] < wanted ? -1 : 1 }
            case (.text(let index), .text(let wanted)):
                if texts[index] != wanted { return texts[index].lexicographicallyPrecedes(wanted) ? -1 : 1 }
            default: preconditionFailure("a key has the kinds of its table")
            }
        }
        return 0
    }

    /// The values of the sort key.
    func key(_ table: Table) -> [KeyValue] {
        table.shape.key.map { part in
            switch part {
            case .number(let index): .number(numbers[index])
            case .text(let index): .text(texts[index])
            }
        }
    }
}
