// fileroom-index import: folders into the index, in place.

import Archive
import ArchiveIndex
import Configuration
import Daemon
import Platform

enum ImportCommand: IndexCommand {
    static let name = "import"

    static let options = [
        CommandLineOption("j", "jobs", value: "N", help: "threads that read headers (default: one a core)"),
        CommandLineOption("n", "dry-run", help: "read and count, write nothing"),
        CommandLineOption(nil, "follow-links", help: "follow symbolic links that stay inside the folder"),
    ]

    static let help = """
        fileroom-index import [OPTION…] [FOLDER…]

        Indexes the DICOM files of folders where they lie: any names, any depth, with or without preamble.
        Files are opened for reading only; a read-only disk is fine (set IndexDirectory). Each FOLDER becomes
        a root of the area, which later imports visit again. Without FOLDER: the area's own folder and its
        known roots. Run again, it reads only what is new or changed. Ctrl-C stops it at any time; the next
        one goes on from what was published.

        Examples:
          fileroom-index import -c fileroom.cfg
          fileroom-index import -c fileroom.cfg --ae READWRITE /mnt/old-exports
          fileroom-index import --dry-run --json /mnt/disk | jq .refused

        Exit status: 0 all DICOM files taken, 1 some refused (listed with reasons), 2 nothing could be done.
        """

    static func run(_ context: CommandContext) throws -> Int32 {
        let paths = try context.paths()
        var options = ImportOptions()
        options.jobs = try context.arguments.number("jobs", in: 1...256) ?? options.jobs
        options.followsLinks = context.arguments.has("follow-links")
        options.isDryRun = context.arguments.has("dry-run")
        let folders = try named(context.arguments.operands)
        let stop = try WakeDescriptor()
        watchInterrupt(stop)
        let importer = Importer(options: options, excluding: paths.excluded, stop: stop)
        let line = ProgressLine(importer)
        defer { line.end() }
        if options.isDryRun {
            for folder in folders.isEmpty ? [paths.folder] : folders {
                try importer.run(root: -1, folder: folder, snapshot: .empty, session: nil)
            }
        } else {
            try importAll(folders, paths, importer)
        }
        line.end()
        let report = importer.progress
        IndexProgram.print(context.wantsJSON ? json(report) : words(report))
        if report.seen == 0, !report.unreadable.isEmpty { return 2 }
        return report.failed > 0 || !report.unreadable.isEmpty ? 1 : 0
    }

    /// The folders of the command line as absolute paths; one that isn't there ends the command.
    private static func named(_ operands: [String]) throws -> [Path] {
        try operands.map { operand in
            do {
                let path = try Path(operand).resolved()
                guard try File.status(of: path).kind == .folder else {
                    throw CommandFault("\(operand) is no folder; name the folder that holds the files")
                }
                return path
            } catch let fault as FileFault {
                throw CommandFault("\(fault)")
            }
        }
    }

    private static func importAll(_ folders: [Path], _ paths: StorageAreaPaths, _ importer: Importer) throws {
        let owner = try? File.status(of: paths.folder)
        let index = try IndexFolder.create(at: paths.index, instancesFolder: paths.instances)
        var roots: [(number: Int, folder: Path)] = []
        if folders.isEmpty {
            let own = (try? paths.folder.resolved()) ?? paths.folder
            _ = try index.root(of: own)
            roots = try index.roots().filter { $0.key != 0 }.map { (number: $0.key, folder: $0.value) }
                .sorted { $0.number < $1.number }
        } else {
            for folder in folders { roots.append((try index.root(of: folder), folder)) }
        }
        let session = index.importSession()
        for root in roots {
            try importer.run(
                root: root.number, folder: root.folder, snapshot: try index.snapshot(), session: session)
            try session.publish()
        }
        try session.finish()
        if Privileges.isRoot, let owner { giveTo(owner, paths.index) }
    }

    /// What root made belongs to the owner of the area's folder, so that the daemon can read and write it.
    private static func giveTo(_ owner: FileStatus, _ index: Path) {
        guard let entries = try? Folder.entries(of: index) else { return }
        for path in [index] + entries.map({ index.appending($0.path) }) {
            guard let file = try? File.open(path) else { continue }
            try? file.changeOwner(userID: owner.userID, groupID: owner.groupID)
        }
    }

    /// Ctrl-C and SIGTERM end the walk; what was read is published.
    private static func watchInterrupt(_ stop: WakeDescriptor) {
        guard let signals = try? SignalDescriptor(blocking: [.interrupt, .terminate]) else { return }
        _ = try? Thread(named: "signals", giving: signals) { signals in
            while true {
                _ = try? Poller.wait(for: signals.descriptor, until: nil)
                if signals.next() != nil {
                    stop.wake()
                    return
                }
            }
        }
    }

    private static func words(_ report: ImportReport) -> String {
        var text = ""
        for refused in report.refused { text += "refused: \(refused.path): \(refused.reason)".onOneLine + "\n" }
        if report.failed > report.refused.count { text += "… and \(report.failed - report.refused.count) more\n" }
        for fault in report.unreadable { text += "unreadable: \(fault)".onOneLine + "\n" }
        for path in report.polyglots.prefix(100) {
            text += "warning: \(path) is DICOM and also something that runs".onOneLine + "\n"
        }
        text += "\(report.seen) files seen: \(report.indexed) indexed, \(report.unchanged) unchanged, "
        text += "\(report.notDICOM) not DICOM, \(report.failed) failed; \(Int(report.filesPerSecond)) files/s\n"
        if report.vanished > 0 {
            text += "\(report.vanished) known files are no longer there; they stay in the index\n"
        }
        if report.links > 0 { text += "\(report.links) symbolic links not followed\n" }
        if report.isStopped { text += "stopped early; import again to go on\n" }
        return text
    }

    private static func json(_ report: ImportReport) -> String {
        JSON.object([
            ("seen", .integer(report.seen)), ("indexed", .integer(report.indexed)),
            ("unchanged", .integer(report.unchanged)), ("notDICOM", .integer(report.notDICOM)),
            ("failed", .integer(report.failed)), ("vanished", .integer(report.vanished)),
            ("links", .integer(report.links)), ("stopped", .boolean(report.isStopped)),
            ("seconds", .number(report.seconds)), ("filesPerSecond", .number(report.filesPerSecond)),
            (
                "refused",
                .array(
                    report.refused.map {
                        .object([("path", .string("\($0.path)")), ("reason", .string($0.reason))])
                    }
                        + report.unreadable.map {
                            .object([("path", .string("\($0.path)")), ("reason", .string("\($0)"))])
                        })
            ),
        ]).text
    }
}

/// A line on a terminal that says how far an import has come, for work over a second; in a pipe, nothing.
final class ProgressLine: Sendable {
    private let over: WakeDescriptor?
    private let isShown = Guarded(false)

    init(_ importer: Importer) {
        guard StandardStream.error.isTerminal, let over = try? WakeDescriptor() else {
            over = nil
            return
        }
        self.over = over
        let isShown = isShown
        _ = try? Thread(named: "progress") {
            let started = MonotonicInstant.now()
            while !over.wait(until: Deadline(afterSeconds: 1)) {
                let report = importer.progress
                let seconds = MonotonicInstant.now().seconds(since: started)
                let rate = Int(Double(report.seen) / max(seconds, 0.001))
                isShown.withLock { $0 = true }
                let line = "\(report.seen) files, \(report.indexed) indexed, \(report.failed) failed, \(rate) files/s"
                _ = StandardStream.error.write("\r" + line.fitted(to: min(78, StandardStream.error.columns ?? 78)))
            }
        }
    }

    /// Takes the line away.
    func end() {
        over?.wake()
        let wasShown = isShown.withLock { shown in
            defer { shown = false }
            return shown
        }
        if wasShown { _ = StandardStream.error.write("\r" + String(repeating: " ", count: 78) + "\r") }
    }
}
