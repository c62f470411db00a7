// The data dictionary (PS3.6 §6): what a tag is called and how its value is represented.

/// What the standard says of an element.
package struct DictionaryEntry: Equatable, Sendable {
    package let tag: Tag
    package let vr: VR
    /// As the standard writes it: `1`, `1-n`, `2-2n`.
    package let vm: String
    package let keyword: String
    package let name: String
    package let isRetired: Bool
}

/// Look-ups in the dictionary. Private elements are in none.
package enum DataDictionary {
    /// The VR of an element: the dictionary's; LO for private creators, UL for group lengths, UN for what isn't known.
    /// O(log n); allocates nothing.
    package static func vr(of tag: Tag) -> VR {
        if tag.isGroupLength { return .UL }
        if tag.isPrivate { return (0x0010...0x00FF).contains(tag.element) ? .LO : .UN }
        if let row = row(of: tag) { return vr(inRow: row, of: DictionaryData.rows.rawSpan) }
        if let row = pattern(of: tag) { return vr(inRow: row, of: DictionaryData.patterns.rawSpan) }
        return .UN
    }

    /// Whether an element is US or SS as Pixel Representation (0028,0103) says (PS3.6 §6); `vr(of:)` says US. O(1).
    package static func isUnsignedOrSigned(_ tag: Tag) -> Bool {
        tag.group >= 0x0018 && DictionaryData.unsignedOrSigned.contains(tag.rawValue)
    }

    /// All that is known of an element.
    package static func entry(for tag: Tag) -> DictionaryEntry? {
        if tag.isPrivate { return nil }
        if let row = row(of: tag) { return entry(tag, inRow: row, of: DictionaryData.rows.rawSpan) }
        if let row = pattern(of: tag) { return entry(tag, inRow: row, of: DictionaryData.patterns.rawSpan) }
        return nil
    }

    /// The tag of a keyword such as `PatientID`; not those of repeating groups. O(n).
    package static func tag(keyword: String) -> Tag? {
        // Some retired elements have none.
        guard !keyword.isEmpty else { return nil }
        let rows = DictionaryData.rows.rawSpan
        let words = DictionaryData.words.rawSpan
        let wanted = Array(keyword.utf8) + [0x7C]
        for row in 0..<DictionaryData.count {
            let at = offset(inRow: row, of: rows)
            guard wanted.count <= words.byteCount - at else { continue }
            if wanted.indices.allSatisfy({ words.byte(at: at + $0) == wanted[$0] }) { return tag(ofRow: row) }
        }
        return nil
    }

    /// All keywords, for suggesting the nearest to one that is unknown.
    package static var keywords: [String] {
        (0..<DictionaryData.count).map { row in
            DictionaryData.words.rawSpan.fields(at: offset(inRow: row, of: DictionaryData.rows.rawSpan))[0]
        }
    }

    private static func tag(ofRow row: Int) -> Tag {
        Tag(rawValue: DictionaryData.rows.rawSpan.hexadecimal(at: row * DictionaryData.rowBytes, digits: 8))
    }

    private static func row(of tag: Tag) -> Int? {
        var low = 0
        var high = DictionaryData.count
        while low < high {
            let middle = (low + high) / 2
            if self.tag(ofRow: middle) < tag { low = middle + 1 } else { high = middle }
        }
        return low < DictionaryData.count && self.tag(ofRow: low) == tag ? low : nil
    }

    private static func pattern(of tag: Tag) -> Int? {
        let span = DictionaryData.patterns.rawSpan
        for row in 0..<DictionaryData.patternCount {
            var isMatch = true
            for digit in 0..<8 {
                let wanted = span.byte(at: row * DictionaryData.rowBytes + digit)
                let value = UInt8(truncatingIfNeeded: tag.rawValue >> (4 * UInt32(7 - digit)) & 0xF)
                if wanted != 0x78, wanted != (value < 10 ? 0x30 + value : 0x41 + value - 10) {
                    isMatch = false
                    break
                }
            }
            if isMatch { return row }
        }
        return nil
    }

    private static func vr(inRow row: Int, of span: RawSpan) -> VR {
        let at = row * DictionaryData.rowBytes + 8
        return VR(span.byte(at: at), span.byte(at: at + 1)) ?? .UN
    }

    private static func offset(inRow row: Int, of span: RawSpan) -> Int {
        Int(span.hexadecimal(at: row * DictionaryData.rowBytes + 10, digits: 6))
    }

    private static func entry(_ tag: Tag, inRow row: Int, of span: RawSpan) -> DictionaryEntry {
        let words = DictionaryData.words.rawSpan.fields(at: offset(inRow: row, of: span))
        return DictionaryEntry(
            tag: tag, vr: vr(inRow: row, of: span), vm: words[2], keyword: words[0], name: words[1],
            isRetired: words[3] == "Y")
    }
}
