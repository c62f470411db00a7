// The time of day, for log lines and names; nothing is measured with it.

import CPlatform

/// A moment as people count it.
package struct WallTime: Hashable, Comparable, Sendable {
    package let secondsSince1970: Int64
    package let nanoseconds: Int32

    package init(secondsSince1970: Int64, nanoseconds: Int32 = 0) {
        self.secondsSince1970 = secondsSince1970
        self.nanoseconds = nanoseconds
    }

    package init(nanosecondsSince1970 count: Int64) {
        let rest = Int32(count % 1_000_000_000)
        self.init(
            secondsSince1970: count / 1_000_000_000 - (rest < 0 ? 1 : 0),
            nanoseconds: rest < 0 ? rest + 1_000_000_000 : rest)
    }

    /// Nanoseconds from 1970, comparable with a file's modification time.
    package var nanosecondsSince1970: Int64 { secondsSince1970 &* 1_000_000_000 &+ Int64(nanoseconds) }

    package static func < (left: WallTime, right: WallTime) -> Bool {
        (left.secondsSince1970, left.nanoseconds) < (right.secondsSince1970, right.nanoseconds)
    }

    /// ISO 8601 in the local time zone, with milliseconds and offset: `2026-11-21T03:40:00.123+00:00`.
    package var localText: String {
        let local = local
        let date = "\(digits(local.year, 4))-\(digits(local.month, 2))-\(digits(local.day, 2))"
        let time = "\(digits(local.hour, 2)):\(digits(local.minute, 2)):\(digits(local.second, 2))"
        let offset = abs(local.offset_seconds) / 60
        let zone = (local.offset_seconds < 0 ? "-" : "+") + digits(offset / 60, 2) + ":" + digits(offset % 60, 2)
        return "\(date)T\(time).\(digits(nanoseconds / 1_000_000, 3))\(zone)"
    }

    /// The day in the local time zone.
    package var localDay: (year: Int, month: Int, day: Int) {
        let local = local
        return (Int(local.year), Int(local.month), Int(local.day))
    }

    /// For names of files, in the local time zone, with microseconds: `20261121T034000.123456`.
    package var localName: String {
        let local = local
        let date = digits(local.year, 4) + digits(local.month, 2) + digits(local.day, 2)
        let time = digits(local.hour, 2) + digits(local.minute, 2) + digits(local.second, 2)
        return "\(date)T\(time).\(digits(nanoseconds / 1_000, 6))"
    }

    private var local: fr_local_time {
        var local = fr_local_time()
        unsafe fr_local(secondsSince1970, &local)
        return local
    }

    private func digits(_ number: Int32, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
}

/// The system's wall clock.
package enum WallClock {
    package static func now() -> WallTime {
        var seconds: Int64 = 0
        var nanoseconds: Int32 = 0
        unsafe fr_wall_clock(&seconds, &nanoseconds)
        return WallTime(secondsSince1970: seconds, nanoseconds: nanoseconds)
    }
}
