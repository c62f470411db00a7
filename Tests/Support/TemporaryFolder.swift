// A folder for one test, gone with it.

import Platform

/// A new folder below TMPDIR; removed with all it holds when this value ends.
package final class TemporaryFolder: Sendable {
    package let path: Path

    package init() throws {
        let parent = Path(Program.environment("TMPDIR") ?? "/tmp")
        let name = randomBytes(8).map { String($0, radix: 16) }.joined()
        path = parent.appending("fileroom-test-\(Program.processID)-\(name)")
        try Folder.make(path, permissions: 0o700)
    }

    deinit { try? Self.remove(path) }

    /// A path in this folder.
    package func appending(_ name: String) -> Path { path.appending(name) }

    /// Writes a file in this folder, and the folders it needs.
    @discardableResult
    package func write(_ bytes: [UInt8], to name: String) throws -> Path {
        let whole = path.appending(name)
        try Folder.make(whole.parent, parents: true)
        let file = try File.open(whole, .creating)
        try file.append(bytes)
        return whole
    }

    /// Removes a tree, links as links, deepest first and without recursion.
    package static func remove(_ root: Path) throws(FileFault) {
        var folders = [root]
        var index = 0
        while index < folders.count {
            for entry in try Folder.entries(of: folders[index]) {
                let path = folders[index].appending(entry.path)
                let isFolder: Bool
                if entry.kind == .unknown {
                    isFolder = try File.status(of: path, followingLink: false).kind == .folder
                } else {
                    isFolder = entry.kind == .folder
                }
                if isFolder { folders.append(path) } else { try File.remove(path) }
            }
            index += 1
        }
        for folder in folders.reversed() { try Folder.remove(folder) }
    }
}
