// The known name that someone probably meant: the one the fewest keystrokes away.

/// The name of `known` nearest to `name`, letter case aside; nil when none is near enough to be what was meant.
///
/// Near enough is a third of the letters, at least two. The first of equals wins.
package func nearestName(to name: String, among known: some Sequence<String>) -> String? {
    let wanted = Array(name.lowercased().unicodeScalars.prefix(64))
    var best: (name: String, distance: Int)?
    for candidate in known {
        let letters = Array(candidate.lowercased().unicodeScalars.prefix(64))
        let distance = editDistance(wanted, letters)
        if distance <= max(2, max(wanted.count, letters.count) / 3), distance < max(wanted.count, 1),
            distance < best?.distance ?? .max
        {
            best = (candidate, distance)
        }
    }
    return best?.name
}

/// How many letters must be inserted, removed, replaced or swapped with their neighbour to make `left` of `right`.
///
/// O(n·m) with three rows of memory.
func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var beforePrevious: [Int] = []
    var previous = Array(0...right.count)
    for i in left.indices {
        var row = [i + 1]
        for j in right.indices {
            var cost = min(previous[j + 1] + 1, row[j] + 1, previous[j] + (left[i] == right[j] ? 0 : 1))
            if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                cost = min(cost, beforePrevious[j - 1] + 1)
            }
            row.append(cost)
        }
        beforePrevious = previous
        previous = row
    }
    return previous[right.count]
}
