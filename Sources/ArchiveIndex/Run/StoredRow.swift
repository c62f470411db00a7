// A row of a run where it stands: its columns are read when they are asked for.

import DICOM

/// One row. Cheap to copy; keeps its run open.
struct StoredRow: Sendable {
    let run: Run
    let page: Page
    /// In the table.
    let ordinal: Int

    private var row: Int { ordinal - page.rows.lowerBound }
    var table: Table { page.table }

    func number(_ column: Int) -> UInt64 { page.number(column, row) }

    /// The number in a column, as an ordinal or a count.
    func int(_ column: Int) -> Int { Int(truncatingIfNeeded: number(column) & 0x7FFF_FFFF_FFFF_FFFF) }

    /// A count that may be negative.
    func signed(_ column: Int) -> Int { Int(Int64(bitPattern: number(column))) }

    func text(_ column: Int) throws(IndexFault) -> [UInt8] { try page.text(column, row) }

    func attributes() throws(IndexFault) -> AttributeSet { try page.attributes(row) }

    /// The value of one attribute of the row's set; nil where it hasn't it.
    func value(_ tag: Tag) throws(IndexFault) -> (vr: VR, bytes: [UInt8])? { try page.value(tag, row) }

    /// A text as rows are sorted by it.
    private func keyText(_ column: Int) throws(IndexFault) -> [UInt8] {
        table == .files && column == Column.Files.path ? try path() : try text(column)
    }

    /// The values of `parts`.
    func key(_ parts: [Table.KeyPart]) throws(IndexFault) -> [KeyValue] {
        var key: [KeyValue] = []
        key.reserveCapacity(parts.count)
        for part in parts {
            switch part {
            case .number(let index): key.append(.number(number(index)))
            case .text(let index): key.append(.text(try keyText(index)))
            }
        }
        return key
    }

    /// Where its page begins in its run.
    var byte: Int { page.offset }

    func fault(_ what: String) -> IndexFault { run.fault(table, ordinal, what) }
}

// MARK: Files

extension StoredRow {
    /// The path of a row of `files`, with the UIDs that it is coded by.
    func path() throws(IndexFault) -> [UInt8] { try path(of: try text(Column.Files.path)) }

    /// The same of a text that was read already.
    func path(of coded: [UInt8]) throws(IndexFault) -> [UInt8] {
        guard coded.contains(0) else { return coded }
        guard number(Column.Files.kind) == 0 else { throw fault("a path is coded by UIDs that aren't there") }
        let instance = try run.row(int(Column.Files.instance), of: .instances)
        var series: StoredRow?
        func ofSeries() throws(IndexFault) -> StoredRow {
            if let series { return series }
            let row = try run.row(instance.int(Column.Instances.series), of: .series)
            series = row
            return row
        }
        return try PathCoding.decode(coded) { (reference) throws(IndexFault) in
            let packed: [UInt8]
            switch reference {
            case .instance: packed = try instance.text(Column.Instances.uid)
            case .series: packed = try ofSeries().text(Column.Series.uid)
            case .study:
                packed = try run.row(try ofSeries().int(Column.Series.study), of: .studies).text(Column.Studies.uid)
            case nil: throw fault("a path is coded in no way that there is")
            }
            guard let text = UID.text(packed: packed) else { throw fault("a path is coded by no UID") }
            return text
        }
    }

    /// The place of a row of `files`.
    func place() throws(IndexFault) -> Place { try place(path: try path()) }

    /// The same where its path is known.
    func place(path: [UInt8]) throws(IndexFault) -> Place {
        let root = number(Column.Files.root)
        let size = number(Column.Files.bytes)
        let offset = number(Column.Files.offset)
        guard root <= UInt64(UInt32.max), size < 1 << 62, offset < 1 << 62 else { throw fault("a number is too large") }
        return Place(
            root: Int(root), path: path, sizeBytes: Int(size),
            modificationNs: Int64(bitPattern: number(Column.Files.modified)), inode: number(Column.Files.inode),
            isTrusted: number(Column.Files.trusted) != 0, dataSetOffset: Int(offset),
            digest: try text(Column.Files.digest))
    }

    /// The foreign file of a row of `files`; nil where the row is an instance's.
    func foreign() throws(IndexFault) -> SignedForeignFile? {
        let kind = number(Column.Files.kind)
        if kind == 0 { return nil }
        guard let reason = UInt8(exactly: kind) else { throw fault("no such kind") }
        return SignedForeignFile(
            file: ForeignFile(try place(), reason: reason), isRemoval: number(Column.Files.removal) != 0)
    }
}

extension StoredRow {
    /// The key of a row of `patients`.
    func patientKey() throws(IndexFault) -> PatientKey {
        let packed = try text(Column.Patients.studyUID)
        return PatientKey(
            patientID: try text(Column.Patients.id), issuer: try text(Column.Patients.issuer),
            only: packed.isEmpty ? nil : try run.uid(packed, .patients, ordinal))
    }
}
