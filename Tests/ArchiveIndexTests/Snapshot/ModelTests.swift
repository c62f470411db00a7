// The index against a dictionary: the same files, told in any order and by any way, give the same answers.

import DICOM
import Platform
import Support
import Testing

@testable import ArchiveIndex

/// What an index should say, worked out from all files at once.
struct Answers: Equatable, CustomStringConvertible {
    var lines: [String] = []

    var description: String { lines.joined(separator: "\n") }

    init(_ snapshot: Snapshot) throws(IndexFault) {
        var patients = try snapshot.patients()
        while let patient = try patients.next() {
            lines.append(
                "patient \(Self.key(patient.key)) \(try Self.shown(patient.attributes(), HeldAttributes.patient))")
            for study in try patient.studies() { lines.append("  of \(study.studyInstanceUID)") }
        }
        var studies = try snapshot.studies()
        while let study = try studies.next() {
            let keys = try study.patientKeys().map(Self.key).joined(separator: ",")
            lines.append(
                "study \(study.studyInstanceUID) \(keys) \(try study.seriesCount()) \(try study.instanceCount()) "
                    + "\(try study.modalities()) \(try study.sopClasses()) "
                    + "\(try Self.shown(study.attributes(), HeldAttributes.study))")
            var series = try study.series()
            while let one = try series.next() {
                lines.append(
                    " series \(one.seriesInstanceUID) \(try one.instanceCount()) \(try one.sopClasses()) "
                        + "\(try Self.shown(one.attributes(), HeldAttributes.series))")
                var instances = try one.instances()
                while let instance = try instances.next() {
                    for content in try instance.contents() {
                        lines.append(
                            "  instance \(instance.sopInstanceUID) \(content.sopClassUID) \(content.attributes.bytes) "
                                + "\(content.places.map(Self.place))")
                    }
                }
            }
        }
        for root in 0..<2 {
            var files = try snapshot.files(root: root)
            while let file = try files.next() { lines.append("file \(file.kind) \(Self.place(file.place))") }
        }
    }

    static func key(_ key: PatientKey) -> String {
        "\(String(decoding: key.patientID, as: UTF8.self))|\(String(decoding: key.issuer, as: UTF8.self))|\(key.studyInstanceUID?.text ?? "")"
    }

    static func place(_ place: Place) -> String {
        "\(place.root)/\(String(decoding: place.path, as: UTF8.self)) \(place.sizeBytes) \(place.modificationNs) \(place.inode) \(place.isTrusted)"
    }

    static func shown(_ attributes: ResolvedAttributes, _ tags: [DICOM.Tag]) -> String {
        tags.compactMap { tag in attributes.value(tag).map { "\(tag)=\($0.bytes)" } }.joined(separator: " ")
    }
}

@Suite("The index against a dictionary") struct ModelTests {
    /// Files by root and path: what the index must know.
    struct Model {
        var files: [RootedPath: InstanceEntry] = [:]
        var foreign: [RootedPath: ForeignFile] = [:]

        func snapshot() throws -> Snapshot {
            let run = try Run(
                files.values.map { SignedEntry(entry: $0) }, foreign.values.map { SignedForeignFile(file: $0) },
                file: "model")
            return Snapshot(sources: [run], generation: 0, journalSequence: 0)
        }
    }

    /// More seeds with FILEROOM_SEEDS, in release.
    static let seeds: ClosedRange<UInt64> = 1...(Program.environment("FILEROOM_SEEDS").flatMap { UInt64($0) } ?? 2)

    @Test(arguments: seeds)
    func `imports, appends, folds and merges in any order give the same answers`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let disk = CrashableDisk()
        let folder = try IndexFolder.create(at: "/area/index", kernel: disk)
        let other = try IndexFolder.open(at: "/area/index", kernel: disk)
        #expect(try folder.root(of: "/mnt") == 1)
        var model = Model()
        for step in 0..<10 {
            switch Int.random(in: 0..<6, using: &generator) {
            case 0, 1:
                let session = folder.importSession()
                for _ in 0..<Int.random(in: 1...12, using: &generator) {
                    let entry = Samples.odd(&generator)
                    let path = RootedPath(root: entry.place.root, path: entry.place.path)
                    try session.add(entry)
                    model.files[path] = entry
                    model.foreign[path] = nil
                }
                let foreign = ForeignFile(
                    Place(
                        root: 1, path: Array("x\(step)".utf8), sizeBytes: step, modificationNs: 5, inode: 6,
                        isTrusted: true, dataSetOffset: 0), reason: 3)
                try session.add(foreign)
                model.foreign[RootedPath(root: 1, path: foreign.place.path)] = foreign
                if let gone = model.files.keys.sorted().randomElement(using: &generator), Bool.random(using: &generator)
                {
                    try session.publish()
                    try session.forget(root: gone.root, path: gone.path)
                    model.files[gone] = nil
                }
                try session.finish()
            case 2, 3:
                var batch: [InstanceEntry] = []
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    let entry = Samples.odd(&generator)
                    batch.append(entry)
                    model.files[RootedPath(root: entry.place.root, path: entry.place.path)] = entry
                    model.foreign[RootedPath(root: entry.place.root, path: entry.place.path)] = nil
                }
                try other.append(batch)
            case 4: try folder.fold()
            default: try other.compact()
            }
            let expected = try Answers(model.snapshot())
            #expect(try Answers(folder.snapshot()) == expected, "seed \(seed) step \(step)")
            #expect(try Answers(other.snapshot()) == expected, "seed \(seed) step \(step)")
        }
        try folder.compact()
        #expect(try Answers(folder.snapshot()) == Answers(model.snapshot()))
        try folder.removeSuperseded()
        #expect(try folder.verify().isEmpty)
        #expect(try Answers(IndexFolder.open(at: "/area/index", kernel: disk).snapshot()) == Answers(model.snapshot()))
    }
}
