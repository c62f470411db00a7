// The same instances by any way: what clients get is the same, byte by byte (design: Identity).

import DICOM
import Platform
import Support
import Testing

@testable import ArchiveIndex

@Suite("The same answers, whatever the order, design: Identity") struct OrderTests {
    static let index: Path = "/area/index"
    /// More seeds with FILEROOM_SEEDS, in release.
    static let seeds: ClosedRange<UInt64> = 1...(Program.environment("FILEROOM_SEEDS").flatMap { UInt64($0) } ?? 1)

    /// Odd values, and instances of the same UIDs that don't agree.
    static func entries(_ generator: inout SeededGenerator, from first: Int, count: Int = 20) -> [InstanceEntry] {
        var dataSets: [DataSet] = []
        while dataSets.count < count {
            dataSets += DifferentialTests.archive(&generator).instances.map(\.dataSet)
        }
        return dataSets.prefix(count).enumerated().map { Shelf.entry($0.element, file: first + $0.offset) }
    }

    /// A new index, to which `body` tells what it will.
    static func folder(_ disk: CrashableDisk = CrashableDisk()) throws -> IndexFolder {
        let folder = try IndexFolder.create(at: index, kernel: disk)
        #expect(try folder.root(of: "/mnt") == 1)
        return folder
    }

    /// In a random order, by several sessions that publish several runs.
    static func importing(
        _ entries: [InstanceEntry], into folder: IndexFolder, _ generator: inout SeededGenerator
    ) throws {
        var rest = entries.shuffled(using: &generator)[...]
        while !rest.isEmpty {
            let session = folder.importSession()
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let count = Int.random(in: 1...10, using: &generator)
                try session.add(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
                if Bool.random(using: &generator) { try session.publish() } else { try session.append() }
            }
            if Bool.random(using: &generator) { try session.finish() }
        }
    }

    /// One after the other, as stores come.
    static func storing(
        _ entries: [InstanceEntry], into folder: IndexFolder, _ generator: inout SeededGenerator
    ) throws {
        for entry in entries.shuffled(using: &generator) {
            try folder.append([entry])
            if Int.random(in: 0..<8, using: &generator) == 0 { try folder.fold() }
        }
    }

    static func expect(_ folder: IndexFolder, answers truth: ResponseBytes, _ what: String) throws {
        let found = try ResponseBytes(folder.snapshot())
        #expect(found == truth, "\(what): \(found.difference(from: truth))")
        #expect(try folder.verify().isEmpty, "\(what)")
    }

    @Test(arguments: seeds)
    func `imported, stored, merged, partly removed or rebuilt, it is the same byte by byte`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let entries = Self.entries(&generator, from: 0)
        let whole = Snapshot(
            sources: [try Run(entries.map { SignedEntry(entry: $0) }, [], file: "model")], generation: 0,
            journalSequence: 0)
        let truth = try ResponseBytes(whole)
        #expect(truth.count > 60, "too little to tell")
        for number in 1...2 {
            let folder = try Self.folder()
            try Self.importing(entries, into: folder, &generator)
            try Self.expect(folder, answers: truth, "seed \(seed), import \(number)")
            try folder.compact()
            try Self.expect(folder, answers: truth, "seed \(seed), merged \(number)")
        }
        let stored = try Self.folder()
        try Self.storing(entries, into: stored, &generator)
        try Self.expect(stored, answers: truth, "seed \(seed), stored")
    }

    @Test(arguments: seeds)
    func `what came and went leaves no trace in any answer`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let entries = Self.entries(&generator, from: 0)
        let extra = Self.entries(&generator, from: 500, count: 12)
        let folder = try Self.folder()
        try Self.importing(entries, into: folder, &generator)
        let truth = try ResponseBytes(folder.snapshot())

        // Of the same patients, studies, series and instances, and gone again.
        try Self.importing(extra, into: folder, &generator)
        #expect(try ResponseBytes(folder.snapshot()) != truth)
        let session = folder.importSession()
        for (number, entry) in extra.shuffled(using: &generator).enumerated() {
            if Bool.random(using: &generator) {
                try session.remove(entry.place)
            } else {
                try session.forget(root: entry.place.root, path: entry.place.path)
            }
            if number == 5 { try session.append() }
        }
        try session.publish()
        try Self.expect(folder, answers: truth, "seed \(seed), forgotten")

        // The same below another root, which is taken out.
        #expect(try folder.root(of: "/lent") == 2)
        let lent = extra.map { entry in
            var lent = entry
            lent.fields.place.root = 2
            return lent
        }
        try Self.storing(lent, into: folder, &generator)
        try folder.remove(root: 2)
        #expect(try folder.fileCounts(ofRoot: 2) == (0, 0))
        try Self.expect(folder, answers: truth, "seed \(seed), without the root")

        // A study of its own, of a patient that is known and of one that isn't, taken out on purpose.
        let study = UID(literal: "1.2.77")
        let own = extra.map { entry in
            var own = entry
            own.fields.studyInstanceUID = study
            return own
        }
        try Self.importing(own, into: folder, &generator)
        #expect(try folder.remove([.study(study)], nowNs: .max / 2).files == own.count)
        #expect(try folder.snapshot().study(study) == nil)
        for entry in own {
            let left = try folder.snapshot().instances(entry.sopInstanceUID)
            #expect(left.allSatisfy { $0.series.study.studyInstanceUID != study }, "seed \(seed)")
        }
        #expect(try folder.fileCounts(ofRoot: 1) == (entries.count, own.count))
        try Self.expect(folder, answers: truth, "seed \(seed), removed")
        try folder.compact()
        try Self.expect(folder, answers: truth, "seed \(seed), merged")

        // Seven of the first ones go and come back.
        let some = entries.shuffled(using: &generator).prefix(7)
        for entry in some { try session.remove(entry.place) }
        try session.append()
        #expect(try ResponseBytes(folder.snapshot()) != truth)
        try Self.storing(Array(some), into: folder, &generator)
        try Self.expect(folder, answers: truth, "seed \(seed), come back")
    }

    @Test(arguments: seeds)
    func `an index made anew of the same files gives the same answers`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let entries = Self.entries(&generator, from: 0)
        let disk = CrashableDisk()
        let folder = try Self.folder(disk)
        try Self.storing(entries, into: folder, &generator)
        let truth = try ResponseBytes(folder.snapshot())
        let tree = StandInTree()
        for entry in entries { tree.put(entry) }
        let rebuild = try Rebuild(at: Self.index, kernel: disk)
        try tree.scan(into: rebuild.index)
        _ = try rebuild.swap(tree)
        try Self.expect(folder, answers: truth, "seed \(seed)")
        try Self.expect(IndexFolder.open(at: Self.index, kernel: disk), answers: truth, "seed \(seed), opened anew")
    }
}
