// A command of fileroom-index and what it works with: arguments, configuration, the area that is meant.

import Archive
import ArchiveIndex
import Configuration
import DICOM
import Daemon
import Platform

/// A command of fileroom-index.
protocol IndexCommand: Sendable {
    static var name: String { get }
    static var options: [CommandLineOption] { get }
    static var help: String { get }
    static var takesOperands: Bool { get }
    static func run(_ context: CommandContext) throws -> Int32
}

/// What a command works with.
struct CommandContext {
    let arguments: CommandLineArguments
    let configuration: ConfigurationFile

    var settings: Settings { configuration.settings }
    var wantsJSON: Bool { arguments.has("json") }

    /// The storage area that is meant.
    func area() throws(CommandFault) -> StorageAreaEntry {
        let known = settings.areas.map(\.aeTitle.text).joined(separator: ", ")
        if let named = arguments.value("ae") {
            guard let title = AETitle(named), let area = settings.area(called: title) else {
                throw CommandFault("\(configuration.path) has no storage area \(named); it has \(known)")
            }
            return area
        }
        let areas = settings.distinctAreas
        guard areas.count == 1 else {
            throw CommandFault(
                areas.isEmpty ? "\(configuration.path) has no storage area" : "which area? --ae TITLE: \(known)")
        }
        return areas[0]
    }

    func paths() throws(CommandFault) -> StorageAreaPaths { ServedAreas.paths(try area(), settings) }

    /// The files of the area's index, as they are made: what root makes belongs to the owner of the area's folder, so that
    /// the daemon can read it and add to it at any moment.
    func kernel() throws(CommandFault) -> SystemKernel {
        guard Privileges.isRoot, let status = try? File.status(of: try paths().folder) else { return SystemKernel() }
        return SystemKernel(creatingFor: FileOwner(userID: status.userID, groupID: status.groupID))
    }

    /// A line for people who asked for more, on standard error.
    func say(_ line: String) {
        if arguments.has("verbose") || arguments.has("debug") { StandardOptions.complain(line.onOneLine) }
    }

    /// The area's index, which must be there.
    func index() throws(CommandFault) -> IndexFolder {
        let paths = try paths()
        let title = try area().aeTitle
        let kernel = try kernel()
        let found: IndexFolder?
        do throws(IndexFault) {
            found =
                try IndexFolder.exists(at: paths.index)
                ? try IndexFolder.open(at: paths.index, instancesFolder: paths.instances, kernel: kernel) : nil
        } catch {
            throw CommandFault("\(paths.index): \(error)")
        }
        if let found { say(anotherFallbackOf: found) }
        guard let found else {
            throw CommandFault("there is no index in \(paths.index); make one: fileroom-index import --ae \(title)")
        }
        return found
    }

    /// The area's index, made where there is none.
    func indexMade() throws(CommandFault) -> IndexFolder {
        let area = try area()
        let paths = try paths()
        let kernel = try kernel()
        do throws(IndexFault) {
            let index = try IndexFolder.create(
                at: paths.index, instancesFolder: paths.instances,
                fallback: settings.storage(of: area).fallbackCharacterSet, kernel: kernel)
            say(anotherFallbackOf: index)
            return index
        } catch {
            throw CommandFault("\(paths.index): \(error)")
        }
    }

    /// A complaint where the index was made with another fallback character set than the configuration has.
    private func say(anotherFallbackOf index: IndexFolder) {
        guard let area = try? area(), let made = try? index.fallbackCharacterSet(),
            let words = ServedAreas.words(ofFallback: made, of: area, settings)
        else { return }
        StandardOptions.complain(words.onOneLine)
    }
}
