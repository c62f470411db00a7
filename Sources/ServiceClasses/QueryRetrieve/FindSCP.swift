// C-FIND as SCP (PS3.4 §C.4.1): parse, plan, stream; the first response leaves before the last row is found.

import ArchiveIndex
import DICOM
import DIMSE
import UpperLayer

/// Answers the C-FIND requests of one association.
package struct FindSCP {
    private let area: ServedArea
    private let options: MatchingOptions
    private let agreed: [UID: QueryExtensions]
    private let encoding: ResponseEncoding
    private let characterSet: RequestCharacterSet
    private let log: ServiceLog

    /// - Parameters:
    ///   - area: what is searched.
    ///   - agreed: extensions by SOP class, as they were negotiated.
    ///   - encoding: which character set responses are in.
    ///   - characterSet: of requests that name none.
    package init(
        area: ServedArea, options: MatchingOptions, agreed: [UID: QueryExtensions] = [:], encoding: ResponseEncoding,
        characterSet: RequestCharacterSet = RequestCharacterSet(), log: @escaping ServiceLog
    ) {
        self.characterSet = characterSet
        self.agreed = agreed
        self.area = area
        self.options = options
        self.encoding = encoding
        self.log = log
    }

    /// Answers one C-FIND-RQ with pending responses and a final one. Faults of the query or of the index become statuses.
    ///
    /// - Throws: what ends the association.
    package func answer(
        _ request: Message, model: InformationModel, over association: Association
    ) throws(AssociationFault) {
        let query: Query
        do throws(RequestRefusal) {
            query = try parse(request, model: model, over: association)
        } catch {
            try association.send(
                .findResponse(
                    to: request.command, status: error.status, comment: error.comment, offending: error.offending),
                in: request.contextID)
            return log(
                ServiceEvent(
                    .warning, "C-FIND refused",
                    [("status", "\(error.status)"), ("reason", error.detail ?? error.comment)]))
        }
        let search = Search(
            query: query, request: request, area: area, encoding: encoding, association: association)
        let end = try search.run()
        try association.send(
            .findResponse(to: request.command, status: end.status, comment: end.refusal?.comment),
            in: request.contextID)
        var fields = [("level", query.level.name), ("matches", "\(search.matches)"), ("status", "\(end.status)")]
        if let refusal = end.refusal { fields.append(("reason", refusal.detail ?? refusal.comment)) }
        log(ServiceEvent(end.refusal == nil ? .info : .error, "C-FIND", fields))
    }

    private func parse(
        _ request: Message, model: InformationModel, over association: Association
    ) throws(RequestRefusal) -> Query {
        let identifier = characterSet.naming(try RequestRefusal.identifier(of: request, over: association))
        var options = options
        options.extensions =
            association.context(request.contextID).flatMap { agreed[$0.abstractSyntax] } ?? []
        do throws(QueryFault) {
            return try Query(identifier: identifier, model: model, options: options)
        } catch {
            throw RequestRefusal(error, overLimit: .outOfResources)
        }
    }
}

/// One running C-FIND.
private final class Search {
    /// Between looks for a C-CANCEL while nothing is sent.
    private static let candidatesBetweenLooks = 64

    let query: Query
    let request: Message
    let area: ServedArea
    let encoding: ResponseEncoding
    let association: Association
    private(set) var matches = 0
    private var candidates = 0
    private var isCancelled = false
    private var lost: AssociationFault?

    init(
        query: Query, request: Message, area: ServedArea, encoding: ResponseEncoding, association: Association
    ) {
        self.query = query
        self.request = request
        self.area = area
        self.encoding = encoding
        self.association = association
    }

    /// Sends a pending response for each match; the status of the final one, and why it is a failure.
    func run() throws(AssociationFault) -> (status: Status, refusal: RequestRefusal?) {
        do throws(IndexFault) {
            var cursor = try area.snapshot().find(query)
            while !isOver, let match = try cursor.next(shouldStop: { shouldStop() }), !isOver {
                try respond(with: match)
            }
        } catch {
            let refusal = RequestRefusal(error)
            return (refusal.status, refusal)
        }
        if let lost { throw lost }
        return (isCancelled ? .cancel : .success, nil)
    }

    /// A C-CANCEL is seen between responses and during the search (PS3.4 §C.4.1.2.3).
    private func shouldStop() -> Bool {
        candidates += 1
        do throws(AssociationFault) {
            try association.sendWhatIsDue()
            guard candidates % Self.candidatesBetweenLooks == 1 else { return isOver }
            isCancelled = try association.isCancelled(request.command.messageID)
        } catch {
            lost = error
        }
        return isOver
    }

    private var isOver: Bool { isCancelled || lost != nil }

    private func respond(with match: Candidate) throws(IndexFault) {
        let identifier = try ResponseIdentifier.make(
            match, for: query, retrieveAETitle: area.title, encoding: encoding)
        let bytes: [UInt8]
        do throws(EncodingFault) {
            bytes = try identifier.encoded(as: association.encoding(of: request.contextID))
        } catch {
            throw .refused(what: "a response can't be encoded: \(error)")
        }
        do throws(AssociationFault) {
            try association.sendSoon(
                .findResponse(
                    to: request.command, status: query.isFullySupported ? .pending : .pendingWithUnsupportedKeys),
                dataSet: bytes, in: request.contextID)
            matches += 1
        } catch {
            lost = error
        }
    }
}
