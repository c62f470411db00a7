// Decay: each byte of a small area flipped, one after the other (hardening.md R8).

import DICOM
import Platform
import Support
import Testing

@testable import ArchiveIndex

@Suite("A flipped bit, hardening.md R8") struct FlippedByteTests {
    /// Two runs, one that takes something back, and a journal.
    static func area() throws -> CrashableDisk {
        let disk = CrashableDisk()
        let folder = try IndexFolder.create(at: "/area/index", kernel: disk)
        _ = try folder.root(of: "/mnt/a b")
        let session = folder.importSession()
        for number in 0..<3 { try session.add(Samples.regular(number * 60)) }
        try session.publish()
        var changed = Samples.regular(60)
        changed.fields.place.sizeBytes += 1
        try session.add(changed)
        try session.add(
            ForeignFile(
                Place(
                    root: 1, path: Array("x".utf8), sizeBytes: 1, modificationNs: 2, inode: 3, isTrusted: true,
                    dataSetOffset: 0), reason: 9))
        try session.publish()
        try folder.append([Samples.regular(500)])
        try folder.append([Samples.regular(501)])
        return disk
    }

    /// Where the last frame of a journal that is whole begins.
    static func lastFrame(of journal: [UInt8]) throws -> Int {
        var at = JournalHead.byteCount
        var last = at
        while at < journal.count {
            last = at
            at += try #require(JournalFrame(in: journal, at: at)).byteCount
        }
        return last
    }

    /// What one gets to know who comes anew; nil where it is refused as damaged, or as of another version.
    static func answers(_ disk: CrashableDisk) throws -> Answers? {
        do throws(IndexFault) { return try Answers(IndexFolder.open(at: "/area/index", kernel: disk).snapshot()) } catch
        {
            switch error {
            case .damaged, .foreignVersion: return nil
            default: throw error
            }
        }
    }

    /// The same where a file ends before its time.
    static func answers(_ disk: CrashableDisk, of file: Path, cutTo length: Int) throws -> Answers? {
        try disk.replace(file, with: Array(disk.bytes(of: file)[..<length]))
        return try answers(disk)
    }

    @Test(arguments: ["current", "roots", "run-1", "run-2", "journal-1"])
    func `is found by verify, and never answered from`(name: String) throws {
        let disk = try Self.area()
        let path = Path("/area/index").appending(name)
        let size = try disk.bytes(of: path).count
        let truth = try Answers(IndexFolder.open(at: "/area/index", kernel: disk).snapshot())
        // The last frame of a journal can't be told from an append that was cut short: it isn't there then.
        let lastFrame = name == "journal-1" ? try Self.lastFrame(of: disk.bytes(of: path)) : size
        let withoutLastFrame = try Self.answers(Self.area(), of: path, cutTo: lastFrame)
        #expect(name != "journal-1" || withoutLastFrame != truth)
        #expect(try IndexFolder.open(at: "/area/index", kernel: disk).verify().isEmpty)
        // All bytes in release; a sample in debug, where a byte takes long.
        let step = Program.environment("FILEROOM_SEEDS") == nil ? 41 : 1
        for byte in stride(from: 0, to: size, by: step) {
            try disk.flip(bit: byte % 8, ofByte: byte, of: path)
            defer { try? disk.flip(bit: byte % 8, ofByte: byte, of: path) }
            do throws(IndexFault) {
                let folder = try IndexFolder.open(at: "/area/index", kernel: disk)
                #expect(try !folder.verify().isEmpty, "\(name) byte \(byte)")
            } catch {
                // Refused in words.
            }
            if let answers = try Self.answers(disk) {
                #expect(
                    answers == truth || byte >= lastFrame && answers == withoutLastFrame, "\(name) byte \(byte)")
            }
        }
    }

    @Test(arguments: ["current", "roots", "run-1", "run-2", "journal-1"])
    func `a file that was cut off is refused, or its last batch is gone`(name: String) throws {
        let disk = try Self.area()
        let bytes = try disk.bytes(of: Path("/area/index").appending(name))
        for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 40)) {
            let cut = try Self.area()
            try cut.replace(Path("/area/index").appending(name), with: Array(bytes[..<length]))
            guard let folder = try? IndexFolder.open(at: "/area/index", kernel: cut) else { continue }
            if name != "journal-1" || length > JournalHead.byteCount {
                if let findings = try? folder.verify(), name != "journal-1" { #expect(!findings.isEmpty, "\(length)") }
            }
        }
    }
}

extension CrashableDisk {
    /// Puts other bytes in the place of a file.
    func replace(_ path: Path, with bytes: [UInt8]) throws {
        try File.remove(path, kernel: self)
        let file = try File.open(path, .creating, kernel: self)
        try file.append(bytes)
    }
}
