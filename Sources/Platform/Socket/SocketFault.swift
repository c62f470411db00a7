// Why a socket is of no more use, or wasn't had.

/// A failed socket operation.
package enum SocketFault: Error, Equatable, Sendable {
    /// The peer is gone: reset, broken pipe.
    case closed
    /// The deadline passed.
    case timedOut
    /// The wake descriptor asked for an end of waiting.
    case woken
    /// A call failed: what was tried, on which address, and why.
    case system(String, SocketAddress?, Errno)

    /// What a failed call on a connected socket means.
    static func connected(_ operation: String, _ cause: Errno) -> SocketFault {
        switch cause {
        case .connectionReset, .brokenPipe, .notConnected, .connectionAborted: .closed
        default: .system(operation, nil, cause)
        }
    }
}

extension SocketFault {
    /// Why, without what was tried.
    package var cause: String {
        if case .system(_, _, let cause) = self { return cause.words }
        return "\(self)"
    }
}

extension SocketFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .closed: "the peer closed the connection"
        case .timedOut: "timed out"
        case .woken: "interrupted"
        case .system(let operation, let address?, let cause): "cannot \(operation) \(address): \(cause.words)"
        case .system(let operation, nil, let cause): "cannot \(operation): \(cause.words)"
        }
    }
}
