// A run as a dump shows it: its parts and tables, or the rows of one table.

import DICOM
import Platform

extension IndexDump {
    /// Opens a run, whether `current` names it or not.
    private func openRun(_ number: UInt64) throws(IndexFault) -> Run {
        let path = folder.path.appending(IndexFolder.runName(number))
        let kernel = folder.kernel
        let size: Int
        do throws(FileFault) { size = try File.open(path, .reading, kernel: kernel).status().sizeBytes } catch {
            if error.cause == .noEntry { throw .refused(what: "there is no \(path)") }
            throw .file(error)
        }
        return try folder.openRun(Current.RunEntry(number: number, byteCount: size))
    }

    /// The parts of a run, in the order of the file but for the pages, which lie among each other: a line for all of a table.
    package func run(_ number: UInt64) throws(IndexFault) {
        let run = try openRun(number)
        let trailer = run.bytes.trailer
        let sheet = DumpSheet(["part", "table", "rows", "pages", "bytes", "offset", "note"], style)
        writing(sheet) { lines in
            func row(_ part: String, _ bytes: Int, at offset: Int, _ note: String) {
                sheet.append(
                    [.text(part), .absent, .absent, .absent, .number(bytes), .number(offset), .text(note)],
                    to: &lines.bytes)
            }
            row("prologue", RunLayout.prologueBytes, at: 0, "format \(FormatVersion.text)")
            for entry in run.bytes.tables {
                sheet.append(
                    [
                        .text(entry.table.name), .number(Int(entry.table.rawValue)), .number(entry.rows),
                        .number(entry.pages), .number(pageBytes(run.table(entry.table))), .absent, .text("pages"),
                    ], to: &lines.bytes)
            }
            for entry in run.bytes.tables {
                sheet.append(
                    [
                        .text(entry.table.name), .number(Int(entry.table.rawValue)), .absent, .number(entry.pages),
                        .number(entry.pages * RunLayout.directoryEntryBytes), .number(entry.directoryOffset),
                        .text("directory"),
                    ], to: &lines.bytes)
            }
            row(
                "CRC table", trailer.tailOffset - trailer.bodyBytes, at: trailer.bodyBytes,
                "\(run.bytes.blockCount) blocks of \(RunLayout.blockBytes) bytes")
            row("tail", trailer.tailBytes, at: trailer.tailOffset, "crc \(hexadecimalDigits(trailer.tailCRC))")
            row(
                "trailer", RunLayout.trailerBytes, at: trailer.fileBytes - RunLayout.trailerBytes,
                "body of \(trailer.bodyBytes) bytes, file of \(trailer.fileBytes)")
        }
        for block in 0..<run.bytes.blockCount {
            do throws(IndexFault) { try run.bytes.check(block: block) } catch { faults.note(error) }
        }
    }

    private func pageBytes(_ table: TableReader) -> Int {
        var count = 0
        for page in table.pageIndices {
            do throws(IndexFault) { count += try table.place(ofPage: page).byteCount } catch { faults.note(error) }
        }
        return count
    }

    /// The tables that `run(_:table:rows:)` takes.
    package static var tableNames: [String] { Table.allCases.map(\.name) }

    /// The rows of a table, named as the format does or by its number.
    package func run(_ number: UInt64, table name: String, rows: ClosedRange<Int>?) throws(IndexFault) {
        let wanted = name.lowercased().split(separator: "-").joined(separator: " ")
        guard let table = Table.allCases.first(where: { $0.name.lowercased() == wanted || "\($0.rawValue)" == wanted })
        else {
            throw .refused(
                what: "\(name) is no table; there are "
                    + Table.allCases.map { "\($0.rawValue) \($0.name)" }.joined(separator: ", "))
        }
        let run = try openRun(number)
        let count = run.table(table).rowCount
        if let rows, rows.lowerBound >= count {
            throw .refused(what: "\(table.name) has \(count) rows, counted from 0")
        }
        let shape = table.shape
        let sheet = DumpSheet(
            ["row"] + shape.numbers + shape.texts + (shape.hasAttributes ? ["attributes"] : []), style)
        var cursor = try run.cursor(table, at: rows?.lowerBound ?? 0)
        writing(sheet) { lines in
            while cursor.next <= min(rows?.upperBound ?? count, count - 1), cursor.advance(telling: faults) {
                if let rows, cursor.number > rows.upperBound { return }
                sheet.append(cells(cursor.row), to: &lines.bytes)
                lines.flush()
            }
        }
    }

    private func cells(_ row: StoredRow) -> [DumpCell] {
        let shape = row.table.shape
        var cells: [DumpCell] = [.number(row.ordinal)]
        for (column, name) in shape.numbers.enumerated() {
            switch name {
            case "weight": cells.append(.number(row.signed(column)))
            case "modified": cells.append(.wide("\(Int64(bitPattern: row.number(column)))"))
            case "inode": cells.append(.wide("\(row.number(column))"))
            default: cells.append(.number(Int(clamping: row.number(column))))
            }
        }
        for (column, name) in shape.texts.enumerated() {
            cells.append(attempt { () throws(IndexFault) in try Self.text(row, column, name) })
        }
        if shape.hasAttributes {
            cells.append(attempt { () throws(IndexFault) in DumpText.cell(try row.attributes()) })
        }
        return cells
    }

    private func attempt(_ body: () throws(IndexFault) -> DumpCell) -> DumpCell {
        do throws(IndexFault) { return try body() } catch {
            faults.note(error)
            return .absent
        }
    }

    /// UIDs and paths as they are read, and row numbers in decimal.
    private static func text(_ row: StoredRow, _ column: Int, _ name: String) throws(IndexFault) -> DumpCell {
        let stored = try row.text(column)
        if row.table == .files, column == Column.Files.path { return .bytes(try row.path()) }
        if row.table == .series, column == Column.Series.sopClasses {
            var reader = ByteReader(stored, file: row.run.file)
            var numbers: [String] = []
            while !reader.isAtEnd { numbers.append("\(try reader.varint())") }
            return .text(numbers.joined(separator: "\\"))
        }
        if name.hasSuffix("UID") {
            return stored.isEmpty ? .absent : .bytes(UID.text(packed: stored) ?? stored)
        }
        return .bytes(stored)
    }
}
