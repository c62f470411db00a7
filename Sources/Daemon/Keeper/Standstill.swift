// When it is to be said that programs of `OnSeriesQuiet` or `OnStudyQuiet` keep others waiting: after a while, and again each hour.

/// A time in which nothing moves.
struct Standstill {
    static let firstSeconds = 600.0
    static let againSeconds = 3_600.0

    private var nextSeconds = firstSeconds

    /// Whether it is to be said.
    ///
    /// - Parameter seconds: so long nothing has moved.
    mutating func isDue(afterSeconds seconds: Double) -> Bool {
        // Something has moved since: what comes then is another one.
        if seconds < Self.firstSeconds { nextSeconds = Self.firstSeconds }
        return seconds >= nextSeconds
    }

    mutating func wasSaid(afterSeconds seconds: Double) { nextSeconds = seconds + Self.againSeconds }
}
