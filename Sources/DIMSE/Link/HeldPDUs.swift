// PDUs that wait for others, to go out with them in one system call.

/// Bytes of whole PDUs, and since when they wait.
struct HeldPDUs {
    private(set) var bytes: [UInt8] = []
    private var sinceSeconds = 0.0

    private static let maximumBytes = 32 << 10
    private static let maximumSeconds = 0.001

    var isEmpty: Bool { bytes.isEmpty }

    mutating func append(_ pdus: [UInt8], nowSeconds: Double) {
        if bytes.isEmpty { sinceSeconds = nowSeconds }
        bytes += pdus
    }

    /// They are many, or the first of them has waited long enough.
    func isDue(nowSeconds: Double) -> Bool {
        !bytes.isEmpty && (bytes.count >= Self.maximumBytes || nowSeconds - sinceSeconds >= Self.maximumSeconds)
    }

    mutating func take() -> [UInt8] {
        let taken = bytes
        bytes = []
        return taken
    }
}
