// Records sorted by a file without a name, on a real disk and on one that fails.

import Platform
import Support
import Testing

@testable import ArchiveIndex

@Suite("Sorted records") struct RecordSorterTests {
    static let spillPath: Path = "/spill"

    /// Records with what there may be: none, empty ones, many alike, begins of others.
    private static func records(_ count: Int, _ generator: inout SeededGenerator) -> [[UInt8]] {
        let alike = (0..<5).map { _ in generator.bytes(Int.random(in: 0...40, using: &generator)) }
        return (0..<count).map { _ in
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: []
            case 1: alike.randomElement(using: &generator) ?? []
            case 2: (alike.randomElement(using: &generator) ?? []) + generator.bytes(1)
            default: generator.bytes(Int.random(in: 1...60, using: &generator))
            }
        }
    }

    private static func sorted(_ records: [[UInt8]], _ sorter: RecordSorter) throws(IndexFault) -> [[UInt8]] {
        var sorter = sorter
        for record in records { try sorter.append(record) }
        var sorted: [[UInt8]] = []
        while let record = try sorter.next() { sorted.append(record) }
        for _ in 0..<2 where try sorter.next() != nil { sorted.append(Array("more at the end".utf8)) }
        return sorted
    }

    private static func order(_ records: [[UInt8]]) -> [[UInt8]] {
        records.sorted { $0.lexicographicallyPrecedes($1) }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `come in the one order, in memory and through a file`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let folder = try TemporaryFolder()
        for count in [0, 1, 2, Int.random(in: 300...1_000, using: &generator)] {
            let records = Self.records(count, &generator)
            let order = Self.order(records)
            #expect(try Self.sorted(records, RecordSorter(spill: nil, memoryBytes: 1)) == order)
            // A part for each record, for some of them, for all but few, for none.
            for memoryBytes in [1, Int.random(in: 100...10_000, using: &generator), 60_000, 1 << 20] {
                let disk = CrashableDisk(troubles: [.short(maximumBytes: 1_000)])
                let spill = SpillFile(path: Self.spillPath, kernel: disk)
                // Each part is read in steps, so that many of them take room: a few records suffice for parts of one.
                let some = memoryBytes == 1 ? Array(records.prefix(60)) : records
                #expect(
                    try Self.sorted(some, RecordSorter(spill: spill, memoryBytes: memoryBytes)) == Self.order(some),
                    "seed \(seed), \(count) records, \(memoryBytes) bytes")
                #expect(try !File.exists(Self.spillPath, kernel: disk))
                #expect(disk.openDescriptors == 0)
            }
            let spill = SpillFile(path: folder.appending("spill"), kernel: SystemKernel())
            #expect(try Self.sorted(records, RecordSorter(spill: spill, memoryBytes: 5_000)) == order)
            #expect(try Folder.entries(of: folder.path).isEmpty)
        }
    }

    @Test(arguments: [2, 3, 7])
    func `of very many parts some are merged before the end, and files that are of no use any more go`(
        partsMaximum: Int
    ) throws {
        var generator = SeededGenerator(seed: 8)
        let records = Self.records(200, &generator)
        let order = Self.order(records)
        // The last part stands alone, or completes others.
        for count in [200, 199, 128, 81, 49, 8] {
            let disk = CrashableDisk()
            let spill = SpillFile(path: Self.spillPath, kernel: disk)
            let some = Array(records.prefix(count))
            var sorter = RecordSorter(spill: spill, memoryBytes: 1, partsMaximum: partsMaximum)
            for (index, record) in some.enumerated() {
                try sorter.append(record)
                // One file a level: of each digit of the number of parts to this base that isn't 0.
                let digits = String(index + 1, radix: partsMaximum)
                #expect(disk.openDescriptors == digits.count { $0 != "0" }, "\(index + 1) parts")
            }
            var sorted: [[UInt8]] = []
            while let record = try sorter.next() { sorted.append(record) }
            #expect(sorted == (count == 200 ? order : Self.order(some)))
            #expect(disk.openDescriptors == 0)
        }
    }

    @Test func `longer than what is read in one step come whole`() throws {
        var generator = SeededGenerator(seed: 3)
        var records = (0..<6).map { index in generator.bytes(index * 150_000) }
        records += (0..<200).map { _ in generator.bytes(3_000) }
        records += [records[3], records[5], records[3] + [0]]
        records.shuffle(using: &generator)
        let disk = CrashableDisk()
        for memoryBytes in [50_000, 400_000] {
            let spill = SpillFile(path: Self.spillPath, kernel: disk)
            let sorted = try Self.sorted(records, RecordSorter(spill: spill, memoryBytes: memoryBytes))
            #expect(sorted == Self.order(records))
        }
        #expect(disk.calls.contains { $0.kind == .read })
    }

    @Test func `a leftover of the name is replaced, and two sorters may have one name`() throws {
        var generator = SeededGenerator(seed: 4)
        let disk = CrashableDisk()
        try File.open(Self.spillPath, .creating, kernel: disk).append([1, 2, 3])
        let spill = SpillFile(path: Self.spillPath, kernel: disk)
        var sorters = (0..<2).map { _ in RecordSorter(spill: spill, memoryBytes: 2_000) }
        let records = (0..<2).map { _ in Self.records(500, &generator) }
        for index in 0..<500 {
            for number in 0..<2 { try sorters[number].append(records[number][index]) }
        }
        for record in Self.order(records[0]) { #expect(try sorters[0].next() == record) }
        for record in Self.order(records[1]) { #expect(try sorters[1].next() == record) }
        #expect(try !File.exists(Self.spillPath, kernel: disk))
    }

    @Test(arguments: [Errno.noSpace, .inputOutput])
    func `a call that fails is a fault, and no file is left`(cause: Errno) throws {
        var generator = SeededGenerator(seed: 5)
        let records = Self.records(400, &generator)
        var call = 1
        while true {
            let disk = CrashableDisk(troubles: [.failing(call: call, cause)])
            let spill = SpillFile(path: Self.spillPath, kernel: disk)
            var fault: IndexFault?
            do throws(IndexFault) {
                let sorted = try Self.sorted(records, RecordSorter(spill: spill, memoryBytes: 3_000))
                #expect(sorted == Self.order(records))
            } catch {
                fault = error
            }
            guard disk.callCount >= call else { break }
            let failed = disk.calls[call - 1]
            guard case .file(let file)? = fault else {
                Issue.record("call \(call), \(failed): \(fault.map { "\($0)" } ?? "no fault")")
                return
            }
            #expect(file.cause == cause, "call \(call), \(failed)")
            // A name that can't be removed stays.
            if failed.kind != .unlink { #expect(try !File.exists(Self.spillPath, kernel: disk), "\(failed)") }
            call += 1
        }
        #expect(call > 10)
    }

    @Test func `bytes that the disk gives back otherwise are a fault`() throws {
        var generator = SeededGenerator(seed: 7)
        let records = Self.records(400, &generator)
        for byte in stride(from: 0, to: 4_000, by: 187) {
            let disk = CrashableDisk()
            var sorter = RecordSorter(spill: SpillFile(path: Self.spillPath, kernel: disk), memoryBytes: 3_000)
            for record in records { try sorter.append(record) }
            disk.flipOpenFiles(bit: byte % 8, ofByte: byte)
            #expect(throws: IndexFault.file(FileFault(.read, Self.spillPath, .inputOutput)), "byte \(byte)") {
                while try sorter.next() != nil {}
            }
        }
    }

    @Test func `a full disk is a fault`() throws {
        var generator = SeededGenerator(seed: 6)
        let disk = CrashableDisk(troubles: [.failingFrom(call: 1, .write, .noSpace)])
        let spill = SpillFile(path: Self.spillPath, kernel: disk)
        #expect(throws: IndexFault.file(FileFault(.write, Self.spillPath, .noSpace))) {
            try Self.sorted(Self.records(400, &generator), RecordSorter(spill: spill, memoryBytes: 3_000))
        }
        #expect(try !File.exists(Self.spillPath, kernel: disk))
        #expect(disk.openDescriptors == 0)
    }
}
