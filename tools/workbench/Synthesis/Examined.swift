// The three upper levels' attributes as a scanner sends them, the same way for all kinds of archives.

import ArchiveIndex
import DICOM

/// A patient of a synthetic archive.
struct SyntheticPatient {
    let id: String
    let name: SyntheticName
    let isFemale: Bool
    /// In days from 1970.
    let birthDay: Int

    /// - Parameter number: counts patients, each once.
    init(_ number: Int, seed: UInt64) {
        var dice = Dice(seed, 1, number)
        // An odd factor that 5 doesn't divide: each number gives another ID.
        id = digits((number * 48_271 + 10_007) % 100_000_000, 8)
        isFemale = dice.happens(percent: 52)
        name = PersonNames.patient(&dice, isFemale: isFemale)
        birthDay = Calendar.firstDay - dice.number(365...33_000)
    }

    var attributes: AttributeSet {
        var attributes = Attributes(name.characterSet)
        attributes.add(.patientName, name.text)
        attributes.add(.patientID, id)
        attributes.add(.patientBirthDate, Calendar.date(birthDay))
        attributes.add(.patientSex, isFemale ? "F" : "M")
        return attributes.set(.patient)
    }

    /// Patient's Age (0010,1010) on a day.
    func age(on day: Int) -> String {
        let years = (day - birthDay) * 100 / 36_525
        return years >= 2 ? digits(years, 3) + "Y" : digits(max(0, day - birthDay) / 30, 3) + "M"
    }
}

/// A study's circumstances.
struct SyntheticVisit {
    let patient: SyntheticPatient
    /// In days from 1970.
    let day: Int
    /// From midnight.
    let startSeconds: Int
    let accession: String
    let examination: Examination
    let device: Device
    /// Which of several devices of a kind.
    let stationNumber: Int
    let seed: UInt64
    let number: Int

    var characterSet: String? { patient.name.characterSet }
    /// When the first file was written.
    var startNs: Int64 { (Int64(day) * 86_400 + Int64(startSeconds)) * 1_000_000_000 }

    func studyAttributes() -> AttributeSet {
        var dice = Dice(seed, 2, number)
        var attributes = Attributes(characterSet)
        attributes.add(.studyDate, Calendar.date(day))
        attributes.add(.studyTime, Calendar.time(milliseconds: startSeconds * 1_000 + dice.number(0...999)))
        attributes.add(.accessionNumber, accession)
        attributes.add(.institutionName, "Fileroom General Hospital")
        attributes.add(.referringPhysicianName, PersonNames.physician(dice.number(0...399)))
        attributes.add(.studyDescription, examination.description)
        var code = Attributes(nil)
        code.add(.codeValue, "P\(5_000 + examination.description.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) % 997 })")
        code.add(.codingSchemeDesignator, "99FGH")
        code.add(.codeMeaning, examination.description)
        attributes.add(.procedureCodeSequence, item: code)
        attributes.add(.patientAge, patient.age(on: day))
        if dice.happens(percent: 40) { attributes.add(.patientWeight, "\(dice.number(45...110))") }
        attributes.add(.studyID, "\(number % 100_000 + 1)")
        attributes.add(.requestedProcedureDescription, examination.description)
        return attributes.set(.study)
    }

    /// - Parameters:
    ///   - number: counts the series of the study from 0.
    ///   - seconds: of the series' start, from midnight.
    func seriesAttributes(_ number: Int, description: String, seconds: Int) -> AttributeSet {
        var dice = Dice(seed, 3, self.number, number)
        var attributes = Attributes(characterSet)
        attributes.add(.seriesDate, Calendar.date(day))
        attributes.add(.seriesTime, Calendar.time(milliseconds: seconds * 1_000 + dice.number(0...999)))
        attributes.add(.modality, device.modality)
        attributes.add(.manufacturer, device.manufacturer)
        attributes.add(.stationName, "\(device.station)\(stationNumber)")
        attributes.add(.seriesDescription, description)
        attributes.add(.institutionalDepartmentName, device.department)
        attributes.add(.performingPhysicianName, PersonNames.physician(400 + self.number % 40))
        attributes.add(.operatorsName, "\(device.modality.lowercased())\(1 + self.number % 12)")
        attributes.add(.manufacturerModelName, device.model)
        attributes.add(.bodyPartExamined, examination.bodyPart)
        attributes.add(.protocolName, examination.description)
        attributes.add(.seriesNumber, "\(number + 1)")
        attributes.add(.performedProcedureStepStartDate, Calendar.date(day))
        attributes.add(.performedProcedureStepStartTime, Calendar.time(startSeconds))
        attributes.add(.performedProcedureStepID, "PPS\(accession)")
        attributes.add(.performedProcedureStepDescription, examination.description)
        var request = Attributes(nil)
        request.add(.scheduledProcedureStepDescription, examination.description)
        request.add(.scheduledProcedureStepID, "SPS\(accession)")
        request.add(.requestedProcedureID, "RP\(accession)")
        attributes.add(.requestAttributesSequence, item: request)
        return attributes.set(.series)
    }

    /// - Parameters:
    ///   - number: Instance Number.
    ///   - milliseconds: of the content's time, from midnight.
    func imageAttributes(
        _ number: Int, milliseconds: Int, microseconds: Int?, rows: Int, columns: Int, frames: Int? = nil
    ) -> AttributeSet {
        var attributes = Attributes(characterSet)
        attributes.add(.imageType, device.imageType)
        attributes.add(.contentDate, Calendar.date(day))
        attributes.add(.contentTime, Calendar.time(milliseconds: milliseconds, microseconds: microseconds))
        attributes.add(.acquisitionNumber, "1")
        attributes.add(.instanceNumber, "\(number)")
        if let frames { attributes.add(.numberOfFrames, "\(frames)") }
        attributes.add(.rows, unsignedShort: rows)
        attributes.add(.columns, unsignedShort: columns)
        attributes.add(.bitsAllocated, unsignedShort: device.bitsAllocated)
        return attributes.set(.image)
    }
}

/// A UID of our own making; traps where it is none.
func uid(_ text: String) -> UID {
    guard let uid = UID(text) else { preconditionFailure("no UID: \(text)") }
    return uid
}

/// Transfer syntaxes that the archives are in.
enum Syntax {
    static let explicitLittle = UID(literal: "1.2.840.10008.1.2.1")
    static let losslessJPEG = UID(literal: "1.2.840.10008.1.2.4.70")
    static let baselineJPEG = UID(literal: "1.2.840.10008.1.2.4.50")
}
