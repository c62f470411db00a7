// What an entity shows where its instances disagree: a pure function of what they were sent with.

import DICOM

/// An attribute set and how many files were sent with it.
package struct Variant: Hashable, Sendable {
    package let attributes: AttributeSet
    package let count: Int

    package init(attributes: AttributeSet, count: Int) {
        self.attributes = attributes
        self.count = count
    }
}

/// A value with all that is needed to read it.
package struct ResolvedValue: Hashable, Sendable {
    package let vr: VR
    /// As stored: in `characterSet`, numbers little-endian.
    package let bytes: [UInt8]
    /// The stored Specific Character Set of the set that the value comes from.
    package let characterSet: [UInt8]?
    /// Timezone Offset From UTC of that set.
    package let timezoneOffset: [UInt8]?
}

extension ResolvedValue {
    /// Whether values of the VR mean something only with Specific Character Set.
    static func isGovernedByCharacterSet(_ vr: VR) -> Bool { vr.usesSpecificCharacterSet || vr == .SQ }

    /// Whether values of the VR may be shifted by Timezone Offset From UTC.
    static func isGovernedByTimezone(_ vr: VR) -> Bool { vr == .TM || vr == .DT || vr == .DA || vr == .SQ }

    /// For people: decoded, values without padding, a backslash between them; numbers in decimal.
    package var text: String {
        if let size = vr == .US ? 2 : vr == .UL ? 4 : nil, bytes.count % size == 0 {
            return stride(from: 0, to: bytes.count, by: size).map { start in
                String(bytes[start..<(start + size)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
            }.joined(separator: "\\")
        }
        if vr == .SQ { return bytes.isEmpty ? "" : "(a sequence)" }
        return SpecificCharacterSet(stored: characterSet).decodeValues(bytes, vr: vr).joined(separator: "\\")
    }
}

/// The attributes of one entity over all its variants.
package struct ResolvedAttributes: Sendable {
    /// Each set once, the count over all sources, in the order of their bytes. Never empty for an entity that is there.
    package let variants: [Variant]

    /// Sums up counts of equal sets; sets that nothing is left of go.
    package init(_ variants: [Variant]) {
        guard variants.count > 1 else {
            self.variants = variants.filter { $0.count > 0 }
            return
        }
        var counts: [AttributeSet: Int] = [:]
        for variant in variants { counts[variant.attributes, default: 0] &+= variant.count }
        self.variants = counts.filter { $0.value > 0 }.map { Variant(attributes: $0.key, count: $0.value) }
            .sorted { $0.attributes < $1.attributes }
    }

    /// All instances agree.
    package var isUniform: Bool { variants.count <= 1 }

    /// The most frequent non-empty value, of several the smallest by bytes; an empty one where there is no other; nil where
    /// no instance has the attribute.
    package func value(_ tag: Tag) -> ResolvedValue? {
        if variants.count == 1 { return Self.value(tag, of: variants[0].attributes) }
        var counts: [ResolvedValue: Int] = [:]
        for variant in variants {
            if let value = Self.value(tag, of: variant.attributes) { counts[value, default: 0] &+= variant.count }
        }
        return counts.min { Self.precedes($0, $1) }?.key
    }

    /// All different values of `tag`, the one that is shown first.
    package func values(_ tag: Tag) -> [ResolvedValue] {
        var counts: [ResolvedValue: Int] = [:]
        for variant in variants {
            if let value = Self.value(tag, of: variant.attributes) { counts[value, default: 0] &+= variant.count }
        }
        return counts.sorted { Self.precedes($0, $1) }.map(\.key)
    }

    private static func value(_ tag: Tag, of set: AttributeSet) -> ResolvedValue? {
        guard let value = set.value(tag) else { return nil }
        return ResolvedValue(
            vr: value.vr, bytes: Array(value.bytes),
            characterSet: ResolvedValue.isGovernedByCharacterSet(value.vr)
                ? set.characterSet.map { Array($0) } : nil,
            timezoneOffset: ResolvedValue.isGovernedByTimezone(value.vr)
                ? set.value(.timezoneOffsetFromUTC).map { Array($0.bytes) } : nil)
    }

    private typealias Counted = (key: ResolvedValue, value: Int)

    private static func precedes(_ left: Counted, _ right: Counted) -> Bool {
        if left.key.bytes.isEmpty != right.key.bytes.isEmpty { return right.key.bytes.isEmpty }
        if left.value != right.value { return left.value > right.value }
        return order(left.key).lexicographicallyPrecedes(order(right.key))
    }

    /// Bytes that are equal only for equal values; the value itself comes first.
    private static func order(_ value: ResolvedValue) -> [UInt8] {
        value.bytes + [0] + (value.characterSet ?? []) + [0] + (value.timezoneOffset ?? [])
            + [UInt8(value.vr.rawValue >> 8), UInt8(truncatingIfNeeded: value.vr.rawValue)]
    }
}
