// Dates and times in the requester's zone, where that was agreed on (PS3.4 §C.2.2.2, §C.2.2.2.5.4, §C.5.1.1).

import DICOM
import Testing

@testable import ArchiveIndex

@Suite("Timezone adjustment, PS3.4 §C.2.2.2") struct ZoneAdjustmentTests {
    static func value(_ vr: VR, _ text: String, offset: String?) -> ResolvedValue {
        ResolvedValue(
            vr: vr, bytes: Array(text.utf8), characterSet: nil, timezoneOffset: offset.map { Array($0.utf8) })
    }

    static func moved(
        _ tag: DICOM.Tag, _ vr: VR, _ text: String, partner: (VR, String)?, from offset: String?, to target: String
    ) -> String {
        let zone = ZoneAdjustment(target: UTCOffset(stored: target.utf8)!)
        let other = partner.map { value($0.0, $0.1, offset: offset) }
        return String(
            decoding: zone.adjusted(tag, value(vr, text, offset: offset), partner: other).bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("20240110", "233000.25", "+0100", "+0900", "20240111", "073000.25"),
        ("20240301", "001500", "+0100", "-0800", "20240229", "151500"),
        ("20240110", "2330", "+0100", "+0100", "20240110", "2330"),
        ("20240110", "12", "+0000", "+0300", "20240110", "15"),
        ("20240110", "12", "+0000", "+0530", "20240110", "1730"),
        ("20231231", "235960", "-0500", "+0000", "20240101", "045960"),
        ("2024.01.10", "23:30:00.5", "+0100", "+0900", "20240111", "073000.5"),
        ("20240110\\20240111", "233000\\120000", "+0100", "+0900", "20240111\\20240111", "073000\\200000"),
        ("20240110", "233000", "-1400", "+1400", "20240112", "033000"),
        ("20240110", "noon", "+0100", "+0900", "20240110", "noon"),
        ("20240110", "233000", "nonsense", "+0900", "20240110", "233000"),
        ("99991231", "233000", "+0000", "+0900", "99991231", "233000"),
        ("00000101", "003000", "+0900", "+0000", "00000101", "003000"),
    ])
    func `a date goes with its time, seconds and fractions stay`(
        date: String, time: String, from: String, to: String, newDate: String, newTime: String
    ) {
        #expect(Self.moved(.studyDate, .DA, date, partner: (.TM, time), from: from, to: to) == newDate)
        #expect(Self.moved(.studyTime, .TM, time, partner: (.DA, date), from: from, to: to) == newTime)
    }

    @Test func `what was stored without a zone is in the requester's`() {
        #expect(
            Self.moved(.studyDate, .DA, "20240110", partner: (.TM, "233000"), from: nil, to: "+0900") == "20240110")
    }

    @Test func `a date without a time stays, a time without a date goes round the clock`() {
        #expect(Self.moved(.studyDate, .DA, "20240110", partner: nil, from: "+0100", to: "+0900") == "20240110")
        #expect(Self.moved(.studyDate, .DA, "20240110", partner: (.TM, ""), from: "+0100", to: "+0900") == "20240110")
        #expect(Self.moved(.studyTime, .TM, "233000", partner: nil, from: "+0100", to: "+0900") == "073000")
    }

    @Test func `a birth date is a day of the calendar everywhere`() {
        #expect(
            Self.moved(.patientBirthDate, .DA, "19700101", partner: (.TM, "0100"), from: "+0100", to: "-0800")
                == "19700101")
    }

    @Test(arguments: [
        ("20240110233000", "20240111073000"), ("20240110233000.5", "20240111073000.5"), ("2024011023", "2024011107"),
        ("20240110233000+0100", "20240110233000+0100"), ("20240110", "20240110"), ("2024", "2024"),
        ("20240110233000\\20240110120000", "20240111073000\\20240110200000"),
    ])
    func `a date-time moves unless it carries its offset or has no hours`(stored: String, expected: String) {
        let tag = Tag(0x0008, 0x002A)
        #expect(Self.moved(tag, .DT, stored, partner: nil, from: "+0100", to: "+0900") == expected)
    }

    // MARK: Queries

    static let shelf = Shelf([
        Shelf.instance(study: 1).with(.timezoneOffsetFromUTC, "+0100").with(.studyDate, "20240110")
            .with(.studyTime, "233000").with(
                .requestAttributesSequence,
                items: [
                    DataSet(values: [
                        Tag(0x0040, 0x0002): "20240110", Tag(0x0040, 0x0003): "2300", .scheduledProcedureStepID: "S",
                    ])
                ]),
        Shelf.instance(study: 2).with(.studyDate, "20240110").with(.studyTime, "233000"),
    ])

    static func options(_ extensions: QueryExtensions = .timezoneAdjustment) -> MatchingOptions {
        var options = MatchingOptions()
        options.extensions = extensions
        return options
    }

    static func matches(
        _ keys: KeyValuePairs<DICOM.Tag, String>, zone: String? = "+0900", _ options: MatchingOptions = options()
    ) throws -> [String] {
        var identifier = DataSet.keys("STUDY", keys)
        if let zone { identifier = identifier.with(.timezoneOffsetFromUTC, zone) }
        return try shelf.matches(identifier, options: options)
    }

    @Test func `keys are of the requester's clock, the look-up by date loses nobody`() throws {
        #expect(try Self.matches([.studyDate: "20240111"]) == ["1.2.1"])
        #expect(try Self.matches([.studyDate: "20240110"]) == ["1.2.2"])
        #expect(try Self.matches([.studyDate: "20240110"], zone: "-1200") == ["1.2.1", "1.2.2"])
        #expect(try Self.matches([.studyTime: "0700-0800"]) == ["1.2.1"])
        #expect(try Self.matches([.studyTime: "1000-1100"], zone: "-1200") == ["1.2.1"])
        let both = Self.options([.timezoneAdjustment, .combinedDateTime])
        #expect(try Self.matches([.studyDate: "20240110-20240111", .studyTime: "2340-0800"], both) == ["1.2.1"])
    }

    @Test(arguments: ["20240101-99991231", "20240101-99991230", "00000101-20240110", "00000102-20240110"])
    func `a range to the end of what a date can say loses nobody`(range: String) throws {
        let identifier = DataSet.keys("STUDY", [.studyDate: range]).with(.timezoneOffsetFromUTC, "+0900")
        let query = try Query(identifier: identifier, model: .studyRoot, options: Self.options())
        guard case .dates(let first, let last)? = StudySource.all(for: query).first else {
            Issue.record("no look-up by date")
            return
        }
        #expect((first == nil) != (last == nil), "widened beyond the years of dates it is open")
        #expect(try Self.matches([.studyDate: range]).contains("1.2.2"))
    }

    @Test func `without agreement, or without a zone, keys are compared with what is stored`() throws {
        #expect(try Self.matches([.studyDate: "20240111"], MatchingOptions()).isEmpty)
        #expect(try Self.matches([.studyDate: "20240111"], zone: nil).isEmpty)
        #expect(try Self.matches([.studyDate: "20240110"], zone: "") == ["1.2.1", "1.2.2"])
    }

    @Test func `responses are of the requester's clock, and name it`() throws {
        let identifier = DataSet.keys("STUDY", [.studyInstanceUID: "1.2.1", .studyDate: "", .studyTime: ""])
            .with(.timezoneOffsetFromUTC, "-0330")
        let found = try #require(try Self.shelf.responses(to: identifier, options: Self.options()).first)
        #expect(found.text(.studyDate) == "20240110" && found.text(.studyTime) == "190000")
        #expect(found.text(.timezoneOffsetFromUTC) == "-0330")
        let plain = try #require(try Self.shelf.responses(to: identifier).first)
        #expect(plain.text(.studyTime) == "233000" && plain[.timezoneOffsetFromUTC] == nil)
    }

    @Test func `items move with their data set`() throws {
        let key = DataSet(values: [Tag(0x0040, 0x0002): "20240111", Tag(0x0040, 0x0003): ""])
        let identifier = DataSet.keys("SERIES", [.studyInstanceUID: "1.2.1"]).with(.timezoneOffsetFromUTC, "+0900")
            .with(.requestAttributesSequence, items: [key])
        let found = try Self.shelf.responses(to: identifier, options: Self.options())
        let item = try #require(found.first?.items(.requestAttributesSequence)?.first)
        #expect(item.text(Tag(0x0040, 0x0002)) == "20240111" && item.text(Tag(0x0040, 0x0003)) == "0700")
        #expect(try Self.shelf.responses(to: identifier).isEmpty)
    }

    @Test func `from headers, with the time that nobody asked for`() throws {
        let date = Tag(0x0008, 0x0022)
        let shelf = ReadableShelf([
            Shelf.instance().with(.timezoneOffsetFromUTC, "+0100").with(date, "20240110")
                .with(Tag(0x0008, 0x0032), "2330")
        ])
        let identifier = DataSet.keys("STUDY").with(date, "20240111").with(.timezoneOffsetFromUTC, "+0900")
        #expect(try shelf.responses(identifier, options: Self.options()).map { $0.text(date) } == ["20240111"])
        #expect(try shelf.responses(identifier).isEmpty)
    }

    @Test func `an offset is written with sign and four digits`() {
        for text in ["+0000", "-0330", "+1400", "-1200", "+0545"] {
            #expect(UTCOffset(stored: text.utf8)?.text == text)
        }
    }
}
