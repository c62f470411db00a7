// The model of the crash test: what a process has said that it is about to do, has done, and found done after it was killed.

import Platform

/// What one operation does: all of it, or nothing.
struct CrashOperation {
    let number: Int
    let changes: [(slot: Int, content: CrashContent)]
    /// Nil while nobody knows whether it was done.
    var isDone: Bool?

    func apply(to states: inout [Int: CrashState]) {
        for change in changes where change.content != .shared {
            states[change.slot] =
                change.content == .nothing ? nil : CrashState(content: change.content, version: number)
        }
    }
}

/// A writer's side file, followed line by line. One writer at a time appends to it, each line with one call:
///
///     b N slot:content:version …   all that there was after operation N; the first line, if any
///     i N content slot …           operation N begins
///     a N                          it was acknowledged
///     y N, n N                     its writer was killed, and the next one found it done, or not
struct CrashHistory {
    enum Fault: Error, CustomStringConvertible {
        case line(String, String)

        var description: String {
            switch self {
            case .line(let file, let line): "\(file) has a line that can't be: \(line)"
            }
        }
    }

    let writer: Int
    let path: Path
    private var readBytes = 0
    /// The number of the last operation that began.
    private(set) var lastNumber = 0
    /// All that there is after the operations that were settled.
    private(set) var states: [Int: CrashState] = [:]
    /// The last of those that left each file that all share.
    private(set) var sharedVersions: [Int: Int] = [:]
    /// The operations since, in order.
    private(set) var operations: [CrashOperation] = []

    init(writer: Int, in folder: Path) {
        self.writer = writer
        path = folder.appending("writer-\(writer)")
    }

    /// The operation that its writer, killed meanwhile, left open.
    var openOperation: CrashOperation? { operations.last.flatMap { $0.isDone == nil ? $0 : nil } }

    /// Takes the operations that nobody can undo any more into `states`.
    mutating func settle() {
        while let first = operations.first, let isDone = first.isDone {
            operations.removeFirst()
            guard isDone else { continue }
            first.apply(to: &states)
            for change in first.changes where change.content == .shared { sharedVersions[change.slot] = first.number }
        }
    }

    /// Reads on to the end of the last whole line.
    mutating func readOn() throws {
        guard try File.exists(path) else { return }
        let file = try File.open(path)
        let bytes = try file.read(at: readBytes, count: max(0, try file.status().sizeBytes - readBytes))
        guard let end = bytes.lastIndex(of: 0x0A) else { return }
        for line in bytes[...end].split(separator: 0x0A) { try take(String(decoding: line, as: UTF8.self)) }
        readBytes += end + 1
    }

    private mutating func take(_ line: String) throws {
        let fault = Fault.line(path.description, line)
        let words = line.split(separator: " ")
        // What was cut off by a kill ends with a line of its own.
        if words.last == "!" { return }
        guard words.count >= 2, let number = Int(words[1]) else { throw fault }
        switch words[0] {
        case "b":
            lastNumber = number
            for word in words.dropFirst(2) {
                let parts = word.split(separator: ":")
                guard parts.count == 3, let slot = Int(parts[0]), let content = Self.content(parts[1]),
                    let version = Int(parts[2])
                else { throw fault }
                if content == .shared {
                    sharedVersions[slot] = version
                } else {
                    states[slot] = CrashState(content: content, version: version)
                }
            }
        case "i":
            var changes: [(slot: Int, content: CrashContent)] = []
            for word in words.dropFirst(2) {
                guard let content = Self.content(word.prefix(1)), let slot = Int(word.dropFirst()) else { throw fault }
                changes.append((slot, content))
            }
            lastNumber = number
            operations.append(CrashOperation(number: number, changes: changes))
        case "a", "y", "n":
            guard let last = operations.indices.last, operations[last].number == number else { throw fault }
            operations[last].isDone = words[0] != "n"
        default: throw fault
        }
    }

    private static func content(_ word: Substring) -> CrashContent? {
        word.utf8.first.flatMap { CrashContent(rawValue: $0) }
    }

    /// All that a fresh side file has to say.
    var baseLine: String {
        let known = states.sorted { $0.key < $1.key }.map {
            " \($0.key):\(Character(Unicode.Scalar($0.value.content.rawValue))):\($0.value.version)"
        }
        let shared = sharedVersions.sorted { $0.key < $1.key }.map { " \($0.key):s:\($0.value)" }
        return "b \(lastNumber)" + known.joined() + shared.joined() + "\n"
    }
}

/// Appends to a side file.
final class CrashJournal {
    private let file: File

    /// - Throws: where the file can't be opened. A line that a kill cut off is ended, and marked as such.
    init(_ path: Path) throws(FileFault) {
        let opened = try File.open(path, .appending)
        let size = try opened.status().sizeBytes
        if size > 0, try opened.read(at: size - 1, count: 1) != [0x0A] { try opened.append(Array(" !\n".utf8)) }
        file = opened
    }

    func begin(_ operation: CrashOperation) throws(FileFault) {
        let words = operation.changes.map { "\(Character(Unicode.Scalar($0.content.rawValue)))\($0.slot)" }
        try file.append(Array("i \(operation.number) \(words.joined(separator: " "))\n".utf8))
    }

    func acknowledge(_ number: Int) throws(FileFault) { try file.append(Array("a \(number)\n".utf8)) }

    func find(_ number: Int, isDone: Bool) throws(FileFault) {
        try file.append(Array("\(isDone ? "y" : "n") \(number)\n".utf8))
    }
}
