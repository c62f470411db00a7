// An archive of CR: two images a study, random UIDs, mostly one study a patient, files in a folder for each day.

import DICOM

/// CR studies of two series of one image.
struct ComputedRadiography: SyntheticArchive {
    let seed: UInt64

    private static let studiesOfDay = 200

    func study(_ number: Int) -> SyntheticStudy {
        var dice = Dice(seed, 7, number)
        let day = Calendar.firstDay + number / Self.studiesOfDay
        let visit = SyntheticVisit(
            patient: SyntheticPatient(
                Returning(percent: 15, span: 20_000, seed: seed).patient(ofStudy: number), seed: seed),
            day: day, startSeconds: 6 * 3_600 + number % Self.studiesOfDay * 260 + dice.number(0...250),
            accession: "\(Calendar.civil(day).year % 100)\(digits(number, 7))",
            examination: dice.pick(Device.computedRadiography.examinations), device: .computedRadiography,
            stationNumber: 1 + number % 4, seed: seed, number: number)
        let (year, month, dayOfMonth) = Calendar.civil(day)
        let folder = "\(year)/\(digits(month, 2))/\(digits(dayOfMonth, 2))/CR.\(visit.accession)"
        let studyUID = dice.uid()
        let series = (0..<2).map { index in
            let seriesUID = uid(dice.uid())
            let instanceUID = uid(dice.uid())
            let start = visit.startSeconds + 30 + index * 75
            return SyntheticSeries(
                uid: seriesUID,
                attributes: visit.seriesAttributes(index, description: visit.examination.series[index], seconds: start),
                sopClass: visit.device.sopClass, transferSyntax: Syntax.explicitLittle, instanceCount: 1
            ) { [seed] _ in
                var dice = Dice(seed, 8, visit.number, index)
                let rows = dice.pick([1_670, 2_010, 2_510])
                let columns = dice.pick([1_670, 2_010])
                return SyntheticInstance(
                    uid: instanceUID,
                    attributes: visit.imageAttributes(
                        1, milliseconds: start * 1_000 + dice.number(0...999), microseconds: nil, rows: rows,
                        columns: columns),
                    path: "\(folder).\(index + 1).dcm", sizeBytes: rows * columns * 2 + 2 * dice.number(700...1_100),
                    modificationNs: visit.startNs + Int64(120 + index * 75) * 1_000_000_000
                        + Int64(dice.number(0...999_999_999)))
            }
        }
        return SyntheticStudy(
            patientID: visit.patient.id, uid: uid(studyUID), patient: visit.patient.attributes,
            study: visit.studyAttributes(), series: series)
    }
}

/// Who comes again: some studies are of a patient of a study before, sooner rather than later.
struct Returning {
    /// Of a hundred studies.
    let percent: Int
    /// How many studies back at most.
    let span: Int
    let seed: UInt64

    /// The number of the first study of the patient whose study `number` is.
    func patient(ofStudy number: Int) -> Int {
        var study = number
        while study > 0 {
            var dice = Dice(seed, 9, study)
            guard dice.happens(percent: percent) else { break }
            let share = dice.fraction()
            study -= 1 + Int(share * share * Double(min(study - 1, span)))
        }
        return study
    }
}
