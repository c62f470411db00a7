// The laws of the disk that the other floors are tested on: it must lose what a real disk may lose, and nothing else.

import Platform
import Support
import Testing

@Suite("CrashableDisk, hardening R1, R2, R4, R5") struct CrashableDiskTests {
    private let data = (0..<3_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }

    /// The publishing recipe: write, sync, rename, sync the folder.
    private func publish(_ bytes: [UInt8], on disk: CrashableDisk) throws(FileFault) {
        do {
            let file = try File.open("/new", .openingOrCreating, kernel: disk)
            try file.write(bytes, at: 0)
            try file.synchronize()
        }
        try File.rename("/new", to: "/current", kernel: disk)
        try Folder.synchronize("/", kernel: disk)
    }

    @Test func `what was published survives every power cut, and before that it is whole or not there`() throws {
        let disk = CrashableDisk(keepsMoments: true)
        try publish(data, on: disk)
        for call in 0...disk.callCount {
            for cut in PowerCut.some(30) {
                let after = disk.afterPowerCut(cut, atCall: call)
                let found = try? after.bytes(of: "/current")
                #expect(found == nil && call < disk.callCount || found == data, "call \(call), \(cut)")
            }
        }
    }

    @Test func `a rename without a sync of the file may leave a torn one, and by some cut does`() throws {
        let disk = CrashableDisk()
        do {
            let file = try File.open("/new", .creating, kernel: disk)
            try file.append(data)
        }
        try File.rename("/new", to: "/current", kernel: disk)
        try Folder.synchronize("/", kernel: disk)
        let left = PowerCut.some(60).map { try? disk.afterPowerCut($0).bytes(of: "/current") }
        #expect(left.allSatisfy { $0 != nil })
        #expect(left.contains(data))
        #expect(left.contains([]))
        #expect(left.contains { $0 != data && $0?.isEmpty == false })
    }

    @Test func `a name is lost without a sync of its folder, though the file was synced`() throws {
        let disk = CrashableDisk()
        let file = try File.open("/a", .creating, kernel: disk)
        try file.append(data)
        try file.synchronize()
        #expect((try? disk.afterPowerCut(.losesAll).bytes(of: "/a")) == nil)
        #expect(try disk.afterPowerCut(.keepsAll).bytes(of: "/a") == data)
        #expect(try disk.afterKill().bytes(of: "/a") == data)
    }

    @Test func `unsynced writes may be reordered, synced ones may not`() throws {
        let disk = CrashableDisk()
        let file = try File.open("/a", .creating, kernel: disk)
        try file.write([1], at: 0)
        try file.synchronize()
        try Folder.synchronize("/", kernel: disk)
        try file.write([2], at: 1)
        try file.write([3], at: 2)
        let left = Set(try PowerCut.some(200).map { try disk.afterPowerCut($0).bytes(of: "/a") })
        #expect(left.allSatisfy { $0.first == 1 })
        #expect(left.isSuperset(of: [[1], [1, 2], [1, 2, 3], [1, 0, 3]]))
    }

    @Test func `after a failed sync no later one confirms the writes before it`() throws {
        let disk = CrashableDisk()
        let file = try File.open("/a", .creating, kernel: disk)
        try Folder.synchronize("/", kernel: disk)
        try file.write([1], at: 0)
        disk.setTroubles([.failing(call: disk.callCount + 1, .inputOutput)])
        #expect(throws: FileFault(.synchronize, "/a", .inputOutput)) { try file.synchronize() }
        try file.write([2], at: 1)
        try file.synchronize()
        #expect(try file.readAll() == [1, 2])
        #expect(try disk.afterPowerCut(.losesAll).bytes(of: "/a") == [0, 2])
    }

    @Test func `every call can fail, and the N-th does`() throws {
        let whole = CrashableDisk()
        try publish(data, on: whole)
        for call in 1...whole.callCount {
            let disk = CrashableDisk(troubles: [.failing(call: call, .noSpace)])
            #expect(throws: FileFault.self, "call \(call)") { try publish(data, on: disk) }
            #expect(disk.openDescriptors == 0)
            try publish(data, on: disk)
            #expect(try disk.bytes(of: "/current") == data)
        }
    }

    @Test func `a dead process changes nothing more, and short calls are finished by File`() throws {
        let disk = CrashableDisk(troubles: [.dying(afterCall: 3), .short(maximumBytes: 100)])
        #expect(throws: FileFault.self) { try publish(data, on: disk) }
        #expect(try disk.afterKill().bytes(of: "/new") == Array(data.prefix(200)))
        let short = CrashableDisk(troubles: [.short(maximumBytes: 7)])
        try publish(data, on: short)
        #expect(try File.open("/current", kernel: short).readAll() == data)
    }

    @Test func `locks, mappings and names work as on the system's kernel`() throws {
        let disk = CrashableDisk()
        try Folder.make("/a/b", parents: true, kernel: disk)
        let one = try File.open("/a/b/lock", .openingOrCreating, kernel: disk)
        #expect(try one.tryLock(0..<10, .exclusive))
        do {
            let two = try File.open("/a/b/lock", .openingOrCreating, kernel: disk)
            #expect(try !two.tryLock(5..<6, .shared))
            try one.unlock(4..<7)
            #expect(try two.tryLock(5..<6, .exclusive))
            #expect(try one.isLocked(0..<10, against: .shared))
        }
        #expect(try !one.isLocked(0..<10, against: .shared))
        try one.append([1, 2, 3])
        let mapping = try one.map()
        let checksum = crc32c(mapping.bytes)
        #expect(checksum == crc32c([1, 2, 3]))
        #expect(throws: FileFault(.map, "/a/b/lock", .invalidArgument)) { _ = try one.map(byteCount: 4) }
        try File.link("/a/b/lock", as: "/a/c", kernel: disk)
        #expect(try File.status(of: "/a/c", kernel: disk).linkCount == 2)
        #expect(try Folder.entries(of: "/a", kernel: disk).map(\.path) == ["b", "c"])
        #expect(throws: FileFault(.removeFolder, "/a", .folderNotEmpty)) { try Folder.remove("/a", kernel: disk) }
        try File.remove("/a/c", kernel: disk)
        #expect(try !File.exists("/a/c", kernel: disk))
        #expect(try one.status().linkCount == 1)
        try disk.flip(bit: 0, ofByte: 1, of: "/a/b/lock")
        #expect(try one.readAll() == [1, 3, 3])
    }
}
