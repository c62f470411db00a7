// Specific Character Set (0008,0005): how the text of a data set is coded (PS3.3 §C.12.1.1.2, PS3.5 §6.1).
// Reading never fails and follows what is there rather than what was declared; writing keeps to what was declared.

/// What (0008,0005) of a data set or item says about values of LO, LT, PN, SH, ST, UC and UT.
///
/// Decoding is tolerant: escape sequences are followed whether declared or not; a byte that means nothing is U+FFFD; a
/// byte of the right half where no set was declared for it (no attribute, ISO_IR 6, unknown terms) is read as ISO
/// 8859-1. Compare decoded text by its scalars or its UTF-8 bytes: `==` of String sees canonically equivalent text as
/// equal.
package struct SpecificCharacterSet: Hashable, Sendable {
    /// The coding that the terms amount to.
    enum Scheme: Hashable, Sendable {
        case utf8
        /// GB18030, or GBK where `fourByte` is false: one, two (and four) bytes, no escapes.
        case guobiao(fourByte: Bool)
        /// One-byte sets and ISO 2022 code extension.
        case extensible(CodeExtension)
    }

    let scheme: Scheme
    /// The attribute's value as the standard writes it, without padding; empty for the default repertoire. Unknown
    /// terms stand as they came.
    package let storedValue: [UInt8]
    /// Values of the attribute that aren't defined terms, at most 8 of them.
    package let unknownTerms: [String]

    private init(scheme: Scheme, storedValue: [UInt8], unknownTerms: [String] = []) {
        self.scheme = scheme
        self.storedValue = storedValue
        self.unknownTerms = unknownTerms
    }

    /// ISO 646 alone: (0008,0005) absent or empty.
    package static let defaultRepertoire = SpecificCharacterSet(scheme: .extensible(.none), storedValue: [])
    /// ISO_IR 192: Unicode in UTF-8.
    package static let utf8 = SpecificCharacterSet(scheme: .utf8, storedValue: Array("ISO_IR 192".utf8))
    private static let latin1 = SpecificCharacterSet(
        scheme: .extensible(CodeExtension(terms: [.registered(100)], isExtended: false)),
        storedValue: Array("ISO_IR 100".utf8))

    /// From the value of (0008,0005), padding included; nil and empty values mean the default repertoire.
    package init(stored: ArraySlice<UInt8>?) {
        guard let stored, !stored.isEmpty else {
            self = .defaultRepertoire
            return
        }
        // Nearly all data sets have one of these, already even.
        if stored.elementsEqual(Self.latin1.storedValue) {
            self = .latin1
        } else if stored.elementsEqual(Self.utf8.storedValue) {
            self = .utf8
        } else {
            self.init(values: stored.split(separator: 0x5C, maxSplits: 64, omittingEmptySubsequences: false))
        }
    }

    /// From the value of (0008,0005), padding included; nil and empty values mean the default repertoire.
    package init(stored: [UInt8]?) { self.init(stored: stored.map { $0[...] }) }

    /// From the attribute's values, the first of which may be empty for ISO 646.
    private init(values: [ArraySlice<UInt8>]) {
        var terms: [DefinedTerm?] = []
        var texts: [String] = []
        var unknown: [String] = []
        var isExtended = values.count > 1
        for value in values.map({ $0.trimmingPadding() }) {
            if value.isEmpty {
                terms.append(nil)
                texts.append("")
            } else if let term = DefinedTerm(value) {
                // UTF-8 and the Chinese sets stand alone; beside others they are what the writer really used.
                if case .registered = term {
                } else {
                    self = Self(single: term)
                    return
                }
                terms.append(term)
                isExtended = isExtended || term.needsExtension || value.contains("2022".utf8)
                texts.append(term.text(withExtension: true))
            } else {
                terms.append(nil)
                texts.append(String(decoding: value, as: UTF8.self))
                if unknown.count < 8 { unknown.append(printable(texts[texts.count - 1], maximumBytes: 64)) }
            }
        }
        if !isExtended, let term = terms[0] { texts[0] = term.text(withExtension: false) }
        let known = terms.compactMap { $0 }
        if unknown.isEmpty, known.allSatisfy({ $0 == .registered(6) }) {
            self = .defaultRepertoire
            return
        }
        self.init(
            scheme: .extensible(CodeExtension(terms: terms, isExtended: isExtended)),
            storedValue: Array(texts.joined(separator: "\\").utf8), unknownTerms: unknown)
    }

    private init(single term: DefinedTerm) {
        let scheme: Scheme =
            switch term {
            case .gb18030: .guobiao(fourByte: true)
            case .gbk: .guobiao(fourByte: false)
            default: .utf8
            }
        self.init(scheme: scheme, storedValue: Array(term.text(withExtension: false).utf8))
    }

    /// Defined terms that this host can't convert, because glibc's converter modules aren't installed; normally none.
    package static func unavailableTerms() -> [String] {
        var terms = DefinedTerm.registrations.filter { number in
            let sets = DefinedTerm.sets(of: number)
            return [sets?.left, sets?.right].contains { $0?.table?.isUsable == false }
        }.map { "ISO_IR \($0)" }
        if !Guobiao.isUsable { terms += ["GB18030", "GBK"] }
        return terms
    }
}
