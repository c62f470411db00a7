// Writes a run from entries in order, in one pass: rows go out as pages fill up; patients, files and look-ups, which have
// an order of their own, are sorted at the end.

import DICOM

/// A run being written. `add` in the order of `OrderedEntry`, foreign files in any; then `finish`.
struct RunWriter {
    private var sink: RunSink
    private var writers: [TableWriter] = Table.allCases.map { TableWriter($0) }
    private var patients: PatientRecords
    private var lookups: LookupRecords
    private var files: FileRecords
    private var sopClasses = NumberedUIDs()
    private var transferSyntaxes = NumberedUIDs()
    private var study: OpenStudy?
    private var series: OpenSeries?
    /// Entries of one content, until the next content comes.
    private var group: [OrderedEntry] = []

    /// - Parameters:
    ///   - target: a new, empty file; nil writes into memory.
    ///   - spill: where to put what doesn't fit into memory; nil keeps it there.
    init(to target: OpenFile?, spill: SpillFile? = nil) throws(IndexFault) {
        sink = RunSink(target)
        patients = PatientRecords(spill: spill)
        lookups = LookupRecords(spill: spill)
        files = FileRecords(spill: spill)
        try sink.append(RunLayout.prologue())
    }

    private mutating func write(_ row: Row, to table: Table) throws(IndexFault) {
        try writers[Int(table.rawValue) - 1].append(row, to: &sink)
    }

    private func count(_ table: Table) -> Int { writers[Int(table.rawValue) - 1].rowCount }

    mutating func add(_ entry: OrderedEntry) throws(IndexFault) {
        if let last = group.last, !last.isSameContent(as: entry) { try closeGroup() }
        group.append(entry)
    }

    mutating func add(_ foreign: SignedForeignFile) throws(IndexFault) { try files.add(foreign) }

    /// What an addition and a removal of the same file leave: nothing.
    private static func balance(_ group: [OrderedEntry]) -> [OrderedEntry] {
        guard group.contains(where: \.signed.isRemoval) else { return group }
        var counts: [Place: Int] = [:]
        for entry in group { counts[entry.signed.entry.place, default: 0] += entry.signed.isRemoval ? -1 : 1 }
        var kept: [OrderedEntry] = []
        for entry in group {
            let place = entry.signed.entry.place
            guard let count = counts[place], count != 0, (count < 0) == entry.signed.isRemoval else { continue }
            counts[place] = count - (entry.signed.isRemoval ? -1 : 1)
            kept.append(entry)
        }
        return kept
    }

    private mutating func closeGroup() throws(IndexFault) {
        let kept = Self.balance(group)
        group.removeAll(keepingCapacity: true)
        guard let first = kept.first else { return }
        if study?.uid != first.study { try closeStudy() }
        if series?.uid != first.series { try closeSeries() }
        if study == nil { study = OpenStudy(uid: first.study, row: count(.studies), firstSeries: count(.series)) }
        if series == nil {
            series = OpenSeries(uid: first.series, row: count(.series), firstInstance: count(.instances))
        }
        let entry = first.signed.entry
        let removed = kept.count(where: \.signed.isRemoval)
        let added = kept.count - removed
        let studySet = study!.add(entry, added: added, removed: removed)
        let sopClass = sopClasses.number(of: entry.sopClassUID)
        let seriesSet = series!.add(entry.series, sopClass: sopClass, added: added, removed: removed)
        series!.count(instance: first.instance)
        let instanceRow = count(.instances)
        try write(
            Row(
                numbers: [
                    UInt64(series!.row), entry.headerFingerprint, UInt64(entry.dataSetBytes), UInt64(sopClass),
                    UInt64(transferSyntaxes.number(of: entry.transferSyntaxUID)), UInt64(studySet), UInt64(seriesSet),
                ], texts: [first.instance], attributes: entry.image), to: .instances)
        try lookups.add(instance: first.instance, row: instanceRow)
        for entry in kept { try files.add(entry.signed, instanceRow: instanceRow) }
    }

    private mutating func closeSeries() throws(IndexFault) {
        guard let closing = series else { return }
        series = nil
        let rows = count(.instances) - closing.firstInstance
        study?.instances += closing.instances
        study?.series += 1
        let firstSet = count(.seriesSets)
        for set in closing.sets {
            try write(
                Row(numbers: [UInt64(closing.row), UInt64(bitPattern: Int64(set.weight))], attributes: set.attributes),
                to: .seriesSets)
        }
        var classes: [UInt8] = []
        for number in closing.sopClasses.sorted() { classes.appendVarint(UInt64(number)) }
        try write(
            Row(
                numbers: [
                    UInt64(count(.studies)), UInt64(firstSet), UInt64(closing.sets.count),
                    UInt64(closing.firstInstance),
                    UInt64(rows), UInt64(closing.instances), UInt64(closing.added), UInt64(closing.removed),
                ], texts: [closing.uid, classes]), to: .series)
        try lookups.add(series: closing.uid, row: closing.row)
    }

    private mutating func closeStudy() throws(IndexFault) {
        try closeSeries()
        guard let closing = study else { return }
        study = nil
        let firstSet = count(.studySets)
        for set in closing.sets {
            try patients.add(set, studySet: count(.studySets), study: closing.row)
            try write(
                Row(
                    numbers: [UInt64(closing.row), UInt64(bitPattern: Int64(set.weight))], attributes: set.attributes),
                to: .studySets)
            try lookups.add(studySet: set.attributes, study: closing.row)
        }
        try write(
            Row(
                numbers: [
                    UInt64(firstSet), UInt64(closing.sets.count), UInt64(closing.firstSeries), UInt64(closing.series),
                    UInt64(closing.instances), UInt64(closing.added), UInt64(closing.removed),
                ], texts: [closing.uid]), to: .studies)
    }

    /// Writes all that is left, and syncs.
    ///
    /// - Returns: the length of the run, and its bytes where they went to memory.
    mutating func finish() throws(IndexFault) -> (byteCount: Int, bytes: [UInt8]) {
        if !group.isEmpty { try closeGroup() }
        try closeStudy()
        // Taken out, so that none is copied when it is sorted.
        var (patients, lookups, files) = (patients, lookups, files)
        self.patients = PatientRecords(spill: nil)
        self.lookups = LookupRecords(spill: nil)
        self.files = FileRecords(spill: nil)
        try patients.finish(&lookups.patientNames) { (row, table) throws(IndexFault) in try write(row, to: table) }
        try lookups.finish { (row, table) throws(IndexFault) in try write(row, to: table) }
        try files.finish { (row, table) throws(IndexFault) in try write(row, to: table) }
        for uid in sopClasses.uids { try write(Row(texts: [uid.packed]), to: .sopClasses) }
        for uid in transferSyntaxes.uids { try write(Row(texts: [uid.packed]), to: .transferSyntaxes) }
        for index in writers.indices { try writers[index].close(&sink) }
        var tail: [UInt8] = []
        for writer in writers {
            try writer.finish(&sink).append(to: &tail)
        }
        sink.endBlocks()
        let bodyBytes = sink.byteCount
        var checksums: [UInt8] = []
        for checksum in sink.blockChecksums { checksums.appendLittleEndian(checksum) }
        for start in stride(from: 0, to: checksums.count, by: RunLayout.blockBytes) {
            let part = checksums[start..<min(start + RunLayout.blockBytes, checksums.count)]
            tail.appendLittleEndian(checksum(Array(part)))
        }
        let tailOffset = bodyBytes + checksums.count
        let fileBytes = tailOffset + tail.count + RunLayout.trailerBytes
        let trailer = RunTrailer(
            tailCRC: checksum(tail), bodyBytes: bodyBytes, tailOffset: tailOffset, tailBytes: tail.count,
            fileBytes: fileBytes)
        let bytes = try sink.finish(checksums + tail + trailer.encoded())
        return (fileBytes, bytes)
    }
}

/// UIDs that recur, numbered as they come.
struct NumberedUIDs {
    private(set) var uids: [UID] = []
    private var numbers: [UID: Int] = [:]

    mutating func number(of uid: UID) -> Int {
        if let known = numbers[uid] { return known }
        uids.append(uid)
        numbers[uid] = uids.count - 1
        return uids.count - 1
    }
}
