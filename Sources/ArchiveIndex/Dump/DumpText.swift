// Stored bytes as text of a dump: nothing is lost, and lines stay lines.

import DICOM

/// Printable UTF-8 stands for itself; every other byte, and `%`, is `%` and two upper-case hexadecimal digits.
enum DumpText {
    /// What else has a meaning where the text stands.
    enum Surroundings { case cell, item, json }

    static func append(_ value: ArraySlice<UInt8>, in surroundings: Surroundings = .cell, to text: inout [UInt8]) {
        var at = value.startIndex
        while at < value.endIndex {
            let byte = value[at]
            if byte >= 0x80 {
                let length = printableLength(value, at)
                if length == 0 {
                    appendEscaped(byte, to: &text)
                } else {
                    text += value[at..<(at + length)]
                }
                at += max(1, length)
                continue
            }
            at += 1
            if byte < 0x20 || byte == 0x7F || byte == 0x25 || surroundings == .item && isDelimiter(byte) {
                appendEscaped(byte, to: &text)
            } else {
                if surroundings == .json, byte == 0x22 || byte == 0x5C { text.append(0x5C) }
                text.append(byte)
            }
        }
    }

    /// `{`, `}`, `;` and `=` hold items together.
    private static func isDelimiter(_ byte: UInt8) -> Bool {
        byte == 0x7B || byte == 0x7D || byte == 0x3B || byte == 0x3D
    }

    private static func appendEscaped(_ byte: UInt8, to text: inout [UInt8]) {
        text.append(0x25)
        appendHexadecimal(byte, to: &text)
    }

    static func appendHexadecimal(_ byte: UInt8, to text: inout [UInt8]) {
        for digit in [byte >> 4, byte & 15] { text.append(digit < 10 ? 0x30 + digit : 0x37 + digit) }
    }

    /// Bytes of the character that begins at `at`, which is above 7FH; 0 where none does, or one that would move a cursor,
    /// end a line or turn the direction of text.
    private static func printableLength(_ value: ArraySlice<UInt8>, _ at: Int) -> Int {
        let length: Int
        switch value[at] {
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF: length = 3
        case 0xF0...0xF4: length = 4
        default: return 0
        }
        guard length <= value.endIndex - at,
            let text = String(validating: value[at..<(at + length)], as: UTF8.self),
            let scalar = text.unicodeScalars.first
        else { return 0 }
        switch scalar.value {
        case 0x80...0x9F, 0x2028...0x202E, 0x2066...0x2069: return 0
        default: return length
        }
    }

    // MARK: Attributes

    /// The value of an attribute: text as it is stored, numbers in decimal, the items of a sequence in braces.
    static func cell(_ vr: VR, _ value: ArraySlice<UInt8>) -> DumpCell {
        switch vr {
        case .SQ:
            guard !value.isEmpty, let items = try? DataSet.items(inSequence: Array(value)) else { break }
            var text: [UInt8] = []
            for item in items { append(item, to: &text) }
            return .written(text)
        case .US, .UL:
            let size = vr.wordBytes
            guard !value.isEmpty, value.count % size == 0 else { break }
            let numbers = stride(from: value.startIndex, to: value.endIndex, by: size).map { start in
                String(value[start..<(start + size)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
            }
            return .written(Array(numbers.joined(separator: "\\").utf8))
        default: break
        }
        return .bytes(value)
    }

    /// An item: `{Keyword VR=value; …}`.
    private static func append(_ item: DataSet, to text: inout [UInt8]) {
        text.append(0x7B)
        var isFirst = true
        for element in item.elements {
            appendName(element.tag, element.vr, isFirst: isFirst, to: &text)
            isFirst = false
            switch element.value {
            case .bytes(let bytes): appendValue(element.vr, bytes[...], to: &text)
            case .items(let items): for inner in items { append(inner, to: &text) }
            case .fragments: break
            }
        }
        text.append(0x7D)
    }

    /// A whole set in the form of an item.
    static func cell(_ set: AttributeSet) -> DumpCell {
        var text: [UInt8] = [0x7B]
        var offset = 0
        while let attribute = set.attribute(at: offset) {
            appendName(attribute.tag, attribute.vr, isFirst: offset == 0, to: &text)
            appendValue(attribute.vr, set.bytes[attribute.value], to: &text)
            offset = attribute.value.upperBound
        }
        return .written(text + [0x7D])
    }

    static func appendName(_ tag: Tag, _ vr: VR, isFirst: Bool, to text: inout [UInt8]) {
        if !isFirst { text += [0x3B, 0x20] }
        text += Array("\(DataDictionary.entry(for: tag)?.keyword ?? "\(tag)") \(vr)=".utf8)
    }

    static func appendValue(_ vr: VR, _ value: ArraySlice<UInt8>, to text: inout [UInt8]) {
        switch cell(vr, value) {
        case .written(let written): text += written
        default: append(value, in: .item, to: &text)
        }
    }
}
