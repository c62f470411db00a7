// Internet addresses with a port, compared the way access tables mean it: by host, IPv4 within IPv6 included.

import CPlatform

/// An IPv4 or IPv6 address and a port.
package struct SocketAddress: Hashable, Sendable {
    private enum Family: UInt8 { case ipv4 = 4, ipv6 = 6 }

    private let family: Family
    // The address in host order; IPv4 in the low 32 bits of `low`.
    private let high: UInt64
    private let low: UInt64
    private let scope: UInt32
    private let portNumber: UInt16

    package var port: Int { Int(portNumber) }
    /// As written: true for IPv4 in IPv6's clothes; see `unmapped`.
    package var isIPv6: Bool { family == .ipv6 }

    /// An address in digits: `192.0.2.7`, `2001:db8::7`, `fe80::1%eth0`; nil for anything else, names included.
    package init?(_ literal: String, port: Int = 0) {
        var address = fr_address()
        guard !literal.utf8.contains(0), unsafe fr_parse_address(literal, &address) == 0 else { return nil }
        address.port = UInt16(clamping: port)
        self.init(address)
    }

    /// Every address of this host: IPv6's unspecified one, which takes IPv4 as well.
    package static func any(port: Int) -> SocketAddress {
        SocketAddress(family: .ipv6, high: 0, low: 0, scope: 0, port: UInt16(clamping: port))
    }

    /// Every IPv4 address of this host: 0.0.0.0.
    package static func anyIPv4(port: Int) -> SocketAddress {
        SocketAddress(family: .ipv4, high: 0, low: 0, scope: 0, port: UInt16(clamping: port))
    }

    /// 127.0.0.1.
    package static func loopback(port: Int) -> SocketAddress {
        SocketAddress(family: .ipv4, high: 0, low: 0x7F00_0001, scope: 0, port: UInt16(clamping: port))
    }

    private init(family: Family, high: UInt64, low: UInt64, scope: UInt32, port: UInt16) {
        self.family = family
        self.high = high
        self.low = low
        self.scope = scope
        portNumber = port
    }

    init?(_ address: fr_address) {
        guard let family = Family(rawValue: address.family) else { return nil }
        self.init(family: family, high: address.high, low: address.low, scope: address.scope, port: address.port)
    }

    var system: fr_address {
        fr_address(high: high, low: low, scope: scope, port: portNumber, family: family.rawValue)
    }

    /// The same host with another port; one outside 0–65,535 becomes the nearer of these.
    package func withPort(_ port: Int) -> SocketAddress {
        SocketAddress(family: family, high: high, low: low, scope: scope, port: UInt16(clamping: port))
    }

    /// The address as IPv4 where it is one in IPv6's clothes (::ffff:192.0.2.7), as sockets for both families give it.
    package var unmapped: SocketAddress {
        guard family == .ipv6, high == 0, low >> 32 == 0xFFFF else { return self }
        return SocketAddress(family: .ipv4, high: 0, low: low & 0xFFFF_FFFF, scope: 0, port: portNumber)
    }

    /// Whether both are of one host, whatever the ports are. A missing scope matches any.
    package func isSameHost(as other: SocketAddress) -> Bool {
        let (one, two) = (unmapped, other.unmapped)
        guard one.family == two.family, one.high == two.high, one.low == two.low else { return false }
        return one.scope == two.scope || one.scope == 0 || two.scope == 0
    }

    /// 0.0.0.0 or ::, whatever the port is.
    package var isUnspecified: Bool { unmapped.high == 0 && unmapped.low == 0 }

    /// In 127.0.0.0/8, or ::1.
    package var isLoopback: Bool {
        let plain = unmapped
        return plain.family == .ipv4 ? plain.low >> 24 == 127 : plain.high == 0 && plain.low == 1
    }

    /// The address without port: `192.0.2.7`, `2001:db8::7`.
    package var host: String {
        var address = unmapped.system
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 80) { buffer in
            let length = unsafe fr_format_address(&address, buffer.baseAddress!, buffer.count)
            guard length > 0 else { return "?" }
            return unsafe String(cString: buffer.baseAddress!)
        }
    }
}

extension SocketAddress: CustomStringConvertible {
    /// `192.0.2.7:104`, `[2001:db8::7]:104`.
    package var description: String { unmapped.isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
