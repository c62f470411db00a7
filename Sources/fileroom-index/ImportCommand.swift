// fileroom-index import: folders into the index, in place.

import Archive
import ArchiveIndex
import Configuration
import Daemon
import Platform

enum ImportCommand: IndexCommand {
    static let name = "import"
    static let takesOperands = true

    static let options = [
        CommandLineOption(
            "j", "jobs", value: "N", help: "threads that read headers (default: one a core, at least 16)"),
        CommandLineOption("n", "dry-run", help: "read and count, write nothing"),
        CommandLineOption(nil, "follow-links", help: "follow symbolic links that stay inside the folder"),
        CommandLineOption(nil, "prune", help: "take files that are gone out of the index"),
    ]

    static let help = """
        fileroom-index import [OPTION…] [FOLDER…]

        Indexes the DICOM files of folders where they lie: any names, any depth, with or without preamble.
        Files are opened for reading only; a read-only disk is fine (set IndexDirectory). Each FOLDER becomes
        a root of the area, which later imports visit again. Without FOLDER: the area's own folder and its
        known roots. Run again, it reads only what is new or changed. Ctrl-C stops it at any time; the next
        one goes on from what was published. A FOLDER within a root is visited as that part of it. A file that
        was moved is in the index at its new place alone. Files that are gone stay in the index, and can't be
        retrieved, until --prune takes them out; a FOLDER or root in which no known instance is, or that can't
        be read, prunes nothing: it may be a disk that isn't mounted.

        Examples:
          fileroom-index import -c fileroom.cfg
          fileroom-index import -c fileroom.cfg --ae READWRITE /mnt/old-exports
          fileroom-index import --dry-run --json /mnt/disk | jq .refused
          fileroom-index import -c fileroom.cfg --prune

        Exit status: 0 all DICOM files taken, 1 some refused (listed with reasons) or stopped early, 2 nothing
        could be done.
        """

    static func run(_ context: CommandContext) throws -> Int32 {
        var options = ImportOptions()
        options.jobs = try context.arguments.number("jobs", in: 1...256) ?? options.jobs
        options.followsLinks = context.arguments.has("follow-links")
        options.prunes = context.arguments.has("prune")
        let folders = try context.namedFolders()
        let stop = try WakeDescriptor()
        Interrupt.watch(stop)
        let importer = Importer(options: options, stop: stop)
        if let complaint = CharacterConverters.complaint { StandardOptions.complain(complaint) }
        let line = ProgressLine(importer)
        defer { line.end() }
        let started = MonotonicInstant.now()
        if context.arguments.has("dry-run") {
            try dryRun(folders, context, importer)
        } else {
            try importAll(folders, context, importer)
        }
        line.end()
        var report = importer.progress
        // The last of it is written when all is read.
        report.seconds = MonotonicInstant.now().seconds(since: started)
        IndexProgram.print(
            context.wantsJSON ? json(report) : words(report, options, isDryRun: context.arguments.has("dry-run")))
        if report.seen == 0, !report.unreadable.isEmpty { return 2 }
        return report.failed > 0 || !report.unreadable.isEmpty || report.isStopped ? 1 : 0
    }

    private static func importAll(_ folders: [Path], _ context: CommandContext, _ importer: Importer) throws {
        let paths = try context.paths()
        try context.requireAreaFolder()
        let index = try context.indexMade()
        let gone = try index.goneRoots()
        let roots = try ImportRoots(folders, paths, known: try index.roots(), gone: gone, settings: context.settings)
        let session = index.importSession()
        for root in roots.all {
            // A root that was removed is one again where it is named.
            let known = root.number.flatMap { gone.contains($0) ? nil : $0 }
            let number = try known ?? index.root(of: root.folder)
            context.say("importing \(root.folder.appending(Path(bytes: root.part))) as root \(number)")
            try importer.run(
                root: number, folder: root.folder, parts: [root.part], excluding: root.excluded,
                removals: try index.removals(), snapshot: try index.snapshot(), session: session)
            try session.publish()
        }
        try session.finish()
    }

    /// Reads as an import would, with what the index knows, and writes nothing, an index neither.
    private static func dryRun(_ folders: [Path], _ context: CommandContext, _ importer: Importer) throws {
        let paths = try context.paths()
        try context.requireAreaFolder()
        let index =
            try IndexFolder.exists(at: paths.index)
            ? try IndexFolder.open(at: paths.index, instancesFolder: paths.instances) : nil
        let roots = try ImportRoots(
            folders, paths, known: try index?.roots() ?? [:], gone: try index?.goneRoots() ?? [],
            settings: context.settings)
        let snapshot = try index?.snapshot() ?? .empty
        for root in roots.all {
            try importer.run(
                root: root.number ?? -1, folder: root.folder, parts: [root.part], excluding: root.excluded,
                removals: try index?.removals() ?? Removals(), snapshot: snapshot, session: nil)
        }
    }

    /// What was refused, unreadable or odd, a line each, and the counts.
    static func lines(_ report: ImportReport) -> String {
        var text = ""
        for refused in report.refused { text += "refused: \(refused.path): \(refused.reason)".onOneLine + "\n" }
        if report.failed > report.refused.count { text += "… and \(report.failed - report.refused.count) more\n" }
        for fault in report.unreadable { text += "unreadable: \(fault)".onOneLine + "\n" }
        for file in report.remarks { text += "note: \(file.path): \(file.reason)".onOneLine + "\n" }
        let kinds = report.new < report.indexed ? " (\(report.new) new, \(report.changed) changed)" : ""
        text += "\(report.seen) files seen: \(report.indexed) indexed\(kinds), \(report.unchanged) unchanged, "
        text += "\(report.notDICOM) not DICOM, \(report.failed) failed; \(Int(report.filesPerSecond)) files/s\n"
        if report.takenOut > 0 {
            text += "\(report.takenOut) stay out, because they were removed on purpose (fileroom-index list removed)\n"
        }
        return text
    }

    private static func words(_ report: ImportReport, _ options: ImportOptions, isDryRun: Bool) -> String {
        var text = lines(report)
        if report.moved > 0 {
            let files = report.moved == 1 ? "1 known file" : "\(report.moved) known files"
            text += "\(files) moved, and \(report.moved == 1 ? "is" : "are") in the index at the new place alone\n"
        }
        if report.pruned > 0 {
            let files = report.pruned == 1 ? "1 file that is" : "\(report.pruned) files that are"
            text +=
                "\(files) gone \(isDryRun ? "would be" : report.pruned == 1 ? "was" : "were") taken out of the index\n"
        }
        if report.missed > 0 {
            let count = report.missed
            text += "\(count) known \(count == 1 ? "file is" : "files are") no longer there, still in the index; "
            text +=
                options.prunes
                ? "a folder in which no known instance is, or that can't be read, may be a disk that isn't mounted, and "
                    + "prunes nothing\n"
                : "--prune takes out what is gone\n"
        }
        if report.links > 0 { text += "\(report.links) symbolic links not followed\n" }
        if report.loops > 0 { text += "\(report.loops) links to a folder above not followed\n" }
        if report.others > 0 { text += "\(report.others) sockets, pipes or devices passed over\n" }
        if report.isStopped { text += "stopped early; import again to go on\n" }
        return text
    }

    private static func json(_ report: ImportReport) -> String { JSON.object(members(report)).text }

    /// The report's members in JSON.
    static func members(_ report: ImportReport) -> [(String, JSON)] {
        [
            ("seen", .integer(report.seen)), ("indexed", .integer(report.indexed)),
            ("new", .integer(report.new)), ("changed", .integer(report.changed)),
            ("unchanged", .integer(report.unchanged)), ("notDICOM", .integer(report.notDICOM)),
            ("failed", .integer(report.failed)), ("removedOnPurpose", .integer(report.takenOut)),
            ("vanished", .integer(report.vanished)), ("moved", .integer(report.moved)),
            ("pruned", .integer(report.pruned)), ("links", .integer(report.links)),
            ("loops", .integer(report.loops)), ("others", .integer(report.others)),
            ("stopped", .boolean(report.isStopped)),
            ("seconds", .number(report.seconds)), ("filesPerSecond", .number(report.filesPerSecond)),
            ("refused", .array(report.refused.map(json) + report.unreadable.map { json($0) })),
            ("notes", .array(report.remarks.map(json))),
        ]
    }

    private static func json(_ file: ReportedFile) -> JSON {
        .object(JSON.path("path", file.path) + [("reason", .string(file.reason))])
    }

    private static func json(_ fault: FileFault) -> JSON {
        .object(JSON.path("path", fault.path) + [("reason", .string("\(fault)"))])
    }
}
