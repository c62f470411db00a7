// Data sets to bytes and back, in every uncompressed encoding.

import DICOM
import Testing

@Suite("Data sets, PS3.5 §7") struct DataSetCodingTests {
    static let encodings: [Encoding] = [.implicitLittle, .explicitLittle, .explicitBig]

    //                            (0008,0060) CS 2 "CT"                            (0028,0010) US 2 512
    static let golden: [UInt8] = [
        0x08, 0x00, 0x60, 0x00, 0x43, 0x53, 0x02, 0x00, 0x43, 0x54, 0x28, 0x00, 0x10, 0x00, 0x55, 0x53, 0x02, 0x00,
        0x00, 0x02,
    ]

    static var sample: DataSet {
        var item = DataSet()
        item.set(.codeValue, .SH, text: "T-D3000")
        item.set(.codeMeaning, .LO, text: "chest")
        var set = DataSet()
        set.set(.sopClassUID, uid: UID(literal: "1.2.840.10008.5.1.4.1.1.2"))
        set.set(.patientName, .PN, text: "Doe^John")
        set.set(.rows, unsignedShort: 0x1234)
        set[.procedureCodeSequence] = DataElement(.procedureCodeSequence, .SQ, .items([item, DataSet()]))
        set[.pixelData] = DataElement(.pixelData, .OW, .bytes([1, 2, 3, 4]))
        return set
    }

    @Test func `encodes the golden bytes`() throws {
        var set = DataSet()
        set.set(.rows, unsignedShort: 512)
        set.set(.modality, .CS, text: "CT")
        #expect(try set.encoded(as: .explicitLittle) == Self.golden)
        #expect(try DataSet(decoding: Self.golden.rawSpan, as: .explicitLittle) == set)
    }

    @Test(arguments: encodings) func `what is encoded is decoded`(encoding: Encoding) throws {
        let bytes = try Self.sample.encoded(as: encoding)
        #expect(try DataSet(decoding: bytes.rawSpan, as: encoding) == Self.sample)
    }

    @Test(arguments: encodings) func `every truncation throws or gives fewer elements`(encoding: Encoding) throws {
        let bytes = try Self.sample.encoded(as: encoding)
        for length in 0..<bytes.count {
            let cut = Array(bytes[..<length])
            if let set = try? DataSet(decoding: cut.rawSpan, as: encoding) {
                #expect(set.elements.count < Self.sample.elements.count)
            }
        }
    }

    @Test(arguments: encodings) func `a flipped bit never traps`(encoding: Encoding) throws {
        var bytes = try Self.sample.encoded(as: encoding)
        for index in bytes.indices {
            for bit in 0..<8 {
                bytes[index] ^= 1 << bit
                let set = try? DataSet(decoding: bytes.rawSpan, as: encoding)
                _ = set.flatMap { try? $0.encoded(as: .explicitLittle) }
                var cursor = ElementCursor(as: encoding)
                while let header = try? cursor.next(in: bytes.rawSpan) {
                    guard (try? cursor.skip(header, in: bytes.rawSpan)) != nil else { break }
                }
                bytes[index] ^= 1 << bit
            }
        }
    }

    @Test func `a value over 65,534 bytes of a short VR goes out as UN`() throws {
        var set = DataSet()
        set.set(.patientComments, .LT, bytes: [UInt8](repeating: 0x41, count: 65_536))
        let bytes = try set.encoded(as: .explicitLittle)
        #expect(bytes[4...5] == [0x55, 0x4E])
        #expect(bytes.count == 12 + 65_536)
        let back = try DataSet(decoding: bytes.rawSpan, as: .explicitLittle)
        #expect(back.bytes(.patientComments)?.count == 65_536)
    }

    @Test func `a value that goes out as UN is little-endian in Big Endian too`() throws {
        let words = (0..<131_072).map { UInt8(truncatingIfNeeded: $0) }
        let set = DataSet([DataElement(Tag(0x0028, 0x3006), .US, .bytes(words))])
        let bytes = try set.encoded(as: .explicitBig)
        let back = try DataSet(decoding: bytes.rawSpan, as: .explicitBig)
        #expect(back.elements == [DataElement(Tag(0x0028, 0x3006), .UN, .bytes(words))])
    }

    @Test func `elements in any order are put in order, the last of equals counts, and many take no longer`() throws {
        func element(_ number: UInt16, _ text: String) -> DataElement {
            DataElement(Tag(0x0010, number), .LO, .bytes(Array(text.utf8)))
        }
        let set = DataSet([element(3, "c"), element(1, "a"), element(3, "d"), element(2, "b"), element(1, "e")])
        #expect(set.elements == [element(1, "e"), element(2, "b"), element(3, "d")])
        // Quadratic work on these would take an hour.
        let many = (0..<1_000_000).reversed().map { DataElement(Tag(rawValue: $0 * 2), .UN, .bytes([])) }
        #expect(DataSet(many).elements.map(\.tag) == many.map(\.tag).reversed())
    }

    @Test func `an item whose delimiter is missing ends with its sequence`() throws {
        let bytes: [UInt8] =
            [0x08, 0x00, 0x15, 0x11, 0x53, 0x51, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]
            + [0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF] + Self.golden[..<10]
            + [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0] + Self.golden[10...]
        let set = try DataSet(decoding: bytes.rawSpan, as: .explicitLittle)
        #expect(set.items(Tag(0x0008, 0x1115))?.map { $0.text(.modality) } == ["CT"])
        #expect(set.unsignedShort(.rows) == 512)
    }

    @Test func `decoding stops before the named tag and leaves group lengths out`() throws {
        let groupLength: [UInt8] = [0x08, 0x00, 0x00, 0x00, 0x55, 0x4C, 0x04, 0x00, 0x0A, 0x00, 0x00, 0x00]
        let set = try DataSet(
            decoding: (groupLength + Self.golden).rawSpan, as: .explicitLittle, stoppingBefore: .rows)
        #expect(set.elements.map(\.tag) == [.modality])
    }

    @Test func `UN of undefined length is a sequence in Implicit VR`() throws {
        var item = DataSet()
        item.set(.patientID, .LO, text: "P1")
        let inner = try item.encoded(as: .implicitLittle)
        let bytes: [UInt8] =
            [0x09, 0x00, 0x10, 0x10, 0x55, 0x4E, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]
            + [0xFE, 0xFF, 0x00, 0xE0, UInt8(inner.count), 0, 0, 0] + inner
            + [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0] + Self.golden[10...]
        let set = try DataSet(decoding: bytes.rawSpan, as: .explicitLittle)
        #expect(set.items(Tag(0x0009, 0x1010)) == [item])
        #expect(set.unsignedShort(.rows) == 512)
    }

    @Test func `UN of undefined length is Little Endian in Big Endian too`() throws {
        var item = DataSet()
        item.set(.patientID, .LO, text: "P1")
        let inner = try item.encoded(as: .implicitLittle)
        var rows = DataSet()
        rows.set(.rows, unsignedShort: 512)
        let bytes: [UInt8] =
            [0x00, 0x09, 0x10, 0x10, 0x55, 0x4E, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]
            + [0xFE, 0xFF, 0x00, 0xE0, UInt8(inner.count), 0, 0, 0] + inner
            + [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0] + (try rows.encoded(as: .explicitBig))
        let set = try DataSet(decoding: bytes.rawSpan, as: .explicitBig)
        #expect(set.items(Tag(0x0009, 0x1010)) == [item])
        #expect(set.unsignedShort(.rows) == 512)
        var cursor = ElementCursor(as: .explicitBig)
        guard let header = try cursor.next(in: bytes.rawSpan) else {
            Issue.record("no element")
            return
        }
        try cursor.skip(header, in: bytes.rawSpan)
        let next = try cursor.next(in: bytes.rawSpan)
        #expect(next?.tag == .rows)
    }
}

@Suite("Nesting, PS3.5 §7.5") struct NestingTests {
    /// `depth` sequences of undefined length within each other, with or without their delimiters.
    static func nested(_ depth: Int, delimited: Bool) -> [UInt8] {
        let open: [UInt8] = [
            0x40, 0x00, 0x75, 0x02, 0x53, 0x51, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF,
            0xFF,
        ]
        let close: [UInt8] = [0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0, 0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]
        var bytes: [UInt8] = []
        for _ in 0..<depth { bytes += open }
        if delimited { for _ in 0..<depth { bytes += close } }
        return bytes
    }

    private func walks(_ bytes: [UInt8]) -> Bool {
        var cursor = ElementCursor(as: .explicitLittle)
        do {
            while let header = try cursor.next(in: bytes.rawSpan) { try cursor.skip(header, in: bytes.rawSpan) }
            return true
        } catch {
            return false
        }
    }

    @Test(arguments: [true, false]) func `64 levels are read, 65 and 100,000 refused`(delimited: Bool) {
        #expect((try? DataSet(decoding: Self.nested(64, delimited: delimited).rawSpan, as: .explicitLittle)) != nil)
        #expect(walks(Self.nested(64, delimited: delimited)))
        for depth in [65, 100_000] {
            let bytes = Self.nested(depth, delimited: delimited)
            #expect((try? DataSet(decoding: bytes.rawSpan, as: .explicitLittle)) == nil)
            #expect(!walks(bytes))
        }
    }

    @Test func `the cursor ends a value where its delimiter stands`() throws {
        let bytes = Self.nested(3, delimited: true) + DataSetCodingTests.golden
        var cursor = ElementCursor(as: .explicitLittle)
        guard let header = try cursor.next(in: bytes.rawSpan) else {
            Issue.record("no element")
            return
        }
        try cursor.skip(header, in: bytes.rawSpan)
        #expect(cursor.offset == bytes.count - DataSetCodingTests.golden.count)
        #expect(try cursor.next(in: bytes.rawSpan)?.tag == .modality)
    }
}
