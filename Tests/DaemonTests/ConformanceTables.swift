// The tables of CONFORMANCE.md, written by the code that they describe, and their place in its text.

import Configuration
import Platform
import ServiceClasses
import UpperLayer

@testable import ArchiveIndex
@testable import DICOM

/// A table that stands in CONFORMANCE.md between `<!-- table NAME -->` and `<!-- end -->`.
enum ConformanceTable: String, CaseIterable {
    case services
    case models
    case queryExtensions = "query-extensions"
    case retrieveExtensions = "retrieve-extensions"
    case keys
    case parameters
    case storageParameters = "storage-parameters"
    case characterSets = "character-sets"
    case storageSOPClasses = "storage-sop-classes"
    case transferSyntaxes = "transfer-syntaxes"

    var begin: String { "<!-- table \(rawValue) -->" }
    static let end = "<!-- end -->"

    /// Its lines, from the heads of the columns on.
    var lines: [String] {
        switch self {
        case .services: Self.rows(["SOP class", "UID", "User (SCU)", "Provider (SCP)"], Self.servicesRows)
        case .models: Self.rows(["Model", "Levels of C-FIND"], Self.modelsRows)
        case .queryExtensions: Self.rows(["Byte", "Extension", "Answer"], Self.queryExtensionsRows)
        case .retrieveExtensions: Self.rows(["Byte", "Extension", "Answer"], Self.retrieveExtensionsRows)
        case .keys:
            Self.rows(["Level", "Keys"], Level.allCases.map { [$0.name, Self.keys($0).joined(separator: ", ")] })
        case .parameters: Self.rows(["Parameter", "Default"], Self.defaults(of: Self.parameterNames))
        case .storageParameters:
            Self.rows(["Parameter", "Default"], Self.defaults(of: StorageParameter.allCases.map(\.rawValue)))
        case .characterSets: Self.rows(["Term", "With code extensions"], Self.characterSetsRows)
        case .storageSOPClasses: Self.rows(["SOP class", "UID", "SCU", "SCP"], Self.storageSOPClassesRows)
        case .transferSyntaxes:
            Self.rows(["Transfer syntax", "UID", "Stored", "Converted for a retrieval"], Self.transferSyntaxesRows)
        }
    }

    private static func rows(_ heads: [String], _ rows: [[String]]) -> [String] {
        ([heads, heads.map { _ in "---" }] + rows).map { cells in
            cells[0] == "---"
                ? "|" + cells.joined(separator: "|") + "|" : "| " + cells.joined(separator: " | ") + " |"
        }
    }

    // MARK: What is negotiated

    private static var servicesRows: [[String]] {
        let verification = SOPClass.named(Verification.sopClass)
        let provided = [verification] + QueryRetrieveSOPClass.all.map { SOPClass.named($0.uid) }
        let rows = provided.compactMap { $0 }.map { [name($0), $0.uid.text, "no", "yes"] }
        return rows + [["Storage", "section 8.1", "yes, for retrievals", "yes"]]
    }

    private static func name(_ known: SOPClass) -> String { known.name + (known.isRetired ? " (retired)" : "") }

    private static var modelsRows: [[String]] {
        let finding = QueryRetrieveSOPClass.all.filter { $0.operation == .find }
        return finding.compactMap { known in
            SOPClass.named(known.uid).map { [name($0), known.model.levels.map(\.name).joined(separator: ", ")] }
        }
    }

    private static let extensionNames = [
        "relational queries", "combined date-time", "fuzzy names", "timezone adjustment",
        "enhanced multi-frame conversion", "empty value", "multiple values",
    ]

    private static var queryExtensionsRows: [[String]] { answers(to: extensionNames, of: .find) }

    private static var retrieveExtensionsRows: [[String]] {
        answers(to: ["relational retrieval", "enhanced multi-frame conversion"], of: .get)
    }

    /// What is answered to an offer of 1 in every byte.
    private static func answers(to names: [String], of operation: QueryRetrieveOperation) -> [[String]] {
        guard let known = QueryRetrieveSOPClass.all.first(where: { $0.operation == operation }),
            let answer = QueryRetrieveNegotiation(
                ExtendedNegotiation(sopClass: known.uid, information: names.map { _ in 1 }))
        else { return [] }
        return zip(names, answer.information).enumerated().map { ["\($0 + 1)", $1.0, "\($1.1)"] }
    }

    // MARK: What is held and coded

    private static func keys(_ level: Level) -> [String] {
        let held = HeldAttributes.tags(at: level) + [level.uniqueKey] + (level == .image ? [.sopClassUID] : [])
        let computed = SupportedKeys.computed.filter { $0.value == level }.keys
        return Set(held).union(computed).sorted().compactMap { DataDictionary.entry(for: $0)?.name }
    }

    private static var characterSetsRows: [[String]] {
        let registered = DefinedTerm.registrations.map { number in
            let term = DefinedTerm.registered(number)
            // ISO_IR 6 is no defined term: it is what no Specific Character Set says.
            let alone = number == 6 ? "none" : term.needsExtension ? "–" : term.text(withExtension: false)
            return [alone, term.text(withExtension: true)]
        }
        return registered + [DefinedTerm.utf8, .gb18030, .gbk].map { [$0.text(withExtension: false), "–"] }
    }

    private static var storageSOPClassesRows: [[String]] {
        SOPClass.all.filter(\.isStorage).map { [name($0), $0.uid.text, "yes", $0.isCompositeStorage ? "yes" : "no"] }
    }

    private static var transferSyntaxesRows: [[String]] {
        TransferSyntax.all.map { syntax in
            let isConverted = TransferSyntax.conversionTargets.contains { $0.uid == syntax.uid }
            return [
                syntax.name + (syntax.isRetired ? " (retired)" : ""), syntax.uid.text, syntax.isStorable ? "yes" : "no",
                isConverted ? "yes" : "no",
            ]
        }
    }

    // MARK: What is configured

    private static var parameterNames: [String] { Parameter.allCases.filter { !$0.isIgnored }.map(\.rawValue) }

    /// As etc/fileroom.cfg has them, which the tests of the configuration compare with the code.
    private static func defaults(of names: [String]) -> [[String]] {
        let lines = (try? ConformanceStatement.file("etc/fileroom.cfg")) ?? []
        return names.map { name in
            let line = lines.first { $0.hasPrefix(name + " ") }
            let value = line.map { $0.dropFirst(name.count).drop { $0 == " " || $0 == "=" } } ?? "unset"
            return [name, String(value)]
        }
    }
}

/// The text of CONFORMANCE.md.
enum ConformanceStatement {
    /// A file of the repository in lines.
    static func file(_ name: String) throws -> [String] {
        let bytes = try File.open(top.appending(Path(name))).readAll(maximumBytes: 1 << 20)
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .map { String($0) }
    }

    static let top = Path(#filePath).parent.parent.parent

    static func lines() throws -> [String] { try file("CONFORMANCE.md") }

    /// What stands there as a table; nil where it isn't there.
    static func written(_ table: ConformanceTable) throws -> [String]? {
        let lines = try lines()
        guard let begin = lines.firstIndex(of: table.begin),
            let end = lines[begin...].firstIndex(of: ConformanceTable.end)
        else { return nil }
        return Array(lines[(begin + 1)..<end])
    }

    /// The text with every table as the code has it.
    static func renewed() throws -> String {
        var text: [String] = []
        var isInTable = false
        for line in try lines() {
            if line == ConformanceTable.end { isInTable = false }
            if !isInTable { text.append(line) }
            if let table = ConformanceTable.allCases.first(where: { $0.begin == line }) {
                text += table.lines
                isInTable = true
            }
        }
        return text.joined(separator: "\n")
    }
}
