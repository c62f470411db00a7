// A configuration and a resolver that the tests know.

import Configuration
import DICOM
import Platform

@testable import Daemon

/// A resolver with a list, and a count of what it was asked.
final class ListedResolver: Sendable {
    private let hosts: [String: [String]]
    private let counted = Guarded<[String]>([])

    init(_ hosts: [String: [String]]) { self.hosts = hosts }

    /// The names asked for, in order.
    var asked: [String] { counted.withLock { $0 } }

    var resolve: @Sendable (String) -> Result<[SocketAddress], ResolutionFault> {
        { [self] host in
            counted.withLock { $0.append(host) }
            if let literal = SocketAddress(host) { return .success([literal]) }
            guard let known = hosts[host] else {
                return .failure(ResolutionFault(host: host, words: "no such name"))
            }
            return .success(known.map { address($0) })
        }
    }
}

func address(_ literal: String, port: Int = 0) -> SocketAddress {
    guard let address = SocketAddress(literal, port: port) else { preconditionFailure("no address: \(literal)") }
    return address
}

func title(_ text: String) -> AETitle {
    guard let title = AETitle(text) else { preconditionFailure("no AE title: \(text)") }
    return title
}

func uid(_ text: String) -> UID {
    guard let uid = UID(text) else { preconditionFailure("no UID: \(text)") }
    return uid
}

func settings(_ text: String) throws -> Settings {
    try Settings.parse(text: Array(text.utf8), file: "test.cfg", folder: "/etc/fileroom")
}
