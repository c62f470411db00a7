// The journal among several writers, failing disks and foreign bytes (design: Journal; hardening.md R1 to R5).

import DICOM
import Platform
import Support
import Testing

@testable import ArchiveIndex

@Suite("The journal among several writers, hardening.md R1 to R5") struct JournalTests {
    static let index: Path = "/area/index"

    static func paths(_ disk: CrashableDisk) throws -> Set<[UInt8]> {
        let snapshot = try IndexFolder.open(at: index, kernel: disk).snapshot()
        var found: Set<[UInt8]> = []
        var files = try snapshot.files(root: 1)
        while let file = try files.next() { found.insert(file.place.path) }
        return found
    }

    static func disk(troubles: [DiskTrouble] = []) throws -> (CrashableDisk, [IndexFolder]) {
        let disk = CrashableDisk(troubles: troubles)
        let folder = try IndexFolder.create(at: index, kernel: disk)
        _ = try folder.root(of: "/mnt")
        return (disk, [folder, try IndexFolder.open(at: index, kernel: disk)])
    }

    /// Writes bytes behind a file, durably, as nobody of ours would.
    static func add(_ bytes: [UInt8], to name: String, of disk: CrashableDisk) throws {
        let file = try File.open(index.appending(name), .appending, kernel: disk)
        try file.append(bytes)
        try file.synchronize()
        try Folder.synchronize(index, kernel: disk)
    }

    @Test func `what others append behind a batch that failed survives, though no journal could follow`() throws {
        let (disk, folders) = try Self.disk()
        try folders[0].append([Samples.regular(1)])
        disk.setTroubles([.failingFrom(call: 1, .synchronize, .inputOutput)])
        #expect(throws: IndexFault.self) { try folders[0].append([Samples.regular(2)]) }
        disk.setTroubles([])
        try folders[1].append([Samples.regular(3)])
        try folders[0].append([Samples.regular(4)])
        let acknowledged = Set([1, 3, 4].map { Samples.regular($0).place.path })
        for cut in PowerCut.some(8) {
            #expect(try Self.paths(disk.afterPowerCut(cut)).isSuperset(of: acknowledged), "\(cut)")
        }
        #expect(try folders[0].verify().allSatisfy(\.isRemark))
    }

    /// Appends of two writers by turns, and a fold; what was acknowledged.
    static func appendByTurns(_ folders: [IndexFolder]) -> Set<[UInt8]> {
        var acknowledged: Set<[UInt8]> = []
        for number in 0..<8 {
            let entry = Samples.regular(number)
            do throws(IndexFault) {
                try folders[number / 2 % 2].append([entry])
                acknowledged.insert(entry.place.path)
                if number == 5 { try folders[1].fold() }
            } catch {}
        }
        return acknowledged
    }

    @Test(arguments: [Errno.inputOutput, .noSpace])
    func `any one call fails for one of two writers, and both go on`(cause: Errno) throws {
        let isThorough = Program.environment("FILEROOM_SEEDS") != nil
        // Up to the one that fails, all calls are the same each time.
        let (undisturbed, folders) = try Self.disk()
        let first = undisturbed.callCount
        #expect(Self.appendByTurns(folders).count == 8)
        for number in (first + 1)...undisturbed.callCount {
            let call = undisturbed.calls[number - 1]
            if cause == .noSpace, !call.takesSpace { continue }
            let (disk, folders) = try Self.disk()
            disk.setTroubles([.failing(call: number, cause)])
            let acknowledged = Self.appendByTurns(folders)
            #expect(disk.calls[number - 1] == call)
            #expect(acknowledged.count >= 7, "call \(number), \(call)")
            let cuts = isThorough ? PowerCut.some(2, from: UInt64(number)) : [.byChance(seed: UInt64(number))]
            for cut in cuts {
                let crashed = disk.afterPowerCut(cut)
                let found = try Self.paths(crashed)
                #expect(found.isSuperset(of: acknowledged), "call \(number), \(call), \(cut)")
                let folder = try IndexFolder.open(at: Self.index, kernel: crashed)
                #expect(try folder.verify().allSatisfy(\.isRemark), "call \(number), \(cut)")
            }
        }
    }

    @Test func `a batch that is appended again is acknowledged only when it is on stable storage`() throws {
        let (disk, folders) = try Self.disk()
        try folders[0].append([Samples.regular(1)])
        for (index, folder) in folders.enumerated() {
            for isImport in [false, true] {
                disk.setTroubles([.failingFrom(call: 1, .synchronize, .inputOutput)])
                let entry = Samples.regular(10 + 2 * index + (isImport ? 1 : 0))
                #expect(throws: IndexFault.self) { try folder.append([entry]) }
                disk.setTroubles([])
                if isImport {
                    let session = folder.importSession()
                    try session.add(entry)
                    try session.finish()
                } else {
                    try folder.append([entry])
                }
                #expect(try Self.paths(disk.afterPowerCut(.losesAll)).contains(entry.place.path))
            }
        }
    }

    @Test func `no power cut between the writes of a later batch makes damage of one that failed`() throws {
        let seeds: UInt64 = Program.environment("FILEROOM_SEEDS") == nil ? 20 : 500
        for seed in 0..<seeds {
            let disk = CrashableDisk(keepsMoments: true)
            let folder = try IndexFolder.create(at: Self.index, kernel: disk)
            try folder.append([Samples.regular(1)])
            disk.setTroubles([.failingFrom(call: 1, .synchronize, .inputOutput)])
            #expect(throws: IndexFault.self) { try folder.append((10..<60).map { Samples.regular($0) }) }
            disk.setTroubles([])
            let first = disk.callCount
            try IndexFolder.open(at: Self.index, kernel: disk).append([Samples.regular(2)])
            for call in first...disk.callCount where call == first || disk.calls[call - 1].isChange {
                let crashed = disk.afterPowerCut(.byChance(seed: seed), atCall: call)
                #expect(try Self.paths(crashed).contains(Samples.regular(1).place.path), "call \(call), seed \(seed)")
            }
        }
    }

    @Test func `a journal that was made anew is read anew by who had it open`() throws {
        let (disk, folders) = try Self.disk()
        // A links the journal; B sees it; A's sync of the folder fails, and the name goes.
        try folders[0].append([Samples.regular(1)])
        _ = try folders[1].snapshot()
        try File.remove(Self.index.appending("journal-1"), kernel: disk)
        try folders[0].append([Samples.regular(2)])
        try folders[1].append([Samples.regular(3)])
        let paths = Set([2, 3].map { Samples.regular($0).place.path })
        #expect(try Self.paths(disk) == paths)
        for folder in folders { #expect(try folder.verify().allSatisfy(\.isRemark)) }
    }

    /// A batch, and a fold that begins the next journal.
    static func beginJournals(on disk: CrashableDisk) throws(IndexFault) {
        let folder = try IndexFolder.create(at: index, kernel: disk)
        _ = try folder.root(of: "/mnt")
        try folder.append([Samples.regular(1)])
        try folder.fold()
    }

    @Test func `the name of a journal that a killed process linked is not trusted after a sync has failed`() throws {
        let disk = CrashableDisk(keepsMoments: true)
        try Self.beginJournals(on: disk)
        // Killed behind a link, and behind what follows it.
        let links = disk.calls.indices.filter { disk.calls[$0].kind == .link }.map { $0 + 1 }
        #expect(links.count == 2)
        for killedAt in links.flatMap({ [$0, $0 + 1] }) {
            let undisturbed = disk.afterKill(atCall: killedAt)
            try IndexFolder.open(at: Self.index, kernel: undisturbed).append([Samples.regular(2)])
            for number in 1...undisturbed.callCount {
                let next = disk.afterKill(atCall: killedAt)
                // The same process once more, and another one.
                let folders = try [0, 1].map { _ in try IndexFolder.open(at: Self.index, kernel: next) }
                let first = next.callCount
                next.setTroubles([.failing(call: first + number, .inputOutput)])
                let what = "killed behind \(disk.calls[killedAt - 1]), then failed call \(number)"
                var acknowledged: Set<[UInt8]> = []
                for (attempt, folder) in [folders[0], folders[0], folders[1], folders[0]].enumerated() {
                    let entry = Samples.regular(2 + attempt)
                    do throws(IndexFault) { try folder.append([entry]) } catch { continue }
                    acknowledged.insert(entry.place.path)
                    let found = try Self.paths(next.afterPowerCut(.losesAll))
                    #expect(found.isSuperset(of: acknowledged), "\(what), attempt \(attempt)")
                }
                #expect(acknowledged.count >= 3, "\(what)")
            }
        }
    }

    @Test func `a journal whose handle is stale, as network file systems have it, has lost its name`() throws {
        let (disk, folders) = try Self.disk()
        try folders[0].append([Samples.regular(1)])
        let journal = try #require(try Journal(1, in: Self.index, kernel: disk))
        #expect(try !journal.isUnlinked())
        disk.setTroubles([.failingFrom(call: 1, .status, .staleHandle)])
        #expect(try journal.isUnlinked())
    }

    @Test func `who began a journal may build on it, whatever of another one's calls fails`() throws {
        var number = 0
        var isOver = false
        while !isOver {
            let (disk, folders) = try Self.disk()
            try folders[0].append([Samples.regular(1)])
            // As far as a fold lets others in.
            let last = try #require(try folders[0].stack().journals.last)
            do {
                let lock = try folders[0].lock(.append)
                try folders[0].endJournal(last)
                withExtendedLifetime(lock) {}
            }
            number += 1
            let failing = disk.callCount + number
            disk.setTroubles([.failing(call: failing, .inputOutput)])
            do throws(IndexFault) { try folders[1].append([Samples.regular(2)]) } catch {}
            isOver = disk.callCount < failing
            disk.setTroubles([])
            try folders[0].append([Samples.regular(3)])
            let path = Samples.regular(3).place.path
            #expect(try Self.paths(disk.afterPowerCut(.losesAll)).contains(path), "failed call \(number)")
        }
        #expect(number > 10)
    }

    @Test func `a mark counts for the journal it names and as far as it says, and a torn one for nothing`() throws {
        let (disk, folders) = try Self.disk()
        try folders[0].append([Samples.regular(1)])
        let journal = try #require(try folders[0].stack().journals.last)
        func mark(_ bytes: [UInt8]) throws {
            try File.open(Self.index.appending("lock"), .writing, kernel: disk).write(bytes, at: 0)
        }
        #expect(folders[1].markedEnd(of: journal) == journal.endOffset, "left by who appended")
        let good = SettledMark(salt: journal.head.salt, endOffset: 70).encoded()
        try mark(good)
        #expect(folders[1].markedEnd(of: journal) == 70)
        try mark(SettledMark(salt: journal.head.salt ^ 1, endOffset: 1_000).encoded())
        #expect(folders[1].markedEnd(of: journal) == nil)
        for byte in good.indices {
            var torn = good
            torn[byte] ^= 1
            // What stands there may be anything, and nobody looks at the reserved bytes but by the checksum.
            try mark(torn)
            #expect(folders[1].markedEnd(of: journal) == nil, "byte \(byte)")
        }
        // A sync that fails leaves no mark of what it was to confirm.
        try mark(good)
        disk.setTroubles([.failingFrom(call: 1, .synchronize, .inputOutput)])
        #expect(throws: IndexFault.self) { try folders[0].append([Samples.regular(2)]) }
        let marked = try #require(folders[1].markedEnd(of: journal))
        #expect(marked <= journal.endOffset)
    }

    @Test func `what was read too early is never written over`() throws {
        let (disk, folders) = try Self.disk()
        try folders[0].append([Samples.regular(1)])
        // As on a host whose file system shows an older length.
        let stale = try #require(try Journal(1, in: Self.index, kernel: disk))
        #expect(throws: IndexFault.self) { try stale.append(.entries, [1, 2], in: Self.index, kernel: disk) }
        #expect(try Self.paths(disk) == [Samples.regular(1).place.path])
    }

    @Test func `who wrote to a journal doesn't keep it when it is folded`() throws {
        let (disk, folders) = try Self.disk()
        try folders[0].append([Samples.regular(1)])
        try folders[1].fold()
        _ = try folders[0].snapshot()
        try folders[1].compact()
        #expect(try !File.exists(Self.index.appending("journal-1"), kernel: disk))
    }

    @Test(arguments: [0, 63, UInt64.max])
    func `a journal that says nonsense of its predecessor is refused`(end: UInt64) throws {
        let (disk, folders) = try Self.disk()
        try folders[0].append([Samples.regular(1)])
        let head = JournalHead(number: 2, predecessor: 1, predecessorEnd: end, firstSequence: 2)
        try Self.add(head.encoded(), to: "journal-2", of: disk)
        for folder in folders + [try IndexFolder.open(at: Self.index, kernel: disk)] {
            #expect(throws: IndexFault.self) { try folder.snapshot() }
        }
    }

    @Test func `a frame that a sender hid in a text doesn't make damage of a batch that was cut short`() throws {
        let (disk, folders) = try Self.disk()
        try folders[0].append([Samples.regular(1)])
        let hidden = JournalFrame(salt: 1, sequence: 2, previous: 3, kind: .entries, payload: [4]).encoded().bytes
        let whole = JournalFrame(salt: 5, sequence: 2, previous: 6, kind: .entries, payload: hidden + [7, 8])
        try Self.add(whole.encoded().bytes.dropLast(5), to: "journal-1", of: disk)
        try folders[1].append([Samples.regular(2)])
        #expect(try Self.paths(disk) == Set([1, 2].map { Samples.regular($0).place.path }))
    }

    @Test func `what crashes left is removed, and what bears no name of ours stays`() throws {
        let (disk, folders) = try Self.disk()
        try folders[0].append([Samples.regular(1)])
        let foreign = ["run-007", "run-+5", "journal-01", "journal-+1", "run-", "run-1.old"]
        for name in ["run-9", "run-8.new", "journal-1.new"] + foreign { try Self.add([1], to: name, of: disk) }
        try folders[0].compact()
        let names = try Set(
            Folder.entries(of: Self.index, kernel: disk).map { String(decoding: $0.name, as: UTF8.self) })
        #expect(names == Set(["current", "roots", "lock", "run-1", "journal-2"] + foreign))
    }
}
