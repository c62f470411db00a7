// `instances/.incoming`: what is being written. Its leftovers are known by their locks, which die with their holders.

import Platform

/// The folder of files that arrive.
package struct IncomingFolder: Sendable {
    package static let name = ".incoming"

    let path: Path
    private let kernel: any Kernel

    package init(ofInstances instances: Path, kernel: any Kernel = SystemKernel()) {
        path = instances.appending(Self.name)
        self.kernel = kernel
    }

    /// A new file; the folder is made where it isn't there, the one above it is. Its name needn't outlive a crash: nothing that
    /// counts has it.
    ///
    /// - Parameter isDurable: it is going to be synchronized.
    func makeFile(isDurable: Bool) throws(FileFault) -> IncomingFile {
        do throws(FileFault) {
            try checkKind()
            return try IncomingFile(in: path, kernel: kernel, isDurable: isDurable)
        } catch {
            guard error.cause == .noEntry else { throw error }
        }
        do throws(FileFault) { try Folder.make(path, kernel: kernel) } catch {
            guard error.cause == .exists else { throw error }
        }
        return try IncomingFile(in: path, kernel: kernel, isDurable: isDurable)
    }

    /// A link may lead to somebody's files.
    private func checkKind() throws(FileFault) {
        let status = try File.status(of: path, followingLink: false, kernel: kernel)
        guard status.kind == .folder else { throw FileFault(.open, path, .notAFolder) }
    }

    /// Removes what killed writers have left, and nothing that a living one writes, on whatever host.
    ///
    /// - Returns: how many files went.
    package func sweep() throws(FileFault) -> Int {
        do throws(FileFault) { try checkKind() } catch {
            guard error.cause == .noEntry else { throw error }
            return 0
        }
        var count = 0
        for entry in try Folder.entries(of: path, kernel: kernel) where IncomingFile.isName(entry.name) {
            if (try? removeWhereLeft(path.appending(entry.path))) == true { count += 1 }
        }
        return count
    }

    private func removeWhereLeft(_ path: Path) throws(FileFault) -> Bool {
        guard try File.status(of: path, followingLink: false, kernel: kernel).kind == .file else { return false }
        let file = try File.open(path, .writing, kernel: kernel)
        guard try file.tryLock(IncomingFile.lockedRange, .exclusive) else { return false }
        try File.remove(path, kernel: kernel)
        return true
    }
}
