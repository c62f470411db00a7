// Case folding of names and sort keys: by a table of our own, so that no toolchain changes it.
// Accents, width and composition are left alone: é, e with a combining acute, and e are three.

/// `text` with each scalar folded (`foldedCase`): what names are compared by. Compare by UTF-8 bytes or by scalars;
/// `==` of String also takes canonically equivalent text as equal. O(n).
package func foldedCaseKey(_ text: String) -> String {
    String(decoding: coarseFold(text), as: UTF8.self)
}

/// The sort key of `text` in the on-disk format: UTF-8 of its folded scalars.
///
/// Frozen: texts of one `foldedCaseKey` have one coarse fold, today because the two are the same. The exact rule may
/// become stricter without a change of the format, never laxer.
package func coarseFold(_ text: String) -> [UInt8] {
    var folded: [UInt8] = []
    folded.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
        if scalar.isASCII {
            let byte = UInt8(scalar.value)
            folded.append((0x41...0x5A).contains(byte) ? byte + 0x20 : byte)
        } else {
            folded.append(contentsOf: foldedCase(scalar).utf8)
        }
    }
    return folded
}

/// The scalar that stands for `scalar` and its other case: one to one, by the frozen table. O(log rules).
package func foldedCase(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    let value = scalar.value
    var low = 0
    var high = caseFoldingTable.count / 4
    while low < high {
        let middle = (low + high) / 2
        if caseFoldingTable[middle * 4] <= value { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return scalar }
    let rule = (low - 1) * 4
    let first = caseFoldingTable[rule]
    guard value <= caseFoldingTable[rule + 1], (value - first) % caseFoldingTable[rule + 2] == 0 else { return scalar }
    return Unicode.Scalar(caseFoldingTable[rule + 3] + (value - first)) ?? scalar
}
