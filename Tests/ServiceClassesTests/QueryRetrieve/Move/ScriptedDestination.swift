// A storage SCP on this host that does as it is told, association by association: what a C-MOVE has to put up with.

import DICOM
import DIMSE
import Glibc
import Platform
import UpperLayer

@testable import ServiceClasses

/// Listens on a port of its own. Each association follows its script; the last script holds for all further ones.
final class ScriptedDestination: Sendable {
    /// One association's behaviour.
    struct Script: Sendable {
        enum Answer: Sendable { case accept, acceptNothing, reject(AssociateReject), close, stall }
        enum End: Sendable { case abort, release, close, stall }

        var answer = Answer.accept
        /// What its C-STOREs are answered with, in order and from the start again.
        var statuses: [UInt16] = [0]
        /// What it does instead of answering the C-STORE behind so many.
        var end: (afterResponses: Int, End)?
        /// Before each response.
        var thinksSeconds = 0.0
    }

    /// A C-STORE-RQ as it arrived.
    struct Store: Sendable {
        let association: Int
        let instance: String
        let priority: UInt16?
        let originator: AETitle?
        let originatorMessageID: UInt16?
        let callingTitle: AETitle
    }

    private struct Seen {
        var associations = 0
        var stores: [Store] = []
        var open = 0
        var openAtMost = 0
    }

    let address: SocketAddress
    private let scripts: [Script]
    private let seen = Guarded(Seen())
    private let ended: WakeDescriptor

    init(_ scripts: Script...) throws {
        precondition(!scripts.isEmpty, "a destination without a script")
        let listener = try Socket.listen(on: .loopback(port: 0))
        guard let address = listener.localAddress else { preconditionFailure("no address of our own") }
        self.address = address
        self.scripts = scripts
        ended = try WakeDescriptor()
        let (seen, ended) = (seen, ended)
        _ = try Platform.Thread(named: "destination", giving: listener) { listener in
            while (try? listener.wait(for: .reading, until: nil, wake: ended)) == .ready {
                guard let accepted = try? listener.accept() else { continue }
                let number = seen.withLock { seen in
                    seen.associations += 1
                    return seen.associations
                }
                let script = scripts[min(number, scripts.count) - 1]
                _ = try? Platform.Thread(named: "destination", giving: accepted.takeSocket()) { socket in
                    Self.serve(socket, number, script, seen, ended)
                }
            }
        }
    }

    deinit { ended.wake() }

    var associations: Int { seen.withLock { $0.associations } }
    var stores: [Store] { seen.withLock { $0.stores } }
    /// Associations at one time, at most.
    var openAtMost: Int { seen.withLock { $0.openAtMost } }

    private static func serve(
        _ socket: consuming sending Socket, _ number: Int, _ script: Script, _ seen: Guarded<Seen>,
        _ ended: WakeDescriptor
    ) {
        switch script.answer {
        case .close: return
        case .stall:
            ended.wait(until: nil)
            return
        case .accept, .acceptNothing, .reject: break
        }
        guard
            let association = try? Association.accept(
                socket, wake: ended, cut: ended,
                decide: { _, _ in
                    switch script.answer {
                    case .reject(let reject): .reject(reject)
                    case .acceptNothing:
                        .accept(NegotiationPolicy(judge: { _, _, _ in .reject(.abstractSyntaxNotSupported) }))
                    default: .accept(NegotiationPolicy(judge: { _, syntaxes, _ in .accept(syntaxes[0]) }))
                    }
                })
        else { return }
        seen.withLock { seen in
            seen.open += 1
            seen.openAtMost = max(seen.openAtMost, seen.open)
        }
        defer { seen.withLock { $0.open -= 1 } }
        answer(association, number, script, seen, ended)
    }

    private static func answer(
        _ association: Association, _ number: Int, _ script: Script, _ seen: Guarded<Seen>, _ ended: WakeDescriptor
    ) {
        var responses = 0
        while let message = try? association.receive() {
            let command = message.command
            let store = Store(
                association: number, instance: command.affectedSOPInstanceUID?.text ?? "", priority: command.priority,
                originator: command.moveOriginator, originatorMessageID: command.moveOriginatorMessageID,
                callingTitle: association.callingAETitle)
            seen.withLock { $0.stores.append(store) }
            if let (after, end) = script.end, responses == after {
                switch end {
                case .abort: association.abort()
                case .release: association.release()
                case .close: break
                case .stall: ended.wait(until: nil)
                }
                return
            }
            if script.thinksSeconds > 0 { ended.wait(until: Deadline(afterSeconds: script.thinksSeconds)) }
            let status = Status(rawValue: script.statuses[responses % script.statuses.count])
            responses += 1
            guard (try? association.send(.storeResponse(to: command, status: status), in: message.contextID)) != nil
            else { return }
        }
    }
}
