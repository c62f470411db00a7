// Addresses: literals, words, and which are of one host.

import Platform
import Testing

@Suite("SocketAddress") struct SocketAddressTests {
    @Test(arguments: [
        ("192.0.2.7", 104, "192.0.2.7:104"), ("::1", 11112, "[::1]:11112"), ("2001:DB8::7", 1, "[2001:db8::7]:1"),
        ("::ffff:192.0.2.7", 104, "192.0.2.7:104"), ("::", 0, "[::]:0"),
    ])
    func `literals are read and written`(literal: String, port: Int, words: String) throws {
        #expect(try #require(SocketAddress(literal, port: port)).description == words)
    }

    @Test(arguments: ["", "localhost", "192.0.2", "192.0.2.256", "1", ":::", "192.0.2.7:104", "[::1]", "::1\0", " ::1"])
    func `anything else is no address`(text: String) { #expect(SocketAddress(text) == nil) }

    @Test func `one host whatever the port, IPv4 within IPv6 included`() throws {
        let four = try #require(SocketAddress("192.0.2.7", port: 104))
        let mapped = try #require(SocketAddress("::ffff:192.0.2.7", port: 5_000))
        #expect(four.isSameHost(as: mapped))
        #expect(mapped.isSameHost(as: four))
        #expect(!four.isSameHost(as: try #require(SocketAddress("192.0.2.8"))))
        #expect(!four.isSameHost(as: try #require(SocketAddress("::c000:207"))))
        #expect(four.withPort(70_000).port == 65_535)
    }

    @Test func `names resolve, and what can't be resolved says so`() throws {
        let found = try Resolver.resolve("localhost").get()
        #expect(found.contains { $0.isLoopback })
        #expect(try Resolver.resolve("192.0.2.7").get() == [try #require(SocketAddress("192.0.2.7"))])
        #expect(throws: ResolutionFault.self) { try Resolver.resolve("").get() }
        #expect(throws: ResolutionFault.self) { try Resolver.resolve("no such host").get() }
    }
}
