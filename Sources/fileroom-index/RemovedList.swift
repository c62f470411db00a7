// fileroom-index list removed: what was taken out of the index on purpose, and stays out.

import ArchiveIndex
import DICOM
import Platform

/// The removals of an index, and its roots that are gone.
struct RemovedList {
    private let rows: [(level: String, key: String, issuer: String, through: String)]

    init(_ index: IndexFolder) throws(IndexFault) {
        let removals = try index.removals().throughNs.sorted { $0.key < $1.key }.map { removal, moment in
            (
                removal.level.name, String(decoding: removal.key[0], as: UTF8.self),
                removal.key.count > 1 ? String(decoding: removal.key[1], as: UTF8.self) : "",
                WallTime(secondsSince1970: moment / 1_000_000_000, nanoseconds: Int32(moment % 1_000_000_000)).localText
            )
        }
        let folders = try index.roots()
        let roots = try index.goneRoots().sorted().map { ("ROOT", "\(folders[$0] ?? "?")", "", "") }
        rows = removals + roots
    }

    var json: String {
        JSON.array(
            rows.map { row in
                .object([
                    ("level", .string(row.level)), ("key", .string(row.key)), ("issuer", .string(row.issuer)),
                    ("filesThrough", .string(row.through)),
                ])
            }
        ).text
    }

    func table(columns: Int?) -> String {
        var table = TextTable(["Level", "Key", "Issuer", "Files through"])
        for row in rows { table.add([row.level, row.key, row.issuer, row.through]) }
        return table.text(columns: columns)
    }
}
