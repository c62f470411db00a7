// Whether the files of an index are still there, as they were indexed.

import ArchiveIndex
import Platform

/// A file that isn't as the index has it.
package struct FileFinding: Equatable, Sendable {
    /// The root's folder with the place's path.
    package let path: Path
    /// What is wrong with it, in words.
    package let what: String
}

/// Asks the file system for every file of an index: is it there, with its size?
package struct FileCheck: Sendable {
    /// By root, then by path.
    package private(set) var findings: [FileFinding] = []
    /// Instances' files that were looked for.
    package private(set) var fileCount = 0

    /// - Throws: a fault of the index. What is wrong with files is in `findings`.
    /// - Complexity: one system call a file.
    package init(_ index: IndexFolder) throws(IndexFault) {
        let snapshot = try index.snapshot()
        for (number, folder) in try index.roots().sorted(by: { $0.key < $1.key }) {
            var files = try snapshot.files(root: number)
            while let file = try files.next() {
                guard file.kind == .instance else { continue }
                fileCount += 1
                if let what = Self.trouble(file.place, below: folder) {
                    findings.append(FileFinding(path: folder.appending(Path(bytes: file.place.path)), what: what))
                }
            }
        }
    }

    private static func trouble(_ place: Place, below folder: Path) -> String? {
        do throws(FileFault) {
            let status = try File.status(of: folder.appending(Path(bytes: place.path)))
            guard status.kind == .file else { return "is no file any more" }
            guard status.sizeBytes == place.sizeBytes else {
                return "has \(status.sizeBytes) bytes, not the \(place.sizeBytes) that were indexed"
            }
            return nil
        } catch {
            return error.cause.words
        }
    }
}
