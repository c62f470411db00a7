// Text from outside made fit for log lines and Error Comments (0000,0902): one line of ISO 646, one value, cut.

/// `text` in at most `maximumBytes` bytes of printable ISO 646: a run of control characters becomes one space, or
/// nothing at either end; a backslash, which would begin another value of an LO, becomes `/`; anything else outside
/// becomes `?`.
package func printable(_ text: String, maximumBytes: Int) -> String {
    var bytes: [UInt8] = []
    var isAfterControl = false
    for scalar in text.unicodeScalars {
        guard scalar.value >= 0x20, !(0x7F...0x9F).contains(scalar.value) else {
            isAfterControl = true
            continue
        }
        if isAfterControl, !bytes.isEmpty { bytes.append(0x20) }
        isAfterControl = false
        guard bytes.count < maximumBytes else { break }
        switch scalar {
        case "\\": bytes.append(0x2F)
        case " "..."~": bytes.append(UInt8(scalar.value))
        default: bytes.append(0x3F)
        }
    }
    return String(decoding: bytes.prefix(max(0, maximumBytes)), as: UTF8.self)
}

/// `bytes` of the default repertoire as `printable(_:maximumBytes:)` of text; bytes that aren't UTF-8 become `?`.
package func printable(_ bytes: some Sequence<UInt8>, maximumBytes: Int) -> String {
    printable(String(decoding: Array(bytes), as: UTF8.self), maximumBytes: maximumBytes)
}
