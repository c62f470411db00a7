// From stored bytes to text. Text of ISO 646 alone, which most values are, is recognised first and copied once.

extension SpecificCharacterSet {
    /// The text of a value of `vr`, with its padding and, where `vr` has several values, its backslashes. Never fails:
    /// what means nothing becomes U+FFFD. VRs that (0008,0005) doesn't govern are read in the default repertoire.
    ///
    /// - Complexity: O(n); one allocation where all bytes are ISO 646.
    package func decode(_ bytes: ArraySlice<UInt8>, vr: VR) -> String {
        guard !isPlain(bytes) else { return String(decoding: bytes, as: UTF8.self) }
        guard vr.usesSpecificCharacterSet || vr == .UN else {
            return CodeExtension.none.decode(bytes, vr: vr)
        }
        switch scheme {
        case .utf8: return String(decoding: bytes, as: UTF8.self)
        case .guobiao(let fourByte): return Guobiao.decode(bytes, fourByte: fourByte)
        case .extensible(let extent): return extent.decode(bytes, vr: vr)
        }
    }

    /// The text of a value of `vr`; see `decode(_:vr:)` of a slice.
    package func decode(_ bytes: [UInt8], vr: VR) -> String { decode(bytes[...], vr: vr) }

    /// The values that stand in `bytes`, split where a backslash is a character of its own and not a part of one, each
    /// without the padding that `vr` allows. No values where nothing but padding is there; between backslashes a value
    /// may be empty.
    package func decodeValues(_ bytes: ArraySlice<UInt8>, vr: VR) -> [String] {
        if isPlain(bytes) {
            // Bytes of ISO 646 only: a backslash is one, and text is as long as its bytes.
            let content = vr.trimmed(bytes)
            guard !content.isEmpty else { return [] }
            guard vr.isMultiValuedText, content.contains(0x5C) else {
                return [String(decoding: content, as: UTF8.self)]
            }
            return content.split(separator: 0x5C, omittingEmptySubsequences: false).map {
                String(decoding: vr.trimmed($0), as: UTF8.self)
            }
        }
        // No coded character but the backslash itself decodes to a backslash, and UTF-8 is safe to split.
        let text = Array(decode(bytes, vr: vr).utf8)
        let content = vr.trimmed(text[...])
        guard !content.isEmpty else { return [] }
        guard vr.isMultiValuedText else { return [String(decoding: content, as: UTF8.self)] }
        return content.split(separator: 0x5C, omittingEmptySubsequences: false).map {
            String(decoding: vr.trimmed($0), as: UTF8.self)
        }
    }

    /// The values that stand in `bytes`; see `decodeValues(_:vr:)` of a slice.
    package func decodeValues(_ bytes: [UInt8], vr: VR) -> [String] { decodeValues(bytes[...], vr: vr) }

    /// All bytes mean what they mean in ISO 646: none has the high bit, none is an escape, and G0 is ISO 646.
    private func isPlain(_ bytes: ArraySlice<UInt8>) -> Bool {
        if case .extensible(let extent) = scheme, extent.initialLeft != .ascii { return false }
        return bytes.isPlainASCII
    }
}

extension ArraySlice<UInt8> {
    /// No byte has the high bit, and none is ESC.
    var isPlainASCII: Bool {
        var high: UInt8 = 0
        var hasEscape = false
        for byte in self {
            high |= byte
            hasEscape = hasEscape || byte == 0x1B
        }
        return high < 0x80 && !hasEscape
    }
}
