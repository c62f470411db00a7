// The name that a stored instance keeps: its layout's, or one with a number where that is taken by another.

import ArchiveIndex
import DICOM
import Platform

/// Finds a free name in one folder for a file that has arrived.
struct FinalName {
    private let name: StoredName
    private let folder: Path
    private let store: InstanceStore
    /// Names that are tried in order; from then on they are random.
    private static let orderedNames = 32
    /// Of sequential names, the first that may be free.
    private let first: Int

    init(_ name: StoredName, in folder: Path, of store: InstanceStore) {
        self.name = name
        self.folder = folder
        self.store = store
        first = name.isSequential ? store.sequences.next(in: folder) : 1
    }

    private func file(_ number: Int) -> [UInt8] {
        if name.isSequential { return name.file(sequence: first + number - 1) }
        if number == 1 { return name.file(sequence: 1) }
        let mark = number <= Self.orderedNames ? "\(number)" : String(UInt64.random(in: .min ... .max), radix: 36)
        return name.file(marked: mark)
    }

    /// Gives the file its name.
    ///
    /// - Returns: the last component.
    func take(_ arrived: ArrivedInstance) throws(StoreFault) -> [UInt8] {
        var number = 1
        while true {
            let candidate = file(number)
            let path = folder.appending(Path(bytes: candidate))
            do throws(FileFault) {
                try arrived.file.link(as: path)
                if name.isSequential { store.sequences.took(first + number - 1, in: folder) }
                return candidate
            } catch {
                guard error.cause == .exists else { throw .file(error) }
            }
            // Whoever has a number keeps it.
            if name.isSequential {
                number += 1
                continue
            }
            switch try occupant(of: path, arrived) {
            case .gone: continue
            case .another: number += 1
            case .takenOver: return candidate
            }
        }
    }

    private enum Occupant { case gone, another, takenOver }

    /// Who has the name. A file that no row of the index names was left by a crash, or put there by hand: it is taken over where
    /// it says the same, and left alone where it doesn't. One that is being stored at this moment is waited for.
    private func occupant(of path: Path, _ arrived: ArrivedInstance) throws(StoreFault) -> Occupant {
        do throws(FileFault) {
            let status = try File.status(of: path, followingLink: false, kernel: store.kernel)
            guard status.kind == .file, !isKnown(path) else { return .another }
            let file = try File.open(path, .writing, kernel: store.kernel)
            // Only one of the same UID is worth waiting for; those are stored in order, so that nobody waits for who waits for him.
            let header = try? InstanceHeader.read(from: file, sizeBytes: status.sizeBytes)
            guard header?.sopInstanceUID == arrived.header.sopInstanceUID else { return .another }
            guard try IncomingFile.awaitWriter(of: file) else {
                throw FileFault(.lock, path, .timedOut)
            }
            let now = try File.status(of: path, followingLink: false, kernel: store.kernel)
            guard try now.isSameFile(as: file.status()) else { return .gone }
            guard try isLeftover(path, file, now, arrived) else { return .another }
            // While its lock is held: whoever is about to remove it, because it was replaced, looks again then.
            try arrived.file.replace(path)
            return .takenOver
        } catch {
            if error.cause == .noEntry { return .gone }
            if error.cause == .accessDenied || error.cause == .notPermitted { return .another }
            throw .file(error)
        }
    }

    /// Whether a row of the index names the file, or may.
    private func isKnown(_ path: Path) -> Bool {
        let relative = path.relative(to: store.paths.instances)?.bytes ?? []
        return (try? store.index().isKnown(root: 0, path: relative)) ?? true
    }

    /// Whether no row of the index names the file, and it says the same.
    private func isLeftover(
        _ path: Path, _ file: borrowing File, _ status: FileStatus, _ arrived: ArrivedInstance
    ) throws(FileFault) -> Bool {
        guard !isKnown(path),
            let header = try? InstanceHeader.read(from: file, sizeBytes: status.sizeBytes),
            header.transferSyntaxUID == arrived.header.transferSyntaxUID
        else { return false }
        let syntax = TransferSyntax.named(header.transferSyntaxUID)
        let comparison = DataSetComparison(
            arrived: arrived.file, arrivedOffset: arrived.header.dataSetOffset,
            encoding: syntax?.encoding ?? .explicitLittle, isDeflated: syntax?.isDeflated ?? false)
        return try comparison.isSame(file, at: header.dataSetOffset, sizeBytes: status.sizeBytes)
    }
}
