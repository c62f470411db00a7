// SOP classes (PS3.4, PS3.6 Annex A): what a UID of a service or of stored objects is called.

/// A SOP class of the standard.
package struct SOPClass: Hashable, Sendable {
    package let uid: UID
    package let keyword: String
    package let name: String
    /// The service it belongs to, as tools/data/sop-classes.csv names it: `storage`, `query-retrieve`, ….
    package let service: String
    package let isRetired: Bool

    /// Its instances are stored and retrieved (PS3.4 Annexes B and GG).
    package var isStorage: Bool { service == "storage" || service == "non-patient-object-storage" }

    /// Its instances belong to a study and are sent by C-STORE as such (PS3.4 Annex B).
    package var isCompositeStorage: Bool { service == "storage" }

    /// All of the standard's, ascending by UID.
    package static let all: [SOPClass] = {
        var all: [SOPClass] = []
        let rows = SOPClassData.rows.rawSpan
        rows.forEachLine { at in
            let fields = rows.fields(at: at)
            guard fields.count == 6, let uid = UID(fields[0]) else {
                preconditionFailure("a row of the generated table")
            }
            all.append(
                SOPClass(
                    uid: uid, keyword: fields[1], name: fields[2], service: fields[3],
                    isRetired: fields[4] == "retired"))
            return true
        }
        return all
    }()

    private static let byUID = Dictionary(uniqueKeysWithValues: all.map { ($0.uid, $0) })

    /// The one with this UID; nil when the standard has none.
    package static func named(_ uid: UID) -> SOPClass? { byUID[uid] }

    /// A DICOMDIR is of this class and no instance (PS3.10 §8).
    package static let mediaStorageDirectory = UID(literal: "1.2.840.10008.1.3.10")
}
