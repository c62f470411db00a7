// What the storage daemon has written to an area, counted from its index: how much it is, and which studies came first.

import ArchiveIndex
import DICOM
import Platform

/// What was stored of one study: files in root 0.
package struct StoredStudy: Sendable {
    package let studyInstanceUID: UID
    package internal(set) var bytes = 0
    package internal(set) var files = 0
    /// When the last of it arrived, in nanoseconds from 1970.
    package internal(set) var lastNs = Int64.min
}

extension StudyEntity {
    /// What was stored of it; nil where nothing was.
    package func stored() throws(IndexFault) -> StoredStudy? {
        var found = StoredStudy(studyInstanceUID: studyInstanceUID)
        try forEachStoredPlace { place in
            found.bytes += place.sizeBytes
            found.files += 1
            found.lastNs = max(found.lastNs, place.modificationNs)
        }
        return found.files > 0 ? found : nil
    }

    /// Gives each file of it that the storage daemon wrote.
    package func forEachStoredPlace(_ body: (Place) throws(IndexFault) -> Void) throws(IndexFault) {
        var series = try series()
        while let one = try series.next() { try one.forEachStoredPlace(body) }
    }
}

extension SeriesEntity {
    /// Gives each file of it that the storage daemon wrote.
    package func forEachStoredPlace(_ body: (Place) throws(IndexFault) -> Void) throws(IndexFault) {
        var instances = try instances()
        while let instance = try instances.next() {
            for content in try instance.contents() {
                for place in content.places where place.root == 0 { try body(place) }
            }
        }
    }
}

extension Snapshot {
    /// All studies of which something was stored, in no order. One pass over the index.
    package func storedStudies() throws(IndexFault) -> [StoredStudy] {
        var found: [StoredStudy] = []
        var studies = try studies()
        while let study = try studies.next() {
            if let stored = try study.stored() { found.append(stored) }
        }
        return found
    }
}
