// The folders of stored instances: no links, made anew where they went, and gone where they were made for nothing.

import ArchiveIndex
import DICOM
import Platform
import Support
import Testing

@testable import Archive

@Suite("Folders of stored instances, hardening T1") struct StoredFoldersTests {
    static let instances: Path = "/area/instances"

    static func folders(_ disk: CrashableDisk) throws -> StoredFolders {
        if try !File.exists("/area", kernel: disk) { try Folder.make("/area", kernel: disk) }
        return StoredFolders(instances, kernel: disk) { _ in false }
    }

    static let components = [Array("1.2".utf8), Array("1.2.3".utf8)]

    @Test func `they are made with their names on stable storage, and looked for once`() throws {
        let disk = CrashableDisk()
        _ = try Self.folders(disk)
        try Folder.synchronize("/", kernel: disk)
        let folders = try Self.folders(disk)
        let (folder, made) = try folders.make(Self.components, isDurable: true)
        #expect(folder == "/area/instances/1.2/1.2.3")
        #expect(made == ["/area/instances", "/area/instances/1.2", "/area/instances/1.2/1.2.3"])
        #expect(try File.exists(folder, kernel: disk.afterPowerCut(.losesAll)))
        let calls = disk.callCount
        #expect(try folders.make(Self.components, isDurable: true).made.isEmpty)
        // Whether they are the same is asked each time: somebody may have made others.
        #expect(disk.calls.dropFirst(calls).map(\.kind) == [.status, .status, .status])
        let others = try Self.folders(disk)
        #expect(try others.make(Self.components, isDurable: true).made.isEmpty)
        #expect(disk.calls.dropFirst(calls).count { $0.kind == .synchronize } == 3, "whoever made them")
    }

    @Test func `one that another process has made anew is synchronized again`() throws {
        let disk = CrashableDisk()
        let folders = try Self.folders(disk)
        try Folder.synchronize("/", kernel: disk)
        _ = try folders.make(Self.components, isDurable: true)
        // The keeper removes what is empty, another worker makes it again and is killed.
        try Folder.remove("/area/instances/1.2/1.2.3", kernel: disk)
        try Folder.synchronize("/area/instances/1.2", kernel: disk)
        try Folder.make("/area/instances/1.2/1.2.3", kernel: disk)
        _ = try folders.make(Self.components, isDurable: true)
        #expect(try File.exists("/area/instances/1.2/1.2.3", kernel: disk.afterPowerCut(.losesAll)))
    }

    @Test func `a link in place of a folder is refused, and so is a file`() throws {
        let folder = try TemporaryFolder()
        try Folder.make(folder.appending("outside"))
        try Folder.make(folder.appending("instances"))
        #expect(Tree.link(folder.appending("instances/1.2"), to: folder.appending("outside").description))
        try folder.write([1], to: "instances/1.3")
        let folders = StoredFolders(folder.appending("instances"), kernel: SystemKernel()) { _ in false }
        for name in ["1.2", "1.3"] {
            let path = folder.appending("instances/\(name)")
            for components in [[name], [name, "1.2.3"]] {
                #expect(throws: StoreFault.notAFolder(path)) {
                    _ = try folders.make(components.map { Array($0.utf8) }, isDurable: true)
                }
            }
        }
        #expect(try Folder.entries(of: folder.appending("outside")).isEmpty)
        // The area's own folder may be one.
        #expect(Tree.link(folder.appending("linked"), to: folder.appending("instances").description))
        let linked = StoredFolders(folder.appending("linked"), kernel: SystemKernel()) { _ in false }
        #expect(try linked.make([Array("1.4".utf8)], isDurable: true).made.count == 1)
    }

    @Test func `one that was removed meanwhile is made anew`() throws {
        let trial = try StoreTrial()
        #expect(try trial.send(Sending(1)).isStored)
        let study = StoreTrial.paths.instances.appending(Sample.study.text)
        let series = study.appending(Sample.series.text)
        try File.remove(series.appending("\(Sending(1).uid).dcm"), kernel: trial.disk)
        try Folder.remove(series, kernel: trial.disk)
        try Folder.remove(study, kernel: trial.disk)
        #expect(try trial.send(Sending(2)).isStored)
        let found = trial.disk.afterPowerCut(.losesAll)
        #expect(try found.bytes(of: series.appending("\(Sending(2).uid).dcm")) == Sending(2).file)
    }

    @Test func `the whole folder of instances, too`() throws {
        let trial = try StoreTrial()
        #expect(try trial.send(Sending(1)).isStored)
        let instances = StoreTrial.paths.instances
        let study = instances.appending(Sample.study.text)
        try File.remove(study.appending("\(Sample.series)/\(Sending(1).uid).dcm"), kernel: trial.disk)
        let series = study.appending(Sample.series.text)
        for folder in [series, study, instances.appending(IncomingFolder.name), instances] {
            try Folder.remove(folder, kernel: trial.disk)
        }
        #expect(try trial.send(Sending(2)).isStored)
        let found = trial.disk.afterPowerCut(.losesAll)
        #expect(try found.bytes(of: series.appending("\(Sending(2).uid).dcm")) == Sending(2).file)
    }

    @Test func `what was made for nothing goes, as far as it is empty`() throws {
        let disk = CrashableDisk()
        let folders = try Self.folders(disk)
        let (folder, made) = try folders.make(Self.components, isDurable: true)
        try File.open(folder.parent.appending("x"), .creating, kernel: disk).append([1])
        folders.unmake(made)
        #expect(try !File.exists(folder, kernel: disk))
        #expect(try File.exists(folder.parent, kernel: disk))
        #expect(try folders.make(Self.components, isDurable: true).made == [folder])
    }

    @Test func `a name that another thread's failed sync may have dropped isn't trusted`() throws {
        let disk = CrashableDisk()
        let folders = try Self.folders(disk)
        let (folder, _) = try folders.make(Self.components, isDurable: true)
        let before = folders.moment
        #expect(folders.isTrusted(folder, since: before))
        disk.setTroubles([.failing(call: disk.callCount + 2, .inputOutput)])
        #expect(throws: FileFault.self) { try folders.synchronize(folder.parent) }
        #expect(!folders.isTrusted(folder, since: before) && !folders.isTrusted(folder.parent, since: before))
        #expect(folders.isTrusted("/area/instances/1.9", since: before), "others are")
        #expect(folders.isTrusted(folder, since: folders.moment), "and what comes later")
    }

    @Test func `one whose name couldn't be synced is made anew, unless something known lies below it`() throws {
        for isKnown in [false, true] {
            let disk = CrashableDisk()
            try Folder.make("/area/instances/1.2/1.2.3", parents: true, kernel: disk)
            if isKnown { try File.open("/area/instances/1.2/1.2.3/x", .creating, kernel: disk).append([1]) }
            let folders = StoredFolders(Self.instances, kernel: disk) { _ in isKnown }
            disk.setTroubles([.failing(call: disk.callCount + 3, .inputOutput)])
            #expect(throws: StoreFault.self) { _ = try folders.make([], isDurable: true) }
            disk.setTroubles([])
            if isKnown {
                #expect(try folders.make(Self.components, isDurable: true).made.isEmpty)
                continue
            }
            let notEmpty = StoreFault.file(FileFault(.removeFolder, Self.instances, .folderNotEmpty))
            #expect(throws: notEmpty) { _ = try folders.make([], isDurable: true) }
            try Folder.remove("/area/instances/1.2/1.2.3", kernel: disk)
            try Folder.remove("/area/instances/1.2", kernel: disk)
            #expect(try folders.make([], isDurable: true).made == [Self.instances])
        }
    }
}
