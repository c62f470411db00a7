// Days and times as DA and TM have them (PS3.5 §6.2).

/// Calendar arithmetic for synthetic archives.
enum Calendar {
    /// The first day of every synthetic archive, 2015-01-01, in days from 1970.
    static let firstDay = 16_436

    /// `yyyymmdd` of a day counted from 1970.
    static func date(_ days: Int) -> String {
        let (year, month, day) = civil(days)
        return "\(year * 10_000 + month * 100 + day)"
    }

    /// Year, month and day of a day counted from 1970, in the proleptic Gregorian calendar.
    static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        // Years begin in March, so that the leap day is a year's last.
        let shifted = days + 719_468
        let era = shifted / 146_097
        let ofEra = shifted % 146_097
        let year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let month = (5 * ofYear + 2) / 153
        let isNext = month >= 10
        return (year + era * 400 + (isNext ? 1 : 0), isNext ? month - 9 : month + 3, ofYear - (153 * month + 2) / 5 + 1)
    }

    /// `hhmmss`.
    static func time(_ seconds: Int) -> String { digits(hhmmss(seconds), 6) }

    /// `hhmmss.ffffff`, or `hhmmss.fff`.
    static func time(milliseconds: Int, microseconds: Int? = nil) -> String {
        let head = digits(hhmmss(milliseconds / 1_000), 6) + "." + digits(milliseconds % 1_000, 3)
        return microseconds.map { head + digits($0, 3) } ?? head
    }

    private static func hhmmss(_ seconds: Int) -> Int {
        let ofDay = seconds % 86_400
        return ofDay / 3_600 * 10_000 + ofDay / 60 % 60 * 100 + ofDay % 60
    }
}

/// At least `count` decimal digits.
func digits(_ number: Int, _ count: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
}
