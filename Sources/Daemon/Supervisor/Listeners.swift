// The sockets on which a daemon listens.

import Configuration
import Platform

/// Why a daemon can't listen, in words.
struct ListenFault: Error, CustomStringConvertible {
    let description: String
}

/// Listening sockets, one for each address of `ListenAddress`.
struct Listeners: ~Copyable {
    private var sockets: [Parcel<Socket>] = []
    /// Where connections are taken: the kernel's port where none was named.
    private(set) var addresses: [SocketAddress] = []
    private(set) var descriptors: [Int32] = []

    /// Listens on the address and port; port 0 lets the kernel pick one, the same for all addresses.
    ///
    /// - Parameter parameter: which one the port is from, for messages.
    init(address: String?, port: Int, parameter: String) throws(ListenFault) {
        var wanted = [SocketAddress.any(port: port)]
        if let address {
            switch Resolver.resolve(address) {
            case .success(let found): wanted = found.map { $0.withPort(port) }
            case .failure(let fault): throw ListenFault(description: "ListenAddress: \(fault)")
            }
        }
        for candidate in wanted {
            let chosen = addresses.first.map { candidate.withPort($0.port) } ?? candidate
            do throws(SocketFault) {
                let socket = try Socket.listen(on: chosen)
                addresses.append(socket.localAddress ?? chosen)
                descriptors.append(socket.descriptor)
                sockets.append(Parcel(socket))
            } catch {
                throw ListenFault(description: Self.words(error, chosen, parameter))
            }
        }
    }

    private static func words(_ fault: SocketFault, _ address: SocketAddress, _ parameter: String) -> String {
        guard case .system(_, _, let cause) = fault else { return "\(fault)" }
        switch cause {
        case .addressInUse:
            return "port \(address.port) is in use: another daemon (dcmqrscp, Orthanc, a second Fileroom?) has it; "
                + "stop that one, or set \(parameter)"
        case .accessDenied, .notPermitted:
            return "port \(address.port) is only for root: start as root (it becomes UserName afterwards), "
                + "grant CAP_NET_BIND_SERVICE, or set \(parameter) to 1024 or more"
        default: return "\(fault)"
        }
    }
}
