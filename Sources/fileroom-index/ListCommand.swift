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
        the value, patient or content that is shown and served comes first. KEY is a keyword (PatientName) or a tag (0010,0010) of the level or of one
        above; VALUE matches as in C-FIND: `*` and `?` in text, ranges of dates and times, lists of UIDs.

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
        let query = try query(level, Array(operands), MatchingOptions(context.settings))
        let index = try context.index()
        let roots = try index.roots()
        var cursor = try index.snapshot().find(query)
        var rows: [[String]] = []
        var hasMore = false
        while let match = try cursor.next() {
            if limit > 0, rows.count == limit {
                hasMore = true
                break
            }
            rows.append(try columns.values(of: match, roots))
        }
        if context.wantsJSON {
            IndexProgram.print(
                JSON.array(rows.map { .object(zip(columns.names, $0.map { .string($0) }).map { $0 }) }).text)
            return 0
        }
        var table = TextTable(columns.forTable)
        for row in rows { table.add(row) }
        IndexProgram.print(table.text(columns: StandardStream.output.isTerminal ? StandardStream.output.columns : nil))
        if hasMore { complainOfMore(limit) }
        return 0
    }

    private static func isForPeople(_ context: CommandContext) -> Bool {
        !context.wantsJSON && StandardStream.output.isTerminal
    }

    private static func complainOfMore(_ limit: Int) {
        StandardOptions.complain("… more than \(limit) rows; --limit 0 lists all")
    }

    private static func listConflicts(_ context: CommandContext, limit: Int) throws -> Int32 {
        let list = try ConflictList(try context.index(), limit: limit)
        if context.wantsJSON {
            IndexProgram.print(list.json)
        } else {
            let output = StandardStream.output
            IndexProgram.print(list.table(columns: output.isTerminal ? output.columns : nil))
            if list.hasMore { complainOfMore(limit) }
        }
        return 0
    }

    private static let levels: [String: Level] = [
        "patients": .patient, "studies": .study, "series": .series, "instances": .image,
    ]

    /// The arguments as the identifier of a C-FIND.
    private static func query(_ level: Level, _ keys: [String], _ options: MatchingOptions) throws -> Query {
        var identifier = DataSet()
        identifier.set(.queryRetrieveLevel, .CS, text: level.name)
        identifier.set(.specificCharacterSet, .CS, text: "ISO_IR 192")
        for key in keys {
            let parts = key.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw UsageFault("\(key) is no KEY=VALUE") }
            let tag = try tag(String(parts[0]))
            guard SupportedKeys.isSupported(tag, at: level) else {
                throw UsageFault("\(parts[0]) is no key that the index holds at \(level.name) or above")
            }
            identifier[tag] = try element(tag, String(parts[1]), named: parts[0])
        }
        do {
            return try Query(identifier: identifier, model: .patientRoot, options: options)
        } catch {
            throw UsageFault("\(error)")
        }
    }

    private static func element(_ tag: Tag, _ value: String, named name: Substring) throws -> DataElement {
        let vr = DataDictionary.vr(of: tag)
        switch vr {
        case .SQ: throw UsageFault("\(name) is a sequence, which can't be given as text")
        case .US, .UL:
            // What text is to the other VRs, little-endian numbers are to these.
            if value.isEmpty || value == "*" { return DataElement(tag, vr, .bytes([])) }
            guard let number = UInt32(value), vr == .UL || number <= UInt32(UInt16.max) else {
                throw UsageFault("\(name) is a number, and \(value) isn't one that it can have")
            }
            let bytes = (0..<vr.wordBytes).map { UInt8(truncatingIfNeeded: number >> UInt32(8 * $0)) }
            return DataElement(tag, vr, .bytes(bytes))
        default:
            var set = DataSet()
            set.set(tag, vr, text: value)
            return set[tag] ?? DataElement(tag, vr, .bytes([]))
        }
    }

    private static func tag(_ word: String) throws -> Tag {
        if let tag = DataDictionary.tag(keyword: word) { return tag }
        let parts = word.split(separator: ",")
        if parts.count == 2, let group = UInt16(parts[0], radix: 16), let element = UInt16(parts[1], radix: 16) {
            return Tag(group, element)
        }
        let nearest = nearestName(to: word, among: DataDictionary.keywords).map { "; did you mean \($0)?" } ?? ""
        throw UsageFault("\(word) is no keyword and no tag\(nearest)")
    }
}
