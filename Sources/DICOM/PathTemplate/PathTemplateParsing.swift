// Reads a path template.

extension PathTemplate {
    package init(parsing text: String) throws(PathTemplateFault) {
        guard !text.isEmpty else { throw .empty }
        let characters = text.unicodeScalars.count
        guard characters <= Self.maximumCharacters else { throw .tooLong(characters: characters) }
        let pieces = text.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false)
        guard pieces.count <= Self.maximumComponents else { throw .tooManyComponents(pieces.count) }
        var components: [Component] = []
        for piece in pieces { components.append(try Component(parsing: piece)) }
        self.init(components)
    }

    /// Whether its last component names a file rather than a folder: it ends in an extension, or contains the SOP
    /// Instance UID.
    var namesFile: Bool {
        guard let last = parsed.last else { return false }
        return !last.fileExtension.isEmpty
            || last.parts.contains { part in
                if case .field(.attribute(.sopInstanceUID), _) = part { true } else { false }
            }
    }
}

extension PathTemplate.Component {
    fileprivate init(parsing text: Substring.UnicodeScalarView) throws(PathTemplateFault) {
        guard let first = text.first, let last = text.last else { throw .emptyComponent }
        let component = String(text)
        for edge in [first, last] where SafeComponent.isUnsafeAtEdge(edge) {
            throw .unsafeLiteral(edge, component: component)
        }
        var parts: [PathTemplate.Part] = []
        var literal = ""
        var rest = text
        while let scalar = rest.popFirst() {
            switch scalar {
            case "{":
                guard let end = rest.firstIndex(of: "}"), !rest[..<end].contains("{") else {
                    throw .unpairedBrace(component: component)
                }
                if !literal.isEmpty { parts.append(.literal(literal)) }
                literal = ""
                parts.append(try PathTemplate.Part(field: String(rest[..<end])))
                rest = rest[rest.index(after: end)...]
            case "}": throw .unpairedBrace(component: component)
            case _ where SafeComponent.isUnsafe(scalar): throw .unsafeLiteral(scalar, component: component)
            default: literal.unicodeScalars.append(scalar)
            }
        }
        let fileExtension = Self.fileExtension(of: literal)
        literal.unicodeScalars.removeLast(fileExtension.unicodeScalars.count)
        if !literal.isEmpty { parts.append(.literal(literal)) }
        guard parts.count <= PathTemplate.maximumParts else {
            throw .tooManyParts(component: component, count: parts.count)
        }
        self.init(parts: parts, fileExtension: fileExtension)
    }

    /// `.` and 1 to 8 letters or digits of ASCII at the end of `text`, else nothing.
    private static func fileExtension(of text: String) -> String {
        guard let dot = text.utf8.lastIndex(of: UInt8(ascii: ".")) else { return "" }
        let name = text.utf8[text.utf8.index(after: dot)...]
        let isExtension =
            (1...8).contains(name.count)
            && name.allSatisfy { byte in
                switch UnicodeScalar(byte) {
                case "0"..."9", "A"..."Z", "a"..."z": true
                default: false
                }
            }
        return isExtension ? String(text[dot...]) : ""
    }
}

extension PathTemplate.Part {
    /// From what stands between braces.
    fileprivate init(field text: String) throws(PathTemplateFault) {
        let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(halves[0])
        let width = try halves.count > 1 ? PathTemplate.Width(parsing: String(halves[1]), field: name) : .whole
        self = .field(try PathTemplate.Source(named: name), width)
    }
}

extension PathTemplate.Width {
    fileprivate init(parsing text: String, field: String) throws(PathTemplateFault) {
        let isPadded = text.hasPrefix("0")
        let digits = text.utf8.dropFirst(isPadded ? 1 : 0)
        guard digits.count <= 2, digits.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(Substring(digits)),
            (1...PathTemplate.maximumWidth).contains(number), digits.first != UInt8(ascii: "0")
        else { throw .invalidWidth(text, field: field) }
        self = isPadded ? .padded(digits: number) : .cut(characters: number)
    }
}

extension PathTemplate.Source {
    fileprivate init(named name: String) throws(PathTemplateFault) {
        switch name {
        case "YYYY": self = .year
        case "MM": self = .month
        case "DD": self = .day
        default: self = .attribute(try Self.attribute(named: name))
        }
    }

    private static func attribute(named name: String) throws(PathTemplateFault) -> Tag {
        guard let tag = DataDictionary.tag(keyword: name) ?? Tag(hexadecimal: name) else { throw .unknownField(name) }
        // Groups up to 0007 are those of commands, file meta information and directories, FFFE frames items.
        guard (0x0008..<0xFFFE).contains(tag.group), !tag.isGroupLength else { throw .notOfDataSet(name) }
        guard tag.isPrivate || DataDictionary.entry(for: tag) != nil else { throw .unknownField(name) }
        let vr = DataDictionary.vr(of: tag)
        guard tag.isPrivate || vr.hasShortValue else { throw .notNameable(name, vr: vr) }
        return tag
    }
}

extension Tag {
    /// From `gggg,eeee`, four hexadecimal digits each.
    fileprivate init?(hexadecimal text: String) {
        let halves = text.split(separator: ",", omittingEmptySubsequences: false)
        guard halves.count == 2, halves.allSatisfy({ $0.utf8.count == 4 && $0.first?.isHexDigit == true }),
            let group = UInt16(halves[0], radix: 16), let element = UInt16(halves[1], radix: 16)
        else { return nil }
        self.init(group, element)
    }
}
