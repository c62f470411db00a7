// Archives for tests: whole data sets filed as an import files them, and asked as C-FIND asks.

import DICOM

@testable import ArchiveIndex

/// Data sets, one a file, in a snapshot of one or several runs.
struct Shelf {
    var dataSets: [DataSet]

    init(_ dataSets: [DataSet]) { self.dataSets = dataSets }

    /// A CT instance with everything that a query asks for; UIDs by number.
    static func instance(study: Int = 1, series: Int = 1, instance: Int = 1) -> DataSet {
        DataSet(values: [
            .specificCharacterSet: "ISO_IR 192", .sopClassUID: "1.2.840.10008.5.1.4.1.1.2",
            .sopInstanceUID: "1.2.\(study).\(series).\(instance)", .studyInstanceUID: "1.2.\(study)",
            .seriesInstanceUID: "1.2.\(study).\(series)", .patientID: "P\(study)", .patientName: "SMITH^JOHN",
            .patientBirthDate: "19700101", .patientSex: "M", .studyDate: "20240101", .studyTime: "103000",
            .accessionNumber: "ACC\(study)", .studyID: "\(study)", .studyDescription: "CHEST", .modality: "CT",
            .seriesNumber: "\(series)", .seriesDescription: "AXIAL", .instanceNumber: "\(instance)",
        ])
    }

    static func entry(_ dataSet: DataSet, file: Int, transferSyntax: String = "1.2.840.10008.1.2.1") -> InstanceEntry {
        let sets = HeldSets(of: dataSet)
        return InstanceEntry(
            patientID: dataSet.bytes(.patientID) ?? [], issuer: dataSet.bytes(.issuerOfPatientID) ?? [],
            studyInstanceUID: dataSet.uid(.studyInstanceUID)!, seriesInstanceUID: dataSet.uid(.seriesInstanceUID)!,
            sopInstanceUID: dataSet.uid(.sopInstanceUID)!,
            sopClassUID: dataSet.uid(.sopClassUID) ?? UID(literal: "1.2.840.10008.5.1.4.1.1.7"),
            transferSyntaxUID: UID(transferSyntax)!, patient: sets.patient, study: sets.study, series: sets.series,
            image: sets.image, headerFingerprint: UInt64(file),
            place: Place(
                root: 1, path: Array("f\(10_000 + file)".utf8), sizeBytes: 5_000 + file, modificationNs: 1, inode: 1,
                isTrusted: true, dataSetOffset: 400))
    }

    /// - Parameter runs: over how many runs the files are dealt out.
    func snapshot(runs: Int = 1) throws -> Snapshot {
        var dealt: [[SignedEntry]] = Array(repeating: [], count: runs)
        for (number, dataSet) in dataSets.enumerated() {
            dealt[number % runs].append(SignedEntry(entry: Self.entry(dataSet, file: number)))
        }
        let sources = try dealt.enumerated().map { try Run($0.element, file: "run \($0.offset)") }
        return Snapshot(sources: sources, generation: 0, journalSequence: 0)
    }

    /// The responses to an identifier.
    func responses(
        to identifier: DataSet, model: InformationModel = .studyRoot, options: MatchingOptions = MatchingOptions(),
        encoding: ResponseEncoding = ResponseEncoding(), headers: HeaderSource = .none
    ) throws -> [DataSet] {
        let query = try Query(identifier: identifier, model: model, options: options)
        var cursor = try snapshot().find(query, headers: headers)
        var found: [DataSet] = []
        while let match = try cursor.next() {
            found.append(
                try ResponseIdentifier.make(
                    match, for: query, retrieveAETitle: AETitle("FILEROOM")!, encoding: encoding))
        }
        return found
    }

    /// The unique keys of the matches, ascending.
    func matches(
        _ identifier: DataSet, model: InformationModel = .studyRoot, options: MatchingOptions = MatchingOptions(),
        runs: Int = 1
    ) throws -> [String] {
        let query = try Query(identifier: identifier, model: model, options: options)
        var cursor = try snapshot(runs: runs).find(query)
        var found: [String] = []
        while let match = try cursor.next() {
            found.append(try match.value(query.level.uniqueKey).map { String(decoding: $0.bytes, as: UTF8.self) } ?? "")
        }
        return found.sorted()
    }
}

extension DataSet {
    /// An identifier at a level, in UTF-8.
    static func keys(_ level: String, _ values: KeyValuePairs<DICOM.Tag, String> = [:]) -> DataSet {
        DataSet(values: values).with(.queryRetrieveLevel, level).with(.specificCharacterSet, "ISO_IR 192")
    }
}
