// Readers of headers: what a few files of one folder turn out to be, and whether their times can be trusted.

import ArchiveIndex
import DICOM
import Platform
import Support
import Testing

@testable import Archive

@Suite("Reading the files of a folder, design: Import") struct ReadJobTests {
    /// Reads files of `folder` as an import does that began at `startedNs`.
    static func read(
        _ names: [String], in folder: Path, below: String = "", links: Set<String> = [], startedNs: Int64 = .max,
        settleNs: Int64 = 0
    ) -> [ReadResult] {
        var reader = HeaderReader()
        let files = names.map { name in
            WalkedFile(
                path: Array((below.isEmpty ? name : "\(below)/\(name)").utf8), folder: Array(below.utf8),
                name: Array(name.utf8), isLink: links.contains(name), settleNs: settleNs)
        }
        let job = ReadJob(root: 7, rootPath: folder, folder: Array(below.utf8), files: files)
        return reader.read(job, startedNs: startedNs)
    }

    /// A result in a word.
    static func word(_ result: ReadResult) -> String {
        switch result {
        case .instance(let entry, _): entry.sopInstanceUID.text
        case .foreign(_, let refusal): "\(refusal.code)"
        case .unreadable(let fault): fault.cause.symbolicName
        case .unsettled(let path): "unsettled \(String(decoding: path, as: UTF8.self))"
        }
    }

    @Test func `each file is a result, in order`() throws {
        let folder = try TemporaryFolder()
        try folder.write(Sample.file(), to: "sub/a")
        try folder.write(Sample.foreign, to: "sub/b")
        try folder.write(Sample.withoutStudy(), to: "sub/c")
        let results = Self.read(["a", "b", "none", "c"], in: folder.path, below: "sub")
        #expect(results.map(Self.word) == [Sample.instance.text, "1", "ENOENT", "8"])
    }

    @Test func `an instance's place is its file as it is`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Sample.file(), to: "sub/a")
        let status = try File.status(of: path)
        guard case .instance(let entry, nil)? = Self.read(["a"], in: folder.path, below: "sub").first else {
            Issue.record("no instance")
            return
        }
        let header = try InstanceHeaderTests.header(Sample.file())
        #expect(
            entry.place
                == Place(
                    root: 7, path: Array("sub/a".utf8), sizeBytes: status.sizeBytes,
                    modificationNs: status.modificationNs, inode: status.inode, isTrusted: true,
                    dataSetOffset: header.dataSetOffset))
        #expect(entry == header.entry(at: entry.place))
    }

    @Test func `a foreign file is remembered as it is`() throws {
        let folder = try TemporaryFolder()
        let status = try File.status(of: folder.write(Sample.foreign, to: "b"))
        guard case .foreign(let file, .notDICOM)? = Self.read(["b"], in: folder.path).first else {
            Issue.record("not foreign")
            return
        }
        #expect(
            file
                == ForeignFile(
                    Place(
                        root: 7, path: Array("b".utf8), sizeBytes: status.sizeBytes,
                        modificationNs: status.modificationNs,
                        inode: status.inode, isTrusted: true, dataSetOffset: 0), reason: 1))
    }

    @Test func `a time within two seconds of the import's start, or after it, isn't trusted`() throws {
        let folder = try TemporaryFolder()
        for bytes in [try Sample.file(), Sample.foreign] {
            let path = folder.appending("a")
            if try File.exists(path) { try File.remove(path) }
            try folder.write(bytes, to: "a")
            let changedNs = try File.status(of: path).modificationNs
            let isTrusted = { (laterNs: Int64) -> Bool? in
                switch Self.read(["a"], in: folder.path, startedNs: changedNs + laterNs).first {
                case .instance(let entry, _): entry.place.isTrusted
                case .foreign(let file, _): file.place.isTrusted
                default: nil
                }
            }
            #expect(isTrusted(-1_000_000_000) == false && isTrusted(0) == false && isTrusted(2_000_000_000) == false)
            #expect(isTrusted(2_000_000_001) == true && isTrusted(60_000_000_000) == true)
        }
    }

    @Test func `a file that must have stayed as it is for a while isn't read before`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Sample.foreign, to: "a")
        let changedNs = try File.status(of: path).modificationNs
        let word = { (laterNs: Int64) -> String? in
            Self.read(["a"], in: folder.path, startedNs: changedNs + laterNs, settleNs: 3_000_000_000).first
                .map(Self.word)
        }
        #expect(word(0) == "unsettled a" && word(2_999_999_999) == "unsettled a")
        #expect(word(3_000_000_000) == "1")
        #expect(word(-1) == "1", "a time to come says nothing")
        try File.link(path, as: folder.appending("b"))
        #expect(word(0) == "1", "what gets a second name is whole")
    }

    @Test func `a folder that is gone leaves none of its files uncounted`() throws {
        let folder = try TemporaryFolder()
        let results = Self.read(["a", "b", "c"], in: folder.path, below: "gone")
        #expect(results.map(Self.word) == ["ENOENT", "ENOENT", "ENOENT"])
    }

    @Test func `what is no file any more can't be read`() throws {
        let folder = try TemporaryFolder()
        try Folder.make(folder.appending("folder"))
        #expect(Tree.pipe(folder.appending("pipe")), "a pipe without a writer keeps nobody waiting")
        try folder.write(Sample.file(), to: "real")
        #expect(Tree.link(folder.appending("link"), to: "real"))
        let results = Self.read(["folder", "pipe", "link", "real"], in: folder.path)
        #expect(results.prefix(3).allSatisfy { if case .unreadable = $0 { true } else { false } })
        #expect(Self.word(results[3]) == Sample.instance.text)
        let following = Self.read(["link"], in: folder.path, links: ["link"])
        #expect(following.map(Self.word) == [Sample.instance.text])
    }

    @Test func `a reader serves one file after the other, long and short`() throws {
        let folder = try TemporaryFolder()
        var long = Sample.dataSet(Sample.series)
        let tag = DICOM.Tag(0x0009, 0x1001)
        long[tag] = DataElement(tag, .OB, .bytes([UInt8](repeating: 0xAA, count: 100_000)))
        try folder.write(Sample.file(.explicitVRLittleEndian, long), to: "long")
        try folder.write(Sample.file(), to: "short")
        try folder.write([], to: "empty")
        let results = Self.read(["long", "short", "empty", "long", "empty", "short"], in: folder.path)
        let expected = [Sample.series.text, Sample.instance.text, "1", Sample.series.text, "1", Sample.instance.text]
        #expect(results.map(Self.word) == expected, "nothing of one is left for the next")
    }

    @Test func `a header over 16 MiB is indexed by what was read`() throws {
        let folder = try TemporaryFolder()
        let noise = [UInt8](repeating: 0x5A, count: InstanceHeader.maximumBytes + 1_000)
        for (name, tag) in [("behind", DICOM.Tag(0x0029, 0x1001)), ("before", DICOM.Tag(0x0009, 0x1001))] {
            var set = Sample.dataSet()
            set[tag] = DataElement(tag, .OB, .bytes(noise))
            try folder.write(Sample.file(.explicitVRLittleEndian, set), to: name)
        }
        #expect(Self.read(["behind"], in: folder.path).map(Self.word) == [Sample.instance.text])
        #expect(Self.read(["before"], in: folder.path).map(Self.word) == ["3"], "its UIDs were never reached")
    }
}
