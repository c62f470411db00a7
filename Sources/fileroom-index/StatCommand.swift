// fileroom-index stat: how much an index holds, and what it costs.

import ArchiveIndex
import Configuration
import Daemon
import Platform

enum StatCommand: IndexCommand {
    static let name = "stat"
    static let takesOperands = false
    static let options = [
        CommandLineOption(nil, "columns", help: "show also what each table of the index takes, column by column")
    ]

    static let help = """
        fileroom-index stat [OPTION…]

        Counts patients, studies, series and instances, in all and by modality, the bytes that the index takes,
        names its roots, and how text is read that names no character set. With --columns it shows where the bytes
        are: in each table of the runs, and in each column and attribute of it.

        Exit status: 0, or 2 when there is no index.
        """

    static func run(_ context: CommandContext) throws -> Int32 {
        let index = try context.index()
        let figures = try index.statistics()
        IndexProgram.print(
            context.wantsJSON
                ? json(figures, of: index) : words(figures, of: index, columns: context.arguments.has("columns")))
        return 0
    }

    private static func runs(_ figures: IndexStatistics) -> Int { figures.files.count { $0.name.hasPrefix("run-") } }

    private static func shown(_ modality: IndexStatistics.Modality) -> String {
        modality.name.isEmpty ? "(none)" : modality.name
    }

    private static func json(_ figures: IndexStatistics, of index: IndexFolder) -> String {
        JSON.object([
            ("patients", .integer(figures.patients)), ("studies", .integer(figures.studies)),
            ("series", .integer(figures.series)), ("instances", .integer(figures.instances)),
            ("files", .integer(figures.instanceFiles)), ("foreignFiles", .integer(figures.foreignFiles)),
            (
                "modalities",
                .object(
                    figures.modalities.map { modality in
                        (
                            shown(modality),
                            .object([
                                ("studies", .integer(modality.studies)), ("series", .integer(modality.series)),
                                ("instances", .integer(modality.instances)),
                            ])
                        )
                    })
            ),
            ("indexBytes", .integer(figures.byteCount)), ("bytesPerInstance", .number(figures.bytesPerInstance)),
            ("journalBytes", .integer(figures.journalBytes)), ("journalEntries", .integer(figures.journalEntries)),
            ("unavailable", .integer(figures.unavailable)),
            ("runs", .integer(runs(figures))), ("generation", .integer(Int(clamping: figures.generation))),
            ("index", .string("\(index.path)")),
            ("fallbackCharacterSet", .string("\(figures.fallbackCharacterSet)")),
            (
                "roots",
                .array(
                    figures.roots.sorted { $0.key < $1.key }.map {
                        .object([("number", .integer($0.key))] + JSON.path("folder", $0.value))
                    })
            ),
            (
                "tables",
                .array(
                    figures.tables.map {
                        .object([
                            ("name", .string($0.name)), ("rows", .integer($0.rows)), ("bytes", .integer($0.byteCount)),
                            (
                                "columns",
                                .array(
                                    $0.columns.map {
                                        .object([("name", .string($0.name)), ("bytes", .integer($0.byteCount))])
                                    })
                            ),
                        ])
                    })
            ),
        ]).text
    }

    private static func words(_ figures: IndexStatistics, of index: IndexFolder, columns: Bool) -> String {
        var table = TextTable(["", "patients", "studies", "series", "instances"])
        table.add(["all", "\(figures.patients)", "\(figures.studies)", "\(figures.series)", "\(figures.instances)"])
        for one in figures.modalities {
            table.add([shown(one), "", "\(one.studies)", "\(one.series)", "\(one.instances)"])
        }
        var text = table.text(columns: nil) + "\n"
        var facts = TextTable(["index", "\(index.path)"])
        let each = (figures.bytesPerInstance * 10).rounded() / 10
        let runs = runs(figures)
        facts.add(["bytes", "\(figures.byteCount), \(each) an instance"])
        facts.add([
            "state",
            "generation \(figures.generation), \(runs) run\(runs == 1 ? "" : "s"), "
                + "journal of \(figures.journalEntries) entries and \(figures.journalBytes) bytes",
        ])
        facts.add(["files", "\(figures.instanceFiles) of instances, \(figures.foreignFiles) others remembered"])
        facts.add(["text", "read as \(figures.fallbackCharacterSet) where it names no character set"])
        if figures.unavailable > 0 {
            facts.add(["unavailable", "\(figures.unavailable) instances: retrievals found their files gone or changed"])
        }
        if figures.removals > 0 {
            facts.add(["removed", "\(figures.removals) on purpose (fileroom-index list removed)"])
        }
        for (number, folder) in figures.roots.sorted(by: { $0.key < $1.key }) {
            facts.add(["root \(number)", "\(folder)"])
        }
        text += facts.text(columns: nil)
        return columns ? text + "\n" + self.columns(figures) : text
    }

    private static func columns(_ figures: IndexStatistics) -> String {
        func each(_ byteCount: Int) -> String {
            guard figures.instances > 0 else { return "" }
            let hundredths = (Double(byteCount) / Double(figures.instances) * 100).rounded()
            return "\(hundredths / 100)"
        }
        var shown = TextTable(["table", "column", "rows", "bytes", "an instance"])
        for one in figures.tables {
            shown.add([one.name, "", "\(one.rows)", "\(one.byteCount)", each(one.byteCount)])
            for column in one.columns {
                shown.add(["", column.name, "", "\(column.byteCount)", each(column.byteCount)])
            }
        }
        return shown.text(columns: nil)
    }
}
