// fileroom-index explain: how a query is answered, and why it finds nothing.

import Archive
import ArchiveIndex
import Configuration
import DICOM
import Daemon
import Platform

enum ExplainCommand: IndexCommand {
    static let name = "explain"
    static let takesOperands = true

    static let options = [
        CommandLineOption(
            "l", "level", value: "LEVEL", help: "patient, study, series or image (default: the lowest of the keys)"),
        CommandLineOption(
            "m", "model", value: "MODEL",
            help: "the information model: patient, study or patient-study (default: study, for patients patient)"),
    ]

    static let help = """
        fileroom-index explain KEY=VALUE… [OPTION…]

        Runs a query as C-FIND does, and says how: where candidates could come from and which of these was chosen,
        how many were looked at, how many passed each key in the order in which the keys are tested, how many
        matched, and how long it took. Where nothing matches: which key left nothing over, what the candidates have
        instead, and what the index has that is near. Keys that the index doesn't hold are named, and how many files
        were opened for them (at most HeaderReads), and those that are not matched, as C-FIND's status FF01H says.

        Keys are those of findscu -k: KEY=VALUE, or KEY alone, which matches everything; KEY a keyword (PatientName)
        or a tag (0010,0010). QueryRetrieveLevel=LEVEL is the level.

        Examples:
          fileroom-index explain PatientName='SMI*' StudyDate=20240101-
          fileroom-index explain AccessionNumber=A123 Modality=CT
          fileroom-index explain --level patient PatientID=4711 --json
          fileroom-index explain QueryRetrieveLevel=SERIES StudyInstanceUID=1.2.3 SeriesDescription

        Exit status: 0 something matches, 1 nothing does, 2 C-FIND would refuse the query, or there is no index.
        """

    static func run(_ context: CommandContext) throws -> Int32 {
        guard !context.arguments.operands.isEmpty else {
            throw UsageFault("which query? for example PatientName='SMI*'")
        }
        let keys = try QueryKeys(context.arguments.operands, allowsBare: true)
        let named = try context.arguments.value("level").map { word throws(UsageFault) -> Level in
            guard let level = Level(name: word.uppercased()) ?? levels[word.lowercased()] else {
                throw UsageFault("\(word) is no level: patient, study, series or image")
            }
            return level
        }
        let level = named ?? keys.level ?? keys.lowestLevel
        let model = try context.arguments.value("model").map(model) ?? (level == .patient ? .patientRoot : .studyRoot)
        let query = try keys.query(level, model, MatchingOptions(context.settings))
        let index = try context.index()
        let roots = try index.roots()
        let headers = HeaderSource(filesMaximum: context.settings.headerReadsMaximum) { instance, place, tags in
            guard let root = roots[place.root] else { return nil }
            return HeaderAttributes.read(tags, of: instance, at: root.appending(Path(bytes: place.path)))
        }
        let explanation = try index.snapshot().explain(query, headers: headers)
        IndexProgram.print(context.wantsJSON ? json(explanation) : words(explanation, keys))
        return explanation.matches > 0 ? 0 : 1
    }

    private static let levels: [String: Level] = [
        "patients": .patient, "studies": .study, "instance": .image, "instances": .image,
    ]

    private static func model(_ word: String) throws(UsageFault) -> InformationModel {
        switch word.lowercased() {
        case "patient": return .patientRoot
        case "study": return .studyRoot
        case "patient-study": return .patientStudyOnly
        default: throw UsageFault("\(word) is no information model: patient, study or patient-study")
        }
    }

    // MARK: Words

    private static func words(_ explanation: Explanation, _ keys: QueryKeys) -> String {
        func name(_ tag: Tag) -> String { keys.words[tag] ?? keyword(tag) }
        var text = "Candidates of a query at \(explanation.level.name) level could come from\n"
        var sources = TextTable(["Key", "Looks at", "About", ""])
        for source in explanation.sources {
            sources.add([
                source.key.map(keyword) ?? "(no key)", source.words, "\(source.count)",
                source.isChosen ? "<- chosen: \(explanation.choice)" : "",
            ])
        }
        text += indented(sources.text(columns: nil))
        let looked = explanation.candidates.map { count($0.count, $0.level) }.joined(separator: ", ")
        text += "Looked at: \(looked)\n"
        if explanation.tests.isEmpty {
            text += "No key has to match.\n"
        } else {
            var tests = TextTable(["Key, in order", "Level", "Tested", "Passed"])
            for test in explanation.tests {
                tests.add([name(test.key), test.level.name, "\(test.tested)", "\(test.passed)"])
            }
            text += indented(tests.text(columns: nil))
        }
        if !explanation.fromHeaders.isEmpty {
            let names = explanation.fromHeaders.map(keyword).joined(separator: ", ")
            text += "Not in the index, so read from headers: \(names); files opened: \(explanation.headersRead)\n"
        }
        if explanation.isOverHeaderLimit {
            text += "More headers are to be read than HeaderReads allows: C-FIND ends with A700H here\n"
        }
        for tag in explanation.unsupported {
            text += "\(name(tag)): it can't be a key at this level; it is not matched, and the status says FF01H\n"
        }
        let milliseconds = (explanation.seconds * 100_000).rounded() / 100
        text += "Matches: \(explanation.matches), in \(milliseconds) ms\n"
        guard let exclusion = explanation.exclusion else { return text }
        return text + words(exclusion, name, explanation.level)
    }

    private static func words(_ exclusion: Explanation.Exclusion, _ name: (Tag) -> String, _ level: Level) -> String {
        guard let key = exclusion.key else { return "Nothing matches: the index holds nothing at that level.\n" }
        var text = "Nothing matches: "
        if exclusion.candidates == 0 {
            text += "no candidate has \(name(key).onOneLine).\n"
        } else {
            text += "\(name(key).onOneLine) left out the last \(exclusion.candidates) of the candidates.\n"
            let stored = exclusion.stored.map { value in
                "\(value.text.isEmpty ? "no value" : value.text.onOneLine) (\(value.count))"
            }
            text += "  They have: \(stored.joined(separator: ", "))\n"
        }
        for hint in exclusion.hints {
            text += "  \(hint.words)\(hint.values.isEmpty ? "" : ": ")"
            text += hint.values.map(\.onOneLine).joined(separator: ", ") + "\n"
        }
        return text
    }

    private static func count(_ number: Int, _ level: Level) -> String {
        switch level {
        case .patient: "\(number) patient\(number == 1 ? "" : "s")"
        case .study: "\(number) stud\(number == 1 ? "y" : "ies")"
        case .series: "\(number) series"
        case .image: "\(number) instance\(number == 1 ? "" : "s")"
        }
    }

    private static func indented(_ table: String) -> String {
        table.split(separator: "\n").map { "  \($0)\n" }.joined()
    }

    private static func keyword(_ tag: Tag) -> String { DataDictionary.entry(for: tag)?.keyword ?? "\(tag)" }

    // MARK: JSON

    private static func json(_ explanation: Explanation) -> String {
        JSON.object([
            ("level", .string(explanation.level.name)),
            (
                "sources",
                .array(
                    explanation.sources.map { source in
                        .object([
                            ("key", source.key.map { .string(keyword($0)) } ?? .null),
                            ("looksAt", .string(source.words)), ("about", .integer(source.count)),
                            ("chosen", .boolean(source.isChosen)),
                        ])
                    })
            ),
            ("choice", .string(explanation.choice)),
            (
                "candidates",
                .object(explanation.candidates.map { ($0.level.name, .integer($0.count)) })
            ),
            (
                "keys",
                .array(
                    explanation.tests.map { test in
                        .object([
                            ("key", .string(keyword(test.key))), ("level", .string(test.level.name)),
                            ("tested", .integer(test.tested)), ("passed", .integer(test.passed)),
                        ])
                    })
            ),
            ("unsupported", .array(explanation.unsupported.map { .string(keyword($0)) })),
            ("fromHeaders", .array(explanation.fromHeaders.map { .string(keyword($0)) })),
            ("headersRead", .integer(explanation.headersRead)),
            ("overHeaderReads", .boolean(explanation.isOverHeaderLimit)),
            ("matches", .integer(explanation.matches)), ("seconds", .number(explanation.seconds)),
            ("nothingBecause", explanation.exclusion.map(json) ?? .null),
        ]).text
    }

    private static func json(_ exclusion: Explanation.Exclusion) -> JSON {
        .object([
            ("key", exclusion.key.map { .string(keyword($0)) } ?? .null),
            ("candidates", .integer(exclusion.candidates)),
            (
                "stored",
                .array(
                    exclusion.stored.map { .object([("value", .string($0.text)), ("candidates", .integer($0.count))]) })
            ),
            (
                "hints",
                .array(
                    exclusion.hints.map { hint in
                        .object([
                            ("words", .string(hint.words)), ("values", .array(hint.values.map { .string($0) })),
                        ])
                    })
            ),
        ])
    }
}
