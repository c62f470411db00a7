// The columns in which an entity of a level is listed.

import ArchiveIndex
import DICOM
import Platform

/// The columns of a level.
struct ListColumns {
    private let level: Level
    private let tags: [Tag]

    init(_ level: Level) {
        self.level = level
        tags =
            switch level {
            case .patient:
                [.patientID, .patientName, .patientBirthDate, .patientSex, .numberOfPatientRelatedStudies]
            case .study:
                [
                    .studyDate, .studyTime, .patientID, .patientName, .modalitiesInStudy, .studyDescription,
                    .accessionNumber, .numberOfStudyRelatedSeries, .numberOfStudyRelatedInstances, .studyInstanceUID,
                ]
            case .series:
                [
                    .modality, .seriesNumber, .seriesDescription, .numberOfSeriesRelatedInstances, .studyInstanceUID,
                    .seriesInstanceUID,
                ]
            case .image:
                [
                    .instanceNumber, .sopClassUID, .availableTransferSyntaxUID, .studyInstanceUID, .seriesInstanceUID,
                    .sopInstanceUID,
                ]
            }
    }

    /// For JSON: keywords, and the path of an instance.
    var names: [String] {
        tags.map { tag in
            tag == .availableTransferSyntaxUID
                ? "TransferSyntaxUID" : DataDictionary.entry(for: tag)?.keyword ?? "\(tag)"
        } + (level == .image ? ["path"] : [])
    }

    /// For a table: short names.
    var headings: [String] {
        tags.map { tag in
            switch tag {
            case .numberOfPatientRelatedStudies: "Studies"
            case .numberOfStudyRelatedSeries: "Series"
            case .numberOfStudyRelatedInstances, .numberOfSeriesRelatedInstances: "Instances"
            case .modalitiesInStudy: "Modalities"
            default: DataDictionary.entry(for: tag)?.name ?? "\(tag)"
            }
        } + (level == .image ? ["Path"] : [])
    }

    func values(of match: Candidate, _ roots: [Int: Path]) throws -> [String] {
        var values: [String] = []
        for tag in tags {
            guard let value = try match.value(tag) else {
                values.append("")
                continue
            }
            let text = SpecificCharacterSet(stored: value.characterSet).decodeValues(value.bytes, vr: value.vr)
            values.append(text.joined(separator: "\\"))
        }
        if level == .image {
            let place = try match.places().first
            let path = place.flatMap { place in roots[place.root].map { $0.appending(Path(bytes: place.path)) } }
            values.append(path.map { "\($0)" } ?? "")
        }
        return values
    }
}
