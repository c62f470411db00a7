// workbench read-floor: what an import must do at least: open every file, read its first 4 KiB, close it.

import Daemon
import Platform

enum ReadFloorCommand: WorkbenchCommand {
    static let name = "read-floor"
    static let summary = "lists a folder, then opens each file and reads 4 KiB of it; prints files and seconds"
    static let options = [CommandLineOption(nil, "readers", value: "R", help: "threads (1)")]

    /// Files of one folder that a reader takes at once.
    private struct Portion: Sendable {
        let folder: Path
        let names: [[UInt8]]
    }

    private static let bytesOfFile = 4_096
    private static let filesOfPortion = 64

    static func run(_ path: Path, _ arguments: CommandLineArguments) throws -> Int32 {
        let readers = try arguments.number("readers", in: 1...64) ?? 1
        var portions: [Portion] = []
        try list(path, into: &portions)
        let count = portions.reduce(0) { $0 + $1.names.count }
        let waiting = Guarded(portions[...])
        let faults = Guarded<[FileFault]>([])
        let started = MonotonicInstant.now()
        for thread in try Self.start(readers, waiting, faults) { thread.join() }
        let seconds = MonotonicInstant.now().seconds(since: started)
        if let fault = faults.withLock({ $0.first }) { throw fault }
        guard StandardStream.output.write("\(count) \(seconds)\n") else { return 2 }
        return 0
    }

    /// A thread that can be waited for from a collection.
    private final class Reader {
        private var thread: Thread?

        init(_ thread: consuming Thread) { self.thread = consume thread }

        func join() { thread.take()?.join() }
    }

    private static func start(
        _ count: Int, _ waiting: Guarded<ArraySlice<Portion>>, _ faults: Guarded<[FileFault]>
    ) throws(Errno) -> [Reader] {
        var readers: [Reader] = []
        for _ in 0..<count {
            readers.append(
                Reader(
                    try Thread(named: "floor reader") {
                        var buffer = ReadBuffer(capacity: bytesOfFile)
                        while let portion = waiting.withLock({ $0.popFirst() }) {
                            do throws(FileFault) { try read(portion, into: &buffer) } catch {
                                faults.withLock { $0.append(error) }
                            }
                        }
                    }))
        }
        return readers
    }

    private static func read(_ portion: Portion, into buffer: inout ReadBuffer) throws(FileFault) {
        let folder = try Folder.open(portion.folder)
        for name in portion.names {
            _ = try folder.openFile(name[...]).read(at: 0, count: bytesOfFile, into: &buffer)
        }
    }

    private static func list(_ path: Path, into portions: inout [Portion]) throws(FileFault) {
        var listing = FolderListing()
        try Folder.open(path).list(into: &listing)
        var names: [[UInt8]] = []
        for index in 0..<listing.count {
            let name = Array(listing.name(index))
            if listing.kind(index) == .folder {
                try list(path.appending(Path(bytes: name)), into: &portions)
            } else {
                names.append(name)
            }
        }
        for start in stride(from: 0, to: names.count, by: filesOfPortion) {
            portions.append(
                Portion(folder: path, names: Array(names[start..<min(start + filesOfPortion, names.count)])))
        }
    }
}
