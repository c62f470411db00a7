// The files of a retrieval: opened one by one, and what is found out of them is noted for Instance Availability (0008,0056).

import ArchiveIndex
import DICOM
import Platform

/// Where the instances of a retrieval lie. From any thread.
final class InstanceFiles: Sendable {
    /// What was found out of so many is noted at once; the rest at the end.
    private static let notedAtOnce = 4_096

    /// The folders that places lie in, by number.
    let roots: [Int: Path]
    private let area: ServedArea
    /// Marked when the retrieval began: those are looked at whether they are there again.
    private let marked: UnavailableInstances
    private let found = Guarded<[AvailabilityMark]>([])

    init(roots: [Int: Path], area: ServedArea, marked: UnavailableInstances) {
        self.roots = roots
        self.area = area
        self.marked = marked
    }

    /// Opens an instance's file; see `StoredInstance.open`.
    func open(_ reference: InstanceReference) throws(StoredInstanceFault) -> StoredInstance {
        do throws(StoredInstanceFault) {
            let stored = try StoredInstance.open(reference, roots: roots)
            if !marked.isEmpty, marked.places(of: AvailabilityMark(reference, isUnavailable: false).instance) != nil {
                note(AvailabilityMark(reference, isUnavailable: false))
            }
            return stored
        } catch {
            if error.meansUnavailable { note(AvailabilityMark(reference, isUnavailable: true)) }
            throw error
        }
    }

    private func note(_ mark: AvailabilityMark) {
        let isEnough = found.withLock { found in
            found.append(mark)
            return found.count >= Self.notedAtOnce
        }
        if isEnough { settle() }
    }

    /// Notes what was found out, so that the next query knows.
    func settle() {
        let marks = found.withLock { found in
            defer { found = [] }
            return found
        }
        area.note(marks)
    }
}

extension StoredInstanceFault {
    /// It says that the file isn't there as it was indexed. Whatever else keeps us from reading it may pass: it says nothing of
    /// the file.
    var meansUnavailable: Bool {
        switch self {
        case .file(let fault): fault.cause == .noEntry || fault.cause == .notAFolder
        case .changed, .unknownRoot: true
        case .notConvertible: false
        }
    }
}
