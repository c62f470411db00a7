// How an association ends when we end it: by release, or by abort (PS3.8 §7.2, §7.3).

import UpperLayer

extension Association {
    /// Releases the association and closes the connection. A peer that wants the same at the same time, a collision,
    /// gets what the standard's state machine says; data that still arrive are passed over.
    ///
    /// - Returns: nil after an orderly end, else what happened instead; the association is over either way.
    @discardableResult
    package func release() -> AssociationFault? {
        do throws(AssociationFault) {
            try link.handle(.releaseRequested)
            try awaitReleased()
            link.close()
            return nil
        } catch {
            link.abort()
            return error
        }
    }

    private func awaitReleased() throws(AssociationFault) {
        let end = Link.End(of: .releaseResponse, in: limits.releaseSeconds, from: link.transport.nowSeconds)
        while link.machine.state != .idle {
            let waiting = Link.Waiting(stage: .releaseResponse, seconds: limits.releaseSeconds, end: end)
            for action in try link.advance(waiting) {
                switch action {
                case .indicateRelease where link.machine.isRequester:
                    try link.handle(.releaseAnswered)
                case .confirmRelease where link.machine.state == .collisionAcceptorAwaitingAnswer:
                    try link.handle(.releaseAnswered)
                    link.awaitClose()
                default: break
                }
            }
        }
    }

    /// Aborts the association as its user (A-ABORT, source 0) and closes the connection.
    package func abort() { link.abort() }
}
