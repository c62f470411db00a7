// The two text files of an index, `current` and `roots`: a first line with the version, lines of words, a last line with a
// checksum; replaced as a whole by rename.

import DICOM
import Platform

/// A text file of the index.
struct TextFile {
    let kind: String
    /// Each line's words, without first and last line.
    var lines: [[String]]
    /// The least minor version that has all these lines, or that of the file that was read.
    let minor: UInt64
    /// It isn't of a newer minor version, which may have lines that mean nothing here.
    var isFullyKnown = true

    static let maximumBytes = 1 << 26

    func encoded() -> [UInt8] {
        var text = "\(kind) \(FormatVersion.major).\(minor)\n"
        for line in lines { text += line.joined(separator: " ") + "\n" }
        let bytes = Array(text.utf8)
        return bytes + Array("crc \(hexadecimalDigits(checksum(bytes)))\n".utf8)
    }

    init(kind: String, minor: UInt16 = FormatVersion.minor, lines: [[String]]) {
        self.kind = kind
        self.minor = UInt64(minor)
        self.lines = lines
    }

    init(decoding bytes: [UInt8], kind: String, file: String) throws(IndexFault) {
        self.kind = kind
        // The newest minor version of that kind.
        let known = kind == Current.kind ? Current.minor : FormatVersion.minor
        func fault(_ byte: Int, _ what: String) -> IndexFault { .damaged(file: file, byte: byte, what: what) }
        guard let text = String(validating: bytes, as: UTF8.self), text.hasSuffix("\n") else {
            throw fault(bytes.count, "it is cut off, or no text")
        }
        var lines = text.dropLast().split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        }
        guard let first = lines.first, first.count == 2, first[0] == kind else {
            throw fault(0, "it isn't a file of \(kind)")
        }
        // The last line stands for all before it: it has 13 bytes.
        let checkedBytes = bytes.count - 13
        guard let last = lines.last, last.count == 2, last[0] == "crc", checkedBytes > 0,
            last[1] == hexadecimalDigits(checksum(Array(bytes[..<checkedBytes])))
        else {
            // Another version may close its files in another way.
            if lines.last?.first != "crc" { _ = try FormatVersion.check(first[1], known: known, file: file) }
            throw fault(max(0, checkedBytes), "the checksum is wrong")
        }
        (minor, isFullyKnown) = try FormatVersion.check(first[1], known: known, file: file)
        lines.removeFirst()
        lines.removeLast()
        self.lines = lines
    }

    /// Reads the file; nil where there is none.
    static func read(
        _ path: Path, kind: String, kernel: any Kernel
    ) throws(IndexFault) -> (bytes: [UInt8], text: TextFile)? {
        guard let bytes = try readBytes(path, kernel: kernel) else { return nil }
        return (
            bytes, try TextFile(decoding: bytes, kind: kind, file: String(decoding: path.lastComponent, as: UTF8.self))
        )
    }

    static func readBytes(_ path: Path, kernel: any Kernel) throws(IndexFault) -> [UInt8]? {
        do throws(FileFault) {
            let file = try File.open(path, .reading, kernel: kernel)
            return try file.readAll(maximumBytes: maximumBytes)
        } catch {
            if error.operation == .open, error.cause == .noEntry || error.cause == .notAFolder { return nil }
            throw .file(error)
        }
    }

    /// Puts the file in the place of the one that is there. After a crash there is the old one or the new one, whole.
    func replace(_ path: Path, kernel: any Kernel) throws(IndexFault) {
        let bytes = encoded()
        guard bytes.count <= Self.maximumBytes else {
            throw .refused(what: "\(path) would have more than \(Self.maximumBytes) bytes, and nobody could read it")
        }
        try Self.replace(path, with: bytes, kernel: kernel)
    }

    /// The same with bytes as they were read.
    static func replace(_ path: Path, with bytes: [UInt8], kernel: any Kernel) throws(IndexFault) {
        let temporary = path.adding(suffix: ".new")
        try wrapping { () throws(FileFault) in
            if try File.exists(temporary, kernel: kernel) { try File.remove(temporary, kernel: kernel) }
            let file = try File.open(temporary, .creating, kernel: kernel)
            try file.append(bytes)
            try file.synchronize()  // 1. its bytes are on stable storage
            try File.rename(temporary, to: path, kernel: kernel)  // 2. it takes the name at once
            try Folder.synchronize(path.parent, kernel: kernel)  // 3. the name is on stable storage
        }
    }
}

extension UInt64 {
    /// A number as the index writes it: decimal digits, no sign, no leading zero.
    init?(canonical text: some StringProtocol) {
        guard let value = UInt64(text), "\(value)" == text else { return nil }
        self = value
    }
}

/// Eight lower-case hexadecimal digits.
func hexadecimalDigits(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.utf8.count) + digits
}
