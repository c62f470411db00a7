// How fast a peer sends a message: only the time that we wait for it counts, so that our own work slows nobody down.

/// Bytes against waiting time inside one message.
struct Pace {
    private var waitedSeconds = 0.0
    private var bytes = 0
    private(set) var bytesPerSecond = 0

    mutating func received(_ count: Int) { bytes += count }

    /// Adds a wait. Each time `leastRateSeconds` have come together the rate is judged and the count begins anew.
    ///
    /// - Returns: true when the peer was slower than the least rate.
    mutating func waited(_ seconds: Double, limits: AssociationLimits) -> Bool {
        waitedSeconds += seconds
        guard waitedSeconds >= limits.leastRateSeconds, waitedSeconds > 0 else { return false }
        bytesPerSecond = Int(Double(bytes) / waitedSeconds)
        waitedSeconds = 0
        bytes = 0
        return bytesPerSecond < limits.leastRateBytesPerSecond
    }
}
