// Storing an instance so that it is never lost: the recipe, in order. Hardening R1, R5 and R7 hold by it; the tests cut the power
// after each of its system calls.

import ArchiveIndex
import DICOM
import Platform

/// What became of an instance that was acknowledged.
package enum StoreOutcome: Equatable, Sendable {
    /// It lies there, relative to root 0.
    case stored(Path)
    /// The same data set was here already.
    case wasHere
    /// Another data set of the UID was here, and stays.
    case keptBoth(Path)
    /// Another data set of the UID was here, and is no longer known.
    case replaced(Path)
}

/// Instances that were stored together.
package struct StoredBatch {
    private let attempts: [StoreAttempt]
    /// An outcome for each, in order.
    package let results: [Result<StoreOutcome, StoreFault>]

    init(_ attempts: [StoreAttempt]) {
        self.attempts = attempts
        results = attempts.map(\.result)
    }

    /// Removes temporary names and what was replaced. Should the process end before, a sweep removes the ones, and the others are
    /// files that nobody knows.
    package func cleanUp() {
        for attempt in attempts { attempt.cleanUp() }
    }
}

/// Stores instances in one area. Shared by threads, and by processes through the area's files.
package final class InstanceStore: Sendable {
    package let policy: StorePolicy
    let paths: StorageAreaPaths
    let kernel: any Kernel
    let incoming: IncomingFolder
    let folders: StoredFolders
    let room: AreaRoom
    let sequences: FolderSequences
    private let marks: [QuietMarks]
    private let commits: StoreCommits
    private let openIndex: OpenIndex

    /// - Parameter usage: what is stored in the area, as all processes of a daemon count it together.
    package init(
        _ paths: StorageAreaPaths, policy: StorePolicy, usage: AreaUsage? = nil, kernel: any Kernel = SystemKernel()
    ) {
        self.paths = paths
        self.policy = policy
        self.kernel = kernel
        incoming = IncomingFolder(ofInstances: paths.instances, kernel: kernel)
        folders = StoredFolders(paths.instances, kernel: kernel)
        sequences = FolderSequences(kernel: kernel)
        room = AreaRoom(policy.limits, paths, usage: usage, kernel: kernel)
        let levels: [(QuietMarks.Level, Bool)] = [(.series, policy.marksSeries), (.study, policy.marksStudies)]
        marks = levels.filter(\.1).map { QuietMarks($0.0, of: paths, kernel: kernel) }
        let openIndex = OpenIndex(paths, kernel: kernel)
        self.openIndex = openIndex
        let isDurable = policy.durability != .none
        commits = StoreCommits { (candidates) throws(IndexFault) in
            try openIndex.folder().store(candidates, isDurable: isDurable)
        }
    }

    /// An instance begins to arrive.
    package func begin(_ announced: AnnouncedInstance) -> ArrivingInstance { ArrivingInstance(announced, in: self) }

    /// Whether there is room for one more, as far as can be said before it arrives.
    func checkRoom() throws(StoreFault) { try room.check() }

    func index() throws(IndexFault) -> IndexFolder { try openIndex.folder() }

    /// Stores instances: those that come together are made durable and known together. When this returns, those that were
    /// stored are on stable storage, but for `.none`, and in the next C-FIND of any process.
    ///
    /// - Returns: an outcome for each, in order. Of what failed nothing is left; of what was stored, and no longer needed, what
    ///   `StoredBatch.cleanUp` removes, which may follow the answer.
    package func store(_ arrived: [ArrivedInstance]) -> StoredBatch {
        let attempts = arrived.map { StoreAttempt($0, in: self) }
        for attempt in attempts { attempt.compareWithKnown() }  // 0. what is here already needn't be stored
        for attempt in attempts { attempt.synchronizeFile() }  // 1. its bytes are on stable storage
        for attempt in attempts { attempt.publish() }  // 2. it appears whole, or not at all
        synchronizeFolders(of: attempts)  // 3. its name is on stable storage
        for attempt in attempts { attempt.mark(marks) }  // 4. whoever waits for its series to be quiet will hear of it
        commit(attempts)  // 5. it is known: joins a frame of the journal, which is synced
        return StoredBatch(attempts)  // 6. acknowledged; then temporary names go, and what was replaced
    }

    private func synchronizeFolders(of attempts: [StoreAttempt]) {
        guard policy.durability != .none else { return }
        var outcomes: [Path: FileFault?] = [:]
        for attempt in attempts {
            guard let folder = attempt.publishedFolder else { continue }
            if outcomes[folder] == nil {
                do throws(FileFault) {
                    try Folder.synchronize(folder, kernel: kernel)
                    outcomes[folder] = .some(nil)
                } catch {
                    outcomes[folder] = error
                }
            }
            // A name whose sync failed can't be trusted any more, even if a later sync succeeds.
            if let fault = outcomes[folder] ?? nil { attempt.fail(.file(fault)) }
        }
    }

    private func commit(_ attempts: [StoreAttempt]) {
        var rest = attempts.filter(\.isWaiting)
        while !rest.isEmpty {
            do throws(IndexFault) {
                let verdicts = try commits.commit(rest.compactMap { $0.candidate() })
                for (attempt, verdict) in zip(rest, verdicts) { attempt.take(verdict) }
            } catch {
                for attempt in rest { attempt.fail(.index(error)) }
            }
            // Others were faster with the same UID.
            rest = rest.filter(\.isWaiting)
        }
    }
}

/// The index of an area, opened when it is first needed, and made where there is none.
private final class OpenIndex: Sendable {
    private let paths: StorageAreaPaths
    private let kernel: any Kernel
    private let known = Guarded<IndexFolder?>(nil)

    init(_ paths: StorageAreaPaths, kernel: any Kernel) {
        self.paths = paths
        self.kernel = kernel
    }

    func folder() throws(IndexFault) -> IndexFolder {
        if let open = known.withLock({ $0 }) { return open }
        let opened = try IndexFolder.create(at: paths.index, instancesFolder: paths.instances, kernel: kernel)
        return known.withLock { known in
            if let open = known { return open }
            known = opened
            return opened
        }
    }
}
