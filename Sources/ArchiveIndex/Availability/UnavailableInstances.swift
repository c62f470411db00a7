// The instances that are marked unavailable, by study and series: what Instance Availability (0008,0056) is told from.

import DICOM

/// Marks that stand: of each instance the last one counts. A value.
package struct UnavailableInstances: Sendable {
    /// Instances that are marked at one time; beyond, nothing is marked until some are there again. They are carried on with
    /// each fold of the journals, so that this bounds what a fold writes besides.
    package static let maximum = 65_536

    /// By study, series and instance: a fingerprint of the places.
    private var studies: [UID: [UID: [UID: UInt32]]] = [:]
    package private(set) var count = 0
    /// Grows with each change.
    private var revision = 0

    package init() {}

    package var isEmpty: Bool { count == 0 }

    /// Whether nothing was changed since; of two that came of the same one.
    package func isSame(as other: UnavailableInstances) -> Bool { revision == other.revision && count == other.count }

    /// Takes a mark.
    ///
    /// - Returns: whether it says something new, and there is room for it.
    @discardableResult
    package mutating func apply(_ mark: AvailabilityMark) -> Bool {
        let (study, series, instance) = (mark.instance.study, mark.instance.series, mark.instance.instance)
        let known = studies[study]?[series]?[instance]
        if mark.isUnavailable {
            guard known != mark.places, known != nil || count < Self.maximum else { return false }
            studies[study, default: [:]][series, default: [:]][instance] = mark.places
            if known == nil { count += 1 }
        } else {
            guard known != nil else { return false }
            studies[study]?[series]?[instance] = nil
            if studies[study]?[series]?.isEmpty == true { studies[study]?[series] = nil }
            if studies[study]?.isEmpty == true { studies[study] = nil }
            count -= 1
        }
        revision += 1
        return true
    }

    /// The fingerprint that an instance is marked with; nil where it isn't.
    package func places(of instance: AvailabilityMark.Instance) -> UInt32? {
        studies[instance.study]?[instance.series]?[instance.instance]
    }

    func hasMarks(inStudy study: UID) -> Bool { studies[study] != nil }

    /// Series of a study with marks, in no order.
    func series(ofStudy study: UID) -> some Sequence<UID> { (studies[study] ?? [:]).keys }

    /// Marked instances of a series, in no order.
    func instances(ofSeries series: UID, study: UID) -> some Sequence<UID> { (studies[study]?[series] ?? [:]).keys }

    /// All marks, by study, series and instance.
    package var marks: [AvailabilityMark] {
        var all: [AvailabilityMark] = []
        all.reserveCapacity(count)
        for study in studies.keys.sorted() {
            for series in series(ofStudy: study).sorted() {
                for (instance, places) in (studies[study]?[series] ?? [:]).sorted(by: { $0.key < $1.key }) {
                    let named = AvailabilityMark.Instance(study: study, series: series, instance: instance)
                    all.append(AvailabilityMark(named, places: places, isUnavailable: true))
                }
            }
        }
        return all
    }
}
