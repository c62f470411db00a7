// Instances that arrive: the same file from any pieces, headers of any length, and what is refused leaves nothing.

import ArchiveIndex
import DICOM
import Platform
import Support
import Testing

@testable import Archive

@Suite("Arriving instances, PS3.4 §B.2.3, hardening §4") struct ArrivingInstanceTests {
    static let rejected: Path = "/rejected"

    /// A data set with text before its pixel data, so that its header is that long at least.
    static func long(_ headerBytes: Int, _ syntax: TransferSyntax = .explicitVRLittleEndian) -> Sending {
        Sending(1, syntax) { set in
            var item = DataSet()
            item.set(Tag(0x0040, 0xA160), .UT, bytes: [UInt8](repeating: 0x61, count: headerBytes))
            set[Tag(0x0040, 0xA730)] = DataElement(Tag(0x0040, 0xA730), .SQ, .items([item]))
            set.set(Tag(0x0040, 0xA491), .CS, text: "COMPLETE")
        }
    }

    static func header(of file: [UInt8]) -> InstanceHeader? {
        guard case .header(let header) = InstanceHeader.read(file.rawSpan, isWhole: true) else { return nil }
        return header
    }

    /// What lies in the area after it was stored.
    static func stored(_ arrived: ArrivedInstance, _ trial: StoreTrial) throws -> [UInt8] {
        guard case .stored(let path) = try trial.store.store([arrived]).results[0].get() else { return [] }
        return try trial.disk.bytes(of: StoreTrial.paths.instances.appending(path))
    }

    @Test(arguments: Sample.syntaxes, [1, 2, 3, 7, 64, 1_000, 16_383, 16_384, 65_536, 1 << 20])
    func `any pieces give the same file and the same header`(syntax: TransferSyntax, chunk: Int) throws {
        let sending = Sending(1, pixelBytes: chunk < 64 ? 1_200 : 140_000, syntax)
        let trial = try StoreTrial()
        let arrived = try trial.arrive(sending, chunk: chunk)
        #expect(arrived.header == Self.header(of: sending.file))
        #expect(arrived.byteCount == sending.file.count)
        #expect(try Self.stored(arrived, trial) == sending.file)
    }

    @Test func `pieces of any sizes, by chance`() throws {
        var generator = SeededGenerator.fresh()
        for _ in 0..<20 {
            let sending = Self.long(Int.random(in: 0...100_000, using: &generator))
            let trial = try StoreTrial()
            let arriving = trial.store.begin(sending.announced, from: trial.store.makeReserve())
            var rest = sending.dataSet[...]
            while !rest.isEmpty {
                let longest = [10, 1_000, 70_000].randomElement(using: &generator) ?? 1
                let piece = Array(rest.prefix(Int.random(in: 0...longest, using: &generator)))
                arriving.take(piece.rawSpan)
                rest = rest.dropFirst(piece.count)
            }
            let arrived = try arriving.finish()
            #expect(arrived.header == Self.header(of: sending.file), "\(generator)")
            #expect(try Self.stored(arrived, trial) == sending.file, "\(generator)")
        }
    }

    @Test(arguments: [15_000, 17_000, 40_000, 70_000, 300_000], [4_096, 131_072])
    func `a header may be longer than what arrives first`(bytes: Int, chunk: Int) throws {
        for syntax in [TransferSyntax.explicitVRLittleEndian, .implicitVRLittleEndian, .deflatedExplicitVRLittleEndian]
        {
            let sending = Self.long(bytes, syntax)
            let trial = try StoreTrial()
            let arrived = try trial.arrive(sending, chunk: chunk)
            #expect(arrived.header == Self.header(of: sending.file))
            #expect(try Self.stored(arrived, trial) == sending.file)
        }
    }

    @Test func `a header over the limit is stored whole, and indexed by what was read`() throws {
        let sending = Self.long(InstanceHeader.maximumBytes + 100_000)
        let trial = try StoreTrial()
        let arrived = try trial.arrive(sending, chunk: 8 << 20)
        #expect(arrived.header.sopInstanceUID == sending.uid && arrived.header.ending != nil)
        #expect(arrived.header.attributes.text(.patientID) == "P 1")
        #expect(arrived.byteCount == sending.file.count)
        #expect(try Self.stored(arrived, trial) == sending.file)
    }

    @Test func `once its header is read, what arrives isn't held`() throws {
        let disk = CrashableDisk()
        let trial = try StoreTrial(disk)
        let sending = Sending(1, pixelBytes: 2_000_000)
        let arriving = trial.store.begin(sending.announced, from: trial.store.makeReserve())
        var start = 0
        while start < sending.dataSet.count {
            let end = min(start + 50_000, sending.dataSet.count)
            arriving.take(sending.dataSet.rawSpan.extracting(start..<end))
            start = end
            #expect(arriving.heldBytes <= 131_072, "after \(start) bytes")
        }
        #expect(arriving.byteCount == sending.dataSet.count)
        _ = try arriving.finish()
    }

    // MARK: Refusals

    /// The sample with a change, under the sample's UIDs in the request.
    static func changed(_ change: (inout DataSet) -> Void) -> Sending { Sending(1, change: change) }

    static let refusals: [(name: String, sending: Sending, fault: StoreFault)] = [
        ("nothing", Sending(Sending.announced(), []), .unreadable(.missing(.study))),
        ("no SOP class", changed { $0[.sopClassUID] = nil }, .unreadable(.missing(.sopClass))),
        ("no study", changed { $0[.studyInstanceUID] = nil }, .unreadable(.missing(.study))),
        ("no series", changed { $0[.seriesInstanceUID] = nil }, .unreadable(.missing(.series))),
        ("no instance", changed { $0[.sopInstanceUID] = nil }, .unreadable(.missing(.instance))),
        ("an empty study", changed { $0.set(.studyInstanceUID, .UI, bytes: []) }, .unreadable(.missing(.study))),
        (
            "no UID of the study", changed { $0.set(.studyInstanceUID, .UI, text: tooLong) },
            .unreadable(.invalid(.study))
        ),
        (
            "no UID of the series", changed { $0.set(.seriesInstanceUID, .UI, text: tooLong) },
            .unreadable(.invalid(.series))
        ),
        (
            "no UID of the instance", changed { $0.set(.sopInstanceUID, .UI, text: tooLong) },
            .unreadable(.invalid(.instance))
        ),
        (
            "another instance", changed { $0.set(.sopInstanceUID, uid: UID(literal: "1.2.9")) },
            .contradicts(.instance, announced: Sending().uid, found: UID(literal: "1.2.9"))
        ),
        (
            "another SOP class", changed { $0.set(.sopClassUID, uid: UID(literal: "1.2.9")) },
            .contradicts(.sopClass, announced: Sample.ctImage, found: UID(literal: "1.2.9"))
        ),
        (
            "cut in its pixel data", Sending(Sending().announced, Array(Sending().dataSet.dropLast(700))),
            .truncated(missingBytes: 700)
        ),
        (
            "cut between its fragments", fragments { $0.removeLast(8) },
            .unreadable(.damaged(.truncated(offset: end(-8), neededBytes: 8, availableBytes: 0)))
        ),
        (
            "cut in a fragment", fragments { $0.removeLast(108) },
            .unreadable(.damaged(.truncated(offset: end(-108), neededBytes: 100, availableBytes: 0)))
        ),
        (
            "a fragment that isn't an item", fragments { $0.replaceSubrange($0.count - 8..<$0.count, with: modality) },
            .unreadable(.damaged(.invalid("item tag", value: 0x0008_0060, offset: end(-8))))
        ),
        (
            "a cut element behind its pixel data", Sending(Sending().announced, Sending().dataSet + trailing.prefix(7)),
            .unreadable(.damaged(.truncated(offset: Sending().file.count, neededBytes: 8, availableBytes: 7)))
        ),
    ]

    //                                  (FFFC,FFFC) OB
    private static let trailing: [UInt8] = [0xFC, 0xFF, 0xFC, 0xFF, 0x4F, 0x42, 0, 0, 2, 0, 0, 0, 0, 0]
    //                                  (0008,0060) CS "CT"
    private static let modality: [UInt8] = [0x08, 0x00, 0x60, 0x00, 0x43, 0x53, 0x02, 0x00, 0x43, 0x54]

    /// An instance with fragments, and with a change at its end.
    static func fragments(
        of sizes: [Int] = [0, 30_000, 8, 1_000], change: (inout [UInt8]) -> Void = { _ in }
    ) -> Sending {
        let sending = Sending(1, jpeg) { set in
            set[.pixelData] = DataElement(
                .pixelData, .OB, .fragments(sizes.map { [UInt8](repeating: 0x5A, count: $0) }))
        }
        var bytes = sending.dataSet
        change(&bytes)
        return Sending(sending.announced, bytes)
    }

    private static let jpeg = TransferSyntax.named(UID(literal: "1.2.840.10008.1.2.4.70"))!

    /// An offset in the file of such an instance.
    private static func end(_ bytes: Int) -> Int { fragments().file.count + bytes }

    private static let tooLong = String(repeating: "1.", count: 33) + "1"

    @Test(arguments: 0..<refusals.count, [100, 1 << 20])
    func `what isn't a whole instance is refused and leaves nothing, or its bytes where they are wanted`(
        row: Int, chunk: Int
    ) throws {
        let (name, sending, fault) = Self.refusals[row]
        let plain = try StoreTrial()
        #expect(throws: fault, "\(name)") { _ = try plain.arrive(sending, chunk: chunk) }
        try Self.expectNothing(plain, name)

        let disk = CrashableDisk()
        try Folder.make(Self.rejected, kernel: disk)
        var policy = StorePolicy()
        policy.rejectedFolder = Self.rejected
        let keeping = try StoreTrial(disk, policy)
        #expect(throws: fault, "\(name)") { _ = try keeping.arrive(sending, chunk: chunk) }
        try Self.expectNothing(keeping, name)
        let kept = try Folder.entries(of: Self.rejected, kernel: disk)
        #expect(kept.count == 1, "\(name)")
        for entry in kept {
            #expect(try disk.bytes(of: Self.rejected.appending(entry.path)) == sending.file, "\(name): its bytes")
        }
    }

    /// Nothing lies in the area, and no descriptor is open.
    static func expectNothing(_ trial: StoreTrial, _ what: String) throws {
        let found = try FoundArea(trial.disk, what)
        #expect(found.files.isEmpty && found.incoming.isEmpty && found.known.isEmpty, "\(what)")
        #expect(trial.disk.openDescriptors == 0, "\(what)")
    }

    @Test func `a data set that is damaged before its pixel data is refused`() throws {
        let sending = Sending()
        // Lengths that reach past the end, wherever they stand.
        var refused = 0
        for offset in stride(from: 0, to: sending.dataSet.count - 1_220, by: 3) {
            var bytes = sending.dataSet
            bytes[offset] = 0xFF
            bytes[offset + 1] = 0xFF
            let trial = try StoreTrial()
            do throws(StoreFault) {
                _ = try trial.arrive(Sending(sending.announced, bytes))
            } catch {
                switch error {
                case .unreadable, .contradicts, .truncated: refused += 1
                default: Issue.record("byte \(offset): \(error)")
                }
                try Self.expectNothing(trial, "byte \(offset)")
            }
        }
        #expect(refused > 20)
    }

    @Test func `a data set that is cut anywhere before its pixel data is refused`() throws {
        let sending = Sending()
        let end = sending.dataSet.count - 1_200 - 12
        for count in 1..<end {
            let trial = try StoreTrial()
            let cut = Sending(sending.announced, Array(sending.dataSet.prefix(count)))
            do throws(StoreFault) {
                let arrived = try trial.arrive(cut)
                // Between two elements nobody can tell that there was more.
                #expect(arrived.header.ending == nil && arrived.header.pixelDataEnd == nil, "\(count) bytes")
            } catch {
                guard case .unreadable = error else {
                    Issue.record("\(count) bytes: \(error)")
                    continue
                }
                try Self.expectNothing(trial, "\(count) bytes")
            }
        }
    }

    @Test(arguments: [1_000, 16_384, 1 << 20])
    func `fragments are stored whole, and refused wherever they are cut`(chunk: Int) throws {
        let whole = Self.fragments()
        let trial = try StoreTrial()
        #expect(try Self.stored(trial.arrive(whole, chunk: chunk), trial) == whole.file)
        let start = (Self.header(of: whole.file)?.elementsEnd ?? 0) - whole.announced.fileHead.count
        #expect(start > 0)
        let cuts =
            Array(start + 1...start + 40) + [start + 20_000] + Array(whole.dataSet.count - 60..<whole.dataSet.count)
        for count in cuts {
            let trial = try StoreTrial()
            let cut = Sending(whole.announced, Array(whole.dataSet.prefix(count)))
            let fault = #expect(throws: StoreFault.self, "\(count) bytes") { _ = try trial.arrive(cut, chunk: chunk) }
            let isTruncated = if case .unreadable(.damaged(.truncated))? = fault { true } else { false }
            #expect(isTruncated, "\(count) bytes: \(fault.map { "\($0)" } ?? "stored")")
            try Self.expectNothing(trial, "\(count) bytes")
        }
    }

    @Test(arguments: [7, 1 << 20]) func `what follows the pixel data is stored, and so are zeros at the end`(
        chunk: Int
    ) throws {
        for sending in [Sending(), Self.fragments()] {
            for tail in [Self.modality, [0], [UInt8](repeating: 0, count: 1_000), Self.modality + [0, 0]] {
                let longer = Sending(sending.announced, sending.dataSet + tail)
                let trial = try StoreTrial()
                #expect(try Self.stored(trial.arrive(longer, chunk: chunk), trial) == longer.file)
            }
        }
    }

    @Test func `what is refused is read over as long as it may have been an instance, and no longer`() throws {
        let piece = [UInt8](repeating: 0xFF, count: 1 << 28)
        let trial = try StoreTrial()
        // No data set, and one for which there is no room.
        let long = Sending(1, pixelBytes: 300_000)
        for start in [[UInt8](repeating: 0xFF, count: 100_000), Array(long.dataSet.prefix(100_000))] {
            let arriving = trial.store.begin(long.announced, from: trial.store.makeReserve())
            arriving.take(start.rawSpan)
            trial.disk.setTroubles([.failingFrom(call: trial.disk.callCount + 1, .write, .noSpace)])
            while arriving.byteCount + piece.count <= StorePolicy.readOverMaximumBytes {
                arriving.take(piece.rawSpan)
                #expect(arriving.endlessness == nil)
            }
            arriving.take(piece.rawSpan)
            #expect(arriving.endlessness?.contains("\(arriving.byteCount) bytes") == true)
            #expect(throws: StoreFault.self) { _ = try arriving.finish() }
            trial.disk.setTroubles([])
        }
        try Self.expectNothing(trial, "endless")
    }

    @Test func `what is damaged isn't held until its end`() throws {
        let trial = try StoreTrial()
        let sending = Self.fragments(of: [0, 300_000, 300_000]) { $0[$0.count - 300_016] = 0x55 }
        let arriving = trial.store.begin(sending.announced, from: trial.store.makeReserve())
        arriving.take(sending.dataSet.rawSpan.extracting(0..<400_000))
        #expect(arriving.heldBytes == 0 && trial.disk.openDescriptors == 0)
        arriving.take(sending.dataSet.rawSpan.extracting(400_000..<sending.dataSet.count))
        #expect(throws: StoreFault.self) { _ = try arriving.finish() }
        try Self.expectNothing(trial, "damaged")
    }

    @Test func `what is no data set at all is refused`() throws {
        let trial = try StoreTrial()
        for bytes in [[1, 2, 3], [UInt8](repeating: 0x41, count: 100_000), [UInt8](repeating: 0, count: 70_000)] {
            let fault = #expect(throws: StoreFault.self) {
                _ = try trial.arrive(Sending(Sending.announced(), bytes), chunk: 9_000)
            }
            guard case .unreadable? = fault else {
                Issue.record("\(bytes.count) bytes: \(fault.map { "\($0)" } ?? "stored")")
                continue
            }
        }
        try Self.expectNothing(trial, "no data sets")
    }

    @Test func `one that nobody finishes leaves nothing`() throws {
        let trial = try StoreTrial()
        do {
            let arriving = trial.store.begin(Sending().announced, from: trial.store.makeReserve())
            arriving.take(Sending().dataSet.rawSpan.extracting(0..<1_000))
        }
        do {
            let sending = Sending(2, pixelBytes: 200_000)
            let arriving = trial.store.begin(sending.announced, from: trial.store.makeReserve())
            arriving.take(sending.dataSet.rawSpan.extracting(0..<150_000))
            #expect(try FoundArea(trial.disk.afterKill(), "under way").incoming.count == 1)
        }
        do { _ = try trial.arrive(Sending(3)) }
        try Self.expectNothing(trial, "abandoned")
    }

    @Test func `what is refused and can't be kept is gone all the same`() throws {
        var policy = StorePolicy()
        policy.rejectedFolder = "/is/not/there"
        let trial = try StoreTrial(CrashableDisk(), policy)
        let cut = Sending(Sending().announced, Array(Sending().dataSet.dropLast(700)))
        #expect(throws: StoreFault.truncated(missingBytes: 700)) { _ = try trial.arrive(cut) }
        try Self.expectNothing(trial, "not kept")
    }

    @Test func `the names of what is kept are safe, whoever sent it`() throws {
        let disk = CrashableDisk()
        try Folder.make(Self.rejected, kernel: disk)
        var policy = StorePolicy()
        policy.rejectedFolder = Self.rejected
        let trial = try StoreTrial(disk, policy)
        for title in ["../../x", "A/B", "..", "C:D"] {
            let announced = AnnouncedInstance(
                sopClassUID: Sample.ctImage, sopInstanceUID: Sample.instance,
                transferSyntaxUID: TransferSyntax.explicitVRLittleEndian.uid, source: AETitle(title)!,
                fileHead: Sending().announced.fileHead)
            #expect(throws: StoreFault.self) { _ = try trial.arrive(Sending(announced, [1, 2, 3])) }
        }
        #expect(try Folder.entries(of: Self.rejected, kernel: disk).count == 4)
        #expect(try Folder.entries(of: "/", kernel: disk).count == 2, "nothing beside the two folders")
    }

    @Test func `a file that can't be written is given up, and what follows is only read over`() throws {
        for cause in [Errno.noSpace, .inputOutput] {
            let disk = CrashableDisk()
            let trial = try StoreTrial(disk)
            let sending = Sending(1, pixelBytes: 300_000)
            let arriving = trial.store.begin(sending.announced, from: trial.store.makeReserve())
            arriving.take(sending.dataSet.rawSpan.extracting(0..<100_000))
            disk.setTroubles([.failingFrom(call: disk.callCount + 1, .write, cause)])
            arriving.take(sending.dataSet.rawSpan.extracting(100_000..<200_000))
            let calls = disk.callCount
            disk.setTroubles([])
            arriving.take(sending.dataSet.rawSpan.extracting(200_000..<300_000))
            #expect(disk.callCount == calls, "nothing more is tried")
            #expect(try FoundArea(disk.afterKill(), "given up").incoming.isEmpty, "and the room is given back at once")
            let fault = #expect(throws: StoreFault.self) { _ = try arriving.finish() }
            guard case .file(let file)? = fault else {
                Issue.record("\(cause)")
                continue
            }
            #expect(file.cause == cause && file.operation == .write)
            try Self.expectNothing(trial, "\(cause)")
        }
    }
}
