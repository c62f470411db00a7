// The character set of a C-FIND response (PS3.4 §C.4.1.1.3.2, PS3.3 §C.12.1.1.2): the request's, else one that carries it all.

import DICOM
import Testing

@testable import ArchiveIndex

@Suite("Character sets of responses, PS3.4 §C.4.1.1.3.2") struct ResponseCharacterSetTests {
    static let latinMueller: [UInt8] = [0x4D, 0xFC, 0x6C, 0x6C, 0x65, 0x72]
    static let utf8Mueller = Array("Müller".utf8)

    static func stored(_ terms: String, _ name: [UInt8]) -> DataSet {
        Shelf.instance().with(.specificCharacterSet, terms).with(.patientName, bytes: name)
    }

    /// The response to a query in `terms` (nil: without Specific Character Set) for a name and a description.
    static func response(
        _ dataSet: DataSet, in terms: String?, encoding: ResponseEncoding = ResponseEncoding()
    ) throws -> DataSet {
        var identifier = DataSet.keys("STUDY", [.patientName: "", .studyDescription: ""])
        identifier =
            terms.map { identifier.with(.specificCharacterSet, $0) } ?? identifier.without(.specificCharacterSet)
        return try #require(try Shelf([dataSet]).responses(to: identifier, encoding: encoding).first)
    }

    static func name(_ response: DataSet) -> [UInt8] { Array((response.bytes(.patientName) ?? []).trimmingPadding()) }

    @Test(arguments: [nil, "", "ISO_IR 100", "ISO_IR 192", "\\ISO 2022 IR 87", "GB18030", "NONSENSE"])
    func `text of ISO 646 needs no Specific Character Set, whatever the request and the file say`(terms: String?) throws
    {
        for file in ["ISO_IR 100", "ISO_IR 192", "\\ISO 2022 IR 87"] {
            let found = try Self.response(Self.stored(file, Array("SMITH".utf8)), in: terms)
            #expect(found[.specificCharacterSet] == nil)
            #expect(Self.name(found) == Array("SMITH".utf8))
        }
    }

    @Test func `the request's set is used where it carries the values`() throws {
        for file in [Self.stored("ISO_IR 192", Self.utf8Mueller), Self.stored("ISO_IR 100", Self.latinMueller)] {
            let latin = try Self.response(file, in: "ISO_IR 100")
            #expect(latin.text(.specificCharacterSet) == "ISO_IR 100")
            #expect(Self.name(latin) == Self.latinMueller)
            let unicode = try Self.response(file, in: "ISO_IR 192")
            #expect(unicode.text(.specificCharacterSet) == "ISO_IR 192")
            #expect(Self.name(unicode) == Self.utf8Mueller)
        }
    }

    @Test(arguments: [nil, "", "ISO_IR 6", "ISO_IR 144", "ISO_IR 13", "NONSENSE"])
    func `else the response is in UTF-8 and says so`(terms: String?) throws {
        for file in [Self.stored("ISO_IR 192", Self.utf8Mueller), Self.stored("ISO_IR 100", Self.latinMueller)] {
            let found = try Self.response(file, in: terms)
            #expect(found.text(.specificCharacterSet) == "ISO_IR 192")
            #expect(Self.name(found) == Self.utf8Mueller)
        }
    }

    @Test func `ISO 2022 Japanese is answered in ISO 2022, in Latin-1 it can't be`() throws {
        let text = "Yamada^Tarou=山田^太郎"
        let coded = CharacterSetMatchingTests.yamada
        for file in [Self.stored("ISO_IR 192", Array(text.utf8)), Self.stored("\\ISO 2022 IR 87", coded)] {
            let japanese = try Self.response(file, in: "\\ISO 2022 IR 87")
            #expect(japanese.text(.specificCharacterSet) == "\\ISO 2022 IR 87")
            #expect(Self.name(japanese) == coded)
            let latin = try Self.response(file, in: "ISO_IR 100")
            #expect(latin.text(.specificCharacterSet) == "ISO_IR 192")
            #expect(Self.name(latin) == Array(text.utf8))
        }
    }

    @Test func `values of different sets meet in one that carries all`() throws {
        // The name was sent in Latin-1 by one modality, the description in Cyrillic by another.
        let shelf = Shelf([
            Self.stored("ISO_IR 100", Self.latinMueller).without(.studyDescription),
            Shelf.instance(instance: 2).without(.patientName).with(.specificCharacterSet, "ISO_IR 144")
                .with(.studyDescription, bytes: [0xB3, 0xE0, 0xE3, 0xD4, 0xEC]),
        ])
        let found = try #require(
            try shelf.responses(
                to: .keys("STUDY", [.patientName: "", .studyDescription: ""]).with(.specificCharacterSet, "ISO_IR 100")
            ).first)
        #expect(found.text(.specificCharacterSet) == "ISO_IR 192")
        #expect(Self.name(found) == Self.utf8Mueller)
        #expect(found.text(.studyDescription) == "Грудь")
    }

    @Test func `each response has the set that it needs`() throws {
        let shelf = Shelf([
            Shelf.instance(study: 1).with(.patientName, "MÜLLER"), Shelf.instance(study: 2).with(.patientName, "山田"),
            Shelf.instance(study: 3).with(.patientName, "SMITH"),
        ])
        let found = try shelf.responses(
            to: .keys("STUDY", [.patientName: "", .studyInstanceUID: ""]).with(.specificCharacterSet, "ISO_IR 100"))
        let sets = Dictionary(
            uniqueKeysWithValues: found.map { ($0.text(.studyInstanceUID) ?? "", $0.text(.specificCharacterSet)) })
        #expect(sets == ["1.2.1": "ISO_IR 100", "1.2.2": "ISO_IR 192", "1.2.3": nil])
    }

    @Test func `bytes without a declared set are read as Latin-1 and never sent undeclared`() throws {
        let file = Shelf.instance().without(.specificCharacterSet).with(.patientName, bytes: Self.latinMueller)
        let found = try Self.response(file, in: nil)
        #expect(found.text(.specificCharacterSet) == "ISO_IR 192")
        #expect(Self.name(found) == Self.utf8Mueller)
    }

    @Test func `what a file's bytes don't mean is a replacement character, not a failure`() throws {
        let found = try Self.response(Self.stored("ISO_IR 192", [0x41, 0xFF, 0x42]), in: "ISO_IR 100")
        #expect(found.text(.specificCharacterSet) == "ISO_IR 192")
        #expect(Self.name(found) == Array("A\u{FFFD}B".utf8))
    }

    @Test func `a site may choose the set for all, and the one to fall back to`() throws {
        let file = Self.stored("ISO_IR 192", Self.utf8Mueller)
        let latin = SpecificCharacterSet(stored: Array("ISO_IR 100".utf8))
        let fallen = try Self.response(file, in: nil, encoding: ResponseEncoding(fallback: latin))
        #expect(fallen.text(.specificCharacterSet) == "ISO_IR 100")
        #expect(Self.name(fallen) == Self.latinMueller)
        let always = try Self.response(
            file, in: "ISO_IR 192", encoding: ResponseEncoding(fallback: latin, isOverriding: true))
        #expect(always.text(.specificCharacterSet) == "ISO_IR 100")
        let impossible = try Self.response(
            Self.stored("ISO_IR 192", Array("山田".utf8)), in: nil,
            encoding: ResponseEncoding(fallback: latin, isOverriding: true))
        #expect(impossible.text(.specificCharacterSet) == "ISO_IR 192")
    }

    @Test func `text in items is recoded like any other, and needs the set like any other`() throws {
        var item = DataSet()
        item.set(.specificCharacterSet, .CS, text: "ISO_IR 100")
        item.set(.scheduledProcedureStepDescription, .LO, bytes: Self.latinMueller)
        let stored = Shelf.instance().with(.requestAttributesSequence, items: [item])
        for (terms, bytes) in [("ISO_IR 100", Self.latinMueller), ("ISO_IR 192", Self.utf8Mueller)] {
            let identifier = DataSet.keys("SERIES", [.requestAttributesSequence: ""]).with(.specificCharacterSet, terms)
            let found = try #require(try Shelf([stored]).responses(to: identifier).first)
            let inner = try #require(found.items(.requestAttributesSequence)?.first)
            #expect(found.text(.specificCharacterSet) == terms)
            #expect(inner[.specificCharacterSet] == nil)
            #expect(inner.bytes(.scheduledProcedureStepDescription).map { Array($0.trimmingPadding()) } == bytes)
        }
    }

    @Test func `the overline of JIS X 0201 stays one, though its code is that of the tilde`() throws {
        let file = Self.stored("ISO_IR 13", [0x41, 0x7E])
        let found = try Self.response(file, in: "ISO_IR 192")
        #expect(found.text(.specificCharacterSet) == "ISO_IR 192")
        #expect(Self.name(found) == Array("A‾".utf8))
        let plain = try Self.response(file, in: nil)
        #expect(plain.text(.specificCharacterSet) == "ISO_IR 192")
    }

    @Test func `a tilde isn't sent as an overline: JIS X 0201 can't carry it`() throws {
        let file = Self.stored("ISO_IR 192", Array("ﾔﾏ".utf8)).with(.studyDescription, "A~B")
        let found = try Self.response(file, in: "ISO_IR 13")
        let set = SpecificCharacterSet(stored: found.bytes(.specificCharacterSet))
        #expect(set.decodeValues(found.bytes(.patientName) ?? [], vr: .PN) == ["ﾔﾏ"])
        #expect(set.decodeValues(found.bytes(.studyDescription) ?? [], vr: .LO) == ["A~B"])
    }
}
