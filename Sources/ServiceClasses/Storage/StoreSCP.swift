// C-STORE as SCP (PS3.4 §B.2.2): data sets go to the disk as they arrive, and are acknowledged when they can't be lost any more.

import Archive
import DICOM
import DIMSE
import Platform
import UpperLayer

extension ArrivingInstance: DataSetSink {}

/// Answers the C-STORE requests of one association. Used by its thread.
package final class StoreSCP {
    private let store: InstanceStore
    private let reserve: IncomingReserve
    private let association: Association
    private let log: ServiceLog
    /// Whether instances of an accepted abstract syntax are stored.
    package let isStorage: (UID) -> Bool
    /// Acknowledged, and not yet durable: only where the policy says so.
    private var held: [ArrivedInstance] = []
    /// What was stored last, and may be cleaned up.
    private var answered: StoredBatch?
    private var storedCount = 0
    private var storedBytes = 0
    /// Of those that were here already.
    private var knownCount = 0

    package init(
        _ store: InstanceStore, association: Association, isStorage: @escaping (UID) -> Bool, log: @escaping ServiceLog
    ) {
        self.store = store
        reserve = store.makeReserve()
        self.association = association
        self.isStorage = isStorage
        self.log = log
        association.sink = { [weak self] command, context in self?.sink(for: command, in: context) }
        association.willRelease = { [weak self] in self?.storeHeld() }
    }

    private func sink(for command: CommandSet, in context: AcceptedContext) -> (any DataSetSink)? {
        guard command.field == .storeRequest, isStorage(context.abstractSyntax), context.weMayBeSCP else { return nil }
        do throws(StoreRefusal) {
            return store.begin(try announced(command, in: context), from: reserve)
        } catch {
            return RefusedDataSet(error)
        }
    }

    /// What the request says of its instance; File Meta Information is of the request and the context, whatever the data set says
    /// (PS3.10 §7.1).
    private func announced(
        _ command: CommandSet, in context: AcceptedContext
    ) throws(StoreRefusal) -> AnnouncedInstance {
        guard let sopClass = command.affectedSOPClassUID else {
            throw StoreRefusal(.missingAttribute, "no Affected SOP Class UID", [.affectedSOPClassUID])
        }
        guard sopClass == context.abstractSyntax else {
            throw StoreRefusal(
                .dataSetDoesNotMatchSOPClass, "the SOP class isn't that of the context", [.affectedSOPClassUID])
        }
        guard let instance = command.affectedSOPInstanceUID else {
            throw StoreRefusal(
                .invalidSOPInstance, "no Affected SOP Instance UID, or none that is a UID", [.affectedSOPInstanceUID])
        }
        let identity = ImplementationIdentity.fileroom
        let head = PartTenFile.head(
            sopClass: sopClass, sopInstance: instance, transferSyntax: context.transferSyntax,
            implementationClass: identity.classUID, implementationVersion: identity.versionName,
            source: association.callingAETitle)
        return AnnouncedInstance(
            sopClassUID: sopClass, sopInstanceUID: instance, transferSyntaxUID: context.transferSyntax,
            source: association.callingAETitle, fileHead: head)
    }

    /// Answers one C-STORE-RQ, all of whose data set has arrived.
    package func answer(_ message: Message) throws(AssociationFault) {
        let refusal: StoreRefusal?
        // The sender needn't wait for that.
        defer {
            answered?.cleanUp()
            answered = nil
            if refusal == nil { reserve.refill() } else { reserve.drop() }
        }
        do throws(StoreRefusal) {
            try storeReceived(message)
            refusal = nil
        } catch {
            refusal = error
        }
        try association.send(
            .storeResponse(
                to: message.command, status: refusal?.status ?? .success, comment: refusal?.comment,
                offending: refusal?.offending ?? []), in: message.contextID)
    }

    private func storeReceived(_ message: Message) throws(StoreRefusal) {
        switch association.receivedSink {
        case let arriving as ArrivingInstance:
            do throws(StoreFault) { try store(arriving) } catch {
                let refusal = StoreRefusal(error)
                refused(arriving.announced.sopInstanceUID, refusal, reason: "\(error)")
                if let reason = arriving.notKept {
                    log(ServiceEvent(.warning, "refused instances aren't kept (KeepRejected)", [("reason", reason)]))
                }
                throw refusal
            }
        case let refused as RefusedDataSet:
            self.refused(message.command.affectedSOPInstanceUID, refused.refusal, reason: refused.refusal.comment)
            throw refused.refusal
        default:
            let refusal = StoreRefusal(.unableToProcess, "the request has no data set")
            refused(message.command.affectedSOPInstanceUID, refusal, reason: refusal.comment)
            throw refusal
        }
    }

    private func store(_ arriving: ArrivingInstance) throws(StoreFault) {
        let arrived = try arriving.finish()
        if arrived.header.isMislabelled {
            let name = TransferSyntax.named(arrived.header.transferSyntaxUID)?.name ?? ""
            log(
                ServiceEvent(
                    .warning, "the data set isn't in its presentation context's transfer syntax",
                    [("instance", arriving.announced.sopInstanceUID.text), ("found", name)]))
        }
        guard store.policy.durability != .association else {
            held.append(arrived)
            if held.count >= StorePolicy.heldMaximum { storeHeld() }
            return
        }
        let batch = store.store([arrived])
        answered = batch
        for result in batch.results { count(try result.get(), arrived) }
    }

    /// Stores what was acknowledged before it was durable; its sender can't be told any more.
    private func storeHeld() {
        let arrived = held
        held = []
        let batch = store.store(arrived)
        defer { batch.cleanUp() }
        for (one, result) in zip(arrived, batch.results) {
            do throws(StoreFault) { count(try result.get(), one) } catch {
                log(
                    ServiceEvent(
                        .error, "an instance that was acknowledged is lost",
                        [("instance", one.announced.sopInstanceUID.text), ("reason", "\(error)")]))
            }
        }
    }

    private func count(_ outcome: StoreOutcome, _ arrived: ArrivedInstance) {
        if case .wasHere = outcome {
            knownCount += 1
        } else {
            storedCount += 1
            storedBytes += arrived.byteCount
        }
        let words: String
        switch outcome {
        case .stored: words = "stored"
        case .wasHere: words = "was here already"
        case .keptBoth: words = "stored beside another data set of this UID"
        case .replaced: words = "stored in the place of another data set of this UID"
        }
        let instance = ("instance", arrived.announced.sopInstanceUID.text)
        switch outcome {
        case .stored, .wasHere: log(ServiceEvent(.detail, "C-STORE: \(words)", [instance]))
        case .keptBoth, .replaced: log(ServiceEvent(.warning, "C-STORE: \(words)", [instance]))
        }
    }

    private func refused(_ instance: UID?, _ refusal: StoreRefusal, reason: String) {
        log(
            ServiceEvent(
                .warning, "C-STORE refused",
                [("status", "\(refusal.status)"), ("instance", instance?.text ?? ""), ("reason", reason)]))
    }

    /// The association is over, however it ended.
    package func end() {
        storeHeld()
        guard storedCount + knownCount > 0 else { return }
        log(
            ServiceEvent(
                .info, "stored by the association",
                [("instances", "\(storedCount)"), ("bytes", "\(storedBytes)"), ("known", "\(knownCount)")]))
    }
}

/// Reads over the data set of a request that is refused anyway.
final class RefusedDataSet: DataSetSink {
    let refusal: StoreRefusal
    private var byteCount = 0

    init(_ refusal: StoreRefusal) { self.refusal = refusal }

    func take(_ bytes: RawSpan) { byteCount += bytes.byteCount }

    var endlessness: String? {
        guard byteCount > StorePolicy.readOverMaximumBytes else { return nil }
        return "refused (\(refusal.comment)), and \(byteCount) bytes read over"
    }
}
