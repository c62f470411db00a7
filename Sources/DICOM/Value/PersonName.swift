// Person names (PS3.5 §6.2.1): up to three component groups of five components, read as tolerantly as they are written.

/// A value of VR PN: the same name in alphabetic, ideographic and phonetic characters.
package struct PersonName: Hashable, Sendable {
    package var alphabetic: Group
    package var ideographic: Group
    package var phonetic: Group

    /// Splits decoded text at `=` and `^`. What follows a third `=` is no part of a name and is left out; components
    /// past the fifth are kept in the group. O(n).
    package init(_ text: String) {
        // Split in UTF-8, not at Characters: a combining mark after a `^` doesn't make it another character.
        let groups = Array(text.utf8).split(separator: 0x3D, maxSplits: 3, omittingEmptySubsequences: false)
        alphabetic = Group(groups[0])
        ideographic = groups.count > 1 ? Group(groups[1]) : Group([])
        phonetic = groups.count > 2 ? Group(groups[2]) : Group([])
    }

    /// The groups in the standard's order.
    package var groups: [Group] { [alphabetic, ideographic, phonetic] }

    /// No group has anything in it.
    package var isEmpty: Bool { groups.allSatisfy(\.isEmpty) }

    /// The comparable form of each group that isn't empty, in the standard's order: see `Group.folded`.
    package var foldedGroups: [String] { groups.filter { !$0.isEmpty }.map(\.folded) }

    /// The comparable form of the name: folded groups with `=` between, trailing `=` left out. Compare by UTF-8 bytes.
    package var folded: String { foldedCaseKey(text) }

    /// The name as the standard writes it: no spaces around components, no trailing `^` and `=`.
    package var text: String {
        var texts = groups.map(\.text)
        while texts.last?.isEmpty == true { texts.removeLast() }
        return texts.joined(separator: "=")
    }

    /// One component group.
    package struct Group: Hashable, Sendable {
        /// Without spaces around them and without empty ones at the end: at most five in a name that keeps to the
        /// rules.
        package let components: [String]

        init(_ text: some Sequence<UInt8>) {
            var parts = Array(text).split(separator: 0x5E, omittingEmptySubsequences: false).map {
                String(decoding: $0.trimmingPadding(), as: UTF8.self)
            }
            while parts.last?.isEmpty == true { parts.removeLast() }
            components = parts
        }

        /// Spaces and delimiters alone are nothing.
        package var isEmpty: Bool { components.isEmpty }
        /// The five components (PS3.5 §6.2.1.1); one that isn't there is empty.
        package var familyName: String { component(0) }
        package var givenName: String { component(1) }
        package var middleName: String { component(2) }
        package var prefix: String { component(3) }
        package var suffix: String { component(4) }

        private func component(_ index: Int) -> String { index < components.count ? components[index] : "" }

        /// The components with `^` between.
        package var text: String { components.joined(separator: "^") }

        /// What names are compared by (PS3.4 §C.2.2.2.1): case folded, spaces around components and trailing `^` gone.
        /// Compare by UTF-8 bytes or scalars.
        package var folded: String { foldedCaseKey(text) }
    }
}

extension PersonName: CustomStringConvertible {
    package var description: String { text }
}
