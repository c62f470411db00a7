// What a retrieval finds out of files, and who hears of it: the index, or where that can't be written to, this process.

import Archive
import DICOM
import Platform
import Support
import Testing

@testable import ArchiveIndex
@testable import ServiceClasses

@Suite("Files of a retrieval and Instance Availability, PS3.4 §C.4.1.1.3.2") struct InstanceFilesTests {
    /// An area with one instance, indexed in place.
    struct Area {
        let folder: TemporaryFolder
        let served: ServedArea
        let bytes: [UInt8]

        init() throws {
            folder = try TemporaryFolder()
            bytes = try Sample.file(.explicitVRLittleEndian)
            try folder.write(bytes, to: "files/one")
            served = Self.served(in: folder)
            try importFiles()
        }

        /// As each worker has it.
        static func served(in folder: TemporaryFolder) -> ServedArea {
            ServedArea(
                title: AETitle("FILEROOM")!, indexPath: folder.appending("index"),
                instancesFolder: folder.appending("instances"))
        }

        func importFiles() throws {
            let index = try IndexFolder.create(at: folder.appending("index"))
            let root = try index.root(of: folder.appending("files"))
            let session = index.importSession()
            try Importer(options: ImportOptions()).run(
                root: root, folder: folder.appending("files"), excluding: [], snapshot: try index.snapshot(),
                session: session)
            try session.finish()
        }

        func moveAway() throws {
            try SystemKernel().rename(folder.appending("files/one"), to: folder.appending("away"))
        }
        func moveBack() throws {
            try SystemKernel().rename(folder.appending("away"), to: folder.appending("files/one"))
        }

        /// Opens all there is, as a retrieval does; false where that fails.
        func retrieve(over served: ServedArea? = nil) throws -> Bool {
            let area = served ?? self.served
            let snapshot = try area.snapshot()
            var identifier = DataSet()
            identifier.set(.queryRetrieveLevel, .CS, text: "IMAGE")
            identifier.set(.sopInstanceUID, uid: Sample.instance)
            let keys = try RetrieveKeys(identifier: identifier, model: .compositeInstanceRoot)
            let references = try snapshot.instances(for: keys)
            try #require(references.count == 1)
            let files = InstanceFiles(roots: try area.rootFolders(), area: area, marked: snapshot.unavailable)
            defer { files.settle() }
            do throws(StoredInstanceFault) { _ = try files.open(references[0]) } catch { return false }
            return true
        }

        /// What a query of studies says.
        func availability(over served: ServedArea? = nil) throws -> String? {
            var identifier = DataSet()
            identifier.set(.queryRetrieveLevel, .CS, text: "STUDY")
            identifier.set(.studyInstanceUID, .UI, text: "")
            let query = try Query(identifier: identifier, model: .studyRoot, options: MatchingOptions())
            var cursor = try (served ?? self.served).snapshot().find(query)
            let match = try #require(try cursor.next())
            return try match.value(.instanceAvailability).map { String(decoding: $0.bytes, as: UTF8.self) }
        }
    }

    @Test func `a file that has vanished is unavailable by the next query, of any worker, until it is sent again`()
        throws
    {
        let area = try Area()
        let other = Area.served(in: area.folder)
        #expect(try area.retrieve() && area.availability() == "ONLINE")
        try area.moveAway()
        #expect(try area.availability() == "ONLINE", "nobody has looked")
        #expect(try !area.retrieve())
        #expect(try area.availability() == "UNAVAILABLE" && area.availability(over: other) == "UNAVAILABLE")
        try area.moveBack()
        #expect(try area.availability() == "UNAVAILABLE", "nobody has looked")
        #expect(try area.retrieve(over: other))
        #expect(try area.availability() == "ONLINE" && area.availability(over: other) == "ONLINE")
    }

    @Test func `a file of another size or another instance has changed, one that was only touched has not`() throws {
        let area = try Area()
        let path = area.folder.appending("files/one")
        #expect(Sample.touch(path))
        #expect(try area.retrieve() && area.availability() == "ONLINE")
        var set = Sample.dataSet()
        set.set(.sopInstanceUID, uid: Sample.uid("1.2.826.0.1.3680043.8.498.1.2.4"))
        for bytes in [area.bytes + [0, 0], try Sample.file(.explicitVRLittleEndian, set)] {
            try File.remove(path)
            try area.folder.write(bytes, to: "files/one")
            #expect(Sample.touch(path))
            #expect(try !area.retrieve() && area.availability() == "UNAVAILABLE")
            try File.remove(path)
            try area.folder.write(area.bytes, to: "files/one")
            #expect(try area.retrieve() && area.availability() == "ONLINE")
        }
    }

    @Test func `an import that finds the file there again says so, and takes nothing out while it is away`() throws {
        let area = try Area()
        try area.moveAway()
        #expect(try !area.retrieve())
        try area.importFiles()
        #expect(try area.availability() == "UNAVAILABLE", "it is indexed as before")
        try area.moveBack()
        try area.importFiles()
        #expect(try area.availability() == "ONLINE")
        #expect(try IndexFolder.open(at: area.folder.appending("index")).statistics().unavailable == 0)
    }

    @Test func `what may pass says nothing of a file`() {
        let path: Path = "/file"
        let shortages = [Errno(code: 24), Errno(code: 23), Errno(code: 12)]
        for cause in shortages + [.inputOutput, .accessDenied, .notPermitted, .staleHandle, .timedOut, .interrupted] {
            #expect(!StoredInstanceFault.file(FileFault(.open, path, cause)).meansUnavailable, "\(cause)")
        }
        #expect(!StoredInstanceFault.notConvertible(.fragments).meansUnavailable)
        for cause in [Errno.noEntry, .notAFolder] {
            #expect(StoredInstanceFault.file(FileFault(.open, path, cause)).meansUnavailable, "\(cause)")
        }
        #expect(StoredInstanceFault.changed("").meansUnavailable && StoredInstanceFault.unknownRoot(1).meansUnavailable)
    }

    @Test func `an instance is unavailable where each of its places says so`() throws {
        let stored = try StoredInstanceTests.Stored(.explicitVRLittleEndian)
        let gone = try stored.reference("a").places[0]
        try File.remove(stored.folder.appending("a"))
        var unreadable = gone
        // A name that is too long for the disk stands for a disk that can't be asked.
        unreadable.path = [UInt8](repeating: 0x61, count: 300)
        for (places, isUnavailable) in [
            ([gone, gone], true), ([gone, unreadable], false), ([unreadable, gone], false),
            ([gone, unreadable, gone], false), ([], true),
        ] {
            let reference = Sample.reference(0, transferSyntax: stored.syntax.uid, places: places)
            let fault = #expect(throws: StoredInstanceFault.self) { _ = try stored.files.open(reference) }
            #expect(fault?.meansUnavailable == isUnavailable, "\(fault.map { "\($0)" } ?? "nothing")")
        }
    }

    // MARK: Where the index can't be written to

    @Test func `where the index can't be written to, this process remembers`() throws {
        let area = try Area()
        // Nobody opens a folder in place of the file to be locked, not even root.
        let lock = area.folder.appending("index/lock")
        if try File.exists(lock) { try File.remove(lock) }
        try Folder.make(lock)
        try area.moveAway()
        #expect(try !area.retrieve() && area.availability() == "UNAVAILABLE")
        #expect(try area.availability(over: Area.served(in: area.folder)) == "ONLINE", "another process")
        try area.moveBack()
        #expect(try area.retrieve() && area.availability() == "ONLINE")
        // When it can be written again, all know.
        try Folder.remove(lock)
        try area.moveAway()
        #expect(try !area.retrieve())
        #expect(try area.availability(over: Area.served(in: area.folder)) == "UNAVAILABLE")
    }

    private static func mark(_ number: Int, isUnavailable: Bool = true) -> AvailabilityMark {
        let reference = Sample.reference(number, transferSyntax: Sample.jpeg)
        return AvailabilityMark(reference, isUnavailable: isUnavailable)
    }

    private static func marks(_ memory: inout RememberedMarks, at now: MonotonicInstant, of index: [Int] = []) -> Int {
        var snapshot = Snapshot.empty
        for number in index { snapshot.unavailable.apply(mark(number)) }
        memory.add(to: &snapshot, at: now)
        return snapshot.unavailable.count
    }

    @Test func `what is remembered goes before the index's marks, is bounded, and not for ever`() {
        var memory = RememberedMarks()
        let start = MonotonicInstant(nanoseconds: 0)
        memory.remember([Self.mark(1), Self.mark(2, isUnavailable: false)], at: start)
        #expect(Self.marks(&memory, at: start, of: [2, 3]) == 2)
        #expect(Self.marks(&memory, at: start, of: [2, 3]) == 2, "the same again")
        #expect(Self.marks(&memory, at: start, of: [2, 3, 4]) == 3)
        memory.remember((10..<20_000).map { Self.mark($0) }, at: start)
        #expect(Self.marks(&memory, at: start) <= RememberedMarks.maximum)
        let later = start.advanced(bySeconds: RememberedMarks.rememberedSeconds + 1)
        #expect(Self.marks(&memory, at: later) == 0)
    }

    // MARK: Available Transfer Syntax UID

    @Test(arguments: TransferSyntax.all.filter(\.isStorable))
    func `what is said to be available can be sent, and nothing else, §C_6_1_1_5_2`(
        stored: TransferSyntax
    ) {
        let available = TransferSyntax.available(for: stored.uid)
        #expect(available.first == stored.uid)
        for target in TransferSyntax.all where target.isStorable {
            let way = Deliverable(
                sopClass: Sample.ctImage, transferSyntax: stored.uid, over: [context(1, target)])
            var canBeSent = true
            if case .impossible = way { canBeSent = false }
            #expect(canBeSent == available.contains(target.uid), "\(stored.name) as \(target.name)")
        }
    }
}
