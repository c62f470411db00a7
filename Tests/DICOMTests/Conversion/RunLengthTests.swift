// Pixel data in RLE Lossless, as every encoder may write it and as none should.

import DICOM
import Support
import Testing

@Suite("RLE Lossless, PS3.5 §A.4.2, Annex G") struct RunLengthTests {
    /// An image of random pixels, native and as it is in RLE Lossless.
    struct Image {
        var rows = 7, columns = 9, frames = 1, samples = 1, bits = 8, planar = 0
        var generator: SeededGenerator

        /// Of each frame the byte planes: of each sample the most significant byte first.
        var planes: [[[UInt8]]] = []

        init(
            rows: Int = 7, columns: Int = 9, frames: Int = 1, samples: Int = 1, bits: Int = 8, planar: Int = 0,
            _ generator: SeededGenerator = .fresh()
        ) {
            (self.rows, self.columns, self.frames) = (rows, columns, frames)
            (self.samples, self.bits, self.planar, self.generator) = (samples, bits, planar, generator)
            for _ in 0..<frames {
                planes.append((0..<(samples * bits / 8)).map { _ in plane() })
            }
        }

        /// Of runs and of noise.
        private mutating func plane() -> [UInt8] {
            var bytes: [UInt8] = []
            while bytes.count < rows * columns {
                let count = Int.random(in: 1...200, using: &generator)
                bytes +=
                    Bool.random(using: &generator)
                    ? [UInt8](repeating: UInt8.random(in: 0...255, using: &generator), count: count)
                    : generator.bytes(count)
            }
            return Array(bytes.prefix(rows * columns))
        }

        var native: [UInt8] {
            var out: [UInt8] = []
            let width = bits / 8
            for frame in planes {
                for part in planar == 1 ? (0..<samples).map({ [$0] }) : [Array(0..<samples)] {
                    for pixel in 0..<(rows * columns) {
                        for sample in part {
                            for byte in 0..<width { out.append(frame[sample * width + width - 1 - byte][pixel]) }
                        }
                    }
                }
            }
            return out.count % 2 == 1 ? out + [0] : out
        }

        /// One plane as segments are: literal runs, replicate runs, and bytes that say nothing.
        mutating func segment(_ plane: [UInt8]) -> [UInt8] {
            var out: [UInt8] = []
            var at = 0
            while at < plane.count {
                if Int.random(in: 0..<10, using: &generator) == 0 { out.append(128) }
                let same = plane[at...].prefix(128).prefix { $0 == plane[at] }.count
                if same >= 2 {
                    out += [UInt8(257 - same), plane[at]]
                    at += same
                } else {
                    let count = min(Int.random(in: 1...128, using: &generator), plane.count - at)
                    out += [UInt8(count - 1)] + plane[at..<(at + count)]
                    at += count
                }
            }
            return out.count % 2 == 1 ? out + [0] : out
        }

        mutating func encoded() -> [[UInt8]] { planes.map { frame($0.map { segment($0) }) } }

        /// Header and segments of one frame.
        func frame(_ segments: [[UInt8]]) -> [UInt8] {
            var head = RunLengthTests.long(segments.count)
            var offset = 64
            for segment in segments {
                head += RunLengthTests.long(offset)
                offset += segment.count
            }
            return head + [UInt8](repeating: 0, count: 64 - head.count) + segments.flatMap { $0 }
        }

        /// The data set with its pixel data in these fragments, the Basic Offset Table first.
        func dataSet(_ fragments: [[UInt8]]) -> DataSet {
            var set = DataSet()
            set.set(.modality, .CS, text: "OT")
            set.set(.samplesPerPixel, unsignedShort: UInt16(samples))
            if samples > 1 { set.set(.planarConfiguration, unsignedShort: UInt16(planar)) }
            if frames != 1 { set.set(.numberOfFrames, .IS, text: "\(frames)") }
            set.set(.rows, unsignedShort: UInt16(rows))
            set.set(.columns, unsignedShort: UInt16(columns))
            set.set(.bitsAllocated, unsignedShort: UInt16(bits))
            set[.pixelData] = DataElement(.pixelData, .OB, .fragments(fragments))
            return set
        }
    }

    static func long(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

    static func convert(_ set: DataSet, to target: TransferSyntax = .explicitVRLittleEndian) throws -> DataSet {
        let bytes = try set.encoded(as: .explicitLittle)
        return try Trial.decoded(Trial.convert(bytes, from: Trial.runLength, to: target), target)
    }

    static func fault(_ set: DataSet) -> RunLengthFault? {
        do {
            _ = try convert(set)
            return nil
        } catch ConversionFault.runLength(let fault) {
            return fault
        } catch {
            Issue.record("\(error)")
            return nil
        }
    }

    // MARK: As it should be

    @Test(arguments: [8, 16, 32], [(1, 0), (3, 0), (3, 1)])
    func `each kind of pixel becomes native in each syntax`(bits: Int, colour: (samples: Int, planar: Int)) throws {
        for frames in [1, 3] {
            var image = Image(frames: frames, samples: colour.samples, bits: bits, planar: colour.planar)
            let set = image.dataSet([[]] + image.encoded())
            for target in Trial.syntaxes {
                let found = try Self.convert(set, to: target)
                #expect(found.bytes(.pixelData) == image.native)
                #expect(found[.pixelData]?.vr == (bits > 8 || target == .implicitVRLittleEndian ? .OW : .OB))
                var others = found
                var before = set
                others[.pixelData] = nil
                before[.pixelData] = nil
                #expect(others == before, "the other attributes stay")
            }
        }
    }

    @Test func `single bits are decoded where no frame begins within a byte, PS3.5 §8.1.1`() throws {
        var image = Image(rows: 4, columns: 8, frames: 1)
        let rows = image.rows
        image.rows = 32
        image.bits = 1
        let plain = Array(image.planes[0][0].prefix(rows * 8))
        let set = image.dataSet([[], image.frame([image.segment(plain)])])
        #expect(try Self.convert(set).bytes(.pixelData) == plain)
        (image.rows, image.columns, image.frames) = (3, 7, 2)
        #expect(Self.fault(image.dataSet([[], [], []])) == .shape(.bitsAllocated))
    }

    @Test func `an image larger than every buffer is decoded in pieces`() throws {
        var image = Image(rows: 300, columns: 411, frames: 2, samples: 3, bits: 16)
        let set = image.dataSet([[]] + image.encoded())
        #expect(try Self.convert(set).bytes(.pixelData) == image.native)
        #expect(try Self.convert(set, to: .explicitVRBigEndian).bytes(.pixelData) == image.native)
    }

    @Test func `an icon in an item has a shape of its own`() throws {
        var icon = Image(rows: 3, columns: 5)
        var image = Image(samples: 3)
        var set = image.dataSet([[]] + image.encoded())
        set[.iconImageSequence] = DataElement(.iconImageSequence, .SQ, .items([icon.dataSet([[]] + icon.encoded())]))
        let found = try Self.convert(set)
        #expect(found.items(.iconImageSequence)?.first?.bytes(.pixelData) == icon.native)
        #expect(found.bytes(.pixelData) == image.native)
    }

    // MARK: Fragments and tables

    @Test func `fragments make frames by their number, else by the Basic Offset Table, PS3.5 §A.4`() throws {
        var image = Image(frames: 3)
        let frames = image.encoded()
        // A table that is wrong isn't asked where each frame has one fragment.
        #expect(
            try Self.convert(image.dataSet([[9, 9, 9, 9, 1, 1, 1, 1]] + frames)).bytes(.pixelData) == image.native)
        // Two fragments a frame: the table says which.
        let halves = frames.flatMap { [Array($0.prefix(40)), Array($0.dropFirst(40))] }
        var starts: [Int] = [0]
        for frame in frames.dropLast() { starts.append(starts[starts.count - 1] + frame.count + 16) }
        let table = starts.flatMap(Self.long)
        #expect(try Self.convert(image.dataSet([table] + halves)).bytes(.pixelData) == image.native)
        #expect(Self.fault(image.dataSet([[]] + halves)) == .frames(found: 6, expected: 3))
        for index in [0, 4, 8] {
            var wrong = table
            wrong[index] ^= 4
            #expect(Self.fault(image.dataSet([wrong] + halves)) != nil)
        }
        // One frame in many.
        var single = Image()
        let bytes = single.encoded()[0]
        let pieces = stride(from: 0, to: bytes.count, by: 2).map { Array(bytes[$0..<min($0 + 2, bytes.count)]) }
        #expect(try Self.convert(single.dataSet([[]] + pieces)).bytes(.pixelData) == single.native)
    }

    /// Reads of a conversion that ends with a fault of its fragments.
    static func reads(_ set: DataSet) throws -> (count: Int, bytes: Int, fault: RunLengthFault?) {
        let bytes = try set.encoded(as: .explicitLittle)
        var reads = (count: 0, bytes: 0, fault: RunLengthFault?.none)
        let read: DataSetReading = { (offset, count, buffer, index) throws(ConversionFault) -> Int in
            let got = max(0, min(count, bytes.count - offset))
            for place in 0..<got { buffer[index + place] = bytes[offset + place] }
            reads.count += 1
            reads.bytes += got
            return got
        }
        do throws(ConversionFault) {
            var conversion = try DataSetConversion(
                from: Trial.runLength, to: .explicitVRLittleEndian, byteCount: bytes.count, read)
            var out: [UInt8] = []
            while try conversion.produce(into: &out, until: out.count + 1_000, read) {}
        } catch {
            if case .runLength(let fault) = error { reads.fault = fault }
        }
        return reads
    }

    @Test(arguments: [(1, 0), (3, 0), (3, 12)])
    func `empty fragments without end are walked no further than they could make frames, many heads a read`(
        frames: Int, tableBytes: Int
    ) throws {
        let image = Image(frames: frames)
        let table = [UInt8](repeating: 0, count: tableBytes)
        let most = tableBytes == 0 ? 4_096 : 3 * 4_096
        let fragments = [[UInt8]](repeating: [], count: 40_000)
        let found = try Self.reads(image.dataSet([table] + fragments))
        #expect(
            found.fault == (frames == 1 ? .tooManyFragments(frame: 1) : .frames(found: most + 1, expected: frames)))
        #expect(found.bytes < 8 * most + (256 << 10) && found.count < 100)
    }

    @Test func `an Extended Offset Table goes with the fragments, PS3.3 §C.7.6.3.1.8`() throws {
        var image = Image(frames: 2)
        var set = image.dataSet([[]] + image.encoded())
        set[.extendedOffsetTable] = DataElement(.extendedOffsetTable, .OV, .bytes([UInt8](repeating: 7, count: 16)))
        set[.extendedOffsetTableLengths] = DataElement(
            .extendedOffsetTableLengths, .OV, .bytes([UInt8](repeating: 7, count: 16)))
        let found = try Self.convert(set)
        #expect(found[.extendedOffsetTable] == nil && found[.extendedOffsetTableLengths] == nil)
        #expect(found.bytes(.pixelData) == image.native)
    }

    @Test func `frames that are missing are missed`() throws {
        var image = Image(frames: 3)
        let frames = image.encoded()
        #expect(Self.fault(image.dataSet([[]] + frames.dropLast())) == .frames(found: 2, expected: 3))
        #expect(Self.fault(image.dataSet([[]])) == .frames(found: 0, expected: 3))
        #expect(Self.fault(image.dataSet([])) == .frames(found: 0, expected: 3))
    }

    // MARK: Hostile

    @Test func `T7 shapes that RLE can't have, or that pass a 32-bit length, are refused`() throws {
        let image = Image()
        let set = image.dataSet([[], []])
        for tag in [DICOM.Tag.rows, .columns, .bitsAllocated] {
            var without = set
            without[tag] = nil
            #expect(Self.fault(without) == .shape(tag))
            without.set(tag, unsignedShort: 0)
            #expect(Self.fault(without) == .shape(tag))
        }
        for (tag, value) in [(DICOM.Tag.samplesPerPixel, 16), (.samplesPerPixel, 65_535), (.bitsAllocated, 12)] {
            var wrong = set
            wrong.set(tag, unsignedShort: UInt16(value))
            #expect(Self.fault(wrong) == .shape(tag))
        }
        for frames in ["-1", "0", "x", "99999999999999999999"] {
            var wrong = set
            wrong.set(.numberOfFrames, .IS, text: frames)
            #expect(Self.fault(wrong) != nil)
        }
        var huge = set
        huge.set(.rows, unsignedShort: 65_535)
        huge.set(.columns, unsignedShort: 65_535)
        // All that is known is that the segment is too short: nothing was allocated for 4 GiB of pixels.
        #expect(Self.fault(huge) == .tooShort(frame: 1))
        huge.set(.numberOfFrames, .IS, text: "2")
        #expect(Self.fault(huge) == .tooLong)
        huge.set(.numberOfFrames, .IS, text: "999999999999")
        #expect(Self.fault(huge) == .tooLong)
    }

    @Test func `T7 segments lie in their frame, one behind the other, as many as bytes in a pixel`() throws {
        var image = Image(samples: 3)
        let frame = image.encoded()[0]
        func changed(_ number: Int, _ value: Int) -> RunLengthFault? {
            var bytes = frame
            bytes.replaceSubrange((4 * number)..<(4 * number + 4), with: Self.long(value))
            return Self.fault(image.dataSet([[], bytes]))
        }
        for count in [0, 1, 2, 4, 15, 16, 0xFFFF_FFFF] {
            #expect(changed(0, count) == .segments(frame: 1, found: count, expected: 3))
        }
        for value in [0, 63, 0xFFFF_FFFF, frame.count] { #expect(changed(1, value) == .offset(frame: 1)) }
        for value in [0, 64, frame.count, 0x8000_0000] { #expect(changed(2, value) == .offset(frame: 1)) }
        for count in [0, 1, 62] {
            #expect(Self.fault(image.dataSet([[], Array(frame.prefix(count))])) == .tooShort(frame: 1))
        }
    }

    @Test func `T7 runs end with the last pixel, neither before nor behind it`() throws {
        let image = Image(rows: 1, columns: 4)
        func fault(_ segment: [UInt8]) -> RunLengthFault? { Self.fault(image.dataSet([[], image.frame([segment])])) }
        #expect(fault([3, 1, 2, 3, 4]) == nil)
        #expect(fault([253, 9]) == nil)
        #expect(fault([253, 9, 0, 7, 200]) == nil, "what follows the last pixel makes the segment even")
        #expect(fault([252, 9]) == .runPastEnd(frame: 1))
        #expect(fault([4, 1, 2, 3, 4, 5]) == .runPastEnd(frame: 1))
        #expect(fault([254, 9]) == .tooShort(frame: 1))
        #expect(fault([3, 1, 2, 3]) == .tooShort(frame: 1))
        #expect(fault([128, 253]) == .tooShort(frame: 1))
        #expect(fault([UInt8](repeating: 128, count: 100_000)) == .tooShort(frame: 1))
    }

    @Test func `T7 cut anywhere or with one bit flipped, it neither traps nor gives more than it should`() throws {
        var image = Image(rows: 3, columns: 4, frames: 2, bits: 16)
        let bytes = try image.dataSet([[]] + image.encoded()).encoded(as: .explicitLittle)
        let whole = try Trial.convert(bytes, from: Trial.runLength, to: .explicitVRLittleEndian)
        for length in 0..<bytes.count {
            let out = try? Trial.convert(
                Array(bytes[..<length]), from: Trial.runLength, to: .explicitVRLittleEndian)
            // Cut between two elements: there is no pixel data at all.
            if let out { #expect(whole.starts(with: out) && out.count <= whole.count - 60) }
        }
        var flipped = bytes
        for index in bytes.indices {
            for bit in 0..<8 {
                flipped[index] ^= 1 << bit
                if let out = try? Trial.convert(flipped, from: Trial.runLength, to: .explicitVRLittleEndian) {
                    #expect(Trial.isWellFormed(out, .explicitLittle) && out.count < bytes.count * 128)
                }
                flipped[index] ^= 1 << bit
            }
        }
    }
}
