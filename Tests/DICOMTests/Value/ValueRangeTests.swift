// Keys of dates and times: single values and ranges, with every end open once.

import DICOM
import Testing

@Suite("single values and ranges, PS3.4 §C.2.2.2.5") struct ValueRangeTests {
    private func date(_ key: String, _ stored: String) -> Bool? {
        guard let range = ValueRange.dates(key.utf8), let value = DateValue(stored) else { return nil }
        return range.matches(value.interval)
    }
    private func time(_ key: String, _ stored: String) -> Bool? {
        guard let range = ValueRange.times(key.utf8), let value = TimeValue(stored) else { return nil }
        return range.matches(value.interval)
    }
    private func dateTime(_ key: String, _ stored: String) -> Bool? {
        guard let range = ValueRange.dateTimes(key.utf8, assuming: .utc), let value = DateTimeValue(stored) else {
            return nil
        }
        return range.matches(value.interval(assuming: .utc))
    }

    @Test func `dates: both ends belong to the range, an open end is open`() {
        for stored in ["20060705", "20060706", "20060707", "2006.07.07"] {
            #expect(date("20060705-20060707", stored) == true)
        }
        for stored in ["20060704", "20060708"] { #expect(date("20060705-20060707", stored) == false) }
        #expect(date("20060705-", "99991231") == true)
        #expect(date("20060705-", "20060704") == false)
        #expect(date("-20060705", "00010101") == true)
        #expect(date("-20060705", "20060706") == false)
        #expect(date("20060705", "20060705") == true)
        #expect(date("2006.07.05 - 2006.07.07", "20060706") == true)
        #expect(date("20060707-20060705", "20060706") == false)
    }

    @Test func `times: an end is the interval it means, over midnight nothing matches`() {
        #expect(time("1000-1800", "180059.999999") == true)
        #expect(time("1000-1800", "1801") == false)
        #expect(time("1000-1800", "095959.999999") == false)
        #expect(time("2230", "223000") == true)
        #expect(time("223000", "2230") == true)
        #expect(time("22-03", "2330") == false)
        #expect(ValueRange.times("22-03".utf8)?.isEmpty == true)
        #expect(time("-10", "105959") == true)
    }

    @Test func `date-times: a dash separates, or is an offset`() {
        #expect(dateTime("2019-2020", "20190704") == true)
        #expect(dateTime("20200101-0500", "20200101060000") == true)
        #expect(dateTime("20200101-0500", "20200101040000") == false)
        #expect(dateTime("20200101-0500-20200102-0500", "20200103045959") == true)
        #expect(dateTime("20200101-0500-20200102-0500", "20200103050000") == false)
        #expect(dateTime("20200101-0500-", "2021") == true)
        #expect(dateTime("-20200101-0500", "20200102045959") == true)
        #expect(dateTime("-20200101-0500", "20200102050000") == false)
        #expect(dateTime("20200101+0100-20200102+0100", "20191231230000") == true)
        #expect(dateTime("2020-2019", "2019") == false)
        #expect(ValueRange.dateTimes("20200101-0500".utf8, assuming: .utc)?.isRange == false)
    }

    @Test(arguments: ["", "-", " - ", "*", "20060705-2006", "a-b", "20060705-20060706-20060707", "2006070*"])
    func `what is no range of dates is nil`(key: String) {
        #expect(ValueRange.dates(key.utf8) == nil)
        #expect(ValueRange.times(key.utf8) == nil)
    }

    @Test func `hostile keys are read in one pass and refused`() {
        #expect(ValueRange.dateTimes(String(repeating: "-", count: 10_000).utf8, assuming: .utc) == nil)
        #expect(ValueRange.dates(String(repeating: "9", count: 10_000).utf8) == nil)
    }
}
