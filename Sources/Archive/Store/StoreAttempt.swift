// One instance on its way through the recipe: how far it is, and how what was done of it is taken back.

import ArchiveIndex
import DICOM
import Platform

/// An instance that is being stored. Used by one thread.
final class StoreAttempt {
    private let arrived: ArrivedInstance
    private let store: InstanceStore
    /// Files of the UID that it was compared with.
    private var judged: Set<Place> = []
    /// Of these, such as are there and say something else.
    private var others: Set<Place> = []
    private var replaced: [Place] = []
    private var isSecond = false
    /// The time that its file has at least: of what is stored the first is served, by its time.
    private var earliestNs: Int64 = 0
    private var status: FileStatus?
    private var published: (path: Path, folder: Path, relative: Path)?
    private var madeFolders: [Path] = []
    private var reservation: AreaRoom.Reservation?
    private var end: Result<StoreOutcome, StoreFault>?

    init(_ arrived: ArrivedInstance, in store: InstanceStore) {
        self.arrived = arrived
        self.store = store
    }

    private var isDurable: Bool { store.policy.durability != .none }
    var uid: UID { arrived.announced.sopInstanceUID }

    /// Carries out a step, unless an earlier one decided.
    private func step(_ body: () throws(StoreFault) -> Void) {
        guard end == nil else { return }
        do throws(StoreFault) { try body() } catch { fail(error) }
    }

    // MARK: 0

    func compareWithKnown() {
        step { () throws(StoreFault) in
            let index = try indexing { () throws(IndexFault) in try store.index() }
            try judge(indexing { () throws(IndexFault) in try index.contents(of: uid) })
            // What is here already needs no room.
            guard end == nil else { return }
            reservation = try store.room.reserve(arrived, in: index)
            // What was taken out on purpose and is sent anew is newer than that.
            let removals = try indexing { () throws(IndexFault) in try index.removals() }
            if !removals.isEmpty, let removedNs = removals.latestNs(naming: arrived.header.entry(at: .unknown)) {
                earliestNs = max(earliestNs, Self.after(removedNs))
            }
        }
    }

    /// Compares it with what is known of its UID, and decides by the policy.
    private func judge(_ contents: [InstanceContent]) throws(StoreFault) {
        replaced = []
        for content in contents {
            for place in content.places where judged.insert(place).inserted {
                // What can't be read any more is in nobody's way.
                guard let isSame = try isSame(content, place) else { continue }
                guard isSame else {
                    others.insert(place)
                    continue
                }
                // Who made it known may be about to sync that, or have been killed before.
                if isDurable { try indexing { () throws(IndexFault) in try store.index().settleKnown() } }
                end = .success(.wasHere)
                return
            }
        }
        let there = contents.flatMap(\.places).filter(others.contains)
        guard !there.isEmpty else { return }
        if store.policy.duplicates == .keepFirst || there.count >= StorePolicy.contentsMaximum { throw .duplicate }
        isSecond = true
        let stored = there.filter { $0.root == 0 }
        if store.policy.duplicates == .replace { replaced = stored }
        for place in stored { earliestNs = max(earliestNs, Self.after(place.modificationNs)) }
    }

    /// The next moment; a file may have any time.
    private static func after(_ momentNs: Int64) -> Int64 { momentNs == .max ? .max : momentNs + 1 }

    /// Whether the file says the same; nil where it can't be read, or is no longer what was indexed.
    ///
    /// - Throws: where that can't be said now.
    private func isSame(_ content: InstanceContent, _ place: Place) throws(StoreFault) -> Bool? {
        let roots = try indexing { () throws(IndexFault) in try store.index().roots() }
        guard let root = roots[place.root] else { return nil }
        let found: Compared
        do throws(FileFault) { found = try compare(content, place, in: root) } catch {
            guard error.path != arrived.file.path, Self.ownCauses.contains(error.cause) else { throw .file(error) }
            return nil
        }
        switch consume found {
        case .gone: return nil
        case .another: return false
        case .same(let file):
            guard isDurable else { return true }
            // It may have been stored while nobody asked for that (`Durability = none`), or copied there.
            let isSafe =
                place.root == 0
                ? try store.folders.settle(knownFile: file, at: Path(bytes: place.path)) : isOnStableStorage(file)
            return isSafe ? true : nil
        }
    }

    private enum Compared: ~Copyable { case gone, another, same(File) }

    private func compare(
        _ content: InstanceContent, _ place: Place, in root: Path
    ) throws(FileFault) -> Compared {
        let file = try File.open(root.appending(Path(bytes: place.path)), kernel: store.kernel)
        let sizeBytes = try file.status().sizeBytes
        guard sizeBytes == place.sizeBytes else { return .gone }
        guard content.transferSyntaxUID == arrived.header.transferSyntaxUID else { return .another }
        let syntax = TransferSyntax.named(content.transferSyntaxUID)
        let comparison = DataSetComparison(
            arrived: arrived.file, arrivedOffset: arrived.header.dataSetOffset,
            encoding: syntax?.encoding ?? .explicitLittle, isDeflated: syntax?.isDeflated ?? false)
        return try comparison.isSame(file, at: place.dataSetOffset, sizeBytes: sizeBytes) ? .same(file) : .another
    }

    /// Whether a file and its name can't be lost any more: whoever copied it there may not have synchronized it.
    private func isOnStableStorage(_ file: borrowing File) -> Bool {
        do throws(FileFault) {
            try file.synchronize()
            try Folder.synchronize(file.path.parent, kernel: store.kernel)
            return true
        } catch {
            // What nobody can write to is as it was.
            return error.cause == .readOnlyFileSystem || error.cause == .invalidArgument
        }
    }

    /// Why a file can't be read that are its own reasons, not those of this process or this moment.
    private static let ownCauses: Set<Errno> = [
        .noEntry, .notAFolder, .isAFolder, .tooManyLinks, .nameTooLong, .accessDenied, .notPermitted, .inputOutput,
    ]

    // MARK: 1 to 3

    func synchronizeFile() {
        step { () throws(StoreFault) in
            status = try storing { () throws(FileFault) in
                try arrived.file.finish(earliestNs: earliestNs, isDurable: isDurable)
            }
        }
    }

    func publish() {
        step { () throws(StoreFault) in
            moment = store.folders.moment
            for isRetried in [false, true] {
                do throws(StoreFault) {
                    let (folder, made) = try store.folders.make(arrived.name.folders, isDurable: isDurable)
                    madeFolders += made
                    let name = try FinalName(arrived.name, in: folder, of: store).take(arrived)
                    let relative = arrived.name.relativeFolder.appending(Path(bytes: name))
                    published = (folder.appending(Path(bytes: name)), folder, relative)
                    return
                } catch {
                    // Somebody removed the folder that was empty.
                    guard case .file(let fault) = error, fault.cause == .noEntry, !isRetried else { throw error }
                    store.folders.forget(arrived.name.folders)
                }
            }
        }
    }

    /// When it began to be published.
    private(set) var moment = StoredFolders.Moment()

    func markAgain(_ marks: [QuietMarks]) {
        guard case .success? = end, published != nil else { return }
        for level in marks {
            try? level.set(
                study: arrived.header.studyInstanceUID, series: arrived.header.seriesInstanceUID, isDurable: false)
        }
    }

    /// The folder whose sync makes its name durable.
    var publishedFolder: Path? { end == nil ? published?.folder : nil }

    // MARK: 4 and 5

    func mark(_ marks: [QuietMarks]) {
        guard published != nil else { return }
        for level in marks {
            step { () throws(StoreFault) in
                try storing { () throws(FileFault) in
                    try level.set(
                        study: arrived.header.studyInstanceUID, series: arrived.header.seriesInstanceUID,
                        isDurable: isDurable)
                }
            }
        }
    }

    /// It waits to be known.
    var isWaiting: Bool { end == nil && published != nil && status != nil }

    /// What the index is to know; nil where that is decided.
    func candidate() -> StoreCandidate? {
        guard isWaiting, let published, let status else { return nil }
        let place = Place(
            root: 0, path: published.relative.bytes, sizeBytes: status.sizeBytes,
            modificationNs: status.modificationNs, inode: status.inode, isTrusted: true, dataSetOffset: 0)
        return StoreCandidate(arrived.header.entry(at: place), judged: judged, replaced: replaced)
    }

    func take(_ verdict: StoreVerdict) {
        guard let published else { return }
        switch verdict {
        case .stored:
            if let reservation { store.room.keep(reservation) }
            reservation = nil
            end = .success(
                !replaced.isEmpty
                    ? .replaced(published.relative)
                    : isSecond ? .keptBoth(published.relative) : .stored(published.relative))
        case .tooLarge: fail(.attributesTooLarge)
        case .met(let contents):
            step { () throws(StoreFault) in try judge(contents) }
            if case .success(.wasHere)? = end { takeBack() }
            // Who was faster goes first.
            if let status, status.modificationNs < earliestNs { synchronizeFile() }
        }
    }

    // MARK: 6

    /// Whoever waits for what becomes of it may go on.
    func release() { arrived.file.release() }

    var isStored: Bool { if case .success? = end { true } else { false } }

    func removeTemporaryName() {
        arrived.file.removeTemporaryName()
        // Now that what others put there is gone, too.
        if case .failure? = end { store.folders.unmake(madeFolders) }
    }

    func removeReplaced() {
        guard case .success(.replaced)? = end else { return }
        for place in replaced {
            let instances = store.paths.instances
            guard (try? place.removeFile(below: instances, kernel: store.kernel)) == true else { continue }
            try? store.folders.synchronize(instances.appending(Path(bytes: place.path)).parent)
            store.room.uncount(place)
        }
    }

    /// It isn't stored; nothing of it is left.
    func fail(_ fault: StoreFault) {
        guard end == nil else { return }
        end = .failure(fault)
        takeBack()
    }

    private func takeBack() {
        if let reservation { store.room.giveBack(reservation) }
        reservation = nil
        arrived.file.removeTemporaryName()
        if let published, !isKnown(published.relative) { try? File.remove(published.path, kernel: store.kernel) }
    }

    /// Where its frame may have got into the journal all the same, its file stays: the sender tries again, and meets it.
    private func isKnown(_ relative: Path) -> Bool {
        do throws(IndexFault) {
            return try store.index().isKnown(root: 0, path: relative.bytes)
        } catch {
            return true
        }
    }

    var result: Result<StoreOutcome, StoreFault> { end ?? .failure(.index(.busy(what: "the journal"))) }
}
