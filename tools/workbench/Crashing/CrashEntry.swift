// The files that the crash test's processes put into the index and take out: each a function of who, where and when.

import ArchiveIndex
import DICOM

/// What a process says of one of its files.
enum CrashContent: UInt8 {
    case instance = 0x70  // p
    case foreign = 0x66  // f
    case nothing = 0x72  // r
    /// An instance in a file that others say things of as well: whoever says it last is right.
    case shared = 0x73  // s
}

/// A file as an operation left it.
struct CrashState: Equatable {
    let content: CrashContent
    /// The number of the operation.
    let version: Int
}

/// The file `slot` of a process, of which nobody else says anything, or a file that all share.
struct CrashFile {
    /// Who says something of it.
    let writer: Int
    let slot: Int
    var isShared = false

    var path: [UInt8] { Array("\(isShared ? "shared" : "w\(writer)")/s\(slot)".utf8) }

    init(writer: Int, slot: Int, isShared: Bool = false) {
        self.writer = writer
        self.slot = slot
        self.isShared = isShared
    }

    /// From a place that an entry had; nil for any other.
    init?(_ place: Place) {
        let parts = String(decoding: place.path, as: UTF8.self).split(separator: "/")
        guard parts.count == 2, let slot = Int(parts[1].dropFirst()) else { return nil }
        writer = Int(place.inode / 1_000)
        self.slot = slot
        isShared = parts[0] == "shared"
        guard path == place.path else { return nil }
    }

    /// The file's modification time says which operation left it, its inode whose.
    private func place(_ version: Int, root: Int) -> Place {
        Place(
            root: root, path: path, sizeBytes: 2_000 + slot % 4 * 2 + version % 3 * 100, modificationNs: Int64(version),
            inode: UInt64(writer * 1_000 + slot), isTrusted: true, dataSetOffset: 380)
    }

    func foreign(_ version: Int, root: Int) -> ForeignFile {
        ForeignFile(place(version, root: root), reason: 7)
    }

    /// Writers share patients, studies and series, and every fourth file its instance as well: sometimes with the same
    /// content, sometimes with another one. Now and then a file comes to hold another instance.
    func entry(_ version: Int, root: Int) -> InstanceEntry {
        let study = "1.2.826.0.1.\(slot % 5)"
        let series = "\(study).\(slot % 3)"
        let owner = slot % 4 == 0 ? "0" : "\(writer + 1)"
        let instance = "\(series).\(owner).\(slot)" + (version % 7 == 0 ? ".9" : "")
        let patientID = slot % 5 == 4 ? "" : "P\(slot % 5)"
        var patient = Attributes(nil)
        patient.add(.patientName, ["Doe^John", "Doe^Jane", "Smithson^Anna"][version % 3])
        patient.add(.patientID, patientID)
        var studySet = Attributes(nil)
        studySet.add(.studyDate, "2024010\(1 + version % 2)")
        studySet.add(.accessionNumber, "A\(slot % 5)")
        studySet.add(.studyDescription, "description \(version % 4)")
        var seriesSet = Attributes(nil)
        seriesSet.add(.modality, version % 5 == 0 ? "MR" : "CT")
        var image = Attributes(nil)
        image.add(.instanceNumber, "\(slot)")
        return InstanceEntry(
            patientID: Array(patientID.utf8), issuer: [], studyInstanceUID: uid(study), seriesInstanceUID: uid(series),
            sopInstanceUID: uid(instance), sopClassUID: Device.computedTomography.sopClass,
            transferSyntaxUID: Syntax.explicitLittle, patient: patient.set(.patient), study: studySet.set(.study),
            series: seriesSet.set(.series), image: image.set(.image),
            headerFingerprint: UInt64(slot * 3 + version % 3), place: place(version, root: root))
    }
}
