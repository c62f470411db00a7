// A storage area on a disk in memory, or on a real one, as the keeper has it, with instances that are stored to it.

import Archive
import ArchiveIndex
import Configuration
import DICOM
import Platform
import ServiceClasses
import Testing

@testable import Daemon

/// One area of a configuration.
struct KeptArea {
    static let memory: Path = "/area"

    let area: WrittenAreas.Area
    let kernel: any Kernel

    /// - Parameter parameters: of the configuration, beside those that name the area.
    /// - Parameter studiesMaximum: of the AETable's row; 0 is no limit.
    init(
        _ parameters: String, in folder: Path = memory, studiesMaximum: Int = 0, kernel: any Kernel
    ) throws {
        if try !File.exists(folder, kernel: kernel) { try Folder.make(folder, kernel: kernel) }
        let read = try settings(
            "MinimumFreeSpace = 0\n\(parameters)\nAETable BEGIN\nA \(folder) RW (\(studiesMaximum), 0) ANY\nAETable END\n"
        )
        let entry = try #require(read.areas.first)
        let own = read.storage(of: entry)
        let paths = ServedAreas.paths(entry, read)
        let usage = AreaUsage(try WrittenAreas.usageTable(read), area: 0)
        area = WrittenAreas.Area(
            entry: entry, paths: paths, settings: own, negotiation: StorageNegotiation(own),
            store: InstanceStore(paths, policy: StorePolicy(own, quotas: [entry.quota]), usage: usage, kernel: kernel),
            usage: usage)
        self.kernel = kernel
    }

    func index() throws -> IndexFolder {
        try IndexFolder.open(at: area.paths.index, instancesFolder: area.paths.instances, kernel: kernel)
    }

    /// Stores an instance in a series of a study, all known by numbers.
    @discardableResult
    func store(study: Int, series: Int = 1, instance: Int = 1, pixelBytes: Int = 1_000) throws -> StoreOutcome {
        let instanceUID = uid("1.2.\(study).\(series).\(instance)")
        let ctImage = UID(literal: "1.2.840.10008.5.1.4.1.1.2")
        let syntax = TransferSyntax.explicitVRLittleEndian
        var set = DataSet()
        set.set(.sopClassUID, uid: ctImage)
        set.set(.sopInstanceUID, uid: instanceUID)
        set.set(.studyInstanceUID, uid: uid("1.2.\(study)"))
        set.set(.seriesInstanceUID, uid: uid("1.2.\(study).\(series)"))
        set[.pixelData] = DataElement(.pixelData, .OW, .bytes([UInt8](repeating: 7, count: pixelBytes)))
        let head = PartTenFile.head(
            sopClass: ctImage, sopInstance: instanceUID, transferSyntax: syntax.uid,
            implementationClass: UID(literal: "1.2.3"), implementationVersion: "TEST")
        let arriving = area.store.begin(
            AnnouncedInstance(
                sopClassUID: ctImage, sopInstanceUID: instanceUID, transferSyntaxUID: syntax.uid,
                source: title("MODALITY"), fileHead: head), from: area.store.makeReserve())
        let bytes = try set.encoded(as: syntax.encoding)
        arriving.take(bytes.rawSpan)
        let batch = area.store.store([try arriving.finish()])
        batch.cleanUp()
        return try batch.results[0].get()
    }

    /// The studies that are known, each with so many files; says so where a file that is known is missing or isn't whole.
    func studies(_ what: String = "") throws -> [String: Int] {
        var found: [String: Int] = [:]
        let snapshot = try index().snapshot()
        var studies = try snapshot.studies()
        while let study = try studies.next() {
            try study.forEachStoredPlace { place in
                let path = area.paths.instances.appending(Path(bytes: place.path))
                let size = try? File.status(of: path, kernel: kernel).sizeBytes
                #expect(size == place.sizeBytes, "\(what): a row names \(path), missing or not whole")
                found[study.studyInstanceUID.text, default: 0] += 1
            }
        }
        return found
    }
}
