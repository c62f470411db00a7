// One C-STORE sub-operation (PS3.4 §B.2, §C.4.2.2): a stored instance goes out as it is, or converted, or honestly not at all.

import ArchiveIndex
import DICOM
import DIMSE
import Platform
import UpperLayer

/// Who asked for a C-MOVE: its sub-operations name them (PS3.7 §9.1.1.1).
struct MoveOriginator: Sendable {
    let title: AETitle
    let messageID: UInt16
}

/// Sends stored instances over one association.
struct SubOperation {
    /// Converting holds the data set in memory; longer ones go out as stored or not at all.
    static let conversionMaximumBytes = 256 << 20

    enum Outcome {
        case answered(Status)
        /// Nothing was sent, or what mustn't pass for the instance: why, for the Error Comment and the log.
        case unsent(reason: String)
    }

    /// What became of a request.
    enum Request {
        /// It is outstanding under this Message ID.
        case sent(messageID: UInt16, hasFileChanged: Bool)
        case unsent(reason: String)
    }

    let association: Association
    private let roots: [Int: Path]
    private let originator: MoveOriginator?
    private let priority: Priority

    /// - Parameter priority: the retrieval's, which is that of its sub-operations as well (PS3.4 §C.4.2.1.2, §C.4.3.1.2).
    init(
        over association: Association, from roots: [Int: Path], for originator: MoveOriginator?,
        priority: Priority = .medium
    ) {
        self.association = association
        self.roots = roots
        self.originator = originator
        self.priority = priority
    }

    /// Sends one instance; its response is awaited by whoever counts the outstanding ones.
    ///
    /// - Throws: what ends `association`. A file that can't be read is no reason to.
    func send(_ reference: InstanceReference) throws(AssociationFault) -> Request {
        let stored: StoredInstance
        do throws(StoredInstanceFault) {
            stored = try StoredInstance.open(reference, roots: roots)
        } catch {
            return .unsent(reason: error.description)
        }
        let command = CommandSet.storeRequest(
            messageID: association.nextMessageID(), sopClass: reference.sopClassUID,
            sopInstance: reference.sopInstanceUID, priority: priority, moveOriginator: originator?.title,
            moveOriginatorMessageID: originator?.messageID)
        switch Deliverable(
            sopClass: reference.sopClassUID, transferSyntax: stored.transferSyntaxUID, over: association.contexts)
        {
        case .impossible(let reason): return .unsent(reason: reason)
        case .asStored where stored.dataSetBytes % 2 == 1 && !stored.isDeflated:
            // Fragments have even lengths (PS3.8 §E.1); a receiver would abort, and lose the instances that follow.
            return .unsent(reason: "the file was cut short: its data set has an odd length")
        case .asStored(let id):
            do throws(AssociationFault) {
                try association.send(
                    command, file: stored.file, from: stored.dataSetOffset, length: stored.dataSetBytes, in: id)
            } catch {
                // A file that couldn't be read before its first byte went out leaves the association as it was.
                if case .file(let fault) = error, association.state == .established {
                    return .unsent(reason: "file: \(fault.cause)")
                }
                throw error
            }
        case .converted(let id, let target):
            let bytes: [UInt8]
            do throws(StoredInstanceFault) {
                bytes = try stored.converted(to: target, maximumBytes: Self.conversionMaximumBytes)
            } catch {
                return .unsent(reason: error.description)
            }
            try association.send(command, dataSet: bytes, in: id)
        }
        // All of the file was read by now: what becomes of it from here on is no concern of ours.
        return .sent(messageID: command.messageID, hasFileChanged: stored.hasChanged)
    }
}
