// One running C-FIND: its matches become pending responses while the search goes on, and its C-CANCEL is seen meanwhile.

import Archive
import ArchiveIndex
import DICOM
import DIMSE
import Platform
import UpperLayer

/// One running C-FIND.
final class FindSearch {
    /// Between two looks for a C-CANCEL. Whatever is searched, rows pass for less than that between questions.
    private static let secondsBetweenLooks = 0.01

    let query: Query
    let request: Message
    let area: ServedArea
    let encoding: ResponseEncoding
    let limits: FindLimits
    let association: Association
    private(set) var matches = 0
    private var headersRead = 0
    private var headersUnreadable = 0
    private var nextLook: Deadline?
    private var isCancelled = false
    private var lost: AssociationFault?

    init(
        query: Query, request: Message, area: ServedArea, encoding: ResponseEncoding, limits: FindLimits,
        association: Association
    ) {
        self.query = query
        self.request = request
        self.area = area
        self.encoding = encoding
        self.limits = limits
        self.association = association
    }

    /// Sends a pending response for each match; the status of the final one, and why it is a failure.
    func run() throws(AssociationFault) -> (status: Status, refusal: RequestRefusal?) {
        var refusal: RequestRefusal?
        do throws(IndexFault) {
            refusal = try search()
        } catch {
            // Whoever was told to stop knows why.
            if case .stopped = error {} else { refusal = RequestRefusal(error) }
        }
        if let lost { throw lost }
        if isCancelled { return (.cancel, nil) }
        return (refusal?.status ?? .success, refusal)
    }

    /// What headers were read, for the log; nothing where none were to be.
    var headerFields: [(name: String, value: String)] {
        guard !query.headerKeys.isEmpty else { return [] }
        let names = query.headerKeys.map { DataDictionary.entry(for: $0)?.keyword ?? "\($0)" }
        var fields = [("headers read", "\(headersRead)"), ("for", names.joined(separator: " "))]
        if headersUnreadable > 0 { fields.append(("headers unreadable", "\(headersUnreadable)")) }
        return fields
    }

    /// Nil where all that matches was sent, or nobody waits for it.
    private func search() throws(IndexFault) -> RequestRefusal? {
        let watch = SearchWatch { [unowned self] in shouldStop() }
        var cursor = try area.snapshot().find(query, headers: try headers(), watch: watch)
        defer { (headersRead, headersUnreadable) = (cursor.headersRead, cursor.headersUnreadable) }
        while let match = try cursor.next() {
            if let maximum = limits.responsesMaximum, matches == maximum {
                return RequestRefusal(.outOfResources, "more than \(maximum) matches; narrow the query")
            }
            try respond(with: match)
            if isOver { return nil }
        }
        guard cursor.isOverHeaderLimit else { return nil }
        return RequestRefusal(
            .outOfResources, "over \(limits.headerFilesMaximum) headers to read; narrow by date, patient or UID")
    }

    /// Reads headers from the files of the area.
    private func headers() throws(IndexFault) -> HeaderSource {
        guard !query.headerKeys.isEmpty else { return .none }
        let roots = try area.rootFolders()
        return HeaderSource(filesMaximum: limits.headerFilesMaximum) { instance, place, tags in
            guard let root = roots[place.root] else { return nil }
            return HeaderAttributes.read(tags, of: instance, at: root.appending(Path(bytes: place.path)))
        }
    }

    /// A C-CANCEL is seen between responses and during the search (PS3.4 §C.4.1.2.3).
    private func shouldStop() -> Bool {
        guard !isOver else { return true }
        do throws(AssociationFault) {
            try association.sendWhatIsDue()
            guard nextLook?.hasPassed ?? true else { return false }
            nextLook = Deadline(afterSeconds: Self.secondsBetweenLooks)
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
        let isFullySupported = query.isFullySupported && match.lackingKeys.isEmpty
        do throws(AssociationFault) {
            try association.sendSoon(
                .findResponse(
                    to: request.command, status: isFullySupported ? .pending : .pendingWithUnsupportedKeys),
                dataSet: bytes, in: request.contextID)
            matches += 1
        } catch {
            lost = error
        }
    }
}
