// Power cuts and failing calls at every call of a sequence (hardening.md R1–R5): what was acknowledged is there, nothing else.

import DICOM
import Platform
import Support
import Testing

@testable import ArchiveIndex

@Suite("A crash after every call, hardening.md R1 to R5") struct CrashTests {
    /// What a step acknowledges: the files known before it and after it.
    struct Acknowledged {
        let calls: Int
        let paths: Set<[UInt8]>
    }

    static let index: Path = "/area/index"

    /// Import, appends, fold, append, two imports, one of them into the journal, compact; after each step the paths that must be there.
    static func play(_ disk: CrashableDisk, note: (Set<[UInt8]>) -> Void) throws {
        var paths: Set<[UInt8]> = []
        func entry(_ number: Int) -> InstanceEntry {
            let entry = Samples.regular(number)
            paths.insert(entry.place.path)
            return entry
        }
        let folder = try IndexFolder.create(at: index, kernel: disk)
        _ = try folder.root(of: "/mnt")
        note([])
        let session = folder.importSession()
        try session.add([entry(0), entry(1), entry(150)])
        try session.finish()
        note(paths)
        for number in [2, 151] {
            try folder.append([entry(number)])
            note(paths)
        }
        try folder.fold()
        note(paths)
        var changed = entry(1)
        changed.fields.place.sizeBytes += 1
        try folder.append([changed, entry(3)])
        note(paths)
        let small = folder.importSession()
        try small.add([entry(5), entry(152)])
        try small.append()
        note(paths)
        let again = folder.importSession()
        try again.add([entry(4), entry(151)])
        try again.finish()
        note(paths)
        try folder.compact()
        note(paths)
    }

    static func paths(_ disk: CrashableDisk) throws -> Set<[UInt8]> {
        guard try IndexFolder.exists(at: index, kernel: disk) else { return [] }
        let snapshot = try IndexFolder.open(at: index, kernel: disk).snapshot()
        var found: Set<[UInt8]> = []
        var files = try snapshot.files(root: 1)
        while let file = try files.next() { found.insert(file.place.path) }
        return found
    }

    @Test func `what was acknowledged survives a power cut at any call`() throws {
        let disk = CrashableDisk(keepsMoments: true)
        var steps: [Acknowledged] = []
        try Self.play(disk) { steps.append(Acknowledged(calls: disk.callCount, paths: $0)) }
        let total = disk.callCount
        let isThorough = Program.environment("FILEROOM_SEEDS") != nil
        for call in stride(from: 0, through: total, by: isThorough ? 1 : 7) {
            let before = steps.last { $0.calls <= call }?.paths ?? []
            let after = steps.first { $0.calls > call }?.paths ?? before
            for cut in PowerCut.some(isThorough ? 6 : 1, from: UInt64(call)) {
                let crashed = disk.afterPowerCut(cut, atCall: call)
                let found = try Self.paths(crashed)
                #expect(found.isSuperset(of: before), "call \(call) of \(total), \(cut)")
                #expect(found.isSubset(of: after), "call \(call) of \(total), \(cut)")
                // No repair step: the next append, fold and import just go on.
                let folder = try IndexFolder.create(at: Self.index, kernel: crashed)
                #expect(try folder.root(of: "/mnt") == 1)
                try folder.append([Samples.regular(900)])
                try folder.fold()
                let session = folder.importSession()
                try session.add(Samples.regular(901))
                try session.finish()
                let later = found.union([Samples.regular(900).place.path, Samples.regular(901).place.path])
                #expect(try Self.paths(crashed) == later, "call \(call) of \(total), \(cut)")
                #expect(try folder.verify().filter { !$0.isRemark }.isEmpty, "call \(call) of \(total), \(cut)")
            }
        }
    }

    @Test(arguments: [Errno.noSpace, .inputOutput])
    func `a call that fails leaves what was acknowledged, and what follows works`(cause: Errno) throws {
        let isThorough = Program.environment("FILEROOM_SEEDS") != nil
        var call = 1
        while true {
            let disk = CrashableDisk(troubles: [.failing(call: call, cause)])
            var acknowledged: Set<[UInt8]> = []
            var hasFailed = false
            do { try Self.play(disk) { acknowledged = $0 } } catch { hasFailed = true }
            let number = call
            call += isThorough ? 1 : 5
            disk.setTroubles([])
            let found = try Self.paths(disk)
            #expect(found.isSuperset(of: acknowledged), "call \(number)")
            let folder = try IndexFolder.create(at: Self.index, kernel: disk)
            #expect(try folder.root(of: "/mnt") == 1)
            try folder.append([Samples.regular(900)])
            try folder.fold()
            let crashed = disk.afterPowerCut(.losesAll)
            #expect(
                try Self.paths(crashed).isSuperset(of: acknowledged.union([Samples.regular(900).place.path])),
                "call \(number) \(disk.calls[number - 1])")
            #expect(try folder.verify().filter { !$0.isRemark }.isEmpty, "call \(number)")
            if !hasFailed, disk.callCount < number { break }
        }
    }
}
