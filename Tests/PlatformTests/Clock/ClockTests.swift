// Deadlines don't overflow, and log times have their one form.

import Platform
import Testing

@Suite("Clock") struct ClockTests {
    private let start = MonotonicInstant(nanoseconds: 1_000_000_000)

    @Test func `a deadline passes at its instant`() {
        let deadline = Deadline(afterSeconds: 2, from: start)
        #expect(!deadline.hasPassed(at: start))
        #expect(deadline.hasPassed(at: start.advanced(bySeconds: 2)))
    }

    @Test(arguments: [Double.infinity, 1e300, 9.3e9]) func `far deadlines are far, not traps`(seconds: Double) {
        #expect(Deadline(afterSeconds: seconds, from: start).instant.nanoseconds == .max)
    }

    @Test func `negative, infinite and undefined seconds don't trap`() {
        #expect(start.advanced(bySeconds: -.infinity) < start)
        #expect(start.advanced(bySeconds: .nan) == start)
    }

    @Test func `local text has milliseconds and an offset`() throws {
        let text = WallTime(secondsSince1970: 1_795_232_400, nanoseconds: 123_999_999).localText
        let pattern = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.123[+-]\d\d:\d\d/
        #expect(try pattern.wholeMatch(in: text) != nil)
        #expect(text.hasPrefix("2026-11-2"))
        #expect(WallClock.now().secondsSince1970 > 1_700_000_000)
    }
}
