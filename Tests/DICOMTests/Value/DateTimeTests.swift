// Dates, times and date-times: what they mean, in every form, and what is none.

import DICOM
import Testing

@Suite("dates, PS3.5 §6.2 DA") struct DateValueTests {
    @Test func `days count from 1970`() {
        #expect(DateValue("19700101")?.day == 0)
        #expect(DateValue("19691231")?.day == -1)
        #expect(DateValue("20000301")?.day == 11_017)
        #expect(DateValue("00000101")?.day == -719_528)
        #expect(DateValue("99991231")?.day == 2_932_896)
    }

    @Test func `every day of four centuries follows the one before`() {
        var previous: Int64?
        for year in 1800..<2200 {
            for month in 1...12 {
                for day in 1...31 {
                    let digits = [
                        year / 1000, year / 100 % 10, year / 10 % 10, year % 10, month / 10, month % 10, day / 10,
                        day % 10,
                    ]
                    guard let date = DateValue(stored: digits.map { UInt8($0 + 0x30) }) else { continue }
                    if let previous { #expect(date.day == previous + 1) }
                    previous = date.day
                }
            }
        }
        #expect(previous == DateValue("21991231")?.day)
    }

    @Test func `the form of before 1993 and padding`() {
        #expect(DateValue("2006.07.05") == DateValue("20060705"))
        #expect(DateValue(" 20060705 ") == DateValue("20060705"))
        #expect(DateValue("20060705\0") == DateValue("20060705"))
    }

    @Test(arguments: [
        "", "2006", "200607", "20060732", "20061301", "20060230", "19000229", "2006.0705", "2006-07-05", "2006070５",
        "*",
    ])
    func `what isn't a date is nil`(text: String) { #expect(DateValue(text) == nil) }
}

@Suite("times, PS3.5 §6.2 TM") struct TimeValueTests {
    @Test func `less than full precision is an interval`() {
        #expect(TimeValue("10")?.interval == 36_000_000_000...39_599_999_999)
        #expect(TimeValue("2230")?.interval == 81_000_000_000...81_059_999_999)
        #expect(TimeValue("223000")?.interval == 81_000_000_000...81_000_999_999)
        #expect(TimeValue("223000.5")?.interval == 81_000_500_000...81_000_599_999)
        #expect(TimeValue("223000.123456")?.interval == 81_000_123_456...81_000_123_456)
        #expect(TimeValue("235959.999999")?.interval.upperBound == TimeValue.microsecondsPerDay - 1)
        #expect(TimeValue("2230")?.precision == .minute)
        #expect(TimeValue("223000.1")?.precision == .fraction)
    }

    @Test func `the forms of before 1993, padding, too many digits, second 60`() {
        #expect(TimeValue("22:30:00.5") == TimeValue("223000.5"))
        #expect(TimeValue("22:30") == TimeValue("2230"))
        #expect(TimeValue("2230 ") == TimeValue("2230"))
        #expect(TimeValue("223000.1234567890") == TimeValue("223000.123456"))
        #expect(TimeValue("223000.") == TimeValue("223000"))
        #expect(TimeValue("235960")?.interval.upperBound == TimeValue.microsecondsPerDay - 1)
        #expect(TimeValue("101560.9")?.interval == 36_959_999_999...36_959_999_999)
    }

    @Test(arguments: [
        "", "1", "24", "1060", "101061", "101", "10101", "10:1", "10:", "1010.5", "10-11", "x", "10:10:10:10",
    ])
    func `what isn't a time is nil`(text: String) { #expect(TimeValue(text) == nil) }
}

@Suite("date-times, PS3.5 §6.2 DT") struct DateTimeValueTests {
    private func utc(_ text: String, assuming minutes: Int = 0) -> ClosedRange<Int64>? {
        DateTimeValue(text)?.interval(assuming: UTCOffset(minutes: minutes))
    }

    @Test func `any precision from the year on`() {
        let day: Int64 = TimeValue.microsecondsPerDay
        #expect(utc("1970") == 0...(365 * day - 1))
        #expect(utc("197002") == (31 * day)...(59 * day - 1))
        #expect(utc("19700102") == day...(2 * day - 1))
        #expect(utc("1970010203") == (day + 10_800_000_000)...(day + 14_399_999_999))
        #expect(utc("19980128103000.0000")?.lowerBound == utc("19980128103000")?.lowerBound)
        #expect(DateTimeValue("197001")?.precision == .month)
    }

    @Test func `offsets are taken off, the value's own before the assumed one`() {
        #expect(utc("19700101010000+0100") == 0...999_999)
        #expect(utc("19700101010000+0100", assuming: -300) == 0...999_999)
        #expect(utc("19691231190000", assuming: -300) == 0...999_999)
        #expect(utc("1970-0500")?.lowerBound == 18_000_000_000)
        #expect(UTCOffset(stored: "-0530".utf8)?.minutes == -330)
        #expect(UTCOffset(stored: "+1500".utf8) == nil)
        #expect(UTCOffset(stored: "0100".utf8) == nil)
    }

    @Test(arguments: [
        "", "197", "19701", "19701301", "1970010124", "1970+1500", "1970+100", "+0100", "1970-", "19700101T10",
        "1970.01.01",
    ])
    func `what isn't a date-time is nil`(text: String) { #expect(DateTimeValue(text) == nil) }
}
