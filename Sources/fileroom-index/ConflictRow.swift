// fileroom-index list conflicts: where the instances of an entity contradict each other.

import ArchiveIndex
import DICOM
import Platform

/// A contradiction: level, entity, what it is about, all that is said of it, what is shown first.
struct ConflictRow {
    private let level: Level
    private let entity: String
    private let what: String
    private let values: [String]
    /// Of contents.
    private let paths: [Path]

    static let columns = ["Level", "Entity", "What", "Shown", "Others"].map { TextTable.Column(heading: $0) }

    init(_ conflict: Conflict, _ roots: [Int: Path]) {
        level = conflict.level
        entity = conflict.entity
        switch conflict.matter {
        case .values(let tag, let all):
            what = DataDictionary.entry(for: tag)?.keyword ?? "\(tag)"
            values = all.map(\.text)
            paths = []
        case .patients(let keys):
            what = "patient"
            values = keys.map { key in
                let issuer = key.issuer.isEmpty ? "" : " of " + String(decoding: key.issuer, as: UTF8.self)
                return key.patientID.isEmpty ? "(no ID)" : String(decoding: key.patientID, as: UTF8.self) + issuer
            }
            paths = []
        case .contents(let contents):
            what = "content"
            paths = contents.compactMap(\.places.first).map { place in
                (roots[place.root] ?? "?").appending(Path(bytes: place.path))
            }
            values = paths.map { "\($0)" }
        }
    }

    var cells: [String] { [level.name, entity, what, values[0], values.dropFirst().joined(separator: " | ")] }

    var members: [(String, JSON)] {
        var members: [(String, JSON)] = [
            ("level", .string(level.name)), ("entity", .string(entity)), ("what", .string(what)),
            ("values", .array(values.map { .string($0) })),
        ]
        if paths.contains(where: { String(validating: $0.bytes, as: UTF8.self) == nil }) {
            members.append(("valuesBytes", .array(paths.map { .string(JSON.hexadecimal($0.bytes)) })))
        }
        return members
    }
}
