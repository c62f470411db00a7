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
    private let limits: FindLimits
    private let log: ServiceLog

    /// - Parameters:
    ///   - area: what is searched.
    ///   - agreed: extensions by SOP class, as they were negotiated.
    ///   - encoding: which character set responses are in.
    ///   - characterSet: of requests that name none.
    ///   - limits: what one request may cost.
    package init(
        area: ServedArea, options: MatchingOptions, agreed: [UID: QueryExtensions] = [:], encoding: ResponseEncoding,
        characterSet: RequestCharacterSet = RequestCharacterSet(), limits: FindLimits = FindLimits(),
        log: @escaping ServiceLog
    ) {
        self.characterSet = characterSet
        self.agreed = agreed
        self.area = area
        self.options = options
        self.encoding = encoding
        self.limits = limits
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
        let search = FindSearch(
            query: query, request: request, area: area, encoding: encoding, limits: limits, association: association)
        let end = try search.run()
        try association.send(
            .findResponse(to: request.command, status: end.status, comment: end.refusal?.comment),
            in: request.contextID)
        var fields = [("level", query.level.name), ("matches", "\(search.matches)"), ("status", "\(end.status)")]
        fields += search.headerFields
        if let refusal = end.refusal { fields.append(("reason", refusal.detail ?? refusal.comment)) }
        let weight: ServiceEvent.Weight =
            switch end.status {
            case .success, .cancel: .info
            case .outOfResources: .warning
            default: .error
            }
        log(ServiceEvent(weight, "C-FIND", fields))
    }

    private func parse(
        _ request: Message, model: InformationModel, over association: Association
    ) throws(RequestRefusal) -> Query {
        let identifier = characterSet.naming(try RequestRefusal.identifier(of: request, over: association))
        var options = options
        options.retrieveAETitle = area.title
        options.extensions =
            association.context(request.contextID).flatMap { agreed[$0.abstractSyntax] } ?? []
        do throws(QueryFault) {
            return try Query(identifier: identifier, model: model, options: options)
        } catch {
            throw RequestRefusal(error, overLimit: .outOfResources)
        }
    }
}
