import DICOM
import Platform
import Support
import Testing

@testable import ArchiveIndex

@Suite("Paths made of UIDs, FORMAT.md") struct PathCodingTests {
    /// A path as it is coded: what was put in the place of UIDs, in braces.
    private static func coded(_ path: String, _ instance: String, _ series: String, _ study: String) throws -> String {
        let uids: [PathCoding.Reference: [UInt8]] = [
            .instance: Array(instance.utf8), .series: Array(series.utf8), .study: Array(study.utf8),
        ]
        let coded = PathCoding.encode(
            Array(path.utf8), instance: Array(instance.utf8), series: Array(series.utf8), study: Array(study.utf8))
        #expect(
            try PathCoding.decode(coded) { (reference) throws(IndexFault) in uids[reference!]! } == Array(path.utf8))
        var shown = ""
        var isReference = false
        for byte in coded {
            if isReference { shown += "{\(byte)}" } else if byte != 0 { shown.unicodeScalars.append(.init(byte)) }
            isReference = !isReference && byte == 0
        }
        return shown
    }

    @Test func `each UID is named where it stands`() throws {
        #expect(try Self.coded("1.2/1.2.3/1.2.3.4.dcm", "1.2.3.4", "1.2.3", "1.2") == "{3}/{2}/{1}.dcm")
        #expect(try Self.coded("a/1.5/1.6/1.7/b", "1.7", "1.6", "1.5") == "a/{3}/{2}/{1}/b")
        #expect(try Self.coded("1.71.71.7", "1.7", "1.6", "1.5") == "{1}{1}{1}")
    }

    @Test func `of UIDs within UIDs the instance goes first, then the series`() throws {
        // The series is the begin of the instance, the study that of both; one has all equal.
        #expect(try Self.coded("1.2.3.4", "1.2.3.4", "1.2.3", "1.2") == "{1}")
        #expect(try Self.coded("x1.2.3/1.2.3.5", "1.2.3.4", "1.2.3", "1.2") == "x{2}/{2}.5")
        #expect(try Self.coded("1.2/1.2/1.2", "1.2", "1.2", "1.2") == "{1}/{1}/{1}")
        // The instance is within the study.
        #expect(try Self.coded("9.1.2.9/1.2", "1.2", "5.5", "9.1.2.9") == "9.{1}.9/{1}")
    }

    @Test func `part of a UID is itself, one that goes on is not`() throws {
        #expect(try Self.coded("1.2.3", "1.2.3.4", "7.7.7", "8.8.8") == "1.2.3")
        #expect(try Self.coded("1.2.3.45/1.2.1.2.3.4", "1.2.3.4", "7.7.7", "8.8.8") == "{1}5/1.2.{1}")
        #expect(try Self.coded("", "1.2.3.4", "7.7.7", "8.8.8") == "")
    }

    @Test func `UIDs of letters are UIDs, those of two characters are left`() throws {
        #expect(try Self.coded("ABC/x~y/q.dcm", "q.d", "x~y", "ABC") == "{3}/{2}/{1}cm")
        #expect(try Self.coded("12/1/2", "12", "1", "2") == "12/1/2")
    }

    @Test func `paths of any bytes come back`() throws {
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<2_000 {
            func part(_ lengths: ClosedRange<Int>) -> [UInt8] {
                (0..<Int.random(in: lengths, using: &generator)).map { _ in
                    "11.2/".utf8.randomElement(using: &generator) ?? 0
                }
            }
            let uids = [part(1...6), part(1...6), part(1...6)]
            let path = part(0...30)
            let coded = PathCoding.encode(path, instance: uids[0], series: uids[1], study: uids[2])
            let decoded = try PathCoding.decode(coded) { (reference) throws(IndexFault) in
                uids[Int(reference!.rawValue) - 1]
            }
            #expect(decoded == path)
            #expect(coded.count <= path.count)
        }
    }

    @Test func `references that there are not are told`() throws {
        for coded in [[0x61, 0, 4], [0, 0], [0x61, 0], [0, 0x31]] as [[UInt8]] {
            #expect(throws: IndexFault.refused(what: "none")) {
                try PathCoding.decode(coded) { (reference) throws(IndexFault) in
                    guard reference != nil else { throw .refused(what: "none") }
                    return []
                }
            }
        }
    }

    /// Entries whose paths are made of their UIDs in several ways, so that the order of paths is not that of coded ones.
    private static func entries() -> [InstanceEntry] {
        (0..<700).map { number in
            var entry = Samples.regular(number)
            if number % 50 == 49 { entry.fields.sopInstanceUID = UID("odd~\(number)")! }
            let (study, series) = (entry.studyInstanceUID.text, entry.seriesInstanceUID.text)
            let instance = entry.sopInstanceUID.text
            let path =
                switch number % 7 {
                case 0: "\(study)/\(series)/\(instance).dcm"
                case 1: "\(series)-\(instance)"
                case 2: "\(instance)"
                case 3: "\(study).\(number)"
                case 4: "0/\(instance)"
                case 5: "zz/\(study)/\(number)"
                default: "plain/\(number)"
                }
            entry.fields.place.path = Array(path.utf8)
            return entry
        }
    }

    @Test func `a run gives the paths that it was given, in their order`() throws {
        let entries = Self.entries()
        let run = try Run(
            entries.map { SignedEntry(entry: $0) },
            [
                SignedForeignFile(
                    file: ForeignFile(
                        Place(
                            root: 1, path: Array("1.2.826.txt".utf8), sizeBytes: 1, modificationNs: 2, inode: 3,
                            isTrusted: true, dataSetOffset: 0), reason: 4))
            ], file: "run")
        var expected = entries.map(\.place.path) + [Array("1.2.826.txt".utf8)]
        expected.sort { $0.lexicographicallyPrecedes($1) }
        var coded = 0
        var files = run.cursor(.files)
        var paths: [[UInt8]] = []
        while try files.advance() {
            if try files.text(Column.Files.path).contains(0) { coded += 1 }
            paths.append(try files.path())
            #expect(try files.row.path() == paths.last)
        }
        #expect(paths == expected)
        #expect(coded == 600)
        // Entries come back as they went in.
        var reader = EntryReader(run)
        var read: Set<InstanceEntry> = []
        while let entry = try reader.next() { read.insert(entry.signed.entry) }
        #expect(read == Set(entries))
    }

    @Test func `rescans find paths from anywhere on, and each for itself`() throws {
        let entries = Self.entries()
        let disk = CrashableDisk()
        let folder = try IndexFolder.create(at: "/area/index", kernel: disk)
        #expect(try folder.root(of: "/mnt") == 1)
        let session = folder.importSession()
        try session.add(Array(entries.prefix(400)))
        try session.publish()
        try session.add(Array(entries.suffix(300)))
        try session.finish()
        let snapshot = try folder.snapshot()
        let places = entries.map(\.place).sorted { $0.path.lexicographicallyPrecedes($1.path) }
        for number in stride(from: 0, to: places.count, by: 23) {
            let path = places[number].path
            #expect(try snapshot.file(root: 1, path: path)?.place == places[number])
            var files = try snapshot.files(root: 1, from: path + [0x20])
            #expect(try files.next()?.place == (number + 1 < places.count ? places[number + 1] : nil))
        }
        var files = try snapshot.files(root: 1)
        for place in places { #expect(try files.next()?.place == place) }
        #expect(try files.next() == nil)
        #expect(try folder.verify().isEmpty)
    }
}
