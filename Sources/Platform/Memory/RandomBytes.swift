// Random bytes of the kernel, for what nobody may guess or meet twice.

import CPlatform

/// Bytes that nobody can predict (getrandom).
package func randomBytes(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let result = unsafe bytes.withUnsafeMutableBytes { room in
        guard let start = room.baseAddress else { return Int32(0) }
        return unsafe fr_random(start, room.count)
    }
    precondition(result == 0, "no random bytes")
    return bytes
}
