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
    package func cleanUp() { cleanUp(where: \.isStored) }

    fileprivate func cleanUp(where isWanted: (StoreAttempt) -> Bool) {
        let wanted = attempts.filter(isWanted)
        for attempt in wanted { attempt.removeTemporaryName() }
        for attempt in wanted { attempt.removeReplaced() }
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
    /// Nil where nothing is kept of what is refused.
    let rejected: RejectedInstances?
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
        sequences = FolderSequences(kernel: kernel)
        rejected = policy.rejectedFolder.map { RejectedInstances($0, policy.limits, kernel: kernel) }
        room = AreaRoom(policy.limits, paths, usage: usage, kernel: kernel)
        let levels: [(QuietMarks.Level, Bool)] = [(.series, policy.marksSeries), (.study, policy.marksStudies)]
        marks = levels.filter(\.1).map { QuietMarks($0.0, of: paths, kernel: kernel) }
        let openIndex = OpenIndex(paths, policy.fallbackCharacterSet, kernel: kernel)
        self.openIndex = openIndex
        folders = StoredFolders(paths.instances, kernel: kernel) { (folder) throws(IndexFault) in
            let prefix = folder.bytes.isEmpty ? [] : folder.bytes + [UInt8(ascii: "/")]
            var files = try openIndex.folder().snapshot().files(root: 0, from: prefix)
            return try files.next()?.place.path.starts(with: prefix) ?? false
        }
        let isDurable = policy.durability != .none
        commits = StoreCommits { (candidates) throws(IndexFault) in
            try openIndex.folder().store(candidates, isDurable: isDurable)
        }
    }

    /// A file for what arrives.
    func makeIncoming() throws(StoreFault) -> IncomingFile {
        for isRetried in [false, true] {
            // First, because a folder with something in it can't be made anew.
            let isDurable = policy.durability != .none
            _ = try folders.make([], isDurable: isDurable)
            do throws(FileFault) { return try incoming.makeFile(isDurable: isDurable) } catch {
                guard error.cause == .noEntry, !isRetried else { throw .file(error) }
                folders.forget([])
            }
        }
        throw .notAFolder(paths.instances)
    }

    /// For an association: what it keeps from one instance to the next.
    package func makeReserve() -> IncomingReserve { IncomingReserve(self) }

    /// An instance begins to arrive.
    package func begin(_ announced: AnnouncedInstance, from reserve: IncomingReserve) -> ArrivingInstance {
        ArrivingInstance(announced, in: self, from: reserve)
    }

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
        // By their UIDs: who waits for the same one elsewhere does so in the same order. Two of one UID go one after the other,
        // so that the second is judged by the first.
        var rest = attempts.sorted { $0.uid.text < $1.uid.text }
        while !rest.isEmpty {
            var met: Set<UID> = []
            var second: [StoreAttempt] = []
            store(
                rest.filter { attempt in
                    let isFirst = met.insert(attempt.uid).inserted
                    if !isFirst { second.append(attempt) }
                    return isFirst
                })
            rest = second
        }
        let batch = StoredBatch(attempts)
        batch.cleanUp { !$0.isStored }
        return batch
    }

    private func store(_ attempts: [StoreAttempt]) {
        for attempt in attempts { attempt.compareWithKnown() }  // 0. what is here already needn't be stored
        for attempt in attempts { attempt.synchronizeFile() }  // 1. its bytes are on stable storage
        for attempt in attempts { attempt.publish() }  // 2. it appears whole, or not at all
        synchronizeFolders(of: attempts)  // 3. its name is on stable storage
        for attempt in attempts { attempt.mark(marks) }  // 4. whoever waits for its series to be quiet will hear of it
        commit(attempts)  // 5. it is known: joins a frame of the journal, which is synced
        // Once more, should that have taken long: nothing is quiet before it is known.
        for attempt in attempts { attempt.markAgain(marks) }
        for attempt in attempts { attempt.release() }  // 6. it is acknowledged; then what is no longer needed goes
    }

    private func synchronizeFolders(of attempts: [StoreAttempt]) {
        guard policy.durability != .none else { return }
        var outcomes: [Path: FileFault?] = [:]
        for attempt in attempts {
            guard let folder = attempt.publishedFolder else { continue }
            if outcomes[folder] == nil {
                do throws(FileFault) {
                    try folders.synchronize(folder)
                    outcomes[folder] = .some(nil)
                } catch {
                    outcomes[folder] = error
                }
            }
            // A name whose sync failed can't be trusted any more, even if a later sync succeeds: ours, or another thread's.
            if let fault = outcomes[folder] ?? nil {
                attempt.fail(.file(fault))
            } else if !folders.isTrusted(folder, since: attempt.moment) {
                attempt.fail(.file(FileFault(.synchronize, folder, .inputOutput)))
            }
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

/// The index of an area, opened when it is first needed, and made where nothing was ever stored.
private final class OpenIndex: Sendable {
    private let paths: StorageAreaPaths
    private let fallback: FallbackCharacterSet
    private let kernel: any Kernel
    private let known = Guarded<IndexFolder?>(nil)

    init(_ paths: StorageAreaPaths, _ fallback: FallbackCharacterSet, kernel: any Kernel) {
        self.paths = paths
        self.fallback = fallback
        self.kernel = kernel
    }

    func folder() throws(IndexFault) -> IndexFolder {
        if let open = known.withLock({ $0 }) { return open }
        // An index that was lost isn't to be replaced by an empty one, in which nothing is found that is here.
        // Looked at in this order: it is made before anything is stored.
        if try hasInstances(), try !IndexFolder.exists(at: paths.index, kernel: kernel) {
            throw .noIndex(folder: paths.index.description)
        }
        let opened = try IndexFolder.create(
            at: paths.index, instancesFolder: paths.instances, fallback: fallback, kernel: kernel)
        return known.withLock { known in
            if let open = known { return open }
            known = opened
            return opened
        }
    }

    private func hasInstances() throws(IndexFault) -> Bool {
        do throws(FileFault) {
            return try Folder.entries(of: paths.instances, kernel: kernel).contains { $0.name.first != 0x2E }
        } catch {
            guard error.cause == .noEntry else { throw .file(error) }
            return false
        }
    }
}
