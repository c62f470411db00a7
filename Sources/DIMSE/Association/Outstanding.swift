// The peer's outstanding operations (PS3.7 §D.3.3.3): performed one after another, the most urgent first. A C-ECHO alone, which takes
// no time, is performed between the steps of another.

import Platform
import UpperLayer

extension Association {
    /// A message as `receive` will give it out.
    enum Arrival {
        /// With what took its data set as it arrived.
        case message(Message, sink: (any DataSetSink)? = nil)
        case tooLarge(Message, limitBytes: Int)
        /// Another outstanding request has its Message ID.
        case duplicate(Message)
    }

    /// The peer may have several operations outstanding.
    var isWindowed: Bool { window.performed != 1 }

    /// Whether `messageID`, received before, was cancelled by then: nobody has to begin with it.
    package func wasCancelled(_ messageID: UInt16) -> Bool { cancelled.contains(messageID) }

    /// Of what has arrived, the most urgent, of several the first.
    var mostUrgent: Int {
        arrived.indices.min { arrived[$0].command.urgency.rank < arrived[$1].command.urgency.rank } ?? 0
    }

    /// Takes what has come behind a message, without waiting. Stores are performed as they come: their data sets may be long.
    ///
    /// - Returns: false when the peer released the association.
    func lookAhead() throws(AssociationFault) -> Bool {
        while arrived.count < Int(window.performed), openSink == nil, !arrived.contains(where: \.hasSink) {
            guard let actions = try link.advanceWithoutWaiting(.nextMessage) else { break }
            guard try take(actions) else { return false }
        }
        return true
    }

    /// Keeps a whole message until its turn. A Message ID that is taken isn't performed (PS3.7 Annex C, 0210H); who negotiated no
    /// window may be careless with them, and is answered in order.
    func keep(_ message: Message, sink: (any DataSetSink)? = nil) {
        let command = message.command
        let isDuplicate = isWindowed && !command.field.isResponse && isOutstanding(command.messageID)
        arrived.append(
            isDuplicate
                ? .duplicate(Message(contextID: message.contextID, command: command)) : .message(message, sink: sink))
    }

    /// Whether the peer's operation is being performed or waits for its turn.
    func isOutstanding(_ messageID: UInt16) -> Bool {
        performing == messageID
            || arrived.contains { !$0.command.field.isResponse && $0.command.messageID == messageID }
    }

    /// What the held data sets take of memory.
    var heldBytes: Int { arrived.reduce(0) { $0 + $1.dataSetBytes } }

    /// The longest data set that is held now.
    var dataSetLimitBytes: Int { isWindowed ? max(limits.dataSetBytes - heldBytes, 0) : limits.dataSetBytes }

    /// Answers, between two steps of an operation, the C-ECHOs that have arrived. Whatever takes longer would keep the peer from
    /// the responses of that operation, from its C-CANCEL and from its end.
    func performEchoes() throws(AssociationFault) {
        guard let performMeanwhile else { return }
        while let index = arrived.firstIndex(where: \.isEcho) {
            let message = try take(at: index)
            try performMeanwhile(message)
            cancelled.remove(message.command.messageID)
        }
    }
}

extension Association.Arrival {
    var command: CommandSet {
        switch self {
        case .message(let message, _), .tooLarge(let message, _), .duplicate(let message): message.command
        }
    }

    var dataSetBytes: Int {
        switch self {
        case .message(let message, _): message.dataSet?.count ?? 0
        case .tooLarge, .duplicate: 0
        }
    }

    var hasSink: Bool {
        if case .message(_, .some) = self { return true }
        return false
    }

    fileprivate var isEcho: Bool {
        guard case .message(let message, _) = self else { return false }
        return message.command.field == .echoRequest
    }
}
