// How text is read for which no character set is declared, though it has bytes from 80H on: what a site knows of its files and
// peers, and the standard doesn't (PS3.3 §C.12.1.1.2 allows such bytes only where (0008,0005) names a set for them).

/// A character set for text without one.
package struct FallbackCharacterSet: Hashable, Sendable {
    package let characterSet: SpecificCharacterSet

    private init(_ characterSet: SpecificCharacterSet) { self.characterSet = characterSet }

    /// ISO_IR 100: what such text is read in unless a site says otherwise.
    package static let standard = FallbackCharacterSet(SpecificCharacterSet(stored: Array("ISO_IR 100".utf8)))

    /// From defined terms as the standard writes and combines them. Nil for others, and for the default repertoire, which has
    /// no bytes from 80H on.
    package init?(_ terms: some StringProtocol) {
        let characterSet = SpecificCharacterSet(stored: Array(terms.utf8))
        guard characterSet.storedValue.elementsEqual(terms.utf8), characterSet.unknownTerms.isEmpty,
            !characterSet.isSilent
        else { return nil }
        self.init(characterSet)
    }

    /// The value of (0008,0005) that text read so would have.
    package var storedValue: [UInt8] { characterSet.storedValue }
}

extension FallbackCharacterSet: CustomStringConvertible {
    package var description: String { String(decoding: storedValue, as: UTF8.self) }
}

extension SpecificCharacterSet {
    /// It names no character set: the attribute is absent or empty, or has ISO_IR 6 or unknown terms alone.
    package var isSilent: Bool {
        guard case .extensible(let extent) = scheme else { return false }
        return extent.declared == [.ascii]
    }
}

extension DataSet {
    /// Whether (0008,0005) names no character set, and a value that it governs has bytes from 80H on. Items count, but for
    /// those with a (0008,0005) of their own.
    package var lacksCharacterSet: Bool {
        SpecificCharacterSet(stored: bytes(.specificCharacterSet)).isSilent && hasUndeclaredText(depth: 0)
    }

    private func hasUndeclaredText(depth: Int) -> Bool {
        elements.contains { element in
            switch element.value {
            case .bytes(let bytes):
                (element.vr.usesSpecificCharacterSet || element.vr == .UN && DataDictionary.vr(of: element.tag).isText)
                    && bytes.contains { $0 >= 0x80 }
            case .items(let items):
                depth < 64
                    && items.contains { $0[.specificCharacterSet] == nil && $0.hasUndeclaredText(depth: depth + 1) }
            case .fragments: false
            }
        }
    }

    /// The data set with the fallback as its character set where it lacks one.
    package func assuming(_ fallback: FallbackCharacterSet) -> DataSet {
        guard fallback != .standard, lacksCharacterSet else { return self }
        var named = self
        named.set(.specificCharacterSet, .CS, bytes: fallback.storedValue)
        return named
    }
}
