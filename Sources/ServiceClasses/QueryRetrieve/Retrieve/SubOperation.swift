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
    private let files: InstanceFiles
    private let originator: MoveOriginator?
    private let priority: Priority
    /// The attributes of PS3.4 §Z.1.3 aren't sent.
    private let leavesOutBulkData: Bool
    private let isStopped: () -> Bool

    /// - Parameters:
    ///   - priority: the retrieval's, which is that of its sub-operations as well (PS3.4 §C.4.2.1.2, §C.4.3.1.2).
    ///   - isStopped: whether nobody waits for the instance any more; asked while it is looked whether it can be converted.
    init(
        over association: Association, from files: InstanceFiles, for originator: MoveOriginator?,
        priority: Priority = .medium, withoutBulkData: Bool = false, isStopped: (() -> Bool)? = nil
    ) {
        self.isStopped = isStopped ?? { association.isCut }
        self.association = association
        self.files = files
        self.originator = originator
        self.priority = priority
        leavesOutBulkData = withoutBulkData
    }

    /// Sends one instance; its response is awaited by whoever counts the outstanding ones.
    ///
    /// - Throws: what ends `association`. A file that can't be read is no reason to.
    func send(_ reference: InstanceReference) throws(AssociationFault) -> Request {
        let stored: StoredInstance
        do throws(StoredInstanceFault) {
            stored = try files.open(reference)
        } catch {
            return .unsent(reason: error.description)
        }
        let command = CommandSet.storeRequest(
            messageID: association.nextMessageID(), sopClass: reference.sopClassUID,
            sopInstance: reference.sopInstanceUID, priority: priority, moveOriginator: originator?.title,
            moveOriginatorMessageID: originator?.messageID)
        let way = Deliverable(
            sopClass: reference.sopClassUID, transferSyntax: stored.transferSyntaxUID, over: association.contexts,
            withoutBulkData: leavesOutBulkData)
        do throws(AssociationFault) {
            switch way {
            case .impossible(let reason): return .unsent(reason: reason)
            case .asStored where stored.dataSetBytes % 2 == 1 && !stored.isDeflated:
                // Fragments have even lengths (PS3.8 §E.1); a receiver would abort, and lose the instances that follow.
                return .unsent(reason: "the file was cut short: its data set has an odd length")
            case .asStored(let id):
                try association.send(
                    command, file: stored.file, from: stored.dataSetOffset, length: stored.dataSetBytes, in: id)
            case .converted(let id, let target):
                let conversion: DataSetConversion
                do throws(StoredInstanceFault) {
                    conversion = try stored.conversion(
                        to: target, withoutBulkData: leavesOutBulkData, isStopped: isStopped)
                } catch {
                    return .unsent(reason: error.description)
                }
                try stored.send(conversion, command, over: association, in: id)
            }
        } catch {
            // What couldn't be read before its first byte went out leaves the association as it was.
            guard error.isOfOurFile, association.state == .established else { throw error }
            return .unsent(reason: "\(error)")
        }
        // All of the file was read by now: what becomes of it from here on is no concern of ours.
        return .sent(messageID: command.messageID, hasFileChanged: stored.hasChanged)
    }
}
