// fileroom-index rebuild: the index made anew from its roots, beside the old one, which goes on being used.

import Archive
import ArchiveIndex
import Configuration
import Daemon
import Platform

enum RebuildCommand: IndexCommand {
    static let name = "rebuild"
    static let takesOperands = true

    static let options = [
        CommandLineOption(
            "j", "jobs", value: "N", help: "threads that read headers (default: one a core, at least 16)"),
        CommandLineOption(nil, "follow-links", help: "follow symbolic links that stay inside the folder"),
        CommandLineOption(
            nil, "partial", help: "swap in the new index also where files, folders or roots can't be read"),
        CommandLineOption(nil, "ignore-old", help: "don't read the old index at all: its disk fails"),
        CommandLineOption(nil, "start-over", help: "throw away what a rebuild that was stopped has done"),
    ]

    static let help = """
        fileroom-index rebuild [OPTION…] [FOLDER…]

        Makes the index anew from the files of all its roots. The old index goes on answering, and taking what is
        stored, until the new one takes its place at once; what was stored or imported meanwhile is in it. What was
        removed on purpose stays out. It works also where the old index is damaged or of an older version; what a
        newer one wrote is left alone. A changed FallbackCharacterSet takes effect with it. Where its file `roots`
        is damaged, nobody knows which folders were imported: name every FOLDER, and remove again what is to stay
        out. Room for a second index is needed meanwhile.
        Ctrl-C or a crash leaves the old index, and so does a root that goes away meanwhile; the next rebuild goes
        on from there.

        Where a root, or a folder in which files were, is empty or anything in one can't be read, the old index
        stays: mount the disk, remove the empty folder, take the root out (fileroom-index remove --root FOLDER), or
        say --partial.

        Examples:
          fileroom-index rebuild -c fileroom.cfg
          fileroom-index rebuild -c fileroom.cfg --ae READWRITE /mnt/old-exports /mnt/new-exports

        Exit status: 0 rebuilt, 1 rebuilt, but some DICOM files were refused or not read (each is a line), 2 not
        rebuilt.
        """

    static func run(_ context: CommandContext) throws -> Int32 {
        var options = ImportOptions()
        options.jobs = try context.arguments.number("jobs", in: 1...256) ?? options.jobs
        options.followsLinks = context.arguments.has("follow-links")
        let folders = try context.namedFolders()
        let paths = try context.paths()
        try context.requireAreaFolder()
        let rebuild = try begin(folders, paths, context)
        let stop = try WakeDescriptor()
        Interrupt.watch(stop)
        if let complaint = CharacterConverters.complaint { StandardOptions.complain(complaint) }
        let rebuilder = Rebuilder(
            rebuild, visits: try visits(rebuild, paths, context), options: options,
            takesPartial: context.arguments.has("partial"), stop: stop)
        let line = ProgressLine(rebuilder.importer)
        defer { line.end() }
        let outcome = try rebuilder.run()
        line.end()
        return report(outcome, rebuilder, try rebuild.roots(), context)
    }

    private static func begin(
        _ folders: [Path], _ paths: StorageAreaPaths, _ context: CommandContext
    ) throws -> Rebuild {
        let rebuild: Rebuild
        let fallback = context.settings.storage(of: try context.area()).fallbackCharacterSet
        do throws(IndexFault) {
            rebuild = try Rebuild(
                at: paths.index, instancesFolder: paths.instances, folders: folders,
                startsOver: context.arguments.has("start-over"),
                ignoresOld: context.arguments.has("ignore-old"), fallback: fallback, kernel: try kernel(context))
        } catch {
            switch error {
            case .noIndex: throw CommandFault("there is no index in \(paths.index); make one: fileroom-index import")
            case .busy: throw CommandFault("another rebuild of \(paths.index) is going on")
            default: throw CommandFault("\(paths.index): \(error)")
            }
        }
        if let fault = rebuild.oldFault {
            StandardOptions.complain("the old index can't be read, and is replaced: \(fault.place)".onOneLine)
        }
        if rebuild.losesRoots {
            StandardOptions.complain("what was removed on purpose is lost with it, and comes back: remove it again")
        }
        if rebuild.isResumed { context.say("going on from a rebuild that was stopped") }
        return rebuild
    }

    private static func kernel(_ context: CommandContext) throws(IndexFault) -> SystemKernel {
        do throws(CommandFault) { return try context.kernel() } catch { throw .refused(what: error.words) }
    }

    /// All roots as an import visits them, root 0 among them, even where nothing was ever stored.
    private static func visits(
        _ rebuild: Rebuild, _ paths: StorageAreaPaths, _ context: CommandContext
    ) throws -> [Rebuilder.Visit] {
        // Root 0 comes last: what is stored meanwhile is found with the rest.
        let folders = try rebuild.roots().sorted { $0.key > $1.key }.map { number, folder in
            number == 0 ? (try? folder.resolved()) ?? folder : folder
        }
        let roots = try ImportRoots(
            folders, paths, known: rebuild.index.roots(), gone: rebuild.index.goneRoots(), settings: context.settings)
        return try roots.all.map { root in
            guard let number = root.number else { throw CommandFault("\(root.folder) is no root") }
            return Rebuilder.Visit(root: number, folder: root.folder, excluding: root.excluded)
        }
    }

    private static func report(
        _ outcome: RebuildOutcome, _ rebuilder: Rebuilder, _ roots: [Int: Path], _ context: CommandContext
    ) -> Int32 {
        let report = rebuilder.importer.progress
        let isWhole =
            report.failed == 0 && report.unreadable.isEmpty && rebuilder.unreadable.isEmpty
        var generation: UInt64?
        var empty: [Int] = []
        var emptyFolders: [Path] = []
        switch outcome {
        case .swapped(let number): generation = number
        case .stopped: break
        case .incomplete(let roots, let folders): (empty, emptyFolders) = (roots, folders)
        }
        if context.wantsJSON {
            let own: [(String, JSON)] = [
                ("rebuilt", .boolean(generation != nil)),
                ("generation", generation.map { .integer(Int(clamping: $0)) } ?? .null),
                ("emptyRoots", .array(empty.map { .string("\(roots[$0] ?? "?")") })),
                ("emptyFolders", .array(emptyFolders.map { .string("\($0)") })),
            ]
            IndexProgram.print(JSON.object(own + ImportCommand.members(report)).text)
        } else {
            var text = ImportCommand.lines(report)
            for fault in rebuilder.unreadable { text += "unreadable: \(fault)".onOneLine + "\n" }
            for root in empty {
                text += "empty: root \(root), \(roots[root] ?? "?"): is its disk mounted?".onOneLine + "\n"
            }
            for folder in emptyFolders {
                text += "empty: \(folder): there were files in it; is its disk mounted?".onOneLine + "\n"
            }
            switch outcome {
            case .swapped: text += "rebuilt\n"
            case .stopped: text += "stopped early; the old index stays; rebuild again to go on\n"
            case .incomplete:
                text += "not everything could be read: the old index stays; mount or mend what is missing and rebuild "
                text += "again, or say --partial\n"
            }
            IndexProgram.print(text)
        }
        return generation == nil ? 2 : isWhole ? 0 : 1
    }
}
