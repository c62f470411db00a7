// Texts compared as people mistake them: case, punctuation and leading zeros don't count, a letter or two may differ.

import DICOM

/// A text without what is easily mistaken.
struct NearText: Equatable {
    private let scalars: [Unicode.Scalar]
    private static let distanceMaximum = 2

    init(_ text: String) {
        var kept: [Unicode.Scalar] = []
        var isInNumber = false
        for scalar in foldedCaseKey(text).unicodeScalars {
            let isDigit = ("0"..."9").contains(scalar)
            // A number begins with its first digit that isn't 0.
            if isDigit, scalar != "0" { isInNumber = true }
            if isDigit ? isInNumber : scalar.properties.isAlphabetic { kept.append(scalar) }
            if !isDigit, scalar.properties.isAlphabetic { isInNumber = false }
        }
        scalars = kept
    }

    var isEmpty: Bool { scalars.isEmpty }

    /// Whether all of `other` stands somewhere in it.
    func contains(_ other: NearText) -> Bool {
        guard !other.scalars.isEmpty, other.scalars.count <= scalars.count else { return false }
        return (0...(scalars.count - other.scalars.count)).contains { start in
            scalars[start..<(start + other.scalars.count)].elementsEqual(other.scalars)
        }
    }

    /// Twice the letters that have to be changed, added or left out to make it `stored`, and one where that has more behind;
    /// nil where those are too many.
    func distance(to stored: NearText) -> Int? {
        if self == stored { return 0 }
        if stored.scalars.starts(with: scalars) { return 1 }
        // Of a short text, everything is near.
        let maximum = min(Self.distanceMaximum, scalars.count / 3)
        guard maximum > 0 else { return nil }
        var best = Int.max
        // The row of the table for no letter of `self`: each letter of `stored` added.
        let length = min(stored.scalars.count, scalars.count + maximum)
        guard length >= scalars.count - maximum else { return nil }
        var row = Array(0...length)
        for (index, scalar) in scalars.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            var least = row[0]
            for column in 0..<length {
                let changed = diagonal + (scalar == stored.scalars[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(changed, row[column] + 1, diagonal + 1)
                least = min(least, row[column + 1])
            }
            if least > maximum { return nil }
        }
        for end in max(0, scalars.count - maximum)...length where row[end] <= maximum {
            best = min(best, 2 * row[end] + (end < stored.scalars.count ? 1 : 0))
        }
        return best == .max ? nil : best
    }
}
