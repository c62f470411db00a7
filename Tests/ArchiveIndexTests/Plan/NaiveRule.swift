// PS3.4 §C.2.2.2 on text, rule by rule and without thought of speed: what the index's matching is compared with.

import DICOM
import Foundation

enum NaiveRule {
    static func matches(
        _ vr: VR, _ key: String, _ stored: String?, unknownMatches: Bool, ignoresAccents: Bool = false
    ) -> Bool {
        if ignoresAccents, vr == .PN {
            return matches(vr, plain(key), stored.map(plain), unknownMatches: unknownMatches)
        }
        let key = key.trimmedSpaces
        if key.allSatisfy({ $0 == "*" }) || vr == .PN && key.allSatisfy({ " ^=".contains($0) }) { return true }
        guard let stored, stored.contains(where: { $0 != " " && (vr != .PN || !"^=".contains($0)) }) else {
            return unknownMatches
        }
        let keys = split(key, "\\")
        let values = vr == .LT || vr == .ST || vr == .UT ? [stored] : split(stored, "\\")
        return keys.contains { key in values.contains { one(vr, key.trimmedSpaces, $0.trimmedSpaces) } }
    }

    private static func one(_ vr: VR, _ key: String, _ value: String) -> Bool {
        switch vr {
        case .UI: key == value
        case .IS: Int(key) != nil && Int(key) == Int(value)
        case .DA: range(key, value, days)
        case .TM: range(key, value, times)
        case .PN: name(key, value)
        default: wild(Array(key.unicodeScalars)[...], Array(value.unicodeScalars)[...])
        }
    }

    private static func split(_ text: String, _ separator: Character) -> [String] {
        text.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }

    // MARK: Text

    /// Decomposed, the marks of Latin, Greek and Cyrillic letters taken away, and composed again.
    private static func plain(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        scalars.append(
            contentsOf: text.decomposedStringWithCanonicalMapping.unicodeScalars.filter {
                !(0x300...0x36F).contains($0.value)
            })
        return String(scalars).precomposedStringWithCanonicalMapping
    }

    /// A trailing `^` that a name may have and needn't: only a `^` of the key, or a star, takes it.
    private static let unwritten: Unicode.Scalar = "\u{E000}"

    private static func wild(_ pattern: ArraySlice<Unicode.Scalar>, _ text: ArraySlice<Unicode.Scalar>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == "*" {
            return wild(pattern.dropFirst(), text) || !text.isEmpty && wild(pattern, text.dropFirst())
        }
        guard let character = text.first else { return false }
        guard character == unwritten ? first == "^" : first == "?" || first == character else { return false }
        return wild(pattern.dropFirst(), text.dropFirst())
    }

    /// A component group in lower case, no spaces around components, no empty ones at the end.
    private static func group(_ text: String) -> ArraySlice<Unicode.Scalar> {
        var components = split(text, "^").map(\.trimmedSpaces)
        while components.last == "" { components.removeLast() }
        return Array(components.joined(separator: "^").lowercased().unicodeScalars)[...]
    }

    private static func name(_ key: String, _ value: String) -> Bool {
        let keys = split(key, "=").map(group)
        let groups = split(value, "=").prefix(3).map(group)
        func takes(_ key: ArraySlice<Unicode.Scalar>, _ group: ArraySlice<Unicode.Scalar>) -> Bool {
            (0...5).contains { wild(key, group + Array(repeating: unwritten, count: $0)) }
        }
        if keys.count == 1 { return groups.contains { !$0.isEmpty && takes(keys[0], $0) } }
        return keys.prefix(3).enumerated().allSatisfy { index, key in
            key.isEmpty || takes(key, index < groups.count ? groups[index] : [])
        }
    }

    // MARK: Dates and times

    /// `a`, `a-b`, `a-` or `-b`, where each end is a pair of the first and the last moment that it means.
    private static func range(_ key: String, _ value: String, _ parse: (String) -> (Int, Int)?) -> Bool {
        guard let stored = parse(value) else { return false }
        let ends = split(key, "-").map(\.trimmedSpaces)
        let first = ends[0].isEmpty ? Int.min : parse(ends[0])?.0
        let last = ends[ends.count - 1].isEmpty ? Int.max : parse(ends[ends.count - 1])?.1
        guard let first, let last, first <= last else { return false }
        return stored.0 <= last && stored.1 >= first
    }

    /// Numbers that ascend with the days of the calendar.
    private static func days(_ text: String) -> (Int, Int)? {
        let digits = text.contains(".") ? split(text, ".").joined() : text
        guard digits.count == 8, digits.allSatisfy({ ("0"..."9").contains($0) }), let number = Int(digits) else {
            return nil
        }
        let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100)
        let isLeap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...12).contains(month), (1...lengths[month - 1]).contains(day) else { return nil }
        return (number, number)
    }

    /// Microseconds of the day; what isn't given is the whole interval.
    private static func times(_ text: String) -> (Int, Int)? {
        let parts = split(split(text, ":").joined(), ".")
        let clock = parts[0]
        guard [2, 4, 6].contains(clock.count), clock.allSatisfy({ ("0"..."9").contains($0) }), parts.count <= 2,
            parts.count == 1 || clock.count == 6
        else { return nil }
        let digits = Array(clock)
        func number(_ at: Int, _ missing: Int) -> Int {
            at < digits.count ? Int(String(digits[at...(at + 1)]))! : missing
        }
        guard number(0, 0) < 24, number(2, 0) < 60, number(4, 0) < 60 else { return nil }
        let fraction = parts.count == 2 ? Array(parts[1]) : []
        func micros(_ missing: Character) -> Int {
            Int(String((0..<6).map { $0 < fraction.count ? fraction[$0] : missing }))!
        }
        let first = (number(0, 0) * 3_600 + number(2, 0) * 60 + number(4, 0)) * 1_000_000 + micros("0")
        let last = (number(0, 0) * 3_600 + number(2, 59) * 60 + number(4, 59)) * 1_000_000 + micros("9")
        return (first, last)
    }
}
