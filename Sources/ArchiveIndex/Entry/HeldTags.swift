// Held attributes by tag, for those who go through the elements of a data set: the next one is found in a step.

import DICOM

/// A held attribute, and where it is held.
package struct HeldTag: Sendable {
    package let tag: Tag
    /// Nil: at every level.
    let level: Level?
    /// It is a sequence, whatever VR a file says.
    package let isSequence: Bool

    /// All of them, ascending.
    fileprivate static let all: [HeldTag] = {
        var all = HeldAttributes.everywhere.map { HeldTag(tag: $0, level: nil, isSequence: false) }
        for level in Level.allCases {
            for tag in HeldAttributes.tags(at: level) {
                all.append(HeldTag(tag: tag, level: level, isSequence: DataDictionary.vr(of: tag) == .SQ))
            }
        }
        return all.sorted { $0.tag < $1.tag }
    }()
}

/// A place among the held attributes that goes on with the tags that are asked for.
package struct HeldTagCursor {
    private let all = HeldTag.all
    private var next = 0

    package init() {}

    /// The held attribute with that tag; nil where none is held. O(1) where tags ascend, O(n) where they don't.
    package mutating func held(_ tag: Tag) -> HeldTag? {
        if next > 0, tag <= all[next - 1].tag { next = 0 }
        while next < all.count, all[next].tag < tag { next += 1 }
        guard next < all.count, all[next].tag == tag else { return nil }
        return all[next]
    }
}
