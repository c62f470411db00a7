// Deleting studies to make room: what is known no longer goes, never what is known still, whatever call a crash or a failing disk
// comes at.

import ArchiveIndex
import DICOM
import Platform
import Support
import Testing

@testable import Archive

@Suite("Deleting studies, hardening T17, R1, R4") struct StudyDeletionTests {
    private static let paths = StoreTrial.paths

    /// An area with two studies of two instances each.
    private static func stored() throws -> (disk: CrashableDisk, sendings: [Sending]) {
        let disk = CrashableDisk(keepsMoments: true)
        let sendings = (1...4).map { AreaRoomTests.sending($0, study: ($0 + 1) / 2) }
        for result in try StoreTrial(disk).send(sendings) { #expect(result.isSuccess) }
        return (disk, sendings)
    }

    private static let first = UID("\(Sample.study).1")!

    private static func delete(_ disk: CrashableDisk) throws(StoreFault) -> StoredStudy? {
        let index = try indexing { () throws(IndexFault) in try IndexFolder.open(at: paths.index, kernel: disk) }
        return try StudyDeletion(index, paths, kernel: disk).delete(first, throughNs: .max)
    }

    @Test func `its files go, then its folders, and others stay`() throws {
        let (disk, sendings) = try Self.stored()
        let deleted = try #require(try Self.delete(disk))
        #expect(deleted.files == 2 && deleted.bytes == sendings.prefix(2).reduce(0) { $0 + $1.file.count })
        let found = try FoundArea(disk, "deleted")
        #expect(found.contents == FoundArea.contents(of: Array(sendings.suffix(2))))
        #expect(found.orphans.isEmpty && found.emptyFolders.isEmpty)
        #expect(try Self.delete(disk) == nil)
    }

    @Test
    func `after a crash at any call each file that is known is there, and what was said to be gone doesn't come back`()
        throws
    {
        let (disk, sendings) = try Self.stored()
        let before = disk.callCount
        #expect(try Self.delete(disk) != nil)
        let all = FoundArea.contents(of: sendings)
        let rest = FoundArea.contents(of: Array(sendings.suffix(2)))
        for call in before...disk.callCount {
            for cut in PowerCut.some(2, from: UInt64(call)) {
                let crashed = disk.afterPowerCut(cut, atCall: call)
                let what = "call \(call - before), \(cut)"
                let found = try FoundArea(crashed, what)
                #expect(found.contents == rest || call < disk.callCount && found.contents == all, "\(what)")
                // It goes on as if nothing had been.
                _ = try Self.delete(crashed)
                #expect(try FoundArea(crashed, "\(what), once more").contents == rest, "\(what)")
            }
        }
    }

    @Test(arguments: [Errno.inputOutput, .readOnlyFileSystem])
    func `a call that fails leaves what is known whole, and once it doesn't fail any more the study goes`(
        cause: Errno
    ) throws {
        let (disk, sendings) = try Self.stored()
        let before = disk.callCount
        #expect(try Self.delete(disk) != nil)
        let count = disk.callCount - before
        let rest = FoundArea.contents(of: Array(sendings.suffix(2)))
        for number in 1...count {
            let failing = disk.afterKill(atCall: before)
            failing.setTroubles([cause == .inputOutput ? .failing(call: number, cause) : .readOnly(fromCall: number)])
            let what = "\(cause.symbolicName) at call \(number) \(disk.calls[before + number - 1])"
            var deleted: StoredStudy?
            do throws(StoreFault) { deleted = try Self.delete(failing) } catch {}
            failing.setTroubles([])
            for cut in [PowerCut.losesAll, .keepsAll] {
                let found = try FoundArea(failing.afterPowerCut(cut), "\(what), \(cut)")
                #expect(deleted == nil || found.contents == rest, "\(what), \(cut)")
                #expect(Set(found.contents).isSuperset(of: rest), "\(what), \(cut): another study")
            }
            _ = try Self.delete(failing)
            #expect(try FoundArea(failing, "\(what), once more").contents == rest, "\(what)")
        }
    }

    @Test func `where files can't be removed any more they stay known, though the index can be written to`() throws {
        let (disk, sendings) = try Self.stored()
        disk.setTroubles([.readOnly(fromCall: 1, below: Self.paths.instances)])
        let fault = #expect(throws: StoreFault.self) { _ = try Self.delete(disk) }
        #expect("\(fault, default: "nothing")".contains("Read-only file system"))
        let found = try FoundArea(disk, "read-only")
        #expect(found.contents == FoundArea.contents(of: sendings) && found.orphans.isEmpty)
    }

    @Test func `who has taken the name of a file that is about to go keeps it`() throws {
        let (disk, sendings) = try Self.stored()
        let trial = try StoreTrial(disk)
        let relative = try #require(try FoundArea(disk, "stored").known.first { $0.value == sendings[0].file }?.key)
        let path = Self.paths.instances.appending(relative)
        let held = try File.open(path, .writing, kernel: disk)
        #expect(try held.tryLock(IncomingFile.lockedRange, .exclusive))
        func lockCalls() -> Int { disk.calls.count { $0.kind == .lock && $0.path == path } }
        let before = lockCalls()
        let deleting = try Thread { @Sendable in _ = try? Self.delete(disk) }
        while lockCalls() < before + 2 {}
        // It is known no longer. Another one comes, gets the name, is acknowledged.
        let taking = Self.paths.instances.appending("taking")
        try File.open(taking, .creating, kernel: disk).append(sendings[0].file)
        try File.rename(taking, to: path, kernel: disk)
        let status = try File.status(of: path, kernel: disk)
        let arrived = try trial.arrive(sendings[0])
        let place = Place(
            root: 0, path: relative.bytes, sizeBytes: status.sizeBytes, modificationNs: status.modificationNs,
            inode: status.inode, isTrusted: true, dataSetOffset: 0)
        let verdicts = try trial.store.index().store([StoreCandidate(arrived.header.entry(at: place))])
        #expect(verdicts == [.stored])
        try held.unlock(IncomingFile.lockedRange)
        deleting.join()
        let found = try FoundArea(disk, "taken")
        #expect(found.known[relative] == sendings[0].file)
    }
}
