// What was taken out of an index on purpose: noted, so that neither an import nor a rebuild brings it back.

import DICOM

/// What a removal names.
package enum Removal: Hashable, Sendable {
    /// All that was sent with this patient ID and this issuer, which may be empty; the ID is not.
    case patient(id: [UInt8], issuer: [UInt8])
    case study(UID)
    case series(UID)
    case instance(UID)

    /// What is taken out: an entity of this level, with all below it.
    package var level: Level {
        switch self {
        case .patient: .patient
        case .study: .study
        case .series: .series
        case .instance: .image
        }
    }

    /// Whether it names this entry.
    package func names(_ entry: InstanceEntry) -> Bool {
        switch self {
        case .patient(let id, let issuer): entry.patientID == id && entry.issuer == issuer
        case .study(let uid): entry.studyInstanceUID == uid
        case .series(let uid): entry.seriesInstanceUID == uid
        case .instance(let uid): entry.sopInstanceUID == uid
        }
    }

    /// Its key as `roots` has it: a patient's ID, and its issuer where there is one; a UID.
    package var key: [[UInt8]] {
        switch self {
        case .patient(let id, let issuer): issuer.isEmpty ? [id] : [id, issuer]
        case .study(let uid), .series(let uid), .instance(let uid): [uid.bytes]
        }
    }
}

/// All removals of an index, each with the moment up to which files stay out.
package struct Removals: Equatable, Sendable {
    /// Nanoseconds from 1970: a file that was modified at that time or before stays out, a later one comes in.
    package private(set) var throughNs: [Removal: Int64] = [:]

    package init() {}

    package var isEmpty: Bool { throughNs.isEmpty }

    /// Whether an import leaves this instance out.
    package func keepsOut(_ entry: InstanceEntry) -> Bool {
        latestNs(naming: entry).map { entry.place.modificationNs <= $0 } ?? false
    }

    /// Up to when files of this instance stay out; nil where nothing names it.
    package func latestNs(naming entry: InstanceEntry) -> Int64? {
        guard !throughNs.isEmpty else { return nil }
        let names: [Removal] = [
            .study(entry.studyInstanceUID), .series(entry.seriesInstanceUID), .instance(entry.sopInstanceUID),
            .patient(id: entry.patientID, issuer: entry.issuer),
        ]
        return names.compactMap { throughNs[$0] }.max()
    }

    /// Notes a removal; of two moments the later one counts.
    mutating func note(_ removal: Removal, throughNs moment: Int64) {
        // A clock before 1970 is wrong.
        throughNs[removal] = max(0, throughNs[removal] ?? moment, moment)
    }

    /// Takes a note out again; false where there is none.
    mutating func forget(_ removal: Removal) -> Bool { throughNs.removeValue(forKey: removal) != nil }
}

extension Removal: Comparable {
    package static func < (left: Removal, right: Removal) -> Bool {
        left.level == right.level
            ? left.key.lexicographicallyPrecedes(right.key, by: { $0.lexicographicallyPrecedes($1) })
            : left.level < right.level
    }
}
