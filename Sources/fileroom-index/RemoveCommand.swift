// fileroom-index remove: instances, series, studies, patients or a root out of the index; their files stay.

import ArchiveIndex
import Configuration
import Daemon
import Platform

enum RemoveCommand: IndexCommand {
    static let name = "remove"
    static let takesOperands = true

    static let options = [
        CommandLineOption("n", "dry-run", help: "say what would be taken out, change nothing"),
        CommandLineOption("y", "yes", help: "don't ask"),
        CommandLineOption(
            nil, "root", value: "FOLDER", help: "take out a folder that was imported, with all its files"),
        CommandLineOption(nil, "undo", help: "forget the removal: the next import brings back what is there"),
    ]

    static let help = """
        fileroom-index remove KEY=VALUE… [OPTION…]
        fileroom-index remove --root FOLDER [OPTION…]

        Takes instances, series, studies, patients or a whole root out of the index: queries don't find them any
        more. No file is deleted, moved or written to. What is removed is noted, and `fileroom-index list removed`
        shows it: neither an import nor a rebuild brings it back. A file that is new or changed after that comes in,
        and so does an instance that is stored again. --undo forgets the removal. A root that was removed is visited
        again when an import names it.

        KEY is StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID or PatientID; of several UIDs, write a list with
        backslashes. PatientID may have IssuerOfPatientID beside it, and must where several patients have that ID.

        Examples:
          fileroom-index remove StudyInstanceUID=1.2.3 --dry-run
          fileroom-index remove PatientID=4711 --yes
          fileroom-index remove --undo StudyInstanceUID=1.2.3 && fileroom-index import
          fileroom-index remove --root /mnt/old-exports

        Exit status: 0 done, or it would be; 1 the index holds nothing of that, or the answer was no; 2 it can't be
        done.
        """

    static func run(_ context: CommandContext) throws -> Int32 {
        let arguments = context.arguments
        if let folder = arguments.value("root") {
            guard arguments.operands.isEmpty else { throw UsageFault("--root takes no keys beside it") }
            return try runOnRoot(folder, context)
        }
        let index = try context.index()
        let keys = try RemovalKeys(arguments.operands)
        let nowNs = WallClock.now().nanosecondsSince1970
        if arguments.has("undo") { return try undo(keys, index, context) }
        let removals = try keys.removals(in: index)
        let found = try index.holdings(of: removals, nowNs: nowNs)
        if found.files == 0, !found.wasNoted {
            if context.wantsJSON { IndexProgram.print(json(found, isRemoved: false)) }
            StandardOptions.complain("the index holds nothing of \(keys.words)")
            return 1
        }
        if arguments.has("dry-run") {
            IndexProgram.print(context.wantsJSON ? json(found, isRemoved: false) : words(found, "would be"))
            return 0
        }
        guard try isConfirmed(words(found, "will be"), context) else { return 1 }
        let report = try index.remove(removals, nowNs: nowNs)
        IndexProgram.print(context.wantsJSON ? json(report, isRemoved: true) : words(report, "were"))
        return 0
    }

    private static func undo(_ keys: RemovalKeys, _ index: IndexFolder, _ context: CommandContext) throws -> Int32 {
        let noted = try index.removals()
        let removals = keys.noted(in: noted)
        if context.arguments.has("dry-run") {
            IndexProgram.print(
                context.wantsJSON
                    ? JSON.object([("forgotten", .integer(removals.count))]).text
                    : "\(removals.count) removals would be forgotten")
            return removals.isEmpty ? 1 : 0
        }
        // Where nothing is noted, an undo that was killed may have left marks.
        let (_, files) = try index.undo(removals)
        if context.wantsJSON {
            IndexProgram.print(
                JSON.object([("forgotten", .integer(removals.count)), ("filesToRead", .integer(files))]).text)
        } else if removals.isEmpty {
            StandardOptions.complain("\(keys.words) is not removed; fileroom-index list removed shows what is")
        } else {
            IndexProgram.print("The removal of \(keys.words) is forgotten; import to bring back what is there.")
        }
        return removals.isEmpty ? 1 : 0
    }

    private static func runOnRoot(_ folder: String, _ context: CommandContext) throws -> Int32 {
        let index = try context.index()
        // A folder that is gone from the disk can still be a root.
        let here = try Path.currentFolder()
        let path = (try? Path(folder).resolved()) ?? here.appending(Path(folder)).normalized
        let roots = try index.roots()
        guard let root = roots.first(where: { $0.value == path })?.key else {
            throw CommandFault("\(path) is no root of the index; fileroom-index stat names them")
        }
        guard root != 0 else {
            throw CommandFault(
                "\(path) is where the storage daemon writes: it goes with the area, and can't be removed")
        }
        let isGone = try index.goneRoots().contains(root)
        if context.arguments.has("undo") {
            guard isGone else {
                StandardOptions.complain("\(path) is not removed")
                return 1
            }
            if !context.arguments.has("dry-run") { _ = try index.undoRemoval(ofRoot: root) }
            IndexProgram.print(
                context.wantsJSON
                    ? JSON.object([("forgotten", .integer(1))]).text
                    : "\(path) is root \(root) again; import to bring back what is there.")
            return 0
        }
        let files = try index.fileCounts(ofRoot: root)
        let what = "\(files.instances) files with instances of root \(root), \(path)"
        if context.arguments.has("dry-run") {
            IndexProgram.print(
                context.wantsJSON
                    ? json(root, files.instances, isRemoved: false)
                    : "\(what), would be taken out of the index; nothing is deleted")
            return 0
        }
        guard try isConfirmed("\(what), will be taken out of the index; nothing is deleted", context) else { return 1 }
        try index.remove(root: root)
        IndexProgram.print(
            context.wantsJSON
                ? json(root, files.instances, isRemoved: true)
                : "\(what), were taken out of the index, and stay on the disk.")
        return 0
    }

    /// Asks on a terminal; elsewhere --yes has to say so.
    private static func isConfirmed(_ what: String, _ context: CommandContext) throws -> Bool {
        if context.arguments.has("yes") { return true }
        guard StandardStream.isInputTerminal, StandardStream.error.isTerminal else {
            throw CommandFault("\(what); say --yes where nobody can be asked".onOneLine)
        }
        StandardStream.error.write("\(what).\nTake it out? [y/N] ")
        return ["y", "yes"].contains((readLine() ?? "").lowercased())
    }

    private static func words(_ report: RemovalReport, _ verb: String) -> String {
        func count(_ number: Int, _ one: String, _ many: String) -> String { "\(number) \(number == 1 ? one : many)" }
        var text = count(report.instances, "instance", "instances") + " of " + count(report.studies, "study", "studies")
        text += " and \(report.series) series \(verb) taken out of the index; "
        text += report.files == 1 ? "its file stays where it is" : "their \(report.files) files stay where they are"
        if report.filesDatedLater > 0 {
            text += "; \(count(report.filesDatedLater, "file is", "files are")) dated in the future: a rebuild brings "
            text += "those back"
        }
        return text
    }

    private static func json(_ report: RemovalReport, isRemoved: Bool) -> String {
        JSON.object([
            ("removed", .boolean(isRemoved)), ("studies", .integer(report.studies)),
            ("series", .integer(report.series)), ("instances", .integer(report.instances)),
            ("files", .integer(report.files)), ("filesDatedLater", .integer(report.filesDatedLater)),
            ("wasRemovedBefore", .boolean(report.wasNoted)),
        ]).text
    }

    private static func json(_ root: Int, _ files: Int, isRemoved: Bool) -> String {
        JSON.object([("removed", .boolean(isRemoved)), ("root", .integer(root)), ("files", .integer(files))]).text
    }
}
