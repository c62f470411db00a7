// What a daemon does with an association: C-ECHO, C-FIND, C-GET, C-MOVE and C-STORE on the area that was called, as far as it
// provides them.

import Archive
import ArchiveIndex
import Configuration
import DICOM
import DIMSE
import Platform
import ServiceClasses
import UpperLayer

/// Serves associations, each on a thread of its own.
struct ArchiveService: ConnectionService {
    private let services: Services
    private let gate: Gate
    private let limits: AssociationLimits
    private let moving: MoveRules
    private let options: MatchingOptions
    private let encoding: ResponseEncoding
    private let findLimits: FindLimits
    private let writtenAreas: WrittenAreas

    init(_ settings: Settings, as kind: DaemonKind, usage: SharedTable?) {
        services = kind.services(settings)
        gate = Gate(settings)
        limits = AssociationLimits(settings, idleSeconds: kind.idleSeconds)
        moving = MoveRules(settings)
        options = MatchingOptions(settings)
        encoding = ResponseEncoding(settings.responseCharacterSet)
        findLimits = FindLimits(settings)
        writtenAreas = WrittenAreas(settings, usage: usage)
    }

    private struct Admitted {
        let entry: StorageAreaEntry
        let area: ServedArea
        let peer: SocketAddress
        let characterSet: RequestCharacterSet
        let policy: PresentationPolicy
        /// What was agreed on for Query/Retrieve.
        let negotiated: [QueryRetrieveNegotiation]
    }

    /// Takes an association from its first byte to its end. What happens is logged; nothing is thrown.
    func serve(_ socket: consuming sending Socket, ending: Ending, admission: Admission, log: Logger) {
        var log = log
        var admitted: Admitted?
        var refusal: String?
        let association: Association
        do throws(AssociationFault) {
            association = try Association.accept(
                socket, limits: limits, wake: ending.drain, cut: ending.cut, trace: log.tracer
            ) { request, peer in
                log = log.about(
                    calling: request.callingAETitle?.text ?? "", called: request.calledAETitle?.text ?? "")
                switch gate.judge(calling: request.callingAETitle, called: request.calledAETitle, from: peer) {
                case .refused(let reject, let reason):
                    refusal = reason
                    return .reject(reject)
                case .admitted(let entry, let area):
                    if let reason = admission.refusal() {
                        refusal = reason
                        return .reject(.localLimitExceeded)
                    }
                    let policy = PresentationPolicy(
                        services, storing: storing(in: entry),
                        announced: request.userInformation.commonExtendedNegotiations)
                    admitted = Admitted(
                        entry: entry, area: area, peer: peer,
                        characterSet: gate.requestCharacterSet(
                            calling: request.callingAETitle, area: entry, caller: peer),
                        policy: policy,
                        negotiated: request.userInformation.extendedNegotiations.compactMap {
                            QueryRetrieveNegotiation($0)
                        })
                    return .accept(policy.negotiation)
                }
            }
        } catch {
            return log.ended(by: error, refusal: refusal)
        }
        guard let admitted else { return association.abort() }
        association.trace = log.tracer
        log.info("association accepted", ("contexts", "\(association.contexts.count)"))
        exchange(over: association, admitted, ending: ending, log: log).run()
    }

    private func storing(in entry: StorageAreaEntry) -> PresentationPolicy.Storing {
        guard services.contains(.storage) else { return .notHere }
        guard entry.access.allowsWriting, let area = writtenAreas.area(of: entry) else { return .notInThisArea }
        return .taken(area.negotiation)
    }

    private func exchange(
        over association: Association, _ admitted: Admitted, ending: Ending, log: Logger
    ) -> ArchiveExchange {
        var exchange = ArchiveExchange(association: association, log: log)
        if services.contains(.queryRetrieve) {
            let agreed = admitted.negotiated.map { ($0.sopClass.uid, $0.extensions) }
            exchange.find = FindSCP(
                area: admitted.area, options: options, agreed: Dictionary(agreed) { first, _ in first },
                encoding: encoding, characterSet: admitted.characterSet, limits: findLimits, log: log.record)
            var rules = RetrieveRules()
            rules.isStrict = options.isStrict
            rules.characterSet = admitted.characterSet
            rules.relationalClasses = Set(admitted.negotiated.filter(\.isRelational).map(\.sopClass.uid))
            let calling = association.callingAETitle
            exchange.retrieve = RetrieveSCP(
                area: admitted.area, rules: rules, moving: moving, limits: limits,
                destination: {
                    gate.destination($0, area: admitted.entry, calling: calling, caller: admitted.peer)
                },
                trace: log.tracer, log: log.record)
        }
        if services.contains(.storage), admitted.entry.access.allowsWriting,
            let area = writtenAreas.area(of: admitted.entry)
        {
            exchange.store = StoreSCP(
                area.store, association: association, isStorage: admitted.policy.takes, log: log.record)
        }
        return exchange
    }
}
