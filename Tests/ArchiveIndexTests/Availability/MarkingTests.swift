// Marks in an index: seen by every process, carried on by folds, of no importance to what is indexed.

import DICOM
import Platform
import Support
import Testing

@testable import ArchiveIndex

@Suite("Marks of availability in an index, FORMAT.md 5.5, 8.3, 8.5") struct MarkingTests {
    static let index: Path = "/area/index"

    /// Five instances in a run, one in the journal.
    static func area() throws -> CrashableDisk {
        let disk = CrashableDisk()
        let folder = try IndexFolder.create(at: index, kernel: disk)
        _ = try folder.root(of: "/mnt")
        let session = folder.importSession()
        for number in 0..<5 { try session.add(Samples.regular(number)) }
        try session.publish()
        try folder.append([Samples.regular(5)])
        return disk
    }

    static func open(_ disk: CrashableDisk) throws -> IndexFolder { try IndexFolder.open(at: index, kernel: disk) }

    static func mark(_ number: Int, isUnavailable: Bool = true) -> AvailabilityMark {
        let entry = Samples.regular(number)
        return AvailabilityMark(
            AvailabilityMark.Instance(
                study: entry.studyInstanceUID, series: entry.seriesInstanceUID, instance: entry.sopInstanceUID),
            places: AvailabilityMark.fingerprint(of: [entry.place]), isUnavailable: isUnavailable)
    }

    /// Whether instance `number`, its series, study and patient are unavailable.
    static func isUnavailable(_ number: Int, in folder: IndexFolder) throws -> [Bool] {
        let entry = Samples.regular(number)
        let snapshot = try folder.snapshot()
        let study = try #require(try snapshot.study(entry.studyInstanceUID))
        let series = try #require(try study.series(entry.seriesInstanceUID))
        return [
            try #require(try series.instance(entry.sopInstanceUID)).isUnavailable(), try series.isUnavailable(),
            try study.isUnavailable(), try #require(try study.patient()).isUnavailable(),
        ]
    }

    static let none = [false, false, false, false]
    static let above = [false, true, true, true]
    static let all = [true, true, true, true]

    @Test func `a mark is seen by whoever has the index open, at each level, and can be taken back`() throws {
        let disk = try Self.area()
        let (one, other) = (try Self.open(disk), try Self.open(disk))
        #expect(try Self.isUnavailable(1, in: other) == Self.none)
        try one.note([Self.mark(1), Self.mark(5)])
        for number in 0..<6 {
            let isMarked = number == 1 || number == 5
            #expect(try Self.isUnavailable(number, in: other) == (isMarked ? Self.all : Self.above))
        }
        try other.note([Self.mark(1, isUnavailable: false)])
        #expect(try Self.isUnavailable(1, in: one) == Self.above)
        try other.note([Self.mark(5, isUnavailable: false)])
        #expect(try Self.isUnavailable(5, in: one) == Self.none)
        #expect(try one.verify().isEmpty)
    }

    @Test func `a file that is indexed anew is available, and so is one that has another place`() throws {
        let folder = try Self.open(try Self.area())
        try folder.note([Self.mark(1), Self.mark(2)])
        var touched = Samples.regular(1)
        touched.fields.place.modificationNs += 1
        var copy = Samples.regular(2)
        copy.fields.place.path = Array("elsewhere".utf8)
        try folder.append([touched, copy])
        #expect(try Self.isUnavailable(1, in: folder) == Self.none)
        #expect(try Self.isUnavailable(2, in: folder) == Self.none)
    }

    @Test func `marks of what isn't indexed mean nothing`() throws {
        let folder = try Self.open(try Self.area())
        try folder.note([Self.mark(77), Self.mark(100_000)])
        #expect(try Self.isUnavailable(1, in: folder) == Self.none)
        #expect(try folder.statistics().unavailable == 2)
    }

    @Test func `folds carry marks on, and what is taken back stays so`() throws {
        let disk = try Self.area()
        let folder = try Self.open(disk)
        try folder.note([Self.mark(1), Self.mark(2)])
        try folder.note([Self.mark(2, isUnavailable: false)])
        for number in 6..<9 {
            try folder.append([Samples.regular(number)])
            try folder.fold()
            let fresh = try Self.open(disk)
            #expect(try Self.isUnavailable(1, in: fresh) == Self.all)
            #expect(try Self.isUnavailable(2, in: fresh) == Self.above)
            #expect(try Self.isUnavailable(number, in: fresh) == Self.above)
            #expect(try fresh.verify().isEmpty)
        }
        try folder.compact()
        #expect(try Self.isUnavailable(1, in: try Self.open(disk)) == Self.all)
    }

    @Test func `what is taken back between sealing and carrying on isn't brought back`() throws {
        let disk = try Self.area()
        let folder = try Self.open(disk)
        try folder.note([Self.mark(1)])
        // As a fold does, up to where it was cut short.
        let last = try #require(try folder.stack().journals.last)
        do {
            let lock = try folder.lock(.append)
            defer { withExtendedLifetime(lock) {} }
            try folder.endJournal(last)
        }
        try folder.note([Self.mark(1, isUnavailable: false)])
        try folder.fold()
        #expect(try Self.isUnavailable(1, in: try Self.open(disk)) == Self.none)
    }

    @Test func `what is marked already is not written again`() throws {
        let folder = try Self.open(try Self.area())
        try folder.note([Self.mark(1), Self.mark(2)])
        let end = try folder.stack().journalBytes
        try folder.note([Self.mark(2), Self.mark(1), Self.mark(3, isUnavailable: false)])
        #expect(try folder.stack().journalBytes == end)
        try folder.note([Self.mark(1), Self.mark(3)])
        #expect(try folder.stack().journalBytes > end)
    }

    @Test func `100,000 marks are a few frames and no sync, and there is room for 65,536`() throws {
        let disk = try Self.area()
        let folder = try Self.open(disk)
        let before = try folder.stack()
        let frames = try #require(before.journals.last).nextSequence
        let study = UID("1.2.3")!
        try folder.note(
            (0..<100_000).map { number in
                AvailabilityMark(
                    AvailabilityMark.Instance(study: study, series: study, instance: UID("1.2.3.\(number)")!),
                    places: 1, isUnavailable: true)
            })
        let after = try folder.stack()
        #expect(after.unavailable.count == UnavailableInstances.maximum)
        #expect(try #require(after.journals.last).nextSequence - frames == 4)
        #expect(try !folder.needsFolding(), "marks make no fold due by themselves, as long as they are few")
        // One that is taken back makes room for one.
        try folder.note([
            AvailabilityMark(
                AvailabilityMark.Instance(study: study, series: study, instance: UID("1.2.3.5")!), places: 1,
                isUnavailable: false), Self.mark(1), Self.mark(2),
        ])
        #expect(try Self.isUnavailable(1, in: folder) == Self.all)
        #expect(try folder.snapshot().unavailable.count == UnavailableInstances.maximum)
    }

    @Test func `marks that come and go make a fold due, which leaves a short journal`() throws {
        let disk = try Self.area()
        let folder = try Self.open(disk)
        try folder.fold()
        let runs = try folder.current().runs.count
        // Two that come and go by turns, with the longest UIDs: few frames say it, and each is made once.
        let uids = ["a", "b"].map { UID(String(repeating: $0, count: 64))! }
        let payload = AvailabilityCoding.encode(
            (0..<AvailabilityCoding.marksMaximum).map { number in
                let uid = uids[number % 2]
                return AvailabilityMark(
                    AvailabilityMark.Instance(study: uid, series: uid, instance: uid), places: 1,
                    isUnavailable: number % 4 < 2)
            })
        for _ in 0..<12 where try !folder.needsFolding() {
            let lock = try folder.lock(.append)
            defer { withExtendedLifetime(lock) {} }
            _ = try folder.liveJournal(try folder.writableStack(isSorted: false)).append(
                .availability, payload, in: Self.index, kernel: disk, isDurable: false)
        }
        try #require(try folder.needsFolding())
        try folder.fold()
        #expect(try !folder.needsFolding())
        #expect(try folder.current().runs.count == runs, "there was nothing to make a run of")
        #expect(try folder.snapshot().instances(Samples.regular(5).sopInstanceUID).count == 1)
        #expect(try folder.verify().isEmpty)
    }

    @Test func `a power cut may take a mark, and never anything else`() throws {
        for call in stride(from: 1, to: 60, by: 3) {
            let disk = try Self.area()
            let folder = try Self.open(disk)
            let truth = try Answers(folder.snapshot())
            disk.setTroubles([.dying(afterCall: disk.callCount + call)])
            _ = try? folder.note([Self.mark(1)])
            _ = try? folder.fold()
            for cut in PowerCut.some(2, from: UInt64(call)) {
                let fresh = try Self.open(disk.afterPowerCut(cut))
                #expect(try Answers(fresh.snapshot()) == truth, "call \(call), \(cut)")
                try fresh.append([Samples.regular(9)])
                #expect(try fresh.verify().allSatisfy(\.isRemark), "call \(call), \(cut)")
            }
        }
    }

    @Test func `marks begin a journal only for whom the index belongs to`() throws {
        let disk = CrashableDisk()
        let folder = try IndexFolder.create(at: Self.index, kernel: disk)
        _ = try folder.root(of: "/mnt")
        let session = folder.importSession()
        try session.add(Samples.regular(1))
        try session.publish()
        let owner = try disk.status(of: Self.index.appending("current"), followingLink: true).userID
        #expect(throws: IndexFault.self) { try folder.note([Self.mark(1)], as: owner + 1) }
        #expect(try folder.stack().journals.isEmpty)
        try folder.note([Self.mark(1)], as: owner)
        #expect(try Self.isUnavailable(1, in: folder) == Self.all)
        // In one that is there others may write, if they can.
        try folder.note([Self.mark(1).withdrawn], as: owner + 1)
        #expect(try Self.isUnavailable(1, in: folder) == Self.none)
    }

    @Test func `a frame of marks that can't be read is a finding, and keeps nobody from the rest`() throws {
        let disk = try Self.area()
        var journal = try #require(try Journal(1, in: Self.index, kernel: disk))
        _ = try journal.readOn()
        _ = try journal.append(.availability, [9, 9], in: Self.index, kernel: disk)
        let folder = try Self.open(disk)
        #expect(try Self.isUnavailable(5, in: folder) == Self.none)
        #expect(try folder.verify().map(\.file) == ["journal-1"])
    }
}
