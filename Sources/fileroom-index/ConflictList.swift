// fileroom-index list conflicts: where the instances of an entity contradict each other.

import ArchiveIndex
import DICOM
import Platform

/// The contradictions of an index, a row each: level, entity, what it is about, all that is said of it.
struct ConflictList {
    private(set) var rows: [(level: Level, entity: String, matter: String, values: [String])] = []
    private(set) var hasMore = false

    init(_ index: IndexFolder, limit: Int) throws(IndexFault) {
        let roots = try index.roots()
        var rows = rows
        var hasMore = false
        try index.snapshot().forEachConflict { conflict in
            guard limit == 0 || rows.count < limit else {
                hasMore = true
                return
            }
            let (matter, values) = Self.words(conflict.matter, roots)
            rows.append((conflict.level, conflict.entity, matter, values))
        }
        self.rows = rows
        self.hasMore = hasMore
    }

    private static func words(_ matter: Conflict.Matter, _ roots: [Int: Path]) -> (String, [String]) {
        switch matter {
        case .values(let tag, let values):
            (
                DataDictionary.entry(for: tag)?.keyword ?? "\(tag)",
                values.map { value in
                    SpecificCharacterSet(stored: value.characterSet).decodeValues(value.bytes, vr: value.vr)
                        .joined(separator: "\\")
                }
            )
        case .patients(let keys):
            (
                "patient",
                keys.map { key in
                    let issuer = key.issuer.isEmpty ? "" : " of " + String(decoding: key.issuer, as: UTF8.self)
                    return key.patientID.isEmpty ? "(no ID)" : String(decoding: key.patientID, as: UTF8.self) + issuer
                }
            )
        case .contents(let contents):
            (
                "content",
                contents.compactMap(\.places.first).map { place in
                    "\((roots[place.root] ?? "?").appending(Path(bytes: place.path)))"
                }
            )
        }
    }

    var json: String {
        JSON.array(
            rows.map { row in
                .object([
                    ("level", .string(row.level.name)), ("entity", .string(row.entity)), ("what", .string(row.matter)),
                    ("values", .array(row.values.map { .string($0) })),
                ])
            }
        ).text
    }

    func table(columns: Int?) -> String {
        var table = TextTable(["Level", "Entity", "What", "Shown", "Others"])
        for row in rows {
            table.add([
                row.level.name, row.entity, row.matter, row.values[0], row.values.dropFirst().joined(separator: " | "),
            ])
        }
        return table.text(columns: columns)
    }
}
