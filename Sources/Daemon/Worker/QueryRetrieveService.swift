// What fileroom-qrd does with an association: C-ECHO, C-FIND, C-GET and C-MOVE on the area that was called.

import ArchiveIndex
import Configuration
import DICOM
import DIMSE
import Platform
import ServiceClasses
import UpperLayer

/// Serves associations for query and retrieval, each on a thread of its own.
struct QueryRetrieveService: ConnectionService {
    /// For an association on which no message comes, unless the configuration says otherwise.
    static let idleSeconds = 600

    private let gate: Gate
    private let limits: AssociationLimits
    private let options: MatchingOptions
    private let encoding: ResponseEncoding

    init(_ settings: Settings) {
        gate = Gate(settings)
        limits = AssociationLimits(settings, idleSeconds: Self.idleSeconds)
        options = MatchingOptions(settings)
        encoding = ResponseEncoding(settings.responseCharacterSet)
    }

    /// Takes an association from its first byte to its end. What happens is logged; nothing is thrown.
    func serve(_ socket: consuming sending Socket, ending: Ending, admission: Admission, log: Logger) {
        var log = log
        var admitted: (entry: StorageAreaEntry, area: ServedArea, peer: SocketAddress)?
        var refusal: String?
        let association: Association
        do throws(AssociationFault) {
            association = try Association.accept(socket, limits: limits, wake: ending.drain, trace: log.tracer) {
                request, peer in
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
                    admitted = (entry, area, peer)
                    return .accept(PresentationPolicy.queryRetrieve)
                }
            }
        } catch {
            return log.ended(by: error, refusal: refusal)
        }
        guard let admitted else { return association.abort() }
        association.cut = ending.cut
        association.trace = log.tracer
        log.info("association accepted", ("contexts", "\(association.contexts.count)"))
        let exchange = QueryRetrieveExchange(
            association: association, log: log,
            find: FindSCP(area: admitted.area, options: options, encoding: encoding, log: log.record),
            retrieve: RetrieveSCP(
                area: admitted.area, limits: limits, wake: ending.cut,
                destination: { gate.destination($0, area: admitted.entry, caller: admitted.peer) }, log: log.record))
        exchange.run()
    }
}
