// The look-up tables of a run being written: keys with the rows that have them, sorted at the end.

/// Keys to rows.
struct LookupRecords {
    private var instanceUIDs: RecordSorter
    private var seriesUIDs: RecordSorter
    private var accessionNumbers: RecordSorter
    private var studyDates: RecordSorter
    var patientNames: RecordSorter

    init(spill: SpillFile?) {
        instanceUIDs = RecordSorter(spill: spill)
        seriesUIDs = RecordSorter(spill: spill)
        accessionNumbers = RecordSorter(spill: spill)
        studyDates = RecordSorter(spill: spill)
        patientNames = RecordSorter(spill: spill)
    }

    mutating func add(instance uid: [UInt8], row: Int) throws(IndexFault) {
        try Self.add(LookupKeys.hash(uid), row, to: &instanceUIDs)
    }

    mutating func add(series uid: [UInt8], row: Int) throws(IndexFault) {
        try Self.add(LookupKeys.hash(uid), row, to: &seriesUIDs)
    }

    mutating func add(studySet: AttributeSet, study: Int) throws(IndexFault) {
        for key in LookupKeys.accessionNumbers(studySet) { try Self.add(key, study, to: &accessionNumbers) }
        for key in LookupKeys.studyDates(studySet) { try Self.add(key, study, to: &studyDates) }
    }

    private static func add(_ hash: UInt64, _ row: Int, to sorter: inout RecordSorter) throws(IndexFault) {
        var record = SortKeyWriter()
        record.append(hash)
        record.append(row)
        try sorter.append(record.bytes)
    }

    private static func add(_ text: [UInt8], _ row: Int, to sorter: inout RecordSorter) throws(IndexFault) {
        var record = SortKeyWriter()
        record.append(text)
        record.append(row)
        try sorter.append(record.bytes)
    }

    /// Gives all rows, table by table.
    mutating func finish(_ write: (Row, Table) throws(IndexFault) -> Void) throws(IndexFault) {
        try Self.finish(hashes: &instanceUIDs, .instanceUIDs, write)
        try Self.finish(hashes: &seriesUIDs, .seriesUIDs, write)
        try Self.finish(texts: &accessionNumbers, .accessionNumbers, write)
        try Self.finish(texts: &studyDates, .studyDates, write)
        try Self.finish(texts: &patientNames, .patientNames, write)
    }

    private static func finish(
        hashes sorter: inout RecordSorter, _ table: Table, _ write: (Row, Table) throws(IndexFault) -> Void
    ) throws(IndexFault) {
        while let bytes = try sorter.next() {
            var record = SortKeyReader(bytes)
            try write(Row(numbers: [record.number(), record.number()]), table)
        }
    }

    /// Each once.
    private static func finish(
        texts sorter: inout RecordSorter, _ table: Table, _ write: (Row, Table) throws(IndexFault) -> Void
    ) throws(IndexFault) {
        var last: [UInt8] = []
        while let bytes = try sorter.next() {
            if bytes == last { continue }
            var record = SortKeyReader(bytes)
            let text = record.text()
            try write(Row(numbers: [record.number()], texts: [text]), table)
            last = bytes
        }
    }
}
