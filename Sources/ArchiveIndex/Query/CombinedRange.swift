// A range of dates and one of times that are one range of moments, where that was agreed on (PS3.4 §C.2.2.2.5.3).

import DICOM

/// From the first date's first time to the last date's last.
package struct CombinedRange: Hashable, Sendable {
    /// The attribute that holds the date.
    let date: Tag
    /// Days, and microseconds of them.
    private let earliest: Moment?
    private let latest: Moment?

    private struct Moment: Hashable, Sendable {
        let day: Int64
        let microseconds: Int64
    }

    /// Nil where they are not a range each, of one form.
    init?(_ date: Tag, _ dates: [ValueRange], _ times: [ValueRange]) {
        guard dates.count == 1, times.count == 1, let days = dates.first, let range = times.first, days.isRange,
            range.isRange, (days.earliest == nil) == (range.earliest == nil),
            (days.latest == nil) == (range.latest == nil)
        else { return nil }
        self.date = date
        earliest = days.earliest.flatMap { day in range.earliest.map { Moment(day: day, microseconds: $0) } }
        latest = days.latest.flatMap { day in range.latest.map { Moment(day: day, microseconds: $0) } }
    }

    /// Whether some date and time of an entity lie in the range; the nth date belongs to the nth time.
    func matches(_ dates: ResolvedValue?, _ times: ResolvedValue?) -> Bool {
        guard let dates, let times else { return false }
        let days = dates.bytes.split(separator: 0x5C).map { DateValue(stored: $0) }
        let hours = times.bytes.split(separator: 0x5C).map { TimeValue(stored: $0) }
        return zip(days, hours).contains { day, time in
            guard let day, let time else { return false }
            return isBefore(earliest, day.interval.upperBound, time.interval.upperBound)
                && isBehind(latest, day.interval.lowerBound, time.interval.lowerBound)
        }
    }

    private func isBefore(_ end: Moment?, _ day: Int64, _ microseconds: Int64) -> Bool {
        guard let end else { return true }
        return end.day == day ? end.microseconds <= microseconds : end.day < day
    }

    private func isBehind(_ end: Moment?, _ day: Int64, _ microseconds: Int64) -> Bool {
        guard let end else { return true }
        return end.day == day ? end.microseconds >= microseconds : end.day > day
    }
}
