// fileroom-index list: what the index holds, by the same matching as C-FIND.

import ArchiveIndex
import Configuration
import DICOM
import Daemon
import Platform

enum ListCommand: IndexCommand {
    static let name = "list"
    static let takesOperands = true

    static let options = [
        CommandLineOption(
            "l", "limit", value: "N", help: "at most N rows; 0 is all (default: 1000 on a terminal, else all)")
    ]

    static let help = """
        fileroom-index list [patients|studies|series|instances] [KEY=VALUE…] [OPTION…]
        fileroom-index list conflicts [OPTION…]
        fileroom-index list removed [OPTION…]

        Lists what the index holds, or where instances contradict each other: different values within one patient,
        study or series, a study of several patients, one SOP Instance UID with several contents. All of it is kept;
        the value, patient or content that is shown and served comes first. KEY is a keyword (PatientName) or a tag
        (0010,0010) of the level or of one above; VALUE matches as in C-FIND: `*` and `?` in text, ranges of dates
        and times, lists of UIDs.

        Examples:
          fileroom-index list studies PatientName='SMI*' StudyDate=20240101-
          fileroom-index list series StudyInstanceUID=1.2.3 --json
          fileroom-index list instances --limit 0 --json
          fileroom-index list conflicts
          fileroom-index list removed

        `removed` lists what was taken out on purpose, and up to which time files of it stay out.

        Exit status: 0, also when nothing matches; 2 for wrong arguments.
        """

    static func run(_ context: CommandContext) throws -> Int32 {
        var operands = context.arguments.operands[...]
        let limit = try context.arguments.number("limit", in: 0...Int.max) ?? (isForPeople(context) ? 1_000 : 0)
        if operands.first == "conflicts" {
            guard operands.count == 1 else { throw UsageFault("conflicts are listed without keys") }
            return try listConflicts(context, limit: limit)
        }
        if operands.first == "removed" {
            guard operands.count == 1 else { throw UsageFault("what was removed is listed without keys") }
            let list = try RemovedList(try context.index())
            let output = StandardStream.output
            IndexProgram.print(
                context.wantsJSON ? list.json : list.table(columns: output.isTerminal ? output.columns : nil))
            return 0
        }
        var level = Level.study
        if let first = operands.first, !first.contains("=") {
            guard let named = levels[first] else {
                throw UsageFault(
                    "patients, studies, series, instances, conflicts or removed can be listed, not \(first)")
            }
            level = named
            operands = operands.dropFirst()
        }
        let columns = ListColumns(level)
        let keys = try QueryKeys(Array(operands))
        for element in keys.elements where !SupportedKeys.isSupported(element.tag, at: level) {
            throw UsageFault(
                "\(keys.words[element.tag] ?? "") is no key that the index holds at \(level.name) or above")
        }
        let query = try keys.query(level, .patientRoot, MatchingOptions(context.settings))
        let index = try context.index()
        let roots = try index.roots()
        var cursor = try index.snapshot().find(query)
        var rows = RowList(columns.forTable, isJSON: context.wantsJSON, limit: limit)
        while let match = try cursor.next() {
            guard rows.hasRoom else { break }
            if context.wantsJSON {
                rows.add(try columns.members(of: match, roots))
            } else {
                rows.add(try columns.values(of: match, roots))
            }
        }
        rows.end()
        return 0
    }

    private static func isForPeople(_ context: CommandContext) -> Bool {
        !context.wantsJSON && StandardStream.output.isTerminal
    }

    private static func listConflicts(_ context: CommandContext, limit: Int) throws -> Int32 {
        let index = try context.index()
        let roots = try index.roots()
        var rows = RowList(ConflictRow.columns, isJSON: context.wantsJSON, limit: limit)
        try index.snapshot().forEachConflict { conflict in
            guard rows.hasRoom else { return false }
            let row = ConflictRow(conflict, roots)
            if context.wantsJSON { rows.add(row.members) } else { rows.add(row.cells) }
            return true
        }
        rows.end()
        return 0
    }

    private static let levels: [String: Level] = [
        "patients": .patient, "studies": .study, "series": .series, "instances": .image,
    ]
}
