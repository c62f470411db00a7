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

    /// For a table: short names, and what a narrow terminal does without.
    var forTable: [TextTable.Column] {
        var columns = tags.map { tag in
            TextTable.Column(
                heading: Self.heading(tag), isCuttable: DataDictionary.vr(of: tag) != .UI,
                dispensability: tag == tags.last ? 0 : (Self.dispensable.firstIndex(of: tag) ?? -1) + 1)
        }
        if level == .image { columns.append(TextTable.Column(heading: "Path")) }
        return columns
    }

    private static func heading(_ tag: Tag) -> String {
        switch tag {
        case .patientID: "ID"
        case .patientName: "Name"
        case .patientBirthDate: "Birth Date"
        case .patientSex: "Sex"
        case .studyDate: "Date"
        case .studyTime: "Time"
        case .modality, .modalitiesInStudy: "Modality"
        case .studyDescription, .seriesDescription: "Description"
        case .accessionNumber: "Accession"
        case .seriesNumber, .instanceNumber: "No."
        case .sopClassUID: "SOP Class"
        case .availableTransferSyntaxUID: "Transfer Syntax"
        case .numberOfPatientRelatedStudies: "Studies"
        case .numberOfStudyRelatedSeries: "Series"
        case .numberOfStudyRelatedInstances, .numberOfSeriesRelatedInstances: "Images"
        default: DataDictionary.entry(for: tag)?.name ?? "\(tag)"
        }
    }

    /// Ascending: the last goes first. An entity's own UID stays, whoever wants those above it asks for them.
    private static let dispensable: [Tag] = [
        .modalitiesInStudy, .patientID, .numberOfStudyRelatedInstances, .numberOfSeriesRelatedInstances,
        .studyDescription, .seriesDescription, .accessionNumber, .sopClassUID, .availableTransferSyntaxUID,
        .numberOfStudyRelatedSeries, .studyTime, .seriesInstanceUID, .studyInstanceUID,
    ]

    /// A cell for each column.
    func values(of match: Candidate, _ roots: [Int: Path]) throws -> [String] {
        var values: [String] = []
        for tag in tags { values.append(try Self.text(tag, of: match)) }
        if level == .image { values.append(try path(of: match, roots).map { "\($0)" } ?? "") }
        return values
    }

    /// The same under keywords, and the path of an instance.
    func members(of match: Candidate, _ roots: [Int: Path]) throws -> [(String, JSON)] {
        var members: [(String, JSON)] = []
        for tag in tags {
            let name =
                tag == .availableTransferSyntaxUID
                ? "TransferSyntaxUID" : DataDictionary.entry(for: tag)?.keyword ?? "\(tag)"
            members.append((name, .string(try Self.text(tag, of: match))))
        }
        guard level == .image else { return members }
        return members + (try path(of: match, roots).map { JSON.path("path", $0) } ?? [("path", .string(""))])
    }

    /// Of the transfer syntaxes an instance can be had in, the one it is stored in: the first.
    private static func text(_ tag: Tag, of match: Candidate) throws -> String {
        let text = try match.value(tag)?.text ?? ""
        guard tag == .availableTransferSyntaxUID else { return text }
        return text.split(separator: "\\").first.map { String($0) } ?? ""
    }

    private func path(of match: Candidate, _ roots: [Int: Path]) throws -> Path? {
        guard let place = try match.places().first, let root = roots[place.root] else { return nil }
        return root.appending(Path(bytes: place.path))
    }
}
