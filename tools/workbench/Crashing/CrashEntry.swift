// The files that the crash test's processes put into the index and take out: each a function of who, where and when.

import ArchiveIndex
import DICOM

/// What a process says of one of its files.
enum CrashContent: UInt8 {
    case instance = 0x70  // p
    case foreign = 0x66  // f
    case nothing = 0x72  // r
}

/// A file as an operation left it.
struct CrashState: Equatable {
    let content: CrashContent
    /// The number of the operation.
    let version: Int
}

/// The file `slot` of a process: nobody else says anything of it.
struct CrashFile {
    let writer: Int
    let slot: Int

    var path: [UInt8] { Array("w\(writer)/s\(slot)".utf8) }

    init(writer: Int, slot: Int) {
        self.writer = writer
        self.slot = slot
    }

    /// From a path that `path` gave; nil for any other.
    init?(path: [UInt8]) {
        let parts = String(decoding: path, as: UTF8.self).split(separator: "/")
        guard parts.count == 2, let writer = Int(parts[0].dropFirst()), let slot = Int(parts[1].dropFirst()) else {
            return nil
        }
        self.init(writer: writer, slot: slot)
        guard self.path == path else { return nil }
    }

    /// The file's modification time says which operation left it.
    private func place(_ version: Int, root: Int) -> Place {
        Place(
            root: root, path: path, sizeBytes: 2_000 + slot % 4 * 2 + version % 3 * 100, modificationNs: Int64(version),
            inode: UInt64(writer * 1_000 + slot), isTrusted: true, dataSetOffset: 380)
    }

    func foreign(_ version: Int, root: Int) -> ForeignFile {
        let place = place(version, root: root)
        return ForeignFile(
            root: root, path: path, sizeBytes: place.sizeBytes, modificationNs: place.modificationNs,
            inode: place.inode, isTrusted: true, reason: 7)
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
