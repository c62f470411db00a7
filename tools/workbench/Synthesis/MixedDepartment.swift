// The archive of a whole department over ten years: many small studies, some large ones, all kinds of devices.

import ArchiveIndex
import DICOM

/// Studies of all kinds: some 37 instances a study and 2.7 studies a patient, spread over ten years.
struct MixedDepartment: SyntheticArchive {
    let seed: UInt64
    /// So many come on a day.
    private let studiesOfDay: Double

    private static let days = 3_652.0
    private static let instancesOfStudy = 37.4

    init(seed: UInt64, instances: Int) {
        self.seed = seed
        studiesOfDay = max(1, Double(instances) / Self.instancesOfStudy / Self.days)
    }

    func study(_ number: Int) -> SyntheticStudy {
        var dice = Dice(seed, 10, number)
        let day = Calendar.firstDay + Int(Double(number) / studiesOfDay)
        let ofDay = Double(number) / studiesOfDay
        let device = device(&dice)
        let visit = SyntheticVisit(
            patient: SyntheticPatient(
                Returning(percent: 63, span: 50_000, seed: seed).patient(ofStudy: number), seed: seed),
            day: day, startSeconds: 6 * 3_600 + Int((ofDay - ofDay.rounded(.down)) * 60_000) + dice.number(0...600),
            accession: "A\(Calendar.civil(day).year % 100)\(digits(number, 7))",
            examination: dice.pick(device.examinations), device: device,
            stationNumber: dice.number(1...4), seed: seed, number: number)
        // Half of the vendors count, the others make UIDs from UUIDs.
        let counts = device.modality == "CT" || device.modality == "MR" || device.modality == "XA"
        let studyUID =
            counts
            ? "1.3.12.2.1107.5.\(visit.stationNumber).\(40_000 + visit.stationNumber).\(Calendar.date(day)).\(number)"
            : dice.uid()
        let folder = "\(Calendar.date(day).prefix(6))/\(visit.accession)"
        let counted = instanceCounts(visit, &dice)
        let series = counted.enumerated().map { index, count in
            makeSeries(index, count, of: visit, counts ? "\(studyUID).\(index + 1)" : dice.uid(), counts, folder)
        }
        return SyntheticStudy(
            patientID: visit.patient.id, uid: uid(studyUID), patient: visit.patient.attributes,
            study: visit.studyAttributes(), series: series)
    }

    private func device(_ dice: inout Dice) -> Device {
        switch dice.number(0...99) {
        case 0..<48: .computedRadiography
        case 48..<66: .ultrasound
        case 66..<82: .computedTomography
        case 82..<92: .magneticResonance
        case 92..<97: .mammography
        default: .angiography
        }
    }

    /// For each series.
    private func instanceCounts(_ visit: SyntheticVisit, _ dice: inout Dice) -> [Int] {
        switch visit.device.modality {
        case "CT": [2] + (1..<dice.number(2...4)).map { _ in dice.number(30...100) }
        case "MR": (0..<visit.examination.series.count).map { $0 == 0 ? 9 : dice.number(15...40) }
        case "US": [dice.number(8...48)]
        case "XA": (0..<dice.number(1...4)).map { _ in dice.number(1...4) }
        default: visit.examination.series.map { _ in 1 }
        }
    }

    private func makeSeries(
        _ index: Int, _ count: Int, of visit: SyntheticVisit, _ seriesUID: String, _ counts: Bool, _ folder: String
    ) -> SyntheticSeries {
        let seed = seed
        let device = visit.device
        let start = visit.startSeconds + 30 + index * 200
        let descriptions = visit.examination.series
        var dice = Dice(seed, 11, visit.number, index)
        let rows = dice.number(device.rows) / 8 * 8
        let columns = dice.number(device.columns) / 8 * 8
        let headerBytes = dice.number(1_200...4_000) / 2 * 2
        let syntax =
            switch device.modality {
            case "US", "XA": Syntax.baselineJPEG
            case "MG": Syntax.losslessJPEG
            default: Syntax.explicitLittle
            }
        return SyntheticSeries(
            uid: uid(seriesUID),
            attributes: visit.seriesAttributes(
                index, description: descriptions[index % descriptions.count], seconds: start),
            sopClass: device.sopClass, transferSyntax: syntax, instanceCount: count
        ) { number in
            var dice = Dice(seed, 12, visit.number, index, number)
            let pixelBytes = rows * columns * device.bitsAllocated / 8
            let wait = device.modality == "US" ? 9_000 : 700
            return SyntheticInstance(
                uid: uid(counts ? "\(seriesUID).\(number + 1)" : dice.uid()),
                attributes: visit.imageAttributes(
                    number + 1, milliseconds: start * 1_000 + number * wait + dice.number(0...wait - 1),
                    microseconds: device.modality == "CT" ? dice.number(0...999) : nil, rows: rows, columns: columns,
                    frames: device.modality == "XA" ? dice.number(20...90) : nil),
                path: "\(folder)/\(device.modality)\(digits(index + 1, 3))/\(digits(number + 1, 5)).dcm",
                sizeBytes: headerBytes + pixelBytes * dice.number(device.compression) / 2_000 * 2,
                modificationNs: visit.startNs + Int64(200 + index * 200) * 1_000_000_000
                    + Int64(number * wait) * 1_000_000 + Int64(dice.number(0...900_000_000)))
        }
    }
}
