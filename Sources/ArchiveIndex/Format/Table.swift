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
    case patientsOfStudySets = 18

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
            name: "patients", numbers: ["added", "removed", "first set", "sets"],
            texts: ["patient ID", "issuer", "study UID"],
            hasAttributes: false, key: [.text(0), .text(1), .text(2)], isUnique: true),
        Shape(
            name: "patient sets", numbers: ["patient", "weight"], texts: [], hasAttributes: true, key: [.number(0)],
            isUnique: false),
        Shape(
            name: "studies",
            numbers: ["first set", "sets", "first series", "series", "instances", "added", "removed"],
            texts: ["study UID"], hasAttributes: false, key: [.text(0)], isUnique: true),
        Shape(
            name: "study sets", numbers: ["study", "weight"], texts: [], hasAttributes: true, key: [.number(0)],
            isUnique: false),
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
        Shape(
            name: "patients of study sets", numbers: ["patient set"], texts: [], hasAttributes: false, key: [],
            isUnique: false),
    ]
}

/// One row of a table to be written: its columns by kind.
struct Row: Equatable, Sendable {
    var numbers: [UInt64]
    var texts: [[UInt8]]
    var attributes: AttributeSet

    init(numbers: [UInt64] = [], texts: [[UInt8]] = [], attributes: AttributeSet = .empty) {
        self.numbers = numbers
        self.texts = texts
        self.attributes = attributes
    }

    /// Bytes of what has no fixed size.
    var byteCount: Int { texts.reduce(attributes.bytes.count) { $0 + $1.count } }
}

/// A value to look for in a sort key.
enum KeyValue: Equatable, Comparable, Sendable {
    case number(UInt64)
    case text([UInt8])

    static func < (left: KeyValue, right: KeyValue) -> Bool {
        switch (left, right) {
        case (.number(let left), .number(let right)): left < right
        case (.text(let left), .text(let right)): left.lexicographicallyPrecedes(right)
        default: preconditionFailure("a key has the kinds of its table")
        }
    }

    /// Whether a key of a row stands before the first values of one.
    static func precedes(_ row: [KeyValue], _ wanted: [KeyValue]) -> Bool {
        for (own, wanted) in zip(row, wanted) where own != wanted { return own < wanted }
        return false
    }
}

/// Columns by name, so that a number is written once.
enum Column {
    enum Patients {
        static let added = 0, removed = 1, firstSet = 2, sets = 3
        static let id = 0, issuer = 1, studyUID = 2
    }
    enum PatientSets { static let patient = 0, weight = 1 }
    enum Studies {
        static let firstSet = 0, sets = 1, firstSeries = 2, series = 3, instances = 4, added = 5, removed = 6
        static let uid = 0
    }
    enum StudySets { static let study = 0, weight = 1 }
    enum Series {
        static let study = 0, firstSet = 1, sets = 2, firstInstance = 3, rows = 4, instances = 5, added = 6
        static let removed = 7
        static let uid = 0, sopClasses = 1
    }
    enum SeriesSets { static let series = 0, weight = 1 }
    enum Instances {
        static let series = 0, fingerprint = 1, dataSetBytes = 2, sopClass = 3, transferSyntax = 4, studySet = 5
        static let seriesSet = 6
        static let uid = 0
    }
    enum Files {
        static let root = 0, kind = 1, removal = 2, bytes = 3, modified = 4, inode = 5, trusted = 6, offset = 7
        static let instance = 8
        static let path = 0, digest = 1
    }
}
