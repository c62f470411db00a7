// Rules that hold for a whole query rather than for a key alone (PS3.4 §C.2.2, §C.4.1).

import DICOM
import Testing

@testable import ArchiveIndex

@Suite("Queries as a whole, PS3.4 §C.2.2 and §C.4.1") struct QueryFactsTests {
    /// A letter of each defined term that ISO 646 doesn't have (PS3.3 §C.12.1.1.2).
    static let letters: [(terms: String, letter: String)] = [
        ("ISO_IR 100", "ü"), ("ISO_IR 101", "ő"), ("ISO_IR 109", "ĝ"), ("ISO_IR 110", "ė"), ("ISO_IR 144", "Я"),
        ("ISO_IR 127", "ع"), ("ISO_IR 126", "Ω"), ("ISO_IR 138", "ש"), ("ISO_IR 148", "ğ"), ("ISO_IR 203", "€"),
        ("ISO_IR 166", "ก"), ("ISO_IR 13", "ﾔ"), ("\\ISO 2022 IR 87", "山"), ("\\ISO 2022 IR 159", "丂"),
        ("\\ISO 2022 IR 149", "김"), ("\\ISO 2022 IR 58", "王"), ("ISO_IR 192", "𠮷"), ("GB18030", "𠮷"), ("GBK", "王"),
    ]

    @Test(arguments: letters)
    func `a question mark is one character in every set, that of the key and that of the value (§C.2.2.2.4)`(
        terms: String, letter: String
    ) throws {
        let set = SpecificCharacterSet(stored: Array(terms.utf8))
        let stored = try #require(set.encode("A\(letter)B", vr: .LO))
        #expect(try Trial.matches(.LO, Array("A?B".utf8), in: "ISO_IR 192", stored, in: terms))
        #expect(try Trial.matches(.LO, Array("A?B".utf8), in: terms, stored, in: terms))
        #expect(try !Trial.matches(.LO, Array("A??B".utf8), in: "ISO_IR 192", stored, in: terms))
        #expect(try !Trial.matches(.LO, Array("AB".utf8), in: terms, stored, in: terms))
        let key = try #require(set.encode("?\(letter)*", vr: .LO))
        #expect(try Trial.matches(.LO, key, in: terms, Array("A\(letter)B".utf8), in: "ISO_IR 192"))
        #expect(try !Trial.matches(.LO, key, in: terms, Array("AxB".utf8), in: "ISO_IR 192"))
    }

    @Test func `a required key without value is unknown: it matches by setting alone (§C.2.2.1.2)`() throws {
        let shelf = Shelf([
            Shelf.instance(study: 1), Shelf.instance(study: 2).with(.accessionNumber, ""),
            Shelf.instance(study: 3).without(.accessionNumber),
        ])
        let identifier = DataSet.keys("STUDY", [.accessionNumber: "ACC1"])
        #expect(try shelf.matches(identifier) == ["1.2.1"])
        var options = MatchingOptions()
        options.unknownMatches = true
        #expect(try shelf.matches(identifier, options: options) == ["1.2.1", "1.2.2", "1.2.3"])
        #expect(try shelf.matches(.keys("STUDY", [.accessionNumber: "ACC2"]), options: options) == ["1.2.2", "1.2.3"])
    }

    @Test func `dates and times are independent, each within its own range (§C.2.2.2.5.4)`() throws {
        let shelf = Shelf(
            (5...7).flatMap { day in
                ["0900", "1200", "1900"].enumerated().map { index, time in
                    Shelf.instance(study: day * 10 + index).with(.studyDate, "2006070\(day)").with(.studyTime, time)
                }
            })
        let identifier = DataSet.keys("STUDY", [.studyDate: "20060705-20060707", .studyTime: "1000-1800"])
        #expect(try shelf.matches(identifier) == ["1.2.51", "1.2.61", "1.2.71"])
        var options = MatchingOptions()
        options.extensions = .combinedDateTime
        #expect(
            try shelf.matches(identifier, options: options) == [
                "1.2.51", "1.2.52", "1.2.60", "1.2.61", "1.2.62", "1.2.70", "1.2.71",
            ])
    }

    @Test(arguments: ["*", " * ", "**"])
    func `a lone star asks nothing of dates, times, UIDs, numbers and ages (§C.2.2.2.4)`(star: String) throws {
        let shelf = Shelf([Shelf.instance()])
        let identifier = DataSet.keys(
            "IMAGE",
            [
                .studyDate: star, .studyTime: star, .studyInstanceUID: star, .sopInstanceUID: star,
                .instanceNumber: star, .patientAge: star, .patientWeight: star, .patientName: star,
            ])
        #expect(try shelf.matches(identifier) == ["1.2.1.1.1"])
    }

    @Test func `keys may be longer than their VR allows values to be (§C.2.2.2)`() throws {
        let shelf = Shelf([Shelf.instance()])
        let numbers = (1...40).map { "\($0)" }.joined(separator: "\\")
        let long = String(repeating: "*", count: 100) + "CHEST" + String(repeating: "*", count: 100)
        #expect(
            try shelf.matches(
                .keys(
                    "IMAGE",
                    [
                        .studyDate: "20230101-20240101\\20250101-20260101", .instanceNumber: numbers,
                        .studyDescription: long, .modality: "MR\\CT\\" + String(repeating: "X", count: 40),
                    ])) == ["1.2.1.1.1"])
    }

    @Test func `several values ask for any of them where nothing else was agreed on (§C.2.2.2.8)`() throws {
        let shelf = Shelf([
            Shelf.instance(study: 1), Shelf.instance(study: 2).with(.modality, "MR"),
            Shelf.instance(study: 3).with(.modality, "US"),
        ])
        #expect(try shelf.matches(.keys("STUDY", [.modalitiesInStudy: "CT\\MR"])) == ["1.2.1", "1.2.2"])
        #expect(try shelf.matches(.keys("STUDY", [.accessionNumber: "ACC1\\ACC3"])) == ["1.2.1", "1.2.3"])
    }

    @Test func `elements that say how to read may be empty (§C.4.1.1.3)`() throws {
        let shelf = Shelf([Shelf.instance()])
        let identifier = DataSet.keys("STUDY", [.studyDate: "20240101"]).with(.specificCharacterSet, "")
            .with(.timezoneOffsetFromUTC, "").with(Tag(0x0002, 0x0010), "1.2")
        let query = try Query(identifier: identifier, model: .studyRoot, options: MatchingOptions())
        #expect(query.isFullySupported)
        let found = try shelf.responses(to: identifier)
        let tags: [DICOM.Tag] = [.studyDate, .queryRetrieveLevel, .retrieveAETitle, .instanceAvailability]
        #expect(found.map { $0.elements.map(\.tag) } == [tags])
    }
}
