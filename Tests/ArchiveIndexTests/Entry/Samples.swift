// Entries for tests: regular ones, and odd ones from a seed.

import DICOM
import Support

@testable import ArchiveIndex

enum Samples {
    static func set(_ level: Level, _ values: [(DICOM.Tag, VR, String)]) -> AttributeSet {
        var dataSet = DataSet()
        for (tag, vr, text) in values { dataSet.set(tag, vr, text: text) }
        return HeldSets(of: dataSet)[level]
    }

    /// CT-like: 100 instances a series, 4 series a study, 2 studies a patient, regular UIDs.
    static func regular(_ number: Int, root: Int = 1) -> InstanceEntry {
        let series = number / 100
        let study = series / 4
        let patient = study / 2
        let image = number % 100 + 1
        let stem = "1.2.826.0.1.3680043.8.498.\(1000 + study)"
        return InstanceEntry(
            patientID: Array("PID\(100_000 + patient)".utf8), issuer: [], studyInstanceUID: UID(stem)!,
            seriesInstanceUID: UID("\(stem).\(series % 4 + 1)")!,
            sopInstanceUID: UID("\(stem).\(series % 4 + 1).\(image)")!,
            sopClassUID: UID("1.2.840.10008.5.1.4.1.1.2")!, transferSyntaxUID: UID("1.2.840.10008.1.2.1")!,
            patient: set(
                .patient,
                [
                    (.patientName, .PN, "SMITH\(patient)^JOHN"), (.patientID, .LO, "PID\(100_000 + patient)"),
                    (.patientBirthDate, .DA, "19\(50 + patient % 50)0101"), (.patientSex, .CS, "M"),
                ]),
            study: set(
                .study,
                [
                    (.studyDate, .DA, "2024\(10 + study % 3)\(10 + study % 18)"),
                    (.studyTime, .TM, "1030\(10 + study % 49)"),
                    (.accessionNumber, .SH, "ACC\(study)"), (.studyDescription, .LO, "CHEST CT"),
                    (.studyID, .SH, "\(study)"),
                ]),
            series: set(
                .series,
                [
                    (.modality, .CS, "CT"), (.seriesNumber, .IS, "\(series % 4 + 1)"),
                    (.seriesDescription, .LO, "AXIAL \(series % 4)"), (.bodyPartExamined, .CS, "CHEST"),
                ]),
            image: set(
                .image,
                [
                    (.instanceNumber, .IS, "\(image)"), (.imageType, .CS, "ORIGINAL\\PRIMARY\\AXIAL"),
                    (.contentTime, .TM, "1031\(10 + image % 49)"),
                ]),
            headerFingerprint: UInt64(truncatingIfNeeded: number &+ 1) &* 0x9E37_79B9_7F4A_7C15 >> 13,
            place: Place(
                root: root, path: Array("P\(patient)/ST\(study)/SE\(series % 4)/IM\(100_000 + number).dcm".utf8),
                sizeBytes: 527_000, modificationNs: 1_700_000_000_000_000_000 &+ Int64(number) &* 1_234_567,
                inode: UInt64(1_000_000 + number), isTrusted: true, dataSetOffset: 1_370))
    }

    static let names = ["Müller^Jürgen", "Yamada^Tarou=山田^太郎", "O'NEIL^ANN", "smith", "", "SMITH^JOHN^^^"]

    /// Contradictory, few different UIDs and paths: much meets.
    static func odd(_ generator: inout SeededGenerator) -> InstanceEntry {
        func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }
        let study = pick(5)
        let series = pick(3)
        let instance = pick(6)
        let patientID = ["A", "B", "", "C", "A"][pick(5)]
        let issuer = patientID == "A" ? ["", "X"][pick(2)] : ["", "X", "Y"][pick(3)]
        let content = pick(2)
        return InstanceEntry(
            patientID: Array(patientID.utf8), issuer: Array(issuer.utf8), studyInstanceUID: UID("1.2.\(study)")!,
            seriesInstanceUID: UID("1.2.9.\(series)")!, sopInstanceUID: UID("1.2.9.9.\(instance)")!,
            sopClassUID: UID("1.2.840.10008.5.1.4.1.1.\(2 + content)")!, transferSyntaxUID: UID("1.2.840.10008.1.2")!,
            patient: set(
                .patient,
                [
                    (.specificCharacterSet, .CS, "ISO_IR 192"), (.patientName, .PN, names[pick(names.count)]),
                    (.patientID, .LO, patientID),
                ]),
            study: set(
                .study,
                [(.studyDate, .DA, ["20240101", "", "2024.01.02"][pick(3)]), (.accessionNumber, .SH, "A\(pick(3))")]),
            series: set(.series, [(.modality, .CS, ["CT", "MR", ""][pick(3)])]),
            image: set(.image, [(.instanceNumber, .IS, "\(content)"), (.rows, .US, "ab")]),
            headerFingerprint: UInt64(content),
            place: Place(
                root: pick(2), path: Array("f\(pick(40))".utf8), sizeBytes: 1_000 + content,
                modificationNs: Int64(pick(3)),
                inode: UInt64(pick(2)), isTrusted: pick(2) == 0, dataSetOffset: 100))
    }
}
