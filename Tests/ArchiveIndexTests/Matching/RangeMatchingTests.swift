// Dates, times and date-times in keys (PS3.4 §C.2.2.2.1, §C.2.2.2.5): by meaning, single and in ranges.

import DICOM
import Testing

@testable import ArchiveIndex

@Suite("Dates, times and ranges, PS3.4 §C.2.2.2.5") struct RangeMatchingTests {
    @Test(arguments: [
        ("20240229", "20240229"), ("20240229", "2024.02.29"), ("2024.02.29", "20240229"), ("20240229 ", " 20240229"),
        ("20240201-20240229", "20240201"), ("20240201-20240229", "20240229"), ("20240201-20240229", "20240215"),
        ("20240201 - 20240229", "20240215"), ("2024.02.01-2024.02.29", "20240215"), ("20240201-", "20240201"),
        ("20240201-", "99991231"), ("-20240201", "20240201"), ("-20240201", "00010101"),
        ("20240201-20240201", "20240201"),
        ("19991231-20000101", "20000101"), ("19691231-19700101", "19691231"),
    ])
    func `a date matches by the day it means, and a range includes its ends`(key: String, stored: String) throws {
        #expect(try Trial.matches(.DA, key, stored))
    }

    @Test(arguments: [
        ("20240229", "20240228"), ("20240201-20240229", "20240131"), ("20240201-20240229", "20240301"),
        ("20240201-", "20240131"), ("-20240201", "20240202"), ("20240229-20240201", "20240215"),
        ("20240201-", ""), ("-20240201", ""), ("20240101-20241231", "202402"), ("20240101-20241231", "UNKNOWN"),
    ])
    func `a date outside doesn't match, nor does none at all`(key: String, stored: String) throws {
        #expect(try !Trial.matches(.DA, key, stored))
    }

    @Test(arguments: [
        ("2230", "223000"), ("223000", "2230"), ("22", "223000"), ("223000", "223000.000000"),
        ("223000.5", "223000.500000"), ("22:30:00", "223000"), ("223000", "22:30:00"), ("22:30", "2230"),
        ("1000-1800", "1000"), ("1000-1800", "180059.999999"), ("1000-1800", "1800"), ("1000-1800", "100000.000001"),
        ("1000-18", "185959"), ("1800-", "235959"), ("1800-", "18"), ("-0800", "000000"), ("-0800", "080059"),
        ("100000.25-100000.75", "100000.5"), ("10:00:00-18:00:00", "120000"), ("235959-", "235960"),
    ])
    func `a time matches by meaning; one of lower precision is the whole interval`(key: String, stored: String) throws {
        #expect(try Trial.matches(.TM, key, stored))
    }

    @Test(arguments: [
        ("2230", "223100"), ("2230", "222959"), ("223000.5", "223000.6"), ("1000-1800", "095959.999999"),
        ("1000-1800", "180100"), ("1800-", "175959"), ("-0800", "080100"), ("22-03", "2300"), ("22-03", "0100"),
        ("1000-1800", ""), ("1000-1800", "noon"),
    ])
    func `a time outside doesn't match; a range doesn't cross midnight`(key: String, stored: String) throws {
        #expect(try !Trial.matches(.TM, key, stored))
    }

    @Test(arguments: [
        ("19980128103000.0000", "19980128103000"), ("1998012810", "199801281030"), ("1998", "19980128"),
        ("20240101-20240131", "20240131235959.9"), ("202401-202402", "20240229"), ("20240101-", "20240101000000"),
        ("-2024", "20241231235959"), ("20240101120000+0100", "20240101110000+0000"),
        ("20240101120000-0500", "20240101170000+0000"),
        ("20240101000000+0100-20240101020000+0100", "20231231233000+0000"),
        ("20240101000000-0500-20240101020000-0500", "20240101060000+0000"),
        ("20240101-0500-20240102-0500", "20240103040000+0000"),
    ])
    func `a date-time matches by meaning, offsets counted`(key: String, stored: String) throws {
        #expect(try Trial.matches(.DT, key, stored))
    }

    @Test(arguments: [
        ("20240101120000+0100", "20240101120000+0000"), ("20240101-20240131", "20240201000000"),
        ("20240101000000+0100-20240101020000+0100", "20240101013000+0000"), ("2024-2023", "2024"), ("20240101-", ""),
    ])
    func `a date-time outside doesn't match`(key: String, stored: String) throws {
        #expect(try !Trial.matches(.DT, key, stored))
    }

    @Test func `a date-time without offset is in the zone of its data set, else in the site's`() throws {
        var options = MatchingOptions()
        let matcher = try Trial.matcher(.DT, "20240101110000+0000", options: options)
        let stored = Array("20240101120000".utf8)
        #expect(matcher.matches(Trial.value(.DT, stored, timezone: "+0100"), options: options))
        #expect(!matcher.matches(Trial.value(.DT, stored), options: options))
        options.utcOffset = UTCOffset(minutes: 60)
        #expect(matcher.matches(Trial.value(.DT, stored), options: options))
        #expect(!matcher.matches(Trial.value(.DT, stored, timezone: "+0200"), options: options))
    }

    @Test func `four digits behind a date are a year if the ends are in order, else an offset`() throws {
        // 2020 to 2024, not 1 January 2020 in a zone of that name.
        #expect(try Trial.matches(.DT, "2020-2024", "20220601"))
        #expect(try Trial.matches(.DT, "20200101120000-0500", "20200101170000+0000"))
        #expect(try !Trial.matches(.DT, "20200101120000-0500", "20200101120000+0000"))
    }

    @Test(arguments: [VR.DA, .TM, .DT], ["-", "--", "today", "1-2-3-4", "20241399-", "2460-2499x"])
    func `what is no date, time or range is refused`(vr: VR, key: String) {
        #expect(throws: QueryFault.self) { try Trial.matcher(vr, key) }
    }

    @Test(arguments: [("20240101\\20240103", "20240103"), ("20240101\\20240201-20240229", "20240202")])
    func `of several dates any may match`(key: String, stored: String) throws {
        #expect(try Trial.matches(.DA, key, stored))
        #expect(try !Trial.matches(.DA, key, "20240102"))
    }

    @Test(arguments: [VR.DA, .TM, .DT, .IS, .DS], ["\\", " \\ ", "\\\\ "])
    func `none but blank values ask nothing (PS3.4 §C.2.2.2.3)`(vr: VR, key: String) throws {
        #expect(try Trial.matcher(vr, key).isUniversal)
    }

    @Test(arguments: [
        (VR.DA, "20240101\\ ", "20240102"), (.TM, " \\10", "11"), (.DT, "2024\\", "2025"), (.IS, "7\\ ", "8"),
    ])
    func `a blank one of several values matches nothing`(vr: VR, key: String, other: String) throws {
        #expect(try Trial.matches(vr, key, String(key.filter { $0 != " " && $0 != "\\" })))
        #expect(try !Trial.matches(vr, key, other))
    }

    @Test(arguments: [VR.LO, .SH, .CS, .AE, .PN])
    func `a hyphen is a range in no other VR`(vr: VR) throws {
        #expect(try Trial.matches(vr, "A-C", "A-C"))
        #expect(try !Trial.matches(vr, "A-C", "B"))
    }
}
