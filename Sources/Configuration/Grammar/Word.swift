// The words of a configuration line, as dcmqrscp.cfg has them: separated by blanks, `=` and `,`; a value with any of
// these inside stands in quotation marks or parentheses. dcmqrscp lets any quote end any other; here each ends its own,
// so that "scans (old)" can be said.

/// One value of a line.
struct Word: Equatable {
    enum Form { case bare, quoted, parenthesised }

    let form: Form
    /// The text without quotation marks or parentheses.
    let text: String
    /// What stands between parentheses, word by word; what stands between quotation marks, likewise, because dcmqrscp takes
    /// `"ACME1, acmehost1, 5678"` for `(ACME1, acmehost1, 5678)`. A bare word is its own only member.
    let members: [String]
}

/// The words of one line; a comment ends it.
struct LineLexer {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    /// - Returns: the words of `line`, none when it is blank or a comment.
    static func words(of line: ArraySlice<UInt8>) throws(ValueFault) -> [Word] {
        var lexer = LineLexer(bytes: line, position: line.startIndex)
        var words: [Word] = []
        while let word = try lexer.next() { words.append(word) }
        return words
    }

    private var current: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private static func isGap(_ byte: UInt8) -> Bool {
        (0x09...0x0D).contains(byte) || byte == 0x20 || byte == UInt8(ascii: "=") || byte == UInt8(ascii: ",")
    }

    private mutating func skipGap() {
        while let byte = current, Self.isGap(byte) { position += 1 }
    }

    /// A `#` is a comment where a word could begin; inside a word it belongs to it (`/data/#1`).
    private mutating func next() throws(ValueFault) -> Word? {
        skipGap()
        guard let byte = current, byte != UInt8(ascii: "#") else { return nil }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            let text = try quoted()
            return Word(form: .quoted, text: text, members: Self.parts(of: text))
        case UInt8(ascii: "("):
            return try parenthesised()
        case UInt8(ascii: ")"):
            throw ValueFault(found: "a ) without a (", expected: "parentheses in pairs")
        default:
            let text = try bare(endsAtParenthesis: false)
            return Word(form: .bare, text: text, members: [text])
        }
    }

    /// From the opening quotation mark to the same one again.
    private mutating func quoted() throws(ValueFault) -> String {
        let quote = bytes[position]
        let start = position + 1
        guard let end = bytes[start...].firstIndex(of: quote) else {
            throw ValueFault(
                found: "an opening \(Character(UnicodeScalar(quote))) without its closing one",
                expected: "quotation marks in pairs")
        }
        position = end + 1
        return try Self.text(bytes[start..<end])
    }

    private mutating func bare(endsAtParenthesis: Bool) throws(ValueFault) -> String {
        let start = position
        while let byte = current, !Self.isGap(byte), !(endsAtParenthesis && byte == UInt8(ascii: ")")) {
            position += 1
        }
        return try Self.text(bytes[start..<position])
    }

    private mutating func parenthesised() throws(ValueFault) -> Word {
        position += 1
        let start = position
        var members: [String] = []
        while true {
            skipGap()
            guard let byte = current else {
                throw ValueFault(found: "a ( without its )", expected: "parentheses in pairs on one line")
            }
            switch byte {
            case UInt8(ascii: ")"):
                let inside = try Self.text(bytes[start..<position])
                position += 1
                return Word(form: .parenthesised, text: inside.trimmingBlanks(), members: members)
            case UInt8(ascii: "("):
                throw ValueFault(found: "a ( inside parentheses", expected: "one pair of parentheses for each value")
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                members.append(try quoted())
            default:
                members.append(try bare(endsAtParenthesis: true))
            }
        }
    }

    /// Text outside comments is UTF-8 without control characters.
    private static func text(_ bytes: ArraySlice<UInt8>) throws(ValueFault) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ValueFault(
                found: String(decoding: bytes, as: UTF8.self).quoted + ", which is not UTF-8", expected: "text in UTF-8"
            )
        }
        if let control = text.unicodeScalars.first(where: { $0.value < 0x20 && $0.value != 0x09 || $0.value == 0x7F }) {
            throw ValueFault(
                found: "the control character \(String(control.value, radix: 16, uppercase: true))H", expected: "text")
        }
        return text
    }

    private static func parts(of text: String) -> [String] {
        text.utf8.split(whereSeparator: isGap).map { String(decoding: $0, as: UTF8.self) }
    }
}

extension String {
    /// Without blanks at its ends.
    func trimmingBlanks() -> String {
        let inner = drop { $0 == " " || $0 == "\t" }
        guard let last = inner.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return String(inner[...last])
    }
}
