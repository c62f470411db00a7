// Single attributes from headers: every encoding, any length, and what can't be read (PS3.4 §C.2.2.1.3).

import ArchiveIndex
import DICOM
import Platform
import Support
import Testing

@testable import Archive

@Suite("Attributes from headers, PS3.5 §7, PS3.4 §C.2.2.1.3") struct HeaderAttributesTests {
    static let tags: [DICOM.Tag] = [.instanceCreationDate, smallest, window]
    static let smallest = Tag(0x0028, 0x0106)
    static let window = Tag(0x0028, 0x3010)

    static func sample() -> DataSet {
        var set = Sample.dataSet()
        set.set(.pixelRepresentation, unsignedShort: 1)
        set[smallest] = DataElement(smallest, .SS, .bytes([0xFE, 0xFF]))
        var item = DataSet()
        item.set(Tag(0x0028, 0x3003), .LO, text: "soft")
        set[window] = DataElement(window, .SQ, .items([item]))
        return set
    }

    static func read(_ bytes: [UInt8], _ tags: [DICOM.Tag] = tags, isWhole: Bool = true) -> ReadHeader? {
        let outcome = outcome(bytes, tags, isWhole: isWhole)
        guard case .header(let header) = outcome else { return nil }
        return header
    }

    static func outcome(_ bytes: [UInt8], _ tags: [DICOM.Tag] = tags, isWhole: Bool) -> HeaderAttributes.Outcome {
        HeaderAttributes.read(tags, of: Sample.instance, in: bytes.rawSpan, isWhole: isWhole)
    }

    @Test(arguments: Sample.syntaxes) func `reads a file in each transfer syntax`(syntax: TransferSyntax) throws {
        let header = try #require(Self.read(Sample.file(syntax, Self.sample())))
        #expect(header.attributes.text(.instanceCreationDate) == "20240102")
        #expect(header.attributes[Self.smallest] == DataElement(Self.smallest, .SS, .bytes([0xFE, 0xFF])))
        #expect(header.attributes.items(Self.window)?.first?.text(Tag(0x0028, 0x3003)) == "soft")
        #expect(header.attributes.text(.specificCharacterSet) == "ISO_IR 100")
        #expect(header.attributes[.patientName] == nil && header.attributes[.pixelData] == nil && header.unread.isEmpty)
    }

    @Test func `what isn't there is simply not there`() throws {
        let header = try #require(Self.read(Sample.file(), [Tag(0x0018, 0x0022), Tag(0x0054, 0x0081)]))
        #expect(header.attributes[Tag(0x0018, 0x0022)] == nil && header.unread.isEmpty)
    }

    @Test func `another instance's file is not read`() throws {
        #expect(Self.read(try Sample.file(.explicitVRLittleEndian, Sample.dataSet(UID(literal: "1.9.9")))) == nil)
        #expect(Self.read(Sample.foreign) == nil)
        #expect(Self.read(try Sample.directory()) == nil)
    }

    @Test(arguments: Sample.syntaxes)
    func `from any number of first bytes it says the same, or that it needs more`(syntax: TransferSyntax) throws {
        let bytes = try Sample.file(syntax, Self.sample())
        let whole = try #require(Self.read(bytes)).attributes
        for count in 0..<bytes.count {
            let outcome = Self.outcome(Array(bytes.prefix(count)), isWhole: false)
            switch outcome {
            case .header(let header): #expect(header.attributes == whole, "of \(count) bytes")
            case .needsMore: break
            case .unreadable: Issue.record("\(count) bytes of a good file are called unreadable")
            }
        }
    }

    @Test func `what stands behind damage is not known, what stands before it is`() throws {
        let bytes = try Sample.file(.explicitVRLittleEndian, Self.sample())
        let end = try #require(bytes.firstRange(of: [0x28, 0x00, 0x10, 0x30]))
        let header = try #require(Self.read(Array(bytes[..<(end.lowerBound + 6)])))
        #expect(header.attributes.text(.instanceCreationDate) == "20240102")
        #expect(header.unread == [Self.window])
    }

    @Test func `a value over the limit is not given`() throws {
        var set = Self.sample()
        let text = Tag(0x0040, 0xA160)
        set[text] = DataElement(
            text, .UT, .bytes([UInt8](repeating: 0x41, count: HeaderAttributes.valueMaximumBytes + 2)))
        let header = try #require(Self.read(try Sample.file(.explicitVRLittleEndian, set), [Self.smallest, text]))
        #expect(header.attributes[text] == nil && header.unread == [text])
        #expect(header.attributes[Self.smallest] != nil)
    }

    @Test func `a long header is read in more than one piece, and no file is none`() throws {
        let folder = try TemporaryFolder()
        var set = Self.sample()
        let text = Tag(0x0018, 0xA001)
        var item = DataSet()
        item[Tag(0x0018, 0x1000)] = DataElement(
            Tag(0x0018, 0x1000), .LO, .bytes([UInt8](repeating: 0x41, count: 60_000)))
        set[text] = DataElement(text, .SQ, .items([item, item]))
        let path = try folder.write(Sample.file(.explicitVRLittleEndian, set), to: "long.dcm")
        let header = try #require(HeaderAttributes.read(Self.tags, of: Sample.instance, at: path))
        #expect(header.attributes.items(Self.window)?.count == 1)
        #expect(HeaderAttributes.read(Self.tags, of: Sample.instance, at: folder.path.appending("none")) == nil)
        #expect(HeaderAttributes.read(Self.tags, of: Sample.instance, at: folder.path) == nil)
    }
}
