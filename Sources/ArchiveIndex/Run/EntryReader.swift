// Entries of a run from its rows: for merging runs, and for taking back what an older run says of a file.

import DICOM

/// Puts entries together; keeps what neighbours share.
struct EntryReader {
    let run: Run
    private var instances: TableCursor
    private var files: TableCursor
    private var instanceFiles: TableCursor
    private var owner: Owner?
    private var studySet: StudySet?
    private var seriesSet: (row: Int, attributes: AttributeSet)?
    /// The row that `next` gives.
    private var nextInstance = 0
    private var pending: [OrderedEntry] = []

    /// The series of the last entry, and its study.
    private struct Owner {
        let seriesRow: Int
        let series: UID
        let packedSeries: [UInt8]
        let study: UID
        let packedStudy: [UInt8]
        let firstStudySet: Int
        let firstSeriesSet: Int
    }

    /// The study set of the last entry, and its patient.
    private struct StudySet {
        let row: Int
        let attributes: AttributeSet
        let patient: AttributeSet
        let patientID: [UInt8]
        let issuer: [UInt8]
    }

    init(_ run: Run) {
        self.run = run
        instances = run.cursor(.instances)
        files = run.cursor(.files)
        instanceFiles = run.cursor(.instanceFiles)
    }

    private mutating func owner(_ row: Int) throws(IndexFault) -> Owner {
        if let owner, owner.seriesRow == row { return owner }
        let series = try run.row(row, of: .series)
        let study = try run.row(series.int(Column.Series.study), of: .studies)
        let packedSeries = try series.text(Column.Series.uid)
        let packedStudy = try study.text(Column.Studies.uid)
        let read = Owner(
            seriesRow: row, series: try run.uid(packedSeries, .series, row), packedSeries: packedSeries,
            study: try run.uid(packedStudy, .studies, study.ordinal), packedStudy: packedStudy,
            firstStudySet: study.int(Column.Studies.firstSet), firstSeriesSet: series.int(Column.Series.firstSet))
        owner = read
        return read
    }

    private mutating func studySet(_ row: Int) throws(IndexFault) -> StudySet {
        if let studySet, studySet.row == row { return studySet }
        let set = try run.row(row, of: .studySets)
        let patientSet = try run.patientSet(ofStudySet: row)
        let patient = try run.row(patientSet.int(Column.PatientSets.patient), of: .patients)
        let read = StudySet(
            row: row, attributes: try set.attributes(), patient: try patientSet.attributes(),
            patientID: try patient.text(Column.Patients.id), issuer: try patient.text(Column.Patients.issuer))
        studySet = read
        return read
    }

    private mutating func seriesSet(_ row: Int) throws(IndexFault) -> AttributeSet {
        if let seriesSet, seriesSet.row == row { return seriesSet.attributes }
        let attributes = try run.row(row, of: .seriesSets).attributes()
        seriesSet = (row, attributes)
        return attributes
    }

    /// The entry of the file `place` that holds instance `number`.
    mutating func entry(instance number: Int, place: Place, isRemoval: Bool) throws(IndexFault) -> OrderedEntry {
        let row = try instances.row(number)
        let owner = try owner(row.int(Column.Instances.series))
        let studySet = try studySet(owner.firstStudySet &+ row.int(Column.Instances.studySet))
        let seriesSet = try seriesSet(owner.firstSeriesSet &+ row.int(Column.Instances.seriesSet))
        let packed = try instances.text(Column.Instances.uid)
        let entry = InstanceEntry(
            patientID: studySet.patientID, issuer: studySet.issuer, studyInstanceUID: owner.study,
            seriesInstanceUID: owner.series, sopInstanceUID: try run.uid(packed, .instances, number),
            sopClassUID: try run.sopClass(row.int(Column.Instances.sopClass)),
            transferSyntaxUID: try run.transferSyntax(row.int(Column.Instances.transferSyntax)),
            patient: studySet.patient, study: studySet.attributes, series: seriesSet, image: try row.attributes(),
            headerFingerprint: row.number(Column.Instances.fingerprint), place: place)
        return OrderedEntry(
            SignedEntry(entry: entry, isRemoval: isRemoval), study: owner.packedStudy, series: owner.packedSeries,
            instance: packed)
    }

    /// All entries in order, one after the other; nil at the end.
    mutating func next() throws(IndexFault) -> OrderedEntry? {
        while pending.isEmpty {
            guard nextInstance < run.table(.instances).rowCount else { return nil }
            let number = nextInstance
            nextInstance += 1
            while try instanceFiles.advance() {
                guard instanceFiles.row.int(0) == number else {
                    instanceFiles.hold()
                    break
                }
                let file = try files.row(instanceFiles.row.int(1))
                pending.append(
                    try entry(
                        instance: number, place: try file.place(),
                        isRemoval: file.number(Column.Files.removal) != 0))
            }
            pending.reverse()
        }
        return pending.popLast()
    }

    /// Calls `body` with each foreign file.
    func forEachForeignFile(_ body: (SignedForeignFile) throws(IndexFault) -> Void) throws(IndexFault) {
        var cursor = run.cursor(.files)
        while try cursor.advance() {
            if let file = try cursor.row.foreign() { try body(file) }
        }
    }
}

extension Run {
    /// The patient set that files of a study set were sent with.
    func patientSet(ofStudySet row: Int) throws(IndexFault) -> StoredRow {
        try self.row(try self.row(row, of: .patientsOfStudySets).int(0), of: .patientSets)
    }
}
