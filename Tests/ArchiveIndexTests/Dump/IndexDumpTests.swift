// Dumps of whole indexes: nothing is lost, nothing is changed, and what is damaged is passed over.

import DICOM
import Platform
import Support
import Testing

@testable import ArchiveIndex

@Suite("Dumps of an index") struct IndexDumpTests {
    /// Two runs and a journal: entries added, changed and taken back; and what is left of them.
    static func area(seed: UInt64, count: Int = 300) throws -> (disk: CrashableDisk, left: [InstanceEntry]) {
        var generator = SeededGenerator(seed: seed)
        let disk = CrashableDisk()
        let folder = try IndexFolder.create(at: "/area/index", kernel: disk)
        let session = folder.importSession()
        var left: [[UInt8]: InstanceEntry] = [:]
        for number in 0..<count {
            var entry = number % 2 == 0 ? Samples.odd(&generator) : Samples.regular(number)
            if number % 7 == 0 { entry.fields.place.path += [0x09, 0xFF, 0x0A, 0x25] }
            entry.fields.place.root = 0
            try session.add(entry)
            left[entry.place.path] = entry
            if number == count / 2 { try session.publish() }
        }
        try session.publish()
        var late = Samples.regular(7_001)
        late.fields.place.root = 0
        try folder.append([late])
        left[late.place.path] = late
        return (disk, Array(left.values))
    }

    /// What `row` says is what `entry` has.
    static func expect(_ row: [String: [UInt8]], is entry: InstanceEntry) {
        #expect(row["patient"] == entry.patientID)
        #expect(row["issuer"] ?? [] == entry.issuer)
        #expect(row["StudyInstanceUID"] == entry.studyInstanceUID.bytes)
        #expect(row["SeriesInstanceUID"] == entry.seriesInstanceUID.bytes)
        #expect(row["SOPInstanceUID"] == entry.sopInstanceUID.bytes)
        #expect(row["SOPClassUID"] == entry.sopClassUID.bytes)
        #expect(row["TransferSyntaxUID"] == entry.transferSyntaxUID.bytes)
        #expect(row.text("fingerprint") == String(entry.headerFingerprint, radix: 16))
        #expect(row.text("root") == "\(entry.place.root)")
        #expect(row["path"] == entry.place.path)
        #expect(row.text("bytes") == "\(entry.place.sizeBytes)")
        #expect(row.text("modified") == "\(entry.place.modificationNs)")
        #expect(row.text("inode") == "\(entry.place.inode)")
        #expect(row.text("trusted") == (entry.place.isTrusted ? "1" : "0"))
        #expect(row.text("offset") == "\(entry.place.dataSetOffset)")
        for (level, set) in zip(Level.allCases, [entry.patient, entry.study, entry.series, entry.image]) {
            for tag in HeldAttributes.tags(at: level) + HeldAttributes.everywhere {
                let keyword = DataDictionary.entry(for: tag)!.keyword
                let column = HeldAttributes.everywhere.contains(tag) ? "\(level.name.lowercased()).\(keyword)" : keyword
                let value = set.value(tag)
                let expected =
                    value?.vr == .US
                    ? Array("\(UInt16(value!.bytes.first!) | UInt16(value!.bytes.last!) << 8)".utf8)
                    : value.map { Array($0.bytes) }
                #expect(row[column] == expected, "\(column)")
            }
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `every entry that is left is a line with all that it has, and no other`(seed: UInt64) throws {
        let (disk, left) = try Self.area(seed: seed)
        let trial = try DumpTrial(disk) { dump throws(IndexFault) in try dump.entries() }
        #expect(trial.told.isEmpty && trial.faultCount == 0)
        let rows = trial.rows
        #expect(rows.count == left.count)
        let known = Dictionary(uniqueKeysWithValues: left.map { ($0.place.path, $0) })
        for row in rows {
            guard let entry = known[row["path"] ?? []] else {
                Issue.record("\(row.text("path") ?? "no path") isn't left")
                continue
            }
            Self.expect(row, is: entry)
        }
        // Compacting changes nothing but the order of files of one instance.
        try IndexFolder.open(at: "/area/index", kernel: disk).compact()
        let again = try DumpTrial(disk) { dump throws(IndexFault) in try dump.entries() }
        func sorted(_ text: [UInt8]) -> [String] {
            String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init).sorted()
        }
        #expect(sorted(again.text) == sorted(trial.text))
    }

    @Test func `an attribute that this version doesn't name is a column of its own kind`() throws {
        let disk = CrashableDisk()
        var entry = Samples.regular(1)
        entry.fields.image.append(Tag(0x7FE1, 0x0010), .LO, Array("a;b".utf8))
        try IndexFolder.create(at: "/area/index", kernel: disk).append([entry])
        let rows = try DumpTrial(disk) { dump throws(IndexFault) in try dump.entries() }.rows
        #expect(rows.map { $0.text("image.others") } == ["(7FE1,0010) LO=a;b"])
    }

    @Test func `foreign files, roots and current are shown`() throws {
        let disk = try FlippedByteTests.area()
        let foreign = try DumpTrial(disk) { dump throws(IndexFault) in try dump.foreignFiles { "reason \($0)" } }
        #expect(foreign.rows.map { $0.text("path") } == ["x"])
        #expect(foreign.rows.map { $0.text("words") } == ["reason 9"])
        let current = try DumpTrial(disk) { dump throws(IndexFault) in try dump.current() }
        #expect(current.rows.compactMap { $0.text("field") }.filter { $0 == "run" }.count == 2)
        #expect(current.rows.last?.text("field") == "crc")
        let folder = try IndexFolder.open(at: "/area/index", kernel: disk)
        _ = try folder.remove(
            [.study(UID("1.2.3")!), .patient(id: Array("P 1".utf8), issuer: Array("I".utf8))], nowNs: 5)
        let roots = try DumpTrial(disk) { dump throws(IndexFault) in try dump.roots() }
        #expect(roots.rows.map { $0.text("kind") } == ["root", "root", "removed", "removed"])
        #expect(roots.rows[1].text("folder") == "/mnt/a b")
        #expect(roots.rows[2].text("key") == "P 1" && roots.rows[2].text("issuer") == "I")
        #expect(roots.rows[3].text("level") == "study" && roots.rows[3].text("key") == "1.2.3")
        #expect(
            roots.rows[3].text("through") == (try folder.removals()).throughNs[.study(UID("1.2.3")!)].map { "\($0)" })
        #expect(current.told + roots.told + foreign.told == [])
    }

    @Test func `a run is shown by its tables, and a table by its rows`() throws {
        let (disk, _) = try Self.area(seed: 4)
        let run = try DumpTrial(disk) { dump throws(IndexFault) in try dump.run(1) }
        #expect(run.told.isEmpty)
        for (row, name) in zip(run.rows.dropFirst(), IndexDump.tableNames) { #expect(row.text("part") == name) }
        let opened = try IndexFolder.open(at: "/area/index", kernel: disk).stack().snapshot.sources[0]
        for table in Table.allCases {
            let count = opened.table(table).rowCount
            #expect(run.rows[Int(table.rawValue)].text("rows") == "\(count)")
            let all = try DumpTrial(disk) { dump throws(IndexFault) in
                try dump.run(1, table: table.name.uppercased().split(separator: " ").joined(separator: "-"), rows: nil)
            }
            #expect(all.told.isEmpty)
            #expect(all.rows.compactMap { $0.text("row") } == (0..<count).map { "\($0)" })
            guard count > 2 else { continue }
            let some = try DumpTrial(disk) { dump throws(IndexFault) in
                try dump.run(1, table: "\(table.rawValue)", rows: 1...2)
            }
            #expect(some.rows == Array(all.rows[1...2]), "\(table)")
        }
        let series = try DumpTrial(disk) { dump throws(IndexFault) in try dump.run(1, table: "series", rows: 0...0) }
        #expect(series.rows[0].text("series UID")?.hasPrefix("1.2.") == true)
        let sets = try DumpTrial(disk) { dump throws(IndexFault) in try dump.run(1, table: "series-sets", rows: nil) }
        #expect(sets.rows.contains { $0.text("attributes")?.contains("Modality CS=CT") == true })
        for (table, rows) in [("serie", nil), ("series", 1_000...1_001)] as [(String, ClosedRange<Int>?)] {
            #expect(throws: IndexFault.self) {
                try DumpTrial(disk) { dump throws(IndexFault) in try dump.run(1, table: table, rows: rows) }
            }
        }
        #expect(throws: IndexFault.self) { try DumpTrial(disk) { dump throws(IndexFault) in try dump.run(99) } }
    }

    @Test func `a journal is shown frame by frame`() throws {
        let disk = try FlippedByteTests.area()
        let folder = try IndexFolder.open(at: "/area/index", kernel: disk)
        try folder.fold()
        try folder.append([Samples.regular(900)])
        func kinds(_ number: UInt64) throws -> [String?] {
            let trial = try DumpTrial(disk) { dump throws(IndexFault) in try dump.journal(number) { _ in "" } }
            #expect(trial.told.isEmpty)
            return trial.rows.map { $0.text("kind") }
        }
        let number = try folder.current().firstJournal
        #expect(try kinds(number) == ["head", "published", "entries", "instance"])
        let trial = try DumpTrial(disk) { dump throws(IndexFault) in try dump.journal(number) { _ in "" } }
        Self.expect(trial.rows[3], is: Samples.regular(900))
        #expect(trial.rows[3].text("sign") == "+")
        #expect(throws: IndexFault.self) {
            try DumpTrial(disk) { dump throws(IndexFault) in try dump.journal(77) { _ in "" } }
        }
    }
}

@Suite("Dumps of a damaged index") struct DamagedDumpTests {
    static func lines(_ trial: DumpTrial) -> Set<ArraySlice<UInt8>> { Set(trial.text.split(separator: 0x0A)) }

    @Test(arguments: [1, 2] as [UInt64])
    func `show nothing that isn't so, tell what is damaged, and go on behind it`(seed: UInt64) throws {
        let (disk, left) = try IndexDumpTests.area(seed: seed, count: 3_000)
        let path = Path("/area/index/run-1")
        let size = try disk.bytes(of: path).count
        let truth = Self.lines(try DumpTrial(disk) { dump throws(IndexFault) in try dump.entries() })
        #expect(truth.count == left.count + 1)
        let body = try IndexFolder.open(at: "/area/index", kernel: disk).stack().snapshot.sources[0].bytes.trailer
            .bodyBytes
        var seenParts = 0
        for byte in stride(from: 20, to: size, by: 8_192) {
            try disk.flip(bit: 3, ofByte: byte, of: path)
            defer { try? disk.flip(bit: 3, ofByte: byte, of: path) }
            let trial = try DumpTrial(disk) { dump throws(IndexFault) in try dump.entries() }
            #expect(trial.faultCount > 0 && !trial.told.isEmpty, "byte \(byte)")
            // A removal that can't be read takes nothing back; there is none here.
            #expect(Self.lines(trial).isSubset(of: truth), "byte \(byte)")
            if Self.lines(trial).count > 1, byte < body { seenParts += 1 }
        }
        #expect(seenParts > 0)
    }

    @Test func `a run that can't be opened leaves the others`() throws {
        let (disk, _) = try IndexDumpTests.area(seed: 9)
        let truth = Self.lines(try DumpTrial(disk) { dump throws(IndexFault) in try dump.entries() })
        let path = Path("/area/index/run-2")
        try disk.flip(bit: 0, ofByte: try disk.bytes(of: path).count - 10, of: path)
        let trial = try DumpTrial(disk) { dump throws(IndexFault) in try dump.entries() }
        #expect(trial.faultCount > 0)
        #expect(trial.told.contains { $0.contains("run-2") })
        #expect(Self.lines(trial).count > 100 && Self.lines(trial).count < truth.count)
        // What is added and not taken back by a run that isn't there may show.
        #expect(throws: IndexFault.self) { try DumpTrial(disk) { dump throws(IndexFault) in try dump.run(2) } }
    }

    @Test func `a journal goes on behind a bad frame`() throws {
        let disk = CrashableDisk()
        let folder = try IndexFolder.create(at: "/area/index", kernel: disk)
        for number in 0..<3 { try folder.append([Samples.regular(number)]) }
        let path = Path("/area/index/journal-1")
        let size = try disk.bytes(of: path).count
        try disk.flip(bit: 1, ofByte: JournalHead.byteCount + 50, of: path)
        let trial = try DumpTrial(disk) { dump throws(IndexFault) in try dump.journal(1) { _ in "" } }
        #expect(
            trial.rows.map { $0.text("kind") } == ["head", "no frame", "entries", "instance", "entries", "instance"])
        #expect(trial.faultCount > 0)
        let all = try DumpTrial(disk) { dump throws(IndexFault) in try dump.entries() }
        #expect(all.rows.count == 2)
        #expect(all.faultCount > 0)
        try disk.flip(bit: 1, ofByte: JournalHead.byteCount + 50, of: path)
        // The end that was cut short is no damage.
        try disk.replace(path, with: Array(try disk.bytes(of: path)[..<(size - 9)]))
        let torn = try DumpTrial(disk) { dump throws(IndexFault) in try dump.journal(1) { _ in "" } }
        #expect(torn.rows.map { $0.text("kind") }.suffix(2) == ["instance", "no frame"])
        #expect(torn.faultCount == 0 && torn.told.count == 1)
    }

    @Test func `without current nothing counts, and its lines are shown all the same`() throws {
        let (disk, _) = try IndexDumpTests.area(seed: 3)
        try disk.flip(bit: 1, ofByte: 70, of: "/area/index/current")
        #expect(throws: IndexFault.self) { try DumpTrial(disk) { dump throws(IndexFault) in try dump.entries() } }
        let trial = try DumpTrial(disk) { dump throws(IndexFault) in try dump.current() }
        #expect(trial.rows.count >= 6)
        #expect(trial.faultCount == 1)
    }
}
