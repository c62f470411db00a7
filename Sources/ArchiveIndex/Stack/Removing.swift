// Taking out on purpose: first it is noted in `roots`, so that nothing brings it back, then the entries go. No file is touched.

import DICOM
import Platform

/// What a removal takes out, or would.
package struct RemovalReport: Equatable, Sendable {
    package internal(set) var studies = 0
    package internal(set) var series = 0
    /// SOP Instance UIDs, each once in a series.
    package internal(set) var instances = 0
    /// Their files, which stay where they are.
    package internal(set) var files = 0
    /// Of these, such as are dated later than now: a rebuild takes them for new ones.
    package internal(set) var filesDatedLater = 0
    /// Some of it was noted before.
    package internal(set) var wasNoted = false

    package init() {}
}

extension IndexFolder {
    /// Files dated so shortly before the removal may have been written after it: their clock ticks coarsely.
    private static let grainNs: Int64 = 2_000_000_000
    private static let batchFiles = 100_000

    /// What `remove` would take out now.
    package func holdings(of removals: [Removal], nowNs: Int64) throws(IndexFault) -> RemovalReport {
        let noted = try self.removals()
        var found = Holdings(removals, nowNs: nowNs)
        try found.forEachPlace(in: try snapshot()) { _ in }
        return found.report(noted)
    }

    /// Takes instances out of the index, and notes that; their files stay, and are known as taken out.
    ///
    /// - Throws: after which all of it may be noted, and some of it be there still; the same once more goes on.
    package func remove(_ removals: [Removal], nowNs: Int64) throws(IndexFault) -> RemovalReport {
        var found = Holdings(removals, nowNs: nowNs)
        let before = try snapshot()
        var newestNs: Int64 = 0
        try found.forEachPlace(in: before) { newestNs = max(newestNs, $0.modificationNs) }
        // All that is taken out stays out, but for files of the future; what is written from now on comes in.
        let moment = max(nowNs - Self.grainNs, min(nowNs, newestNs))
        // 1. what is out is on stable storage
        let noted = try changingRoots { roots in
            let before = roots.removals
            for removal in removals { roots.removals.note(removal, throughNs: moment) }
            return before
        }
        try waitForImports()
        // 2. the entries go; a store of this very moment stays
        try takeOut(removals, of: before) { _ in true }
        let late = try takeOut(removals, of: try snapshot()) { $0.modificationNs <= moment }
        try mergeWhereDue()
        var report = found.report(noted)
        report.files += late
        return report
    }

    /// Marks the files of what is removed, as a snapshot knows them.
    ///
    /// - Returns: how many there were that `isWanted`.
    @discardableResult
    private func takeOut(
        _ removals: [Removal], of snapshot: Snapshot, _ isWanted: (Place) -> Bool
    ) throws(IndexFault) -> Int {
        var count = 0
        var batch = ImportBatch()
        var found = Holdings(removals, nowNs: 0)
        try found.forEachPlace(in: snapshot) { (place) throws(IndexFault) in
            guard isWanted(place) else { return }
            count += 1
            batch.takenOut.append(ForeignFile(takenOut: place))
            guard batch.count == Self.batchFiles else { return }
            try publish(batch)
            batch = ImportBatch()
        }
        if batch.count > 0 { try publish(batch) }
        return count
    }

    /// Takes notes out again, and the marks of all files that were taken out on purpose: the next import reads these anew.
    ///
    /// - Returns: whether any of it was noted, and how many files lost their mark.
    package func undo(_ removals: [Removal]) throws(IndexFault) -> (wasNoted: Bool, files: Int) {
        let wasNoted = try changingRoots { roots in
            var wasNoted = false
            for removal in removals where roots.removals.forget(removal) { wasNoted = true }
            return wasNoted
        }
        try waitForImports()
        var count = 0
        for root in try roots().keys.sorted() {
            try forEachTakenOut(ofRoot: root) { (paths: [[UInt8]]) throws(IndexFault) in
                try publish(
                    ImportBatch(unmarked: paths.map { RootedPath(root: root, path: $0) }))
                count += paths.count
            }
        }
        try mergeWhereDue()
        return (wasNoted, count)
    }

    /// Gives the files of a root that are marked as taken out on purpose, some thousands at a time.
    func forEachTakenOut(
        ofRoot root: Int, _ body: ([[UInt8]]) throws(IndexFault) -> Void
    ) throws(IndexFault) {
        var paths: [[UInt8]] = []
        var files = try snapshot().files(root: root)
        while let file = try files.next() {
            guard file.kind == .foreign(reason: ForeignFile.takenOut) else { continue }
            paths.append(file.place.path)
            guard paths.count == Self.batchFiles else { continue }
            try body(paths)
            paths = []
        }
        if !paths.isEmpty { try body(paths) }
    }

    /// What is known of a root: instances' files and others.
    package func fileCounts(ofRoot root: Int) throws(IndexFault) -> (instances: Int, others: Int) {
        var counts = (instances: 0, others: 0)
        var files = try snapshot().files(root: root)
        while let file = try files.next() {
            if file.kind == .instance { counts.instances += 1 } else { counts.others += 1 }
        }
        return counts
    }

    /// Takes a root out of the index: its line says that it is gone, then all that is known of its files goes.
    ///
    /// - Throws: after which it may be gone, and some of its files be known still; the same once more goes on.
    package func remove(root: Int) throws(IndexFault) {
        guard root > 0, try listedRoots().folders[root] != nil else {
            throw .refused(what: "root \(root) is none that can be removed")
        }
        _ = try changingRoots { roots in roots.gone.insert(root) }
        try waitForImports()
        var batch = ImportBatch()
        var files = try snapshot().files(root: root)
        while let file = try files.next() {
            batch.forgotten.append(RootedPath(root: root, path: file.place.path))
            guard batch.forgotten.count == Self.batchFiles else { continue }
            try publish(batch)
            batch.forgotten = []
        }
        if !batch.forgotten.isEmpty { try publish(batch) }
        try mergeWhereDue()
    }

    /// Has a root visited again that is gone.
    package func undoRemoval(ofRoot root: Int) throws(IndexFault) -> Bool {
        try changingRoots { roots in roots.gone.remove(root) != nil }
    }

    /// Puts `roots` in the place of those of an index that was made by others, and takes out what is to be out.
    ///
    /// - Parameter known: what the index is in line with already.
    func apply(_ roots: Roots, over known: Roots) throws(IndexFault) {
        _ = try changingRoots { $0 = roots }
        for root in roots.gone.subtracting(known.gone).sorted() { try remove(root: root) }
        var count = 0
        for (removal, moment) in roots.removals.throughNs where moment > known.removals.throughNs[removal] ?? .min {
            count += try takeOut([removal], of: try snapshot()) { $0.modificationNs <= moment }
        }
        if count > 0 { try mergeWhereDue() }
    }

    /// An import that publishes reads `roots` first, under the publish lock, and one that appends does, under the append lock.
    /// Whoever had one before a change of `roots` is done when we get it, and all after that know the change.
    private func waitForImports() throws(IndexFault) {
        for byte in [LockByte.publish, .append] { _ = try lock(byte, waitingSeconds: 300) }
    }
}

/// Goes through the files of what removals name, and counts what they are of. Memory: the names of all that was met, but for
/// one patient or one study, in which everything is met once.
private struct Holdings {
    private let removals: [Removal]
    private let nowNs: Int64
    private let mayRecur: Bool
    private var counts = RemovalReport()
    /// Where they may recur: studies, series and instances that were counted, and files that were given.
    private var met: Set<[UID]> = []
    private var given: Set<Place> = []

    init(_ removals: [Removal], nowNs: Int64) {
        self.removals = removals
        self.nowNs = nowNs
        mayRecur = removals.count > 1 || removals.contains { $0.level > .study }
    }

    func report(_ noted: Removals) -> RemovalReport {
        var report = counts
        report.wasNoted = removals.contains { noted.throughNs[$0] != nil }
        return report
    }

    /// Gives each file once.
    mutating func forEachPlace(
        in snapshot: Snapshot, _ body: (Place) throws(IndexFault) -> Void
    ) throws(IndexFault) {
        for removal in removals {
            switch removal {
            case .patient(let id, let issuer):
                let key = PatientKey(patientID: id, issuer: issuer, only: nil)
                for patient in try snapshot.patients(id: id) where patient.memberKeys.contains(key) {
                    for study in try patient.studies() {
                        // Most studies were sent with one patient alone.
                        try visit(study, of: try study.patientKeys() == [key] ? nil : removal, body)
                    }
                }
            case .study(let uid): if let study = try snapshot.study(uid) { try visit(study, of: nil, body) }
            case .series(let uid):
                for series in try snapshot.series(uid) {
                    if try visit(series, of: nil, body) { count([series.study.studyInstanceUID], \.studies) }
                }
            case .instance(let uid):
                for instance in try snapshot.instances(uid) {
                    guard try visit(instance, of: nil, body) else { continue }
                    let series = instance.series
                    count([series.study.studyInstanceUID, series.seriesInstanceUID], \.series)
                    count([series.study.studyInstanceUID], \.studies)
                }
            }
        }
    }

    private mutating func visit(
        _ study: StudyEntity, of patient: Removal?, _ body: (Place) throws(IndexFault) -> Void
    ) throws(IndexFault) {
        var cursor = try study.series()
        var isMet = false
        while let series = try cursor.next() { if try visit(series, of: patient, body) { isMet = true } }
        if isMet { count([study.studyInstanceUID], \.studies) }
    }

    /// - Returns: whether any of it is among what is removed.
    private mutating func visit(
        _ series: SeriesEntity, of patient: Removal?, _ body: (Place) throws(IndexFault) -> Void
    ) throws(IndexFault) -> Bool {
        var cursor = try series.instances()
        var isMet = false
        while let instance = try cursor.next() { if try visit(instance, of: patient, body) { isMet = true } }
        if isMet { count([series.study.studyInstanceUID, series.seriesInstanceUID], \.series) }
        return isMet
    }

    /// - Parameter patient: only files that were sent with this patient.
    private mutating func visit(
        _ instance: InstanceEntity, of patient: Removal?, _ body: (Place) throws(IndexFault) -> Void
    ) throws(IndexFault) -> Bool {
        var isMet = false
        for content in try instance.contents() {
            for place in content.places {
                if let patient, try !instance.snapshot.entries(of: place).contains(where: patient.names) { continue }
                isMet = true
                if mayRecur, !given.insert(place).inserted { continue }
                counts.files += 1
                if place.modificationNs > nowNs { counts.filesDatedLater += 1 }
                try body(place)
            }
        }
        if isMet {
            let series = instance.series
            count([series.study.studyInstanceUID, series.seriesInstanceUID, instance.sopInstanceUID], \.instances)
        }
        return isMet
    }

    private mutating func count(_ names: [UID], _ number: WritableKeyPath<RemovalReport, Int>) {
        if !mayRecur || met.insert(names).inserted { counts[keyPath: number] += 1 }
    }
}

extension Snapshot {
    /// What the index holds of one file, as it was added.
    package func entries(of place: Place) throws(IndexFault) -> [InstanceEntry] {
        var cursor = try files(root: place.root, from: place.path)
        guard let rows = try cursor.nextRows() else { return [] }
        var readers: [Int: EntryReader] = [:]
        return try holdings(rows, &readers).entries.map(\.entry).filter { $0.place == place }
    }
}
