// Sweeping: what killed writers left goes, what a living one writes stays, on the system's own kernel.

import DICOM
import Glibc
import Platform
import Support
import Testing

@testable import Archive

@Suite("The folder of files that arrive, hardening R3, R7") struct IncomingFolderTests {
    static func names(_ folder: TemporaryFolder) throws -> Int {
        try Folder.entries(of: folder.appending(IncomingFolder.name)).count
    }

    @Test func `leftovers go, and what is being written stays`() throws {
        let folder = try TemporaryFolder()
        let incoming = IncomingFolder(ofInstances: folder.path)
        #expect(try incoming.sweep() == 0, "there is none yet")
        let writing = try incoming.makeFile(isDurable: true)
        try writing.append([1, 2, 3].rawSpan)
        for name in ["1-left", "2-left"] { try folder.write([1], to: "\(IncomingFolder.name)/\(name)") }
        #expect(try Self.names(folder) == 3)
        #expect(try incoming.sweep() == 2)
        #expect(try Self.names(folder) == 1)
        _ = try writing.finish(earliestNs: 0, isDurable: true)
        try writing.link(as: folder.appending("stored"))
        #expect(try incoming.sweep() == 0, "its writer has it still")
        writing.removeTemporaryName()
        #expect(try Self.names(folder) == 0)
        #expect(try File.status(of: folder.appending("stored")).sizeBytes == 3)
    }

    @Test func `what isn't of storing is nobody's leftover, nor is what a link leads to`() throws {
        let folder = try TemporaryFolder()
        let incoming = IncomingFolder(ofInstances: folder.path)
        try Folder.make(folder.appending("elsewhere"))
        _ = try folder.write([1], to: "elsewhere/1-left")
        try Folder.make(folder.appending(IncomingFolder.name))
        let names = ["notes.txt", "1", "1-", "-left", "1-Left", "1-2-3"]
        for name in names { _ = try folder.write([1], to: "\(IncomingFolder.name)/\(name)") }
        #expect(
            unsafe symlink("../elsewhere/1-left", folder.appending("\(IncomingFolder.name)/2-left").description) == 0)
        #expect(try incoming.sweep() == 0)
        #expect(try Self.names(folder) == names.count + 1)
        #expect(try File.exists(folder.appending("elsewhere/1-left")))
        // The folder itself is a link.
        let other = try TemporaryFolder()
        #expect(
            unsafe symlink(folder.appending("elsewhere").description, other.appending(IncomingFolder.name).description)
                == 0)
        let linked = IncomingFolder(ofInstances: other.path)
        #expect(throws: FileFault.self) { try linked.sweep() }
        #expect(throws: FileFault.self) { _ = try linked.makeFile(isDurable: true) }
        #expect(try Folder.entries(of: folder.appending("elsewhere")).count == 1)
    }

    @Test func `a leftover that got its name loses the temporary one alone`() throws {
        let folder = try TemporaryFolder()
        let left = try folder.write(Sending().file, to: "\(IncomingFolder.name)/7-left")
        try File.link(left, as: folder.appending("stored"))
        #expect(try IncomingFolder(ofInstances: folder.path).sweep() == 1)
        #expect(try File.status(of: folder.appending("stored")).linkCount == 1)
    }

    @Test func `links and folders in it hurt nobody`() throws {
        let folder = try TemporaryFolder()
        try folder.write([1, 2], to: "outside")
        try Folder.make(folder.appending("\(IncomingFolder.name)/folder"), parents: true)
        #expect(Tree.link(folder.appending("\(IncomingFolder.name)/link"), to: folder.appending("outside").description))
        _ = try IncomingFolder(ofInstances: folder.path).sweep()
        #expect(try File.status(of: folder.appending("outside")).sizeBytes == 2)
    }

    @Test func `a file that couldn't be locked isn't left`() throws {
        let disk = CrashableDisk()
        try Folder.make("/area", kernel: disk)
        let incoming = IncomingFolder(ofInstances: "/area", kernel: disk)
        _ = try incoming.makeFile(isDurable: true)
        for failing in 2...3 {
            disk.setTroubles([.failing(call: disk.callCount + failing, .inputOutput)])
            #expect(throws: FileFault.self) { _ = try incoming.makeFile(isDurable: true) }
            #expect(try Folder.entries(of: "/area/.incoming", kernel: disk).isEmpty)
        }
    }

    @Test func `a file that couldn't be written is never finished, nor read`() throws {
        let disk = CrashableDisk()
        try Folder.make("/area", kernel: disk)
        let file = try IncomingFolder(ofInstances: "/area", kernel: disk).makeFile(isDurable: true)
        try file.append([1, 2, 3].rawSpan)
        disk.setTroubles([.failing(call: disk.callCount + 1, .noSpace)])
        let fault = FileFault(.write, file.path, .noSpace)
        var buffer = ReadBuffer(capacity: 16)
        #expect(throws: fault) { _ = try file.read(at: 0, count: 3, into: &buffer) }
        for _ in 1...2 { #expect(throws: fault) { _ = try file.finish(earliestNs: 0, isDurable: true) } }
        #expect(throws: fault) { try file.append([UInt8](repeating: 4, count: 100_000).rawSpan) }
    }

    @Test func `a name that couldn't be removed is tried once more`() throws {
        let disk = CrashableDisk()
        try Folder.make("/area", kernel: disk)
        do {
            let file = try IncomingFolder(ofInstances: "/area", kernel: disk).makeFile(isDurable: true)
            disk.setTroubles([.failing(call: disk.callCount + 1, .inputOutput)])
            file.removeTemporaryName()
        }
        #expect(try Folder.entries(of: "/area/.incoming", kernel: disk).isEmpty)
    }
}
