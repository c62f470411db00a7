// A key for names (PS3.4 §C.2.2.2.1.1): component groups compared in their folded form.

import DICOM

/// A name key: a pattern for each component group that it has; without `=` for any group.
package struct NameKey: Hashable, Sendable {
    /// By position, nil where the key's group is empty. One alone stands for all groups.
    private let groups: [GroupPattern?]
    private let isOfAnyGroup: Bool
    /// Letters match whatever their accents (PS3.4 §C.2.2.2.1.1 leaves it to us).
    private let ignoresAccents: Bool

    /// From decoded text.
    init(_ text: String, ignoresAccents: Bool = false) {
        self.ignoresAccents = ignoresAccents
        // Split in UTF-8, not at Characters: a combining mark after a `=` doesn't make it another character.
        let parts = text.utf8.split(separator: 0x3D, omittingEmptySubsequences: false).prefix(3).map {
            String($0) ?? ""
        }
        groups = parts.map { part in
            let group = PersonName(part).alphabetic
            return GroupPattern(ignoresAccents ? plainLetters(group.text) : group.folded)
        }
        isOfAnyGroup = parts.count == 1
    }

    /// Nothing is asked of any group.
    var isEmpty: Bool { groups.allSatisfy { $0 == nil } }

    func matches(_ name: PersonName) -> Bool {
        let stored = name.groups.map { ignoresAccents ? plainLetters($0.text) : $0.folded }
        if isOfAnyGroup, let pattern = groups[0] { return stored.contains { !$0.isEmpty && pattern.matches($0) } }
        for (index, pattern) in groups.enumerated() {
            guard let pattern else { continue }
            guard index < stored.count, pattern.matches(stored[index]) else { return false }
        }
        return true
    }

    /// The folded pattern by which the index can look for candidates: any group's must match it.
    package var candidate: TextPattern? { groups.compactMap { $0?.candidate }.first }
}

/// A pattern for one component group.
private struct GroupPattern: Hashable {
    private let whole: TextPattern
    /// `DOE^*` without its last, unrestricted components: a stored `DOE` has them too, empty.
    private let short: String?

    /// Nil for the empty group, of which nothing is asked.
    init?(_ folded: String) {
        guard !folded.isEmpty else { return nil }
        whole = TextPattern(folded)
        var text = Substring(folded)
        while text.hasSuffix("^*") || text.hasSuffix("^") { text = text.dropLast(text.hasSuffix("^") ? 1 : 2) }
        short = text.count < folded.count ? String(text) : nil
    }

    func matches(_ folded: String) -> Bool {
        whole.matches(folded) || short.map { TextPattern($0).matches(folded) } ?? false
    }

    var candidate: TextPattern { short.map { TextPattern($0 + "*") } ?? whole }
}
