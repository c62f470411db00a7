// A storage area on a disk in memory, instances that are sent to it, and what is found there afterwards.

import ArchiveIndex
import DICOM
import Platform
import Support
import Testing

@testable import Archive

/// An instance as a test sends it.
struct Sending: Sendable {
    let announced: AnnouncedInstance
    let dataSet: [UInt8]

    /// What is to lie in the area.
    var file: [UInt8] { announced.fileHead + dataSet }
    var uid: UID { announced.sopInstanceUID }

    init(_ announced: AnnouncedInstance, _ dataSet: [UInt8]) {
        self.announced = announced
        self.dataSet = dataSet
    }

    /// An instance of the sample's series.
    ///
    /// - Parameter pixel: tells data sets of one header apart.
    init(
        _ number: Int = 1, pixel: UInt8 = 0, pixelBytes: Int = 1_200,
        _ syntax: TransferSyntax = .explicitVRLittleEndian, change: (inout DataSet) -> Void = { _ in }
    ) {
        let instance = UID("\(Sample.series).\(number)") ?? Sample.instance
        var set = Sample.dataSet(instance)
        set[.pixelData] = DataElement(
            .pixelData, .OW, .bytes((0..<pixelBytes).map { UInt8(truncatingIfNeeded: $0 / 7) ^ pixel }))
        change(&set)
        let bytes = (try? Sample.bare(syntax, set)) ?? []
        self.init(Self.announced(instance, syntax.uid), bytes)
    }

    static func announced(
        _ instance: UID = Sample.instance, _ syntax: UID = TransferSyntax.explicitVRLittleEndian.uid,
        sopClass: UID = Sample.ctImage, head: [UInt8]? = nil
    ) -> AnnouncedInstance {
        AnnouncedInstance(
            sopClassUID: sopClass, sopInstanceUID: instance, transferSyntaxUID: syntax, source: AETitle("MODALITY")!,
            fileHead: head ?? Sample.head(syntax, sopClass: sopClass, instance))
    }

    /// The same data set behind other File Meta Information.
    var withOtherHead: Sending {
        let head = PartTenFile.head(
            sopClass: announced.sopClassUID, sopInstance: uid, transferSyntax: announced.transferSyntaxUID,
            implementationClass: UID(literal: "1.2.3.4.5"), implementationVersion: "ANOTHER",
            source: AETitle("ELSEWHERE"))
        return Sending(Self.announced(uid, announced.transferSyntaxUID, head: head), dataSet)
    }
}

/// One process that stores in the area, on whatever disk.
struct StoreTrial {
    static let paths = StorageAreaPaths(folder: "/area", index: "/area/index")
    let store: InstanceStore
    let disk: CrashableDisk

    /// - Parameter paths: where the area lies; its folder is made where it is missing.
    init(
        _ disk: CrashableDisk = CrashableDisk(), _ policy: StorePolicy = StorePolicy(),
        usage: AreaUsage? = nil, paths: StorageAreaPaths = Self.paths
    ) throws {
        if try !File.exists(paths.folder, kernel: disk) {
            try Folder.make(paths.folder, kernel: disk)
            try Folder.synchronize(paths.folder.parent, kernel: disk)
        }
        self.disk = disk
        store = InstanceStore(paths, policy: policy, usage: usage, kernel: disk)
    }

    func arrive(_ sending: Sending, chunk: Int? = nil) throws(StoreFault) -> ArrivedInstance {
        let arriving = store.begin(sending.announced, from: store.makeReserve())
        let step = max(1, chunk ?? sending.dataSet.count)
        for start in stride(from: 0, to: sending.dataSet.count, by: step) {
            let end = min(start + step, sending.dataSet.count)
            arriving.take(sending.dataSet.rawSpan.extracting(start..<end))
        }
        return try arriving.finish()
    }

    /// What comes of instances that are stored together.
    @discardableResult
    func send(_ sendings: [Sending]) -> [Result<StoreOutcome, StoreFault>] {
        var results: [Result<StoreOutcome, StoreFault>?] = []
        var arrived: [ArrivedInstance] = []
        for sending in sendings {
            do throws(StoreFault) {
                arrived.append(try arrive(sending))
                results.append(nil)
            } catch {
                results.append(.failure(error))
            }
        }
        let batch = store.store(arrived)
        batch.cleanUp()
        var stored = batch.results[...]
        return results.map { $0 ?? stored.removeFirst() }
    }

    func send(_ sending: Sending) throws(StoreFault) -> StoreOutcome { try send([sending])[0].get() }
}

extension StorePolicy {
    init(duplicates: Duplicates) {
        self.init()
        self.duplicates = duplicates
    }
}

/// What whoever opens the area anew finds. Says so where an index row names a file that is missing or isn't whole.
struct FoundArea {
    /// Files that the index knows, by their path below `instances`.
    private(set) var known: [Path: [UInt8]] = [:]
    /// All files below `instances` but those that arrive.
    private(set) var files: [Path: [UInt8]] = [:]
    /// Folders below `instances` without anything in them.
    private(set) var emptyFolders: [Path] = []
    /// What is in `.incoming`.
    private(set) var incoming: [Path] = []

    /// - Parameter isLoose: it was stored to without syncs: what rows name may be missing.
    init(
        _ disk: CrashableDisk, paths: StorageAreaPaths = StoreTrial.paths, isLoose: Bool = false, _ what: String
    ) throws {
        let instances = paths.instances
        var folders = try File.exists(instances, kernel: disk) ? [instances] : []
        while let folder = folders.popLast() {
            let entries = try Folder.entries(of: folder, kernel: disk)
            let isMeant = folder == instances || folder == instances.appending(IncomingFolder.name)
            if entries.isEmpty, !isMeant { emptyFolders.append(folder) }
            for entry in entries {
                let path = folder.appending(entry.path)
                if entry.kind == .folder {
                    folders.append(path)
                } else if folder.lastComponent == Array(IncomingFolder.name.utf8) {
                    incoming.append(path)
                } else if let relative = path.relative(to: instances) {
                    files[relative] = try disk.bytes(of: path)
                }
            }
        }
        guard try IndexFolder.exists(at: paths.index, kernel: disk) else { return }
        let index = try IndexFolder.open(at: paths.index, kernel: disk)
        var rows = try index.snapshot().files(root: 0)
        while let row = try rows.next() {
            let path = Path(bytes: row.place.path)
            #expect(
                isLoose || files[path]?.count == row.place.sizeBytes,
                "\(what): a row names \(path), missing or not whole")
            known[path] = files[path] ?? []
        }
    }

    /// The files that are known, as what they hold.
    var contents: [String] { known.values.map(Self.mark).sorted() }
    /// Those that no row names.
    var orphans: [Path] { files.keys.filter { known[$0] == nil } }

    static func contents(of sendings: [Sending]) -> [String] { sendings.map { mark($0.file) }.sorted() }

    /// Tells the files of a test apart, in a word.
    static func mark(_ file: [UInt8]) -> String {
        "\(file.count)-\(String(crc32c(file), radix: 16))"
    }
}
