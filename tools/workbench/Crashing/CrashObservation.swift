// What a snapshot says, walked in every direction, and whether that agrees with itself and with the model.

import ArchiveIndex
import DICOM

/// A broken promise.
struct CrashViolation: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// All files of a snapshot by writer and slot.
struct CrashObservation: Equatable {
    private(set) var states: [Int: [Int: CrashState]] = [:]
    /// The files that all share: who left them, and by which operation.
    private(set) var shared: [Int: SharedState] = [:]

    struct SharedState: Equatable {
        let writer: Int
        let version: Int
    }

    /// Walks the files of `root`, and the tree of studies: both must say the same, and counts add up.
    init(_ snapshot: Snapshot, root: Int) throws {
        var places: [[UInt8]: Int] = [:]
        var files = try snapshot.files(root: root)
        while let file = try files.next() {
            guard let own = CrashFile(file.place) else {
                throw CrashViolation("a file that nobody wrote: \(String(decoding: file.place.path, as: UTF8.self))")
            }
            let version = Int(file.place.modificationNs)
            let content = file.kind == .instance ? CrashContent.instance : .foreign
            let isFirst =
                own.isShared
                ? shared.updateValue(SharedState(writer: own.writer, version: version), forKey: own.slot) == nil
                : states[own.writer, default: [:]].updateValue(
                    CrashState(content: content, version: version), forKey: own.slot) == nil
            guard isFirst else { throw CrashViolation("\(String(decoding: own.path, as: UTF8.self)) is listed twice") }
            if content == .instance { places[own.path] = version }
        }
        let found = try Self.places(ofTree: snapshot)
        guard found == places else {
            let differing = Set(found.keys).union(places.keys).filter { found[$0] != places[$0] }
            let names = differing.prefix(5).map { path in
                "\(String(decoding: path, as: UTF8.self)): file of operation \(places[path].map { "\($0)" } ?? "none"), "
                    + "instance of operation \(found[path].map { "\($0)" } ?? "none")"
            }
            throw CrashViolation("files and instances differ in \(differing.count) paths: \(names)")
        }
    }

    /// The path of every place of every instance, with the operation that left it.
    private static func places(ofTree snapshot: Snapshot) throws -> [[UInt8]: Int] {
        var found: [[UInt8]: Int] = [:]
        var studies = try snapshot.studies()
        while let study = try studies.next() {
            let name = study.studyInstanceUID
            guard try study.patient() != nil else { throw CrashViolation("\(name) has no patient") }
            guard try snapshot.study(name) != nil else { throw CrashViolation("\(name) is listed, and not found") }
            var seriesCount = 0
            var instanceCount = 0
            var allSeries = try study.series()
            while let series = try allSeries.next() {
                seriesCount += 1
                var ofSeries = 0
                var instances = try series.instances()
                while let instance = try instances.next() {
                    ofSeries += 1
                    let contents = try instance.contents()
                    guard !contents.isEmpty else { throw CrashViolation("\(instance.sopInstanceUID) has no content") }
                    for place in contents.flatMap(\.places) {
                        guard found.updateValue(Int(place.modificationNs), forKey: place.path) == nil else {
                            throw CrashViolation("\(String(decoding: place.path, as: UTF8.self)) holds two instances")
                        }
                    }
                    guard try !snapshot.instances(instance.sopInstanceUID).isEmpty else {
                        throw CrashViolation("\(instance.sopInstanceUID) is listed, and not found")
                    }
                }
                guard ofSeries > 0, try series.instanceCount() == ofSeries else {
                    throw CrashViolation("\(series.seriesInstanceUID) counts other instances than it has, \(ofSeries)")
                }
                instanceCount += ofSeries
            }
            guard try study.seriesCount() == seriesCount, try study.instanceCount() == instanceCount else {
                throw CrashViolation("\(name) counts other series and instances than it has")
            }
        }
        return found
    }

    /// Each writer's files are as they were after one of its operations: the last that was acknowledged before the snapshot
    /// was taken (`history` is settled up to there), or a later one that had begun when it was there.
    func check(_ history: CrashHistory) throws {
        let seen = states[history.writer] ?? [:]
        var allowed = history.states
        if seen == allowed { return }
        for operation in history.operations where operation.isDone != false {
            operation.apply(to: &allowed)
            if seen == allowed { return }
        }
        let wrong = Set(seen.keys).union(history.states.keys).sorted().filter { seen[$0] != history.states[$0] }
        let words = wrong.prefix(5).map { slot in
            "s\(slot) was \(Self.words(history.states[slot])), is \(Self.words(seen[slot]))"
        }
        let open = history.operations.map { "\($0.number)" }.joined(separator: " ")
        throw CrashViolation(
            "writer \(history.writer): what is there was never so since what was acknowledged last; operations since: "
                + "\(open.isEmpty ? "none" : open); \(words.joined(separator: "; "))")
    }

    /// A file that all share is there once anyone's operation on it was acknowledged; nobody's older operation shows where
    /// a newer one of the same writer was.
    func checkShared(_ histories: [CrashHistory]) throws {
        for history in histories {
            for (slot, version) in history.sharedVersions {
                guard let seen = shared[slot] else {
                    throw CrashViolation(
                        "shared s\(slot), of operation \(version) of writer \(history.writer), is not there")
                }
                guard seen.writer == history.writer, seen.version != version else { continue }
                let isLater = history.operations.contains {
                    $0.number == seen.version && $0.isDone != false
                        && $0.changes.contains { $0 == (slot, .shared) }
                }
                guard isLater else {
                    throw CrashViolation(
                        "shared s\(slot) shows operation \(seen.version) of writer \(seen.writer), whose "
                            + "operation \(version) was acknowledged")
                }
            }
        }
    }

    private static func words(_ state: CrashState?) -> String {
        state.map { "\($0.content) of operation \($0.version)" } ?? "not there"
    }
}
