// What was refused is kept within bounds, and what isn't kept is said, not too often.

import DICOM
import Platform
import Support
import Testing

@testable import Archive

@Suite("Refused instances that are kept, hardening R6, T18") struct RejectedInstancesTests {
    static let folder: Path = "/kept/rejected"

    static func trial(_ disk: CrashableDisk = CrashableDisk()) throws -> StoreTrial {
        var policy = StorePolicy()
        policy.rejectedFolder = folder
        return try StoreTrial(disk, policy)
    }

    /// Sends what is refused; why it isn't kept, where that is said.
    static func refuse(_ trial: StoreTrial, bytes: Int = 100) -> String? {
        let arriving = trial.store.begin(Sending().announced, from: trial.store.makeReserve())
        let dataSet = [UInt8](repeating: 0xFF, count: bytes)
        arriving.take(dataSet.rawSpan)
        #expect(throws: StoreFault.self) { _ = try arriving.finish() }
        return arriving.notKept
    }

    static func count(_ disk: CrashableDisk) throws -> Int { try Folder.entries(of: folder, kernel: disk).count }

    @Test func `the folder is made, and takes so many files`() throws {
        let disk = CrashableDisk()
        try Folder.make(Self.folder, parents: true, kernel: disk)
        for number in 0..<(RejectedInstances.filesMaximum - 2) {
            _ = try File.open(Self.folder.appending("\(number)"), .creating, kernel: disk)
        }
        let trial = try Self.trial(disk)
        #expect(Self.refuse(trial) == nil && Self.refuse(trial) == nil)
        #expect(try Self.count(disk) == RejectedInstances.filesMaximum)
        #expect(Self.refuse(trial)?.contains("1000 files") == true)
        // It isn't said again at once, and nothing that is there goes.
        #expect(Self.refuse(trial) == nil)
        #expect(try Self.count(disk) == RejectedInstances.filesMaximum)
        // Who comes anew finds room where somebody made it.
        for number in 0..<2 { try File.remove(Self.folder.appending("\(number)"), kernel: disk) }
        #expect(Self.refuse(try Self.trial(disk)) == nil)
        #expect(try Self.count(disk) == RejectedInstances.filesMaximum - 1)
    }

    @Test func `its disk keeps what is to be left free`() throws {
        func fileSystem(freeBytes: Int) -> FileSystem {
            FileSystem(
                freeBytes: UInt64(freeBytes), totalBytes: 10 << 30, freeInodes: 1 << 20, totalInodes: 1 << 21)
        }
        let disk = CrashableDisk()
        let trial = try Self.trial(disk)
        let needed = Sending().announced.fileHead.count + 1_000
        disk.setFileSystem(fileSystem(freeBytes: (1 << 30) + needed - 1))
        let words = Self.refuse(trial, bytes: 1_000)
        #expect(words?.contains("MinimumFreeSpace") == true)
        #expect(try Self.count(disk) == 0)
        disk.setFileSystem(fileSystem(freeBytes: (1 << 30) + needed))
        #expect(Self.refuse(trial, bytes: 1_000) == nil)
        #expect(try Self.count(disk) == 1)
    }

    @Test func `each kind of failure is said once`() throws {
        let disk = CrashableDisk()
        let trial = try Self.trial(disk)
        #expect(Self.refuse(trial) == nil)
        var said: [String] = []
        for cause in [Errno.noSpace, .noSpace, .inputOutput, .noSpace, .inputOutput] {
            let arriving = trial.store.begin(Sending().announced, from: trial.store.makeReserve())
            arriving.take([UInt8](repeating: 0xFF, count: 100).rawSpan)
            // It is short, and not written before it is refused.
            disk.setTroubles([.failingFrom(call: disk.callCount + 1, .write, cause)])
            #expect(throws: StoreFault.self) { _ = try arriving.finish() }
            disk.setTroubles([])
            said += arriving.notKept.map { [$0] } ?? []
        }
        #expect(said.count == 2, "\(said)")
        #expect(try Self.count(disk) == 1, "nothing is left of what couldn't be written")
    }
}
