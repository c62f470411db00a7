// Path templates: where an instance is filed, made of its attributes and the date of its receipt.

/// A relative path with fields in it: `{PatientID}/{StudyDate}-{Modality}/{SeriesNumber:04}`.
///
/// `/` separates components. In each, text stands for itself and `{Name}` for a field: the keyword of a data dictionary's
/// attribute, its tag in hexadecimal as `gggg,eeee`, or `YYYY`, `MM`, `DD` of the date of receipt. `{Name:0N}` pads a
/// number with zeros to at least N digits and leaves alone what is no number; `{Name:N}` cuts at N characters.
package struct PathTemplate: Equatable, Sendable {
    package static let maximumCharacters = 1_024, maximumComponents = 16, maximumParts = 32, maximumWidth = 64

    /// The names of the fields that aren't attributes.
    package static let dateFields = ["YYYY", "MM", "DD"]

    /// Where a field's text comes from.
    enum Source: Hashable {
        case attribute(Tag)
        case year, month, day
    }

    /// What is done with a field's text.
    enum Width: Equatable {
        case whole
        case padded(digits: Int)
        case cut(characters: Int)
    }

    enum Part: Equatable {
        case literal(String)
        case field(Source, Width)
    }

    struct Component: Equatable {
        let parts: [Part]
        /// What the last literal ends in, if that is a file name's extension: it stays when a name is cut.
        let fileExtension: String
    }

    let parsed: [Component]

    init(_ components: some Sequence<Component>) { parsed = Array(components) }

    /// The attributes whose values are needed, each once, Specific Character Set (0008,0005) with those that it governs.
    package var tags: [Tag] {
        var tags: [Tag] = []
        for case .field(.attribute(let tag), _) in parsed.flatMap(\.parts) where !tags.contains(tag) {
            let vr = DataDictionary.vr(of: tag)
            let isGoverned = vr.usesSpecificCharacterSet || vr == .UN
            if isGoverned, !tags.contains(.specificCharacterSet) { tags.append(.specificCharacterSet) }
            tags.append(tag)
        }
        return tags
    }

    /// Whether the date of receipt stands in it.
    package var namesDate: Bool {
        parsed.contains { component in
            component.parts.contains { part in
                guard case .field(let source, _) = part else { return false }
                return source == .year || source == .month || source == .day
            }
        }
    }

    /// The path of an instance, component by component: safe names, never empty ones.
    ///
    /// Of several values of an attribute the first counts; a value that is missing or empty is `_`.
    ///
    /// - Parameter attributes: those of `tags` that the instance has; others don't matter.
    package func components(of attributes: DataSet, receivedOn date: ReceiptDate) -> [[UInt8]] {
        let characterSet = SpecificCharacterSet(stored: attributes.bytes(.specificCharacterSet))
        return parsed.map { component in
            let pieces = component.parts.map { part -> SafeComponent.Piece in
                switch part {
                case .literal(let text): .literal(text)
                case .field(let source, let width):
                    .value(width.applied(to: source.text(attributes, characterSet, date)))
                }
            }
            return SafeComponent(pieces, suffix: component.fileExtension).bytes
        }
    }
}

extension PathTemplate.Source {
    fileprivate func text(_ attributes: DataSet, _ characterSet: SpecificCharacterSet, _ date: ReceiptDate) -> String {
        switch self {
        case .attribute(let tag): attributes.firstValueText(tag, characterSet)
        case .year: zeroPadded(String(date.year), digits: 4)
        case .month: zeroPadded(String(date.month), digits: 2)
        case .day: zeroPadded(String(date.day), digits: 2)
        }
    }
}

extension PathTemplate.Width {
    fileprivate func applied(to text: String) -> String {
        switch self {
        case .whole: return text
        case .padded(let digits): return zeroPadded(text, digits: digits)
        case .cut(let characters):
            var kept = text.prefix(characters)
            while kept.last == " " { kept.removeLast() }
            return String(kept)
        }
    }
}

/// An integer with at least that many digits, its sign before them; any other text as it is.
func zeroPadded(_ text: String, digits count: Int) -> String {
    guard isInteger(text) else { return text }
    let sign = text.hasPrefix("-") ? "-" : ""
    let digits = text.drop { $0 == "-" || $0 == "+" }
    return sign + String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
}

/// Whether `text` is an integer as VR IS writes one (PS3.5 §6.2), of any length.
func isInteger(_ text: String) -> Bool {
    var bytes = text.utf8[...]
    if bytes.first == UInt8(ascii: "-") || bytes.first == UInt8(ascii: "+") { bytes.removeFirst() }
    return !bytes.isEmpty && bytes.allSatisfy { (0x30...0x39).contains($0) }
}
