// Writing texts of a page, in the shortest of the forms that can carry them.

extension TextColumn {
    /// Appends the column of `texts`, of which there is at least one. Nothing where all are empty.
    ///
    /// - Parameter mayRecur: whether a list of them is worth a look.
    static func append(_ texts: [[UInt8]], mayRecur: Bool = true, to page: inout [UInt8]) {
        guard texts.contains(where: { $0 != texts[0] }) else {
            if texts[0].isEmpty { return }
            page.append(0)
            page += texts[0]
            return
        }
        var best: [UInt8] = [1]
        appendFront(texts, to: &best)
        if let decimal = decimal(texts) {
            if decimal.count < best.count { best = decimal }
        } else if mayRecur, best.count > texts.count, let list = list(texts), list.count < best.count {
            best = list
        }
        page += best
    }

    /// The column as a list of its different texts; nil where that isn't worth it.
    private static func list(_ texts: [[UInt8]]) -> [UInt8]? {
        var seen: [[UInt8]: UInt64] = [:]
        for text in texts {
            seen[text] = 0
            if seen.count * 2 > texts.count { return nil }
        }
        let listed = seen.keys.sorted { $0.lexicographicallyPrecedes($1) }
        for (number, text) in listed.enumerated() { seen[text] = UInt64(number) }
        var page: [UInt8] = [3]
        page.appendVarint(UInt64(listed.count))
        NumberColumn.append(texts.map { seen[$0] ?? 0 }, to: &page)
        appendFront(listed, to: &page)
        return page
    }

    private static func appendFront(_ texts: [[UInt8]], to page: inout [UInt8]) {
        var prefixes: [UInt64] = []
        var suffixes: [UInt64] = []
        var lengths: [UInt64] = []
        var starts: [UInt64] = []
        var middles: [UInt8] = []
        for (row, text) in texts.enumerated() {
            var before: [UInt8] = []
            if row > 0 { before = texts[row % FrontTexts.groupRows == 0 ? 0 : row - 1] }
            if row % FrontTexts.groupRows == 0 { starts.append(UInt64(middles.count)) }
            let (prefix, suffix) = shared(text, before)
            prefixes.append(UInt64(prefix))
            suffixes.append(UInt64(suffix))
            lengths.append(UInt64(text.count - prefix - suffix))
            middles += text[prefix..<(text.count - suffix)]
        }
        for column in [prefixes, suffixes, lengths, starts] { NumberColumn.append(column, to: &page) }
        page += middles
    }

    /// What `new` shares with `old` at its begin and end.
    private static func shared(_ new: [UInt8], _ old: [UInt8]) -> (prefix: Int, suffix: Int) {
        let limit = min(new.count, old.count)
        var prefix = 0
        while prefix < limit, new[prefix] == old[prefix] { prefix += 1 }
        var suffix = 0
        while suffix < limit - prefix, new[new.count - 1 - suffix] == old[old.count - 1 - suffix] { suffix += 1 }
        return (prefix, suffix)
    }

    /// The column in the decimal form; nil where it can't be.
    private static func decimal(_ texts: [[UInt8]]) -> [UInt8]? {
        guard let first = texts.first else { return nil }
        var prefix = first.count
        var suffix = first.count
        var shortest = first.count
        for text in texts {
            prefix = min(prefix, text.count)
            suffix = min(suffix, text.count)
            shortest = min(shortest, text.count)
            var at = 0
            while at < prefix, text[at] == first[at] { at += 1 }
            prefix = at
            at = 0
            while at < suffix, text[text.count - 1 - at] == first[first.count - 1 - at] { at += 1 }
            suffix = at
        }
        // Digits that all share belong to the numbers.
        while prefix > 0, isDigit(first[prefix - 1]) { prefix -= 1 }
        while suffix > 0, isDigit(first[first.count - suffix]) { suffix -= 1 }
        guard prefix + suffix < shortest else { return nil }
        var numbers: [UInt64] = []
        let width = first.count - prefix - suffix
        var isFixed = true
        var isCanonical = true
        for text in texts {
            let digits = text[prefix..<(text.count - suffix)]
            guard digits.count <= digitsMaximum, digits.allSatisfy(isDigit) else { return nil }
            if digits.count != width { isFixed = false }
            if digits.count > 1, digits.first == 0x30 { isCanonical = false }
            numbers.append(digits.reduce(0) { $0 * 10 + UInt64($1 - 0x30) })
        }
        guard isFixed || isCanonical else { return nil }
        var page: [UInt8] = [2]
        page.appendPrefixed(first[..<prefix])
        page.appendPrefixed(first[(first.count - suffix)...])
        page.append(isFixed ? UInt8(width) : 0)
        NumberColumn.append(numbers, to: &page)
        return page
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
