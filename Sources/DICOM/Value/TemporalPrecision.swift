// How much of a date, time or date-time was given: all parts after the first may be left out (PS3.5 §6.2, TM, DT).

/// What the last given part of a time or date-time is.
package enum TemporalPrecision: Int, Hashable, Comparable, Sendable {
    case year, month, day, hour, minute, second, fraction

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
