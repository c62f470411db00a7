// What was tried on which file and why it failed: the one error of everything that touches files.

/// A failed operation on a file or folder.
package struct FileFault: Error, Equatable, Sendable {
    /// What was tried; the raw value goes behind "cannot".
    package enum Operation: String, Sendable {
        case open, read, write, synchronize, rename, link, unlink, lock, map, list, watch
        case status = "look up"
        case makeFolder = "make folder"
        case removeFolder = "remove folder"
        case resolve
    }

    package let operation: Operation
    package let path: Path
    package let cause: Errno

    package init(_ operation: Operation, _ path: Path, _ cause: Errno) {
        self.operation = operation
        self.path = path
        self.cause = cause
    }
}

extension FileFault: CustomStringConvertible {
    package var description: String { "cannot \(operation.rawValue) \(path): \(cause.words)" }
}
