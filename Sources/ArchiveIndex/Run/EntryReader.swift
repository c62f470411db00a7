// Entries of a run from its rows: for merging runs, and for taking back what an older run says of a file.

import DICOM

/// Puts entries together; keeps what neighbours share.
struct EntryReader {
    let run: Run
    private var studies: TableCursor
    private var series: TableCursor
    private var instances: TableCursor
    private var studySets: TableCursor
    private var seriesSets: TableCursor
    private var patientSets: TableCursor
    private var patients: TableCursor
    private var files: TableCursor
    private var instanceFiles: TableCursor
    /// Row numbers that the cached values stand for.
    private var seriesRow = -1
    private var studySetRow = -1
    private var seriesSetRow = -1
    private var studyRow = Row(.studies)
    private var seriesValues = Row(.series)
    private var studyUID: UID?
    private var seriesUID: UID?
    private var studySet = Row(.studySets)
    private var seriesSet = Row(.seriesSets)
    private var patientSet = Row(.patientSets)
    private var patient = Row(.patients)
    /// The row that `next` gives.
    private var nextInstance = 0
    private var pending: [OrderedEntry] = []

    init(_ run: Run) {
        self.run = run
        studies = run.cursor(.studies)
        series = run.cursor(.series)
        instances = run.cursor(.instances)
        studySets = run.cursor(.studySets)
        seriesSets = run.cursor(.seriesSets)
        patientSets = run.cursor(.patientSets)
        patients = run.cursor(.patients)
        files = run.cursor(.files)
        instanceFiles = run.cursor(.instanceFiles)
    }

    /// The entry of the file `place` that holds instance `number`.
    mutating func entry(instance number: Int, place: Place, isRemoval: Bool) throws(IndexFault) -> OrderedEntry {
        let row = try instances.row(number)
        let rowOfSeries = row.int(Column.Instances.series)
        if rowOfSeries != seriesRow {
            seriesValues = try series.row(rowOfSeries)
            studyRow = try studies.row(seriesValues.int(Column.Series.study))
            seriesUID = try run.uid(seriesValues.texts[Column.Series.uid], .series, rowOfSeries)
            studyUID = try run.uid(
                studyRow.texts[Column.Studies.uid], .studies, seriesValues.int(Column.Series.study))
            seriesRow = rowOfSeries
        }
        let studySetNumber = try run.rows(
            studyRow.int(Column.Studies.firstSet) &+ row.int(Column.Instances.studySet), 1, of: .studySets
        ).lowerBound
        if studySetNumber != studySetRow {
            studySet = try studySets.row(studySetNumber)
            patientSet = try patientSets.row(studySet.int(Column.StudySets.patientSet))
            patient = try patients.row(patientSet.int(Column.PatientSets.patient))
            studySetRow = studySetNumber
        }
        let seriesSetNumber = try run.rows(
            seriesValues.int(Column.Series.firstSet) &+ row.int(Column.Instances.seriesSet), 1, of: .seriesSets
        ).lowerBound
        if seriesSetNumber != seriesSetRow {
            seriesSet = try seriesSets.row(seriesSetNumber)
            seriesSetRow = seriesSetNumber
        }
        guard let studyUID, let seriesUID else { throw run.fault(.series, rowOfSeries, "it has no UID") }
        let uid = try run.uid(row.texts[Column.Instances.uid], .instances, number)
        let entry = InstanceEntry(
            patientID: patient.texts[Column.Patients.id], issuer: patient.texts[Column.Patients.issuer],
            studyInstanceUID: studyUID, seriesInstanceUID: seriesUID, sopInstanceUID: uid,
            sopClassUID: try run.sopClass(row.int(Column.Instances.sopClass)),
            transferSyntaxUID: try run.transferSyntax(row.int(Column.Instances.transferSyntax)),
            patient: patientSet.attributes, study: studySet.attributes, series: seriesSet.attributes,
            image: row.attributes, headerFingerprint: row.numbers[Column.Instances.fingerprint], place: place)
        return OrderedEntry(
            SignedEntry(entry: entry, isRemoval: isRemoval), study: studyRow.texts[Column.Studies.uid],
            series: seriesValues.texts[Column.Series.uid], instance: row.texts[Column.Instances.uid])
    }

    /// All entries in order, one after the other; nil at the end.
    mutating func next() throws(IndexFault) -> OrderedEntry? {
        while pending.isEmpty {
            guard nextInstance < run.table(.instances).rowCount else { return nil }
            let number = nextInstance
            nextInstance += 1
            while try instanceFiles.advance() {
                let row = instanceFiles.row
                guard row.int(0) == number else {
                    instanceFiles.hold()
                    break
                }
                let file = try files.row(row.int(1))
                pending.append(
                    try entry(
                        instance: number, place: try file.place(run, row.int(1)),
                        isRemoval: file.numbers[Column.Files.removal] != 0))
            }
            pending.reverse()
        }
        return pending.popLast()
    }

    /// All foreign files.
    func foreignFiles() throws(IndexFault) -> [SignedForeignFile] {
        var found: [SignedForeignFile] = []
        var cursor = run.cursor(.files)
        while try cursor.advance() {
            if let file = try cursor.row.foreign(run, cursor.number) { found.append(file) }
        }
        return found
    }
}

extension Row {
    /// The foreign file of a row of `files`; nil where the row is an instance's.
    func foreign(_ run: Run, _ number: Int) throws(IndexFault) -> SignedForeignFile? {
        let kind = numbers[Column.Files.kind]
        if kind == 0 { return nil }
        guard let reason = UInt8(exactly: kind) else { throw run.fault(.files, number, "no such kind") }
        let place = try place(run, number)
        return SignedForeignFile(
            file: ForeignFile(
                root: place.root, path: place.path, sizeBytes: place.sizeBytes, modificationNs: place.modificationNs,
                inode: place.inode, isTrusted: place.isTrusted, reason: reason),
            isRemoval: numbers[Column.Files.removal] != 0)
    }
}
