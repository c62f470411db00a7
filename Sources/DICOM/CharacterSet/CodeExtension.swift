// One-byte character sets and ISO 2022 code extension (PS3.5 §6.1.2.5): what to start with and switch to.

/// The sets of Specific Character Set without and with code extension.
struct CodeExtension: Hashable, Sendable {
    /// Invoked to the left half (G0) at the start of each value: that of value 1, ISO 646 where it has none.
    let initialLeft: GraphicSet
    /// Invoked to the right half (G1) at the start of each value: that of value 1.
    let initialRight: GraphicSet?
    /// All sets of the terms, in their order, none twice.
    let declared: [GraphicSet]
    /// Escape sequences may be written.
    let isExtended: Bool

    /// The default repertoire.
    static let none = CodeExtension(terms: [], isExtended: false)

    /// From the attribute's values; nil stands for an empty or unknown one.
    init(terms: [DefinedTerm?], isExtended: Bool) {
        var sets: [GraphicSet] = []
        var left = GraphicSet.ascii
        var right: GraphicSet?
        for (position, term) in terms.enumerated() {
            guard case .registered(let number)? = term, let pair = DefinedTerm.sets(of: number) else { continue }
            for set in [pair.left, pair.right].compactMap(\.self) where !sets.contains(set) { sets.append(set) }
            // A two-byte set can't be value 1 (it is always designated by an escape); files have it there all the same.
            guard position == 0 else { continue }
            if let set = pair.left, !set.isTwoByte { left = set }
            if let set = pair.right, !set.isTwoByte { right = set }
        }
        if left == .ascii, !sets.contains(.ascii) { sets.append(.ascii) }
        initialLeft = left
        initialRight = right
        declared = sets
        self.isExtended = isExtended
    }

    /// What bytes of the right half are read in before anything was designated: value 1's set, else the first declared
    /// one (writers forget the escape after a `^`), else ISO 8859-1.
    var readingRight: GraphicSet { initialRight ?? declared.first(where: \.isRight) ?? .latin1 }

    /// `scalar` ends a value or a component, or is a control character: before and after it the sets of value 1 hold
    /// (PS3.5 §6.1.2.5.3).
    static func isDelimiter(_ scalar: UInt32, _ vr: VR) -> Bool {
        switch scalar {
        case 0x00..<0x20, 0x7F: true
        case 0x5C: vr.isMultiValuedText
        case 0x5E, 0x3D: vr == .PN
        default: false
        }
    }
}

/// An escape sequence that designates a set, as found in text.
struct Designation {
    let set: GraphicSet
    let isRight: Bool
    /// With the ESC.
    let lengthBytes: Int

    /// Reads the escape sequence that starts with the ESC at `start` of `bytes`. Nil when it isn't one of the
    /// standard's (PS3.3 Tables C.12-3 and C.12-4) or of those that ISO-2022-JP and its kin are known to leave in
    /// files.
    init?(_ bytes: ArraySlice<UInt8>, at start: Int) {
        let rest = bytes[start...].dropFirst().prefix(3)
        guard let first = rest.first, let known = Self.known[first],
            let found = known.first(where: { rest.starts(with: $0.sequence) })
        else { return nil }
        set = found.set
        isRight = found.isRight
        lengthBytes = 1 + found.sequence.count
    }

    /// By their first byte: text may be all escapes.
    private static let known = Dictionary(grouping: all, by: { $0.sequence[0] })
    private static let all: [(sequence: [UInt8], set: GraphicSet, isRight: Bool)] =
        GraphicSet.allCases.map { ($0.designation, $0, $0.isRight) } + [
            (Array("(I".utf8), .katakana, false),  // ISO-2022-JP with katakana in G0
            (Array("$@".utf8), .kanji, false),  // the edition of 1978
            (Array("$(B".utf8), .kanji, false),
            (Array("$)B".utf8), .kanji, true),
            (Array("$)D".utf8), .supplementaryKanji, true),
            (Array("$(C".utf8), .hangul, false),  // ISO-2022-JP-2
            (Array("$(A".utf8), .chinese, false),
            (Array("$A".utf8), .chinese, false),
        ]
}

// MARK: Reading

extension CodeExtension {
    /// The text of a value of `vr`.
    ///
    /// In a two-byte set of the left half, the bytes of `\`, `^` and `=` belong to characters; where such a byte can't
    /// begin a character the writer forgot to switch back, and it is the delimiter.
    func decode(_ bytes: ArraySlice<UInt8>, vr: VR) -> String {
        var text = TextBuilder(capacityBytes: bytes.count + bytes.count / 2)
        var left = initialLeft
        var right = readingRight
        var position = bytes.startIndex
        while position < bytes.endIndex {
            let byte = bytes[position]
            let next = position + 1 < bytes.endIndex ? bytes[position + 1] : 0
            position += 1
            if byte == 0x1B {
                guard let designation = Designation(bytes, at: position - 1) else {
                    text.append(nil)
                    continue
                }
                if designation.isRight { right = designation.set } else { left = designation.set }
                position += designation.lengthBytes - 1
            } else if byte >= 0x80 {
                if byte < 0xA0 {
                    text.append(nil)
                } else if !right.isTwoByte {
                    text.append(right.scalar(byte))
                } else if next >= 0xA1 {
                    text.append(right.scalar(byte, next))
                    position += 1
                } else {
                    text.append(nil)
                }
            } else if byte > 0x20, byte < 0x7F, left.isTwoByte, (0x21...0x7E).contains(next) {
                text.append(left.scalar(byte, next))
                position += 1
            } else if Self.isDelimiter(UInt32(byte), vr), left != .katakana || byte < 0x20 || byte == 0x7F {
                left = initialLeft
                right = readingRight
                text.append(byte)
            } else if byte == 0x20 {
                text.append(byte)
            } else {
                text.append(left.isTwoByte ? nil : left.scalar(byte))
            }
        }
        return text.text
    }
}

// MARK: Writing

extension CodeExtension {
    /// The bytes of `text` as a value of `vr`; nil when a character can't be carried.
    ///
    /// Sets are taken in the order of the terms. The sets of value 1 are active before each delimiter and at the end.
    func encode(_ text: String, vr: VR) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 8)
        var left = initialLeft
        var right = initialRight
        func reset() {
            if left != initialLeft { bytes += [0x1B] + initialLeft.designation }
            if right != initialRight, let initialRight { bytes += [0x1B] + initialRight.designation }
            left = initialLeft
            right = initialRight
        }
        for scalar in text.unicodeScalars {
            guard scalar != "\u{1B}" else { return nil }
            if Self.isDelimiter(scalar.value, vr) {
                reset()
                bytes.append(UInt8(scalar.value))
                continue
            }
            // A space is one in every one-byte set of the left half.
            if left == .ascii || scalar == " " && !left.isTwoByte, scalar.isASCII {
                bytes.append(UInt8(scalar.value))
                continue
            }
            let candidates = (scalar.isASCII ? [initialLeft, left] : [left, right].compactMap(\.self)) + declared
            guard let found = Self.code(of: scalar, in: candidates) else { return nil }
            let isActive = found.set == left || found.set == right
            guard isActive || isExtended else { return nil }
            // The yen sign of JIS X 0201 would be read as the delimiter it shares its code with.
            if found.code == [0x5C], vr.isMultiValuedText { return nil }
            if !isActive {
                bytes += [0x1B] + found.set.designation
                if found.set.isRight { right = found.set } else { left = found.set }
            }
            bytes += found.code
        }
        reset()
        return bytes
    }

    private static func code(of scalar: Unicode.Scalar, in sets: [GraphicSet]) -> (set: GraphicSet, code: [UInt8])? {
        for set in sets {
            var code: [UInt8] = []
            if set.append(scalar, to: &code) { return (set, code) }
        }
        return nil
    }
}
