// GBK and GB18030 (PS3.5 §6.1.2.4): no escapes, one, two and, in GB18030, four bytes a character.
// A second byte may be a backslash or `^`, so text is decoded first and split afterwards.

/// The two Chinese national encodings.
enum Guobiao {
    private static let gbk = CodeTable(converter: "GBK", count: 126 * 191, code: twoByteCode)
    private static let gb18030 = CodeTable(converter: "GB18030", count: 126 * 191, code: twoByteCode)
    /// The four-byte codes of the Basic Multilingual Plane, 81308130H–8431A439H.
    private static let fourByte = CodeTable(converter: "GB18030", count: 39_420, code: fourByteCode)
    /// Where the four-byte codes of U+10000 begin: 90308130H.
    private static let supplementaryOffset = 189_000

    /// The host has the converters.
    static var isUsable: Bool { gbk.isUsable && gb18030.isUsable }

    /// Lead 81H–FEH, trail 40H–FEH without 7FH, which has an index and no character.
    private static func twoByteCode(_ index: Int) -> [UInt8] { [UInt8(index / 191 + 0x81), UInt8(index % 191 + 0x40)] }

    private static func fourByteCode(_ index: Int) -> [UInt8] {
        [
            UInt8(index / 12_600 + 0x81), UInt8(index / 1260 % 10 + 0x30), UInt8(index / 10 % 126 + 0x81),
            UInt8(index % 10 + 0x30),
        ]
    }

    /// The text of `bytes`; what means nothing is U+FFFD.
    static func decode(_ bytes: ArraySlice<UInt8>, fourByte hasFourByte: Bool) -> String {
        var text = TextBuilder(capacityBytes: bytes.count * 2)
        var rest = bytes
        while let lead = rest.popFirst() {
            guard lead >= 0x80 else {
                text.append(lead)
                continue
            }
            guard (0x81...0xFE).contains(lead), let trail = rest.first else {
                text.append(nil)
                continue
            }
            if (0x40...0xFE).contains(trail), trail != 0x7F {
                let table = hasFourByte ? gb18030 : gbk
                let scalar = table.scalar(at: Int(lead - 0x81) * 191 + Int(trail - 0x40))
                text.append(scalar)
                // A trail that is ISO 646 survives a broken lead.
                if scalar != nil || trail >= 0x80 { rest.removeFirst() }
            } else if hasFourByte, let index = fourByteIndex(lead, rest.prefix(3)) {
                text.append(fourByteScalar(index))
                rest.removeFirst(3)
            } else {
                text.append(nil)
            }
        }
        return text.text
    }

    private static func fourByteIndex(_ lead: UInt8, _ rest: ArraySlice<UInt8>) -> Int? {
        let next = Array(rest)
        guard next.count == 3, (0x30...0x39).contains(next[0]), (0x81...0xFE).contains(next[1]),
            (0x30...0x39).contains(next[2])
        else { return nil }
        return ((Int(lead - 0x81) * 10 + Int(next[0] - 0x30)) * 126 + Int(next[1] - 0x81)) * 10 + Int(next[2] - 0x30)
    }

    private static func fourByteScalar(_ index: Int) -> Unicode.Scalar? {
        guard index >= supplementaryOffset else { return fourByte.scalar(at: index) }
        return Unicode.Scalar(UInt32(index - supplementaryOffset + 0x10000))
    }

    /// The bytes of `text`; nil when a character can't be carried.
    static func encode(_ text: String, fourByte hasFourByte: Bool) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                bytes.append(UInt8(scalar.value))
            } else if let index = (hasFourByte ? gb18030 : gbk).index(of: scalar) {
                bytes += twoByteCode(index)
            } else if hasFourByte, let index = fourByte.index(of: scalar) {
                bytes += fourByteCode(index)
            } else if hasFourByte, scalar.value >= 0x10000 {
                bytes += fourByteCode(Int(scalar.value) - 0x10000 + supplementaryOffset)
            } else {
                return nil
            }
        }
        return bytes
    }
}
