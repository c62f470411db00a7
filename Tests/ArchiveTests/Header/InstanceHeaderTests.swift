// Headers of instances: read from every encoding and every accident, from as few bytes as will do.

import ArchiveIndex
import DICOM
import Testing

@testable import Archive

@Suite("Headers of instances, PS3.10 §7, PS3.5 §7") struct InstanceHeaderTests {
    static func read(_ bytes: [UInt8], isWhole: Bool = true) -> InstanceHeader.Outcome {
        InstanceHeader.read(bytes.rawSpan, isWhole: isWhole)
    }

    static func header(_ bytes: [UInt8], isWhole: Bool = true) throws -> InstanceHeader {
        let outcome = read(bytes, isWhole: isWhole)
        guard case .header(let header) = outcome else {
            throw UnexpectedOutcome(outcome: outcome)
        }
        return header
    }

    struct UnexpectedOutcome: Error { let outcome: InstanceHeader.Outcome }

    /// The sample without an element.
    static func without(_ tag: DICOM.Tag) -> DataSet {
        var set = Sample.dataSet()
        set[tag] = nil
        return set
    }

    // MARK: Encodings

    @Test(arguments: Sample.syntaxes) func `reads a file in each transfer syntax`(syntax: TransferSyntax) throws {
        let bytes = try Sample.file(syntax)
        let header = try Self.header(bytes)
        #expect(header.transferSyntaxUID == syntax.uid && header.sopClassUID == Sample.ctImage)
        #expect(header.studyInstanceUID == Sample.study && header.seriesInstanceUID == Sample.series)
        #expect(header.sopInstanceUID == Sample.instance)
        #expect(header.dataSetOffset == Sample.head(syntax.uid).count)
        #expect(header.attributes.text(.patientID) == "P 1")
        #expect(header.attributes.bytes(.patientName)?.dropFirst().first == 0xFC, "text stays as it is stored")
        #expect(header.attributes.unsignedShort(.columns) == 0x0102, "numbers are little-endian in memory")
        #expect(header.attributes.items(.procedureCodeSequence)?.first?.text(.codeValue) == "CTCHEST")
        #expect(header.attributes.text(.specificCharacterSet) == "ISO_IR 100")
        #expect(header.attributes[.pixelData] == nil && header.attributes[.instanceCreationDate] == nil)
    }

    @Test func `all encodings of one data set give the same attributes`() throws {
        let attributes = try Sample.syntaxes.map { try Self.header(Sample.file($0)).attributes }
        for other in attributes.dropFirst() { #expect(other == attributes[0]) }
    }

    @Test(arguments: Sample.syntaxes) func `needs no preamble`(syntax: TransferSyntax) throws {
        let bytes = try Sample.file(syntax)
        let header = try Self.header(bytes)
        for dropped in [128, 132] {
            let short = try Self.header(Array(bytes.dropFirst(dropped)))
            #expect(short.attributes == header.attributes && short.transferSyntaxUID == header.transferSyntaxUID)
            #expect(short.dataSetOffset == header.dataSetOffset - dropped)
        }
    }

    @Test(arguments: [TransferSyntax.implicitVRLittleEndian, .explicitVRLittleEndian, .explicitVRBigEndian])
    func `recognises a bare data set by its elements`(syntax: TransferSyntax) throws {
        let header = try Self.header(Sample.bare(syntax))
        #expect(header.transferSyntaxUID == syntax.uid && header.dataSetOffset == 0)
        #expect(header.sopInstanceUID == Sample.instance && header.attributes.unsignedShort(.rows) == 2)
    }

    @Test func `reads an unknown transfer syntax as Explicit VR Little Endian, and keeps its UID`() throws {
        let bytes = Sample.head(Sample.privateSyntax) + (try Sample.bare(.explicitVRLittleEndian))
        let header = try Self.header(bytes)
        #expect(header.transferSyntaxUID == Sample.privateSyntax && header.sopInstanceUID == Sample.instance)
    }

    @Test func `reads values of odd length, and what follows them`() throws {
        var bytes = Sample.head(TransferSyntax.explicitVRLittleEndian.uid)
        bytes += Self.element(0x0008, 0x0016, "UI", Array("1.2.3".utf8))
        bytes += Self.element(0x0008, 0x0018, "UI", Array("1.2.3.4.5".utf8))
        bytes += Self.element(0x0010, 0x0020, "LO", Array("ODD".utf8))
        bytes += Self.element(0x0020, 0x000D, "UI", Array("1.2.7".utf8))
        bytes += Self.element(0x0020, 0x000E, "UI", Array("1.2.8".utf8))
        bytes += Self.element(0x0020, 0x0013, "IS", Array("9".utf8))
        let header = try Self.header(bytes)
        #expect(header.sopClassUID.text == "1.2.3" && header.sopInstanceUID.text == "1.2.3.4.5")
        #expect(header.studyInstanceUID.text == "1.2.7" && header.seriesInstanceUID.text == "1.2.8")
        #expect(header.attributes.text(.patientID) == "ODD" && header.attributes.text(.instanceNumber) == "9")
    }

    /// An element in Explicit VR Little Endian with a 16-bit length, its value not padded.
    static func element(_ group: UInt16, _ element: UInt16, _ vr: String, _ value: [UInt8]) -> [UInt8] {
        [group, element].flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] } + Array(vr.utf8)
            + [UInt8(truncatingIfNeeded: value.count), UInt8(value.count >> 8)] + value
    }

    // MARK: What an instance needs

    @Test(arguments: [RequiredUID.study, .series, .instance], Sample.syntaxes)
    func `refuses an instance without one of its UIDs, and names it`(uid: RequiredUID, syntax: TransferSyntax) throws {
        let tag = uid.tag
        #expect(Self.read(try Sample.file(syntax, Self.without(tag))) == .refused(.missing(uid)))
        var emptied = Sample.dataSet()
        emptied.set(tag, .UI, bytes: [])
        #expect(Self.read(try Sample.file(syntax, emptied)) == .refused(.missing(uid)))
        var wrong = Sample.dataSet()
        wrong.set(tag, .UI, text: String(repeating: "1.", count: 33) + "1")
        #expect(Self.read(try Sample.file(syntax, wrong)) == .refused(.invalid(uid)), "67 characters are no UID")
    }

    @Test func `takes the SOP class from the File Meta Information where the data set has none`() throws {
        #expect(
            try Self.header(Sample.file(.explicitVRLittleEndian, Self.without(.sopClassUID))).sopClassUID
                == Sample.ctImage)
        let bare = try Sample.bare(.explicitVRLittleEndian, Self.without(.sopClassUID))
        #expect(Self.read(bare) == .refused(.missing(.sopClass)))
    }

    @Test func `prefers the data set's SOP class to that of the File Meta Information`() throws {
        let bytes = Sample.head(TransferSyntax.explicitVRLittleEndian.uid, sopClass: UID(literal: "1.2.3"))
        #expect(try Self.header(bytes + Sample.bare(.explicitVRLittleEndian)).sopClassUID == Sample.ctImage)
    }

    @Test func `T3 a DICOMDIR is no instance`() throws {
        #expect(Self.read(try Sample.directory()) == .refused(.directory))
        var set = Sample.dataSet()
        set.set(.sopClassUID, uid: SOPClass.mediaStorageDirectory)
        #expect(Self.read(try Sample.file(.implicitVRLittleEndian, set)) == .refused(.directory))
        #expect(Refusal.directory.isForeign)
    }

    @Test func `what has no element of DICOM is foreign`() {
        #expect(Self.read([]) == .refused(.notDICOM))
        #expect(Self.read(Sample.foreign) == .refused(.notDICOM))
        #expect(Self.read([UInt8](repeating: 0, count: 4096)) == .refused(.notDICOM))
        #expect(Self.read([UInt8](repeating: 0x20, count: 4096), isWhole: false) == .refused(.notDICOM))
    }

    @Test func `becomes an entry for the index at its place`() throws {
        let header = try Self.header(Sample.file())
        let place = Place(
            root: 3, path: Array("a/b".utf8), sizeBytes: 1_000, modificationNs: 5, inode: 6, isTrusted: true,
            dataSetOffset: 0)
        let entry = header.entry(at: place)
        #expect(entry.patientID == Array("P 1".utf8) && entry.sopInstanceUID == Sample.instance)
        #expect(entry.place.root == 3 && entry.place.dataSetOffset == header.dataSetOffset)
        #expect(entry.patient.value(.patientName) != nil && entry.patient.characterSet != nil)
        #expect(entry.series.value(.modality)?.bytes == Array("CT".utf8)[...])
        #expect(entry.image.value(.rows)?.bytes == [2, 0])
    }

    // MARK: As few bytes as will do

    @Test(arguments: Sample.syntaxes.filter { !$0.isDeflated })
    func `doesn't need the pixel data`(syntax: TransferSyntax) throws {
        let bytes = try Sample.file(syntax)
        let whole = try Self.header(bytes)
        // Less than the pixel data's 8 bytes, more than nothing of its head.
        for missing in 1...8 {
            let cut = Array(bytes.dropLast(missing))
            #expect(try Self.header(cut) == whole, "a file without its last bytes has the same header")
        }
        #expect(try Self.header(Array(bytes.dropLast(7)), isWhole: false) == whole, "the rest needn't be read")
        var other = Sample.dataSet()
        other[.pixelData] = DataElement(.pixelData, .OW, .bytes([9, 9, 9, 9, 9, 9, 9, 9]))
        #expect(try Self.header(Sample.file(syntax, other)).fingerprint == whole.fingerprint)
    }

    @Test func `the fingerprint tells headers apart`() throws {
        var other = Sample.dataSet()
        other.set(.instanceCreationDate, .DA, text: "20240103")
        #expect(
            try Self.header(Sample.file()).fingerprint
                != Self.header(Sample.file(.explicitVRLittleEndian, other)).fingerprint)
    }

    @Test(arguments: Sample.syntaxes)
    func `a long header is read in a few growing pieces`(syntax: TransferSyntax) throws {
        var set = Sample.dataSet()
        // Bytes that don't shrink, before the study's UID.
        let noise = (0..<300_000).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 7) }
        set[DICOM.Tag(0x0009, 0x1001)] = DataElement(DICOM.Tag(0x0009, 0x1001), .OB, .bytes(noise))
        let bytes = try Sample.file(syntax, set)
        var wanted = 1_024
        var reads = 0
        while true {
            reads += 1
            try #require(reads < 20, "it asks and asks")
            let isWhole = wanted >= bytes.count
            let outcome = Self.read(Array(bytes.prefix(wanted)), isWhole: isWhole)
            guard case .needsMore(let count) = outcome else {
                #expect(outcome == Self.read(bytes), "the answer doesn't depend on the pieces")
                break
            }
            try #require(count > wanted && !isWhole)
            wanted = count
        }
        #expect(reads <= 8)
    }

    @Test(arguments: Sample.syntaxes)
    func `T6 every truncation asks for more or says what the whole says`(syntax: TransferSyntax) throws {
        let bytes = try Sample.file(syntax)
        #expect(Self.misread(bytes) == [])
        for count in 0..<bytes.count {
            if case .needsMore = Self.read(Array(bytes.prefix(count))) {
                Issue.record("there is no more than \(count) bytes")
            }
        }
    }

    /// The numbers of first bytes after which another answer is given than for all of `bytes`, or less asked for than is
    /// there.
    static func misread(_ bytes: [UInt8]) -> [Int] {
        let whole = read(bytes)
        return (0..<bytes.count).filter { count in
            switch read(Array(bytes.prefix(count)), isWhole: false) {
            case .needsMore(let wanted): wanted <= count
            case let outcome: outcome != whole
            }
        }
    }

    @Test(arguments: [TransferSyntax.implicitVRLittleEndian, .explicitVRLittleEndian, .explicitVRBigEndian])
    func `T6 every truncation of a bare data set asks for more or says what the whole says`(
        syntax: TransferSyntax
    ) throws {
        #expect(Self.misread(try Sample.bare(syntax)) == [])
    }

    @Test(arguments: Sample.syntaxes)
    func `a file that was cut behind its UIDs is an instance, before them it is refused`(syntax: TransferSyntax) throws
    {
        guard !syntax.isDeflated else { return }
        let bytes = try Sample.file(syntax)
        let endOfSeries = try Self.end(of: Sample.series, in: bytes)
        for count in Sample.head(syntax.uid).count..<bytes.count {
            switch Self.read(Array(bytes.prefix(count))) {
            case .header(let header):
                #expect(count >= endOfSeries)
                #expect(header.seriesInstanceUID == Sample.series)
            case .refused: #expect(count < endOfSeries)
            case .needsMore: Issue.record("there is no more than \(count) bytes")
            }
        }
    }

    /// Where the last mention of `uid` ends, its padding included.
    static func end(of uid: UID, in bytes: [UInt8]) throws -> Int {
        let wanted = uid.bytes + (uid.bytes.count % 2 == 1 ? [0] : [])
        let start = try #require((0...(bytes.count - wanted.count)).last { bytes[$0...].starts(with: wanted) })
        return start + wanted.count
    }

    @Test(arguments: Sample.syntaxes) func `T6 no flipped bit traps, or asks for more than there is`(
        syntax: TransferSyntax
    ) throws {
        let bytes = try Sample.file(syntax)
        var headers = 0
        // The preamble's bits mean nothing.
        for bit in (128 * 8)..<(bytes.count * 8) {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            switch Self.read(flipped) {
            case .needsMore: Issue.record("bit \(bit)")
            case .header: headers += 1
            case .refused: break
            }
            if case .needsMore(let count) = Self.read(flipped, isWhole: false) {
                #expect(count > bytes.count && count <= 2 * InstanceHeader.maximumBytes, "bit \(bit)")
            }
        }
        #expect(headers > 0, "most bits stand in values")
    }

    // MARK: Limits

    /// A sequence within a sequence, `depth` in all, with undefined lengths, in Explicit VR Little Endian.
    static func nested(_ group: UInt16, _ number: UInt16, depth: Int, isClosed: Bool = true) -> [UInt8] {
        let undefined: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
        let tag = [group, number].flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let start = tag + Array("SQ".utf8) + [0, 0] + undefined + [0xFE, 0xFF, 0x00, 0xE0] + undefined
        let end: [UInt8] = [0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0, 0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]
        var bytes: [UInt8] = []
        for _ in 0..<depth { bytes += start }
        if isClosed { for _ in 0..<depth { bytes += end } }
        return bytes
    }

    /// The same with defined lengths.
    static func nestedDefined(_ group: UInt16, _ number: UInt16, depth: Int) -> [UInt8] {
        let tag = [group, number].flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        var bytes: [UInt8] = []
        for level in (1...depth).reversed() {
            let item = (level - 1) * 20
            let sequence = item + 8
            let length = { (count: Int) in (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } }
            bytes += tag + Array("SQ".utf8) + [0, 0] + length(sequence) + [0xFE, 0xFF, 0x00, 0xE0] + length(item)
        }
        return bytes
    }

    /// A file with `sequence` in Procedure Code Sequence's place, before the study's UID.
    static func file(with sequence: [UInt8]) throws -> [UInt8] {
        var (before, after) = (DataSet(), DataSet())
        for element in Sample.dataSet().elements where element.tag != .procedureCodeSequence {
            if element.tag < .procedureCodeSequence {
                before[element.tag] = element
            } else {
                after[element.tag] = element
            }
        }
        return Sample.head(TransferSyntax.explicitVRLittleEndian.uid)
            + (try before.encoded(as: .explicitLittle)) + sequence + (try after.encoded(as: .explicitLittle))
    }

    // (0008,1032) is held and so decoded, (0008,1140) is passed over.
    @Test(arguments: [0x1032, 0x1140] as [UInt16])
    func `T14 takes sequences 64 deep, refuses 65 and 100,000`(number: UInt16) throws {
        #expect(
            try Self.header(Self.file(with: Self.nested(0x0008, number, depth: 64))).seriesInstanceUID == Sample.series)
        for depth in [65, 100_000] {
            for isClosed in [true, false] {
                let outcome = Self.read(
                    try Self.file(with: Self.nested(0x0008, number, depth: depth, isClosed: isClosed)))
                guard case .refused(.damaged(.overLimit("sequence depth", limit: 64, offset: _))) = outcome else {
                    Issue.record("depth \(depth): \(outcome)")
                    continue
                }
            }
        }
    }

    @Test func `T14 takes held sequences of defined length 64 deep, refuses 65 and 100,000`() throws {
        let good = try Self.header(Self.file(with: Self.nestedDefined(0x0008, 0x1032, depth: 64)))
        var depth = 0
        var items = good.attributes.items(.procedureCodeSequence)
        while let item = items?.first {
            depth += 1
            items = item.items(.procedureCodeSequence)
        }
        #expect(depth == 64)
        for depth in [65, 100_000] {
            let outcome = Self.read(try Self.file(with: Self.nestedDefined(0x0008, 0x1032, depth: depth)))
            guard case .refused(.damaged(.overLimit("sequence depth", limit: 64, offset: _))) = outcome else {
                Issue.record("depth \(depth): \(outcome)")
                continue
            }
        }
    }

    @Test func `T14 what nests too deep behind the UIDs ends the header, not the instance`() throws {
        var set = Sample.dataSet()
        set[.pixelData] = nil
        let bytes = try Sample.file(.explicitVRLittleEndian, set) + Self.nested(0x0040, 0x0275, depth: 100_000)
        let header = try Self.header(bytes)
        #expect(header.seriesInstanceUID == Sample.series && header.attributes.unsignedShort(.rows) == 2)
        #expect(header.attributes[.requestAttributesSequence] == nil)
    }

    @Test func `T8 a deflate bomb is refused`() throws {
        var set = Sample.dataSet()
        let tag = DICOM.Tag(0x0009, 0x1001)
        set[tag] = DataElement(tag, .OB, .bytes([UInt8](repeating: 0, count: 20_000_000)))
        let outcome = Self.read(try Sample.file(.deflatedExplicitVRLittleEndian, set))
        guard case .refused(.deflate(.overLimit)) = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test func `a deflated data set that is none is refused as such`() {
        let bytes =
            Sample.head(TransferSyntax.deflatedExplicitVRLittleEndian.uid) + [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]
        #expect(Self.read(bytes) == .refused(.deflate(.damaged)))
    }
}
