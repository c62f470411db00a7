// fileroom-index watch: imports, and goes on as files come, change and go.

import Archive
import ArchiveIndex
import Daemon
import Platform

enum WatchCommand: IndexCommand {
    static let name = "watch"
    static let takesOperands = true

    static let options = [
        CommandLineOption(
            "j", "jobs", value: "N", help: "threads that read headers (default: one a core, at least 16)"),
        CommandLineOption(nil, "follow-links", help: "follow symbolic links that stay inside the folder"),
        CommandLineOption(
            nil, "rescan", value: "MINUTES",
            help: "visit everything anew so often, 0 for never (default: 60, and 10 where the kernel tells nothing)"),
    ]

    static let help = """
        fileroom-index watch [OPTION…] [FOLDER…]

        Keeps the index current: imports as `import` does, then waits for the kernel to tell of changes
        (inotify), and brings the index up to date a second after the last one, five at most while more come.
        Without FOLDER: the area's own folder and its known roots. Runs until SIGTERM or Ctrl-C.

        A file is indexed when it is closed by who wrote it, moved in, or linked; one that was refused is read
        again when it changes. A file that is deleted or moved away is taken out of the index, at the start
        also what has gone meanwhile. A folder or root that isn't there any more because its disk was
        unmounted or it was moved away as a whole is kept, said so, and visited again when it is back. What was
        gone before the start is kept where it may be a disk that isn't mounted: in an empty folder, or in a
        root of whose known files none is there; `import --prune` takes that out.

        The kernel doesn't tell what other hosts change on a network file system: such roots are visited anew
        every 10 minutes. The same goes for folders past the limit of watches (one a folder), which
        `sysctl fs.inotify.max_user_watches=N` raises. Everything is visited every 60 minutes in case something
        was missed. --rescan sets both; such a visit begins no sooner than four times the last one's length after
        it. Where changes came faster than they were taken, and some are lost, everything is visited when no more
        come for a second, after five at most. A visit looks at names and times, and reads what is new.

        The first visit to each root is a line; on a terminal so is each batch in which something changed, with
        --verbose each at all. With --json each is an object on standard output. What can't be read is always
        said, what is refused at the first visit and where a change was told.

        Examples:
          fileroom-index watch -c fileroom.cfg
          fileroom-index watch -c fileroom.cfg --ae READWRITE /mnt/exports
          fileroom-index watch -c fileroom.cfg --rescan 5 /mnt/nas
          fileroom-index watch -c fileroom.cfg --json | jq 'select(.failed > 0)'

        Exit status: 0 ended by SIGTERM or Ctrl-C, 2 it could not go on.
        """

    static func run(_ context: CommandContext) throws -> Int32 {
        var options = WatchOptions()
        options.importing.jobs = try context.arguments.number("jobs", in: 1...256) ?? options.importing.jobs
        options.importing.followsLinks = context.arguments.has("follow-links")
        if let minutes = try context.arguments.number("rescan", in: 0...525_600) {
            options.rescanMinutes = minutes
            options.unwatchedMinutes = minutes
        }
        let folders = try context.namedFolders()
        let stop = try WakeDescriptor()
        Interrupt.watch(stop)
        if let complaint = CharacterConverters.complaint { StandardOptions.complain(complaint) }
        try context.requireAreaFolder()
        let index = try context.indexMade()
        let gone = try index.goneRoots()
        let roots = try ImportRoots(
            folders, context.paths(), known: index.roots(), gone: gone, settings: context.settings)
        var watched: [WatchedRoot] = []
        for root in roots.all {
            // A root that was removed is one again where it is named.
            let known = root.number.flatMap { gone.contains($0) ? nil : $0 }
            watched.append(
                WatchedRoot(
                    number: try known ?? index.root(of: root.folder), folder: root.folder, part: root.part,
                    excluded: root.excluded))
        }
        let watch: AreaWatch
        do throws(Errno) {
            watch = try AreaWatch(watched, index: index, options: options, stop: stop) { tell($0, context) }
        } catch {
            throw CommandFault(
                "folders can't be watched: \(error.words); where too many programs do, raise the limit: "
                    + "sysctl fs.inotify.max_user_instances=1024")
        }
        try watch.run()
        return 0
    }

    // MARK: What is said

    private static func tell(_ news: WatchNews, _ context: CommandContext) {
        guard case .batch(let batch) = news else {
            if let words = words(news, context) { StandardOptions.complain("fileroom-index: \(words)".onOneLine) }
            return
        }
        if context.wantsJSON { IndexProgram.print(json(batch)) }
        for line in complaints(batch) { StandardOptions.complain(line.onOneLine) }
        let isShown = context.arguments.has("verbose") || StandardStream.error.isTerminal && isOfInterest(batch)
        if isShown || batch.cause == .start { StandardOptions.complain(words(batch).onOneLine) }
    }

    private static func words(_ news: WatchNews, _ context: CommandContext) -> String? {
        switch news {
        case .visiting(let root):
            let isShown = context.arguments.has("verbose") || StandardStream.error.isTerminal
            return isShown ? "visiting \(root)" : nil
        case .watching(let folders): return "watching \(folders) \(folders == 1 ? "folder" : "folders")"
        case .network(let root, let minutes):
            return "\(root) is on a network file system: what other hosts change isn't told; " + again(minutes)
        case .limited(let root, let folders, let minutes):
            return
                "\(folders) \(folders == 1 ? "folder" : "folders") of \(root), with what lies in them, can't be watched: "
                + "the limit of this user's watches is reached; raise it: sysctl fs.inotify.max_user_watches=1000000; "
                + again(minutes)
        case .away(let path):
            return "\(path) isn't there, or isn't what it was: all that is known of it is kept until it is back"
        case .back(let path): return "\(path) is back"
        case .removed(let path):
            return "\(path) was removed from the index: it isn't watched until it is imported again"
        case .lost: return "too many changes at once, some weren't told: everything is visited"
        case .postponed(let fault, let seconds): return "\(fault); trying again in \(seconds) seconds"
        case .batch: return nil
        }
    }

    private static func again(_ minutes: Int) -> String {
        switch minutes {
        case 0: "with --rescan 0 it is never visited again"
        case 1: "it is visited every minute"
        default: "it is visited every \(minutes) minutes"
        }
    }

    /// Whether a batch did more than look.
    private static func isOfInterest(_ batch: WatchBatch) -> Bool {
        let report = batch.report
        return report.indexed + report.pruned + report.vanished > 0 || batch.cause == .lost || batch.cause == .back
    }

    /// Refusals, as an import lists them. A visit to all of a root would repeat those that the index remembers each time.
    private static func complaints(_ batch: WatchBatch) -> [String] {
        let report = batch.report
        var lines = report.unreadable.map { "unreadable: \($0)" }
        guard batch.cause == .start || batch.cause == .change else { return lines }
        lines += report.refused.map { "refused: \($0.path): \($0.reason)" }
        if report.failed > report.refused.count { lines.append("… and \(report.failed - report.refused.count) more") }
        return lines + report.remarks.map { "note: \($0.path): \($0.reason)" }
    }

    private static func words(_ batch: WatchBatch) -> String {
        let report = batch.report
        var text = "\(WallClock.now().localText) \(batch.root): \(report.indexed) indexed, \(report.pruned) taken out, "
        text += "\(report.unchanged) unchanged, \(report.notDICOM) not DICOM, \(report.failed) failed"
        if report.moved > 0 { text += ", \(report.moved) moved" }
        if report.missed > 0 { text += ", \(report.missed) gone and kept" }
        if !report.unsettled.isEmpty { text += ", \(report.unsettled.count) still being written" }
        return text + " (\(batch.cause.rawValue))"
    }

    private static func json(_ batch: WatchBatch) -> String {
        let report = batch.report
        return JSON.object([
            ("time", .string(WallClock.now().localText)), ("cause", .string(batch.cause.rawValue)),
            ("root", .string("\(batch.root)")), ("parts", .integer(batch.parts)),
            ("seen", .integer(report.seen)), ("indexed", .integer(report.indexed)),
            ("unchanged", .integer(report.unchanged)), ("notDICOM", .integer(report.notDICOM)),
            ("failed", .integer(report.failed)), ("vanished", .integer(report.vanished)),
            ("moved", .integer(report.moved)),
            ("pruned", .integer(report.pruned)), ("unsettled", .integer(report.unsettled.count)),
            ("seconds", .number(report.seconds)),
            (
                "refused",
                .array(
                    report.refused.map { file($0.path, $0.reason) } + report.unreadable.map { file($0.path, "\($0)") })
            ),
        ]).text
    }

    private static func file(_ path: Path, _ reason: String) -> JSON {
        .object([("path", .string("\(path)")), ("reason", .string(reason))])
    }
}
