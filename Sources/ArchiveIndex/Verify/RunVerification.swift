// Verifies one run: every block, every page, every row, every number that refers to another row.

import DICOM

/// Reads a run as FORMAT.md says it is, and notes where it isn't.
struct RunVerification {
    private let run: Run
    private let maximum: Int
    private(set) var findings: [IndexFinding] = []
    /// Where the page begins of the row that is looked at.
    private var byte = 0

    init(_ run: Run, maximum: Int) {
        self.run = run
        self.maximum = maximum
    }

    /// - Parameter byte: nil stands for that of the row that is looked at.
    private mutating func note(_ what: String, byte: Int? = nil) {
        if findings.count < maximum {
            findings.append(IndexFinding(file: run.file, byte: byte ?? self.byte, what: what))
        }
    }

    /// Notes what is wrong with a table as a whole, or with its directory.
    private mutating func note(_ what: String, ofAll table: Table) {
        note(what, byte: run.table(table).directoryOffset)
    }

    /// Calls `body` and notes its fault.
    private mutating func attempt(_ body: (inout RunVerification) throws(IndexFault) -> Void) {
        byte = 0
        do throws(IndexFault) { try body(&self) } catch {
            // A row that isn't there has no place: it is named by the one that is looked at.
            if case .damaged(run.file, 0, let what) = error { return note(what) }
            if findings.count < maximum { findings.append(IndexFinding(error)) }
        }
    }

    mutating func verify() {
        for block in 0..<run.bytes.blockCount {
            attempt { (self) throws(IndexFault) in try self.run.bytes.check(block: block) }
        }
        // Rows of blocks that are bad say nothing.
        guard findings.isEmpty else { return }
        for table in Table.allCases { attempt { (self) throws(IndexFault) in try self.verify(table) } }
        guard findings.isEmpty else { return }
        attempt { (self) throws(IndexFault) in try self.verifyStudies() }
        attempt { (self) throws(IndexFault) in try self.verifySeries() }
        attempt { (self) throws(IndexFault) in try self.verifyFiles() }
        attempt { (self) throws(IndexFault) in try self.verifyPatients() }
        attempt { (self) throws(IndexFault) in try self.verifyLookups() }
    }

    /// Pages follow each other and hold all rows; rows ascend.
    private mutating func verify(_ table: Table) throws(IndexFault) {
        let reader = run.table(table)
        let shape = table.shape
        var rows = 0
        for index in reader.pageIndices {
            let page = try reader.place(ofPage: index)
            if page.rows.lowerBound != rows {
                note("page \(index) of \(table.name) begins with another row", byte: page.offset)
            }
            rows = page.rows.upperBound
        }
        guard rows == reader.rowCount else {
            return note("\(table.name) has \(rows) rows, not \(reader.rowCount)", ofAll: table)
        }
        var cursor = run.cursor(table)
        var previous: [KeyValue] = []
        var key: [KeyValue] = []
        while try cursor.advance() {
            byte = cursor.row.byte
            for column in shape.texts.indices { _ = try cursor.text(column) }
            if shape.hasAttributes { _ = try cursor.row.attributes() }
            try cursor.readKey(shape.key, into: &key)
            if cursor.number > 0, !key.isEmpty,
                key.lexicographicallyPrecedes(previous) || shape.isUnique && key == previous
            {
                note("row \(cursor.number) of \(table.name) is not in order")
            }
            swap(&previous, &key)
        }
    }

    /// Series and sets of studies lie one behind the other; counts are the sums of what is below.
    private mutating func verifyStudies() throws(IndexFault) {
        var studies = run.cursor(.studies)
        var series = run.cursor(.series)
        var sets = run.cursor(.studySets)
        while try studies.advance() {
            let row = studies.row
            byte = row.byte
            let number = studies.number
            _ = try run.uid(try row.text(Column.Studies.uid), .studies, number)
            guard row.int(Column.Studies.firstSeries) == series.next, row.int(Column.Studies.firstSet) == sets.next
            else {
                return note("series or sets of study \(number) don't lie behind those of the study before")
            }
            var sums = (instances: 0, added: 0, removed: 0, weight: 0)
            for _ in 0..<row.int(Column.Studies.series) {
                guard try series.advance(), series.row.int(Column.Series.study) == number else {
                    return note("a series of study \(number) isn't there")
                }
                sums.instances &+= series.row.int(Column.Series.instances)
                sums.added &+= series.row.int(Column.Series.added)
                sums.removed &+= series.row.int(Column.Series.removed)
            }
            for _ in 0..<row.int(Column.Studies.sets) {
                guard try sets.advance(), sets.row.int(Column.StudySets.study) == number else {
                    return note("a set of study \(number) isn't there")
                }
                sums.weight &+= sets.row.signed(Column.StudySets.weight)
            }
            if sums.instances != row.int(Column.Studies.instances) || sums.added != row.int(Column.Studies.added)
                || sums.removed != row.int(Column.Studies.removed) || sums.weight != sums.added &- sums.removed
            {
                note("the counts of study \(number) are not the sums of its series and sets")
            }
        }
        noteRest(behind: series, "there are series of no study")
        noteRest(behind: sets, "there are study sets of no study")
    }

    /// Notes `what` where a table has more rows than its owners name.
    private mutating func noteRest(behind cursor: TableCursor, _ what: String) {
        guard cursor.next != run.table(cursor.table).rowCount else { return }
        note(what, byte: run.byte(ofRow: cursor.next, of: cursor.table))
    }

    /// The same for series and their instances; references of instances lead somewhere.
    private mutating func verifySeries() throws(IndexFault) {
        var series = run.cursor(.series)
        var instances = run.cursor(.instances)
        var sets = run.cursor(.seriesSets)
        var studies = run.cursor(.studies)
        while try series.advance() {
            let row = series.row
            let number = series.number
            byte = row.byte
            _ = try run.uid(try row.text(Column.Series.uid), .series, number)
            let study = try studies.row(row.int(Column.Series.study))
            guard row.int(Column.Series.firstInstance) == instances.next, row.int(Column.Series.firstSet) == sets.next
            else {
                return note("instances or sets of series \(number) don't lie behind those of the series before")
            }
            var distinct = 0
            var last: [UInt8]?
            for _ in 0..<row.int(Column.Series.rows) {
                guard try instances.advance(), instances.row.int(Column.Instances.series) == number else {
                    return note("an instance of series \(number) isn't there")
                }
                let instance = instances.row
                byte = instance.byte
                let uid = try instances.text(Column.Instances.uid)
                _ = try run.uid(uid, .instances, instances.number)
                _ = try run.sopClass(instance.int(Column.Instances.sopClass))
                _ = try run.transferSyntax(instance.int(Column.Instances.transferSyntax))
                if instance.int(Column.Instances.studySet) >= study.int(Column.Studies.sets)
                    || instance.int(Column.Instances.seriesSet) >= row.int(Column.Series.sets)
                {
                    note("instance \(instances.number) refers to a set that isn't there")
                }
                if uid != last { distinct += 1 }
                last = uid
            }
            byte = row.byte
            var weight = 0
            for _ in 0..<row.int(Column.Series.sets) {
                guard try sets.advance(), sets.row.int(Column.SeriesSets.series) == number else {
                    return note("a set of series \(number) isn't there")
                }
                weight &+= sets.row.signed(Column.SeriesSets.weight)
            }
            if distinct != row.int(Column.Series.instances)
                || weight != row.int(Column.Series.added) &- row.int(Column.Series.removed)
            {
                note("the counts of series \(number) are not the sums of its instances and sets")
            }
        }
        noteRest(behind: instances, "there are instances of no series")
        noteRest(behind: sets, "there are series sets of no series")
    }

    /// Each instance has files, each file of an instance is one of that instance's, and series count them.
    private mutating func verifyFiles() throws(IndexFault) {
        let instanceCount = run.table(.instances).rowCount
        var files = run.cursor(.files)
        var ofInstances = 0
        while try files.advance() {
            let row = files.row
            byte = row.byte
            _ = try row.place()
            guard row.number(Column.Files.kind) <= 255, row.number(Column.Files.removal) <= 1,
                row.number(Column.Files.trusted) <= 1
            else {
                note("file \(files.number) has a number that means nothing")
                continue
            }
            if row.number(Column.Files.kind) == 0 { ofInstances += 1 }
        }
        var pairs = run.cursor(.instanceFiles)
        var instances = run.cursor(.instances)
        var series = run.cursor(.series)
        var next = 0
        var count = 0
        var sums: (series: Int, added: Int, removed: Int) = (-1, 0, 0)
        while try pairs.advance() {
            let instance = pairs.row.int(0)
            byte = pairs.row.byte
            guard instance < instanceCount, instance == next || instance == next - 1 else {
                return note("row \(pairs.number) of \(pairs.table.name) leaves an instance out")
            }
            next = instance + 1
            count += 1
            let file = try files.row(pairs.row.int(1))
            if file.number(Column.Files.kind) != 0 || file.int(Column.Files.instance) != instance {
                note("file \(pairs.row.int(1)) is not that of instance \(instance)")
            }
            let owner = try instances.row(instance).int(Column.Instances.series)
            if owner != sums.series {
                try compare(sums, &series)
                sums = (owner, 0, 0)
            }
            if file.number(Column.Files.removal) == 0 { sums.added &+= 1 } else { sums.removed &+= 1 }
        }
        try compare(sums, &series)
        if next != instanceCount {
            note("instance \(next) has no file", byte: run.byte(ofRow: next, of: .instances))
        }
        if count != ofInstances { note("there are files of instances that no instance names", ofAll: .instanceFiles) }
    }

    private mutating func compare(
        _ sums: (series: Int, added: Int, removed: Int), _ series: inout TableCursor
    ) throws(IndexFault) {
        guard sums.series >= 0 else { return }
        let row = try series.row(sums.series)
        if row.int(Column.Series.added) != sums.added || row.int(Column.Series.removed) != sums.removed {
            note("series \(sums.series) counts other files than its instances have", byte: row.byte)
        }
    }

    /// Patients, their sets and their studies agree.
    private mutating func verifyPatients() throws(IndexFault) {
        var sets = run.cursor(.patientSets)
        var patients = run.cursor(.patients)
        while try patients.advance() {
            let row = patients.row
            byte = row.byte
            _ = try row.patientKey()
            guard row.int(Column.Patients.firstSet) == sets.next else {
                return note("the sets of patient \(patients.number) don't lie behind those of the patient before")
            }
            var weight = 0
            var last: AttributeSet?
            for _ in 0..<row.int(Column.Patients.sets) {
                guard try sets.advance(), sets.row.int(Column.PatientSets.patient) == patients.number else {
                    return note("a set of patient \(patients.number) isn't there")
                }
                let attributes = try sets.row.attributes()
                if let last, !(last < attributes) { note("the sets of patient \(patients.number) are not in order") }
                last = attributes
                weight &+= sets.row.signed(Column.PatientSets.weight)
            }
            if weight != row.int(Column.Patients.added) &- row.int(Column.Patients.removed) {
                note("the counts of patient \(patients.number) are not the sums of its sets")
            }
        }
        noteRest(behind: sets, "there are patient sets of no patient")
        try verifyPatientStudies()
    }

    private mutating func verifyPatientStudies() throws(IndexFault) {
        var expected = Set<[Int]>()
        var studySets = run.cursor(.studySets)
        guard run.table(.patientsOfStudySets).rowCount == run.table(.studySets).rowCount else {
            return note("study sets have not each a patient", ofAll: .patientsOfStudySets)
        }
        while try studySets.advance() {
            byte = run.byte(ofRow: studySets.number, of: .patientsOfStudySets)
            let patient = try run.patientSet(ofStudySet: studySets.number).int(Column.PatientSets.patient)
            expected.insert([patient, studySets.row.int(Column.StudySets.study)])
        }
        var pairs = run.cursor(.patientStudies)
        while try pairs.advance() {
            byte = pairs.row.byte
            if !expected.contains([pairs.row.int(0), pairs.row.int(1)]) {
                note("row \(pairs.number) of \(pairs.table.name) is of no study set")
            }
        }
        if run.table(.patientStudies).rowCount != expected.count {
            note("the studies of patients are not those of the study sets", ofAll: .patientStudies)
        }
    }

    /// Look-up tables hold each key that there is, and no other.
    private mutating func verifyLookups() throws(IndexFault) {
        try verifyHashes(.instanceUIDs, of: .instances, uid: Column.Instances.uid)
        try verifyHashes(.seriesUIDs, of: .series, uid: Column.Series.uid)
        var accessions: Set<[UInt8]> = []
        var dates: Set<[UInt8]> = []
        var names: Set<[UInt8]> = []
        var sets = run.cursor(.studySets)
        while try sets.advance() {
            byte = sets.row.byte
            let study = Self.number(sets.row.int(Column.StudySets.study))
            for key in LookupKeys.accessionNumbers(try sets.row.attributes()) { accessions.insert(study + key) }
            for key in LookupKeys.studyDates(try sets.row.attributes()) { dates.insert(study + key) }
        }
        var patientSets = run.cursor(.patientSets)
        while try patientSets.advance() {
            byte = patientSets.row.byte
            let patient = Self.number(patientSets.row.int(Column.PatientSets.patient))
            for key in LookupKeys.patientNames(try patientSets.row.attributes()) { names.insert(patient + key) }
        }
        try verify(.accessionNumbers, accessions)
        try verify(.studyDates, dates)
        try verify(.patientNames, names)
    }

    private static func number(_ row: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendLittleEndian(UInt64(row))
        return bytes
    }

    private mutating func verify(_ table: Table, _ expected: Set<[UInt8]>) throws(IndexFault) {
        var cursor = run.cursor(table)
        while try cursor.advance() {
            byte = cursor.row.byte
            if !expected.contains(Self.number(cursor.row.int(0)) + (try cursor.text(0))) {
                note("row \(cursor.number) of \(table.name) is no key of its row")
            }
        }
        if run.table(table).rowCount != expected.count { note("\(table.name) has not all keys", ofAll: table) }
    }

    private mutating func verifyHashes(_ table: Table, of owner: Table, uid: Int) throws(IndexFault) {
        var cursor = run.cursor(table)
        var rows = run.cursor(owner)
        while try cursor.advance() {
            byte = cursor.row.byte
            let row = try rows.row(cursor.row.int(1))
            if LookupKeys.hash(try row.text(uid)) != cursor.row.number(0) {
                note("row \(cursor.number) of \(table.name) has another hash than its row")
            }
        }
        if run.table(table).rowCount != run.table(owner).rowCount {
            note("\(table.name) has not all rows", ofAll: table)
        }
    }
}
