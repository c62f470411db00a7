// An archive of CT: series of 100 images, in folders and with UIDs that count on, or both random.

import DICOM

/// CT studies of 1 to 3 series of 100 images, 1 to 3 of them a patient.
struct ComputedTomography: SyntheticArchive {
    let seed: UInt64
    /// UIDs from UUIDs, and folders and files named by them.
    let isRandom: Bool

    private static let imagesOfSeries = 100
    private static let studiesOfDay = 30

    func study(_ number: Int) -> SyntheticStudy {
        var dice = Dice(seed, 4, number)
        // Of six studies in a row one patient has one, another two, another three.
        let patientNumber = number / 6 * 3 + [0, 1, 1, 2, 2, 2][number % 6]
        let studyOfPatient = [1, 1, 2, 1, 2, 3][number % 6]
        let day = Calendar.firstDay + number / Self.studiesOfDay
        let visit = SyntheticVisit(
            patient: SyntheticPatient(patientNumber, seed: seed), day: day,
            startSeconds: 7 * 3_600 + number % Self.studiesOfDay * 1_500 + dice.number(0...900),
            accession: "\(Calendar.civil(day).year % 100)\(digits(number, 7))",
            examination: dice.pick(Device.computedTomography.examinations), device: .computedTomography,
            stationNumber: 1 + number % 2, seed: seed, number: number)
        let studyUID = isRandom ? dice.uid() : "1.2.840.113619.2.55.3.\(number + 1)"
        let folder = "PAT\(digits(patientNumber, 6))/ST\(digits(studyOfPatient, 2))"
        let series = (0..<dice.number(1...3)).map { index in
            makeSeries(index, of: visit, isRandom ? dice.uid() : "\(studyUID).\(index + 1)", study: studyUID, folder)
        }
        return SyntheticStudy(
            patientID: visit.patient.id, uid: uid(studyUID), patient: visit.patient.attributes,
            study: visit.studyAttributes(), series: series)
    }

    private func makeSeries(
        _ index: Int, of visit: SyntheticVisit, _ seriesUID: String, study studyUID: String, _ folder: String
    ) -> SyntheticSeries {
        let start = visit.startSeconds + 60 + index * 90
        let seed = seed
        let isRandom = isRandom
        let headerBytes = Dice.once(seed, 5, visit.number, index) { $0.number(1_800...2_600) / 2 * 2 }
        return SyntheticSeries(
            uid: uid(seriesUID),
            attributes: visit.seriesAttributes(index, description: visit.examination.series[index + 1], seconds: start),
            sopClass: visit.device.sopClass, transferSyntax: Syntax.explicitLittle,
            instanceCount: Self.imagesOfSeries
        ) { number in
            var dice = Dice(seed, 6, visit.number, index, number)
            let instanceUID = isRandom ? dice.uid() : "\(seriesUID).\(number + 1)"
            let milliseconds = start * 1_000 + number * 350 + dice.number(0...9)
            let path =
                isRandom
                ? "\(studyUID)/\(seriesUID)/\(instanceUID).dcm"
                : "\(folder)/SE\(digits(index + 1, 2))/IM\(digits(number + 1, 6))"
            return SyntheticInstance(
                uid: uid(instanceUID),
                attributes: visit.imageAttributes(
                    number + 1, milliseconds: milliseconds, microseconds: dice.number(0...999), rows: 512, columns: 512),
                path: path, sizeBytes: 512 * 512 * 2 + headerBytes + 2 * dice.number(0...4),
                modificationNs: visit.startNs + Int64(300 + index * 40) * 1_000_000_000 + Int64(number) * 21_000_000
                    + Int64(dice.number(0...4_000_000)))
        }
    }
}

extension Dice {
    /// One choice for one thing.
    static func once<Choice>(_ seed: UInt64, _ numbers: Int..., choose: (inout Dice) -> Choice) -> Choice {
        var dice = Dice(seed, numbers.reduce(0) { $0 &* 1_000_003 &+ $1 })
        return choose(&dice)
    }
}
