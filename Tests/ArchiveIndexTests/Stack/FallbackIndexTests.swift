// Text without a character set in an index: read by the fallback that the index was made with, until a rebuild (FORMAT.md 2.3, 3.1).

import DICOM
import Platform
import Support
import Testing

@testable import ArchiveIndex

@Suite("The fallback character set of an index, PS3.3 §C.12.1.1.2, FORMAT.md 3.1") struct FallbackIndexTests {
    static let index: Path = "/area/index"
    static let cyrillic = FallbackCharacterSet("ISO_IR 144")!
    static let greek = FallbackCharacterSet("ISO_IR 126")!
    /// Люк in ISO_IR 144.
    static let name: [UInt8] = [0xBB, 0xEE, 0xDA]
    /// Institution Address, which no index holds.
    static let address = DICOM.Tag(0x0008, 0x0081)

    static func dataSet(_ study: Int, _ terms: String? = nil, _ name: [UInt8] = name) -> DataSet {
        let plain = Shelf.instance(study: study).without(.specificCharacterSet).with(.patientName, bytes: name)
        return terms.map { plain.with(.specificCharacterSet, $0) } ?? plain
    }

    static func make(_ disk: CrashableDisk, _ fallback: FallbackCharacterSet = cyrillic) throws -> IndexFolder {
        let folder = try IndexFolder.create(at: index, fallback: fallback, kernel: disk)
        _ = try folder.root(of: "/mnt")
        return folder
    }

    /// UIDs of the studies whose patients' names match a key in UTF-8.
    static func studies(_ name: String, _ folder: IndexFolder) throws -> [String] {
        let query = try Query(
            identifier: .keys("STUDY", [.patientName: name]), model: .studyRoot, options: MatchingOptions())
        var cursor = try folder.snapshot().find(query)
        var found: [String] = []
        while let match = try cursor.next() {
            found.append(String(decoding: try match.value(.studyInstanceUID)?.bytes ?? [], as: UTF8.self))
        }
        return found.sorted()
    }

    static func response(_ name: String, _ folder: IndexFolder) throws -> DataSet {
        let query = try Query(
            identifier: .keys("STUDY", [.patientName: name]), model: .studyRoot, options: MatchingOptions())
        var cursor = try folder.snapshot().find(query)
        let match = try #require(try cursor.next())
        return try ResponseIdentifier.make(match, for: query, retrieveAETitle: AETitle("FILEROOM")!)
    }

    @Test func `appended, stored and imported text is read by it, in look-ups, matches and responses`() throws {
        let disk = CrashableDisk()
        let folder = try Self.make(disk)
        try folder.append([Shelf.entry(Self.dataSet(1), file: 1)])
        #expect(try folder.store([StoreCandidate(Shelf.entry(Self.dataSet(2), file: 2))]) == [.stored])
        let session = folder.importSession()
        for study in 3...4 { try session.add(Shelf.entry(Self.dataSet(study), file: study)) }
        try session.publish()
        for key in ["ЛЮК", "люк*", "*Ю*", "???"] {
            #expect(try Self.studies(key, folder) == ["1.2.1", "1.2.2", "1.2.3", "1.2.4"], "\(key)")
        }
        #expect(try Self.studies("»*", folder) == [])
        let found = try Self.response("Л*", folder)
        #expect(found.text(.specificCharacterSet) == "ISO_IR 192")
        #expect(found.text(.patientName) == "Люк")
        try folder.compact()
        #expect(try Self.studies("Люк", folder).count == 4)
        #expect(try folder.verify().isEmpty)
    }

    @Test func `text with a character set, and text of ISO 646, is as it was sent`() throws {
        let folder = try Self.make(CrashableDisk())
        let named = Self.dataSet(1, "ISO_IR 100", [0x4D, 0xFC])
        let plain = Self.dataSet(2, nil, Array("SMITH".utf8))
        try folder.append([Shelf.entry(named, file: 1), Shelf.entry(plain, file: 2)])
        #expect(try Self.studies("MÜ", folder) == ["1.2.1"])
        for (study, terms) in [("1.2.1", "ISO_IR 100"), ("1.2.2", nil)] as [(String, String?)] {
            let entity = try #require(try folder.snapshot().study(UID(study)!))
            let variants = try entity.attributes().variants
            #expect(variants.map { $0.attributes.characterSet.map { String(decoding: $0, as: UTF8.self) } } == [terms])
        }
    }

    @Test func `a set that names none gets the fallback in its place, each level for itself`() {
        let dataSet = Self.dataSet(1, "ISO_IR 6").with(.timezoneOffsetFromUTC, "+0100")
        let sets = HeldSets(of: dataSet)
        let expected = HeldSets(of: dataSet.with(.specificCharacterSet, "ISO_IR 144"))
        #expect(sets.patient.assuming(Self.cyrillic) == expected.patient)
        #expect(sets.study.assuming(Self.cyrillic) == nil)
        let without = HeldSets(of: dataSet.without(.specificCharacterSet))
        #expect(without.patient.assuming(Self.cyrillic) == expected.patient)
        // Codes of items have bytes from 80H on that are no text.
        let items = [DataSet(values: [.codeValue: "A"]), DataSet()]
        let coded = HeldSets(of: Self.dataSet(1, nil, []).with(.procedureCodeSequence, items: items))
        #expect(coded.study.assuming(Self.cyrillic) == nil)
        let meant = [DataSet(values: [:]).with(.codeMeaning, bytes: Self.name)]
        let named = HeldSets(of: Self.dataSet(1, nil, []).with(.procedureCodeSequence, items: meant))
        #expect(named.study.assuming(Self.cyrillic)?.characterSet.map { Array($0) } == Array("ISO_IR 144".utf8))
    }

    @Test func `a key that only headers have is matched and returned by it too`() throws {
        let folder = try Self.make(CrashableDisk())
        try folder.append([Shelf.entry(Self.dataSet(1), file: 1)])
        let headers = HeaderSource(filesMaximum: 10) { _, _, _ in
            ReadHeader(attributes: DataSet(values: [:]).with(Self.address, bytes: Self.name))
        }
        for (key, count) in [("Люк", 1), ("»îÚ", 0)] {
            let query = try Query(
                identifier: .keys("SERIES", [Self.address: key]), model: .studyRoot, options: MatchingOptions())
            var cursor = try folder.snapshot().find(query, headers: headers)
            let match = try cursor.next()
            #expect((match == nil ? 0 : 1) == count)
            guard let match else { continue }
            let found = try ResponseIdentifier.make(match, for: query, retrieveAETitle: AETitle("FILEROOM")!)
            #expect(found.text(Self.address) == "Люк" && found.text(.specificCharacterSet) == "ISO_IR 192")
        }
    }

    @Test func `the same files again say nothing new`() throws {
        let disk = CrashableDisk()
        let folder = try Self.make(disk)
        try folder.append([Shelf.entry(Self.dataSet(1), file: 1)])
        let journal = try disk.bytes(of: Self.index.appending("journal-1"))
        try folder.append([Shelf.entry(Self.dataSet(1), file: 1)])
        #expect(try disk.bytes(of: Self.index.appending("journal-1")) == journal)
    }

    @Test func `current names it with version 1.1, and is as ever where text is read as ISO_IR 100`() throws {
        for (fallback, version, line) in [
            (Self.cyrillic, "1.1", "fallback ISO_IR%20144"),
            (
                FallbackCharacterSet("ISO 2022 IR 13\\ISO 2022 IR 87")!, "1.1",
                "fallback ISO%202022%20IR%2013%5CISO%202022%20IR%2087"
            ),
            (.standard, "1.0", ""),
        ] {
            let disk = CrashableDisk()
            let folder = try Self.make(disk, fallback)
            try folder.append([Samples.regular(1)])
            try folder.fold()
            let lines = String(decoding: try disk.bytes(of: Self.index.appending("current")), as: UTF8.self)
                .split(separator: "\n").map(String.init)
            #expect(lines[0] == "fileroom-current \(version)")
            #expect((line.isEmpty ? nil : 5) == lines.firstIndex { $0.hasPrefix("fallback") })
            #expect(line.isEmpty || lines[5] == line)
            let again = try IndexFolder.open(at: Self.index, kernel: disk)
            #expect(try again.fallbackCharacterSet() == fallback)
            // Another setting changes nothing.
            let asked = try IndexFolder.create(at: Self.index, fallback: Self.greek, kernel: disk)
            #expect(try asked.fallbackCharacterSet() == fallback)
        }
    }

    @Test(arguments: [
        ("1.0", "fallback ISO_IR%20144"), ("1.1", "fallback"), ("1.1", "fallback ISO_IR%20100"),
        ("1.1", "fallback NONSENSE"), ("1.1", "fallback ISO_IR%20144 x"), ("1.1", "fallback %"),
        ("1.1", "shelf 3 left"),
    ])
    func `a line that is none is damage`(version: String, line: String) throws {
        let disk = CrashableDisk()
        _ = try Self.make(disk, .standard)
        try VersionTests.rewrite("current", version: version, adding: line, on: disk)
        #expect(throws: IndexFault.self) { try IndexFolder.open(at: Self.index, kernel: disk) }
    }

    @Test func `a rebuild takes another one, and the old index keeps to its own until then`() throws {
        let disk = CrashableDisk()
        let folder = try Self.make(disk)
        let tree = StandInTree()
        func put(_ study: Int) -> InstanceEntry {
            let entry = Shelf.entry(Self.dataSet(study), file: study)
            tree.put(entry)
            return entry
        }
        try folder.append([put(1)])
        for isStopped in [true, false] {
            let rebuild = try Rebuild(at: Self.index, fallback: Self.greek, kernel: disk)
            #expect(rebuild.isResumed == !isStopped)
            try tree.scan(into: rebuild.index)
            // Stored meanwhile: in both.
            try folder.append([put(isStopped ? 2 : 3)])
            #expect(try Self.studies("Люк", folder) == (isStopped ? ["1.2.1", "1.2.2"] : ["1.2.1", "1.2.2", "1.2.3"]))
            if !isStopped { _ = try rebuild.swap(tree) }
        }
        #expect(try folder.fallbackCharacterSet() == Self.greek)
        try folder.append([put(4)])
        let text = SpecificCharacterSet(stored: Self.greek.storedValue).decode(Self.name, vr: .PN)
        #expect(try Self.studies(text, folder) == ["1.2.1", "1.2.2", "1.2.3", "1.2.4"])
        #expect(try Self.studies("Люк", folder) == [])
        // One that was stopped under another setting is not gone on with.
        do {
            let stopped = try Rebuild(at: Self.index, fallback: Self.cyrillic, kernel: disk)
            try tree.scan(into: stopped.index)
        }
        let last = try Rebuild(at: Self.index, fallback: .standard, kernel: disk)
        #expect(!last.isResumed)
        try tree.scan(into: last.index)
        _ = try last.swap(tree)
        #expect(try Self.studies("»îÚ", folder).count == 4)
        #expect(try folder.fallbackCharacterSet() == .standard)
        #expect(
            String(decoding: try disk.bytes(of: Self.index.appending("current")), as: UTF8.self).hasPrefix(
                "fileroom-current 1.0\n"))
    }
}
