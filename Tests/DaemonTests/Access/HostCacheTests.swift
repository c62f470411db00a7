// Host names as addresses, with a memory.

import Platform
import Testing

@testable import Daemon

@Suite("Host names, kept for a minute, failures for seconds") struct HostCacheTests {
    @Test func `a name is resolved once, and so is one that can't be`() {
        let resolver = ListedResolver(["a": ["192.0.2.1"]])
        let cache = HostCache(resolve: resolver.resolve)
        for _ in 0..<5 {
            #expect(cache.addresses(of: "a") == .success([address("192.0.2.1")]))
            #expect(cache.addresses(of: "b") == .failure(ResolutionFault(host: "b", words: "no such name")))
        }
        #expect(resolver.asked == ["a", "b"])
    }

    @Test func `an answer is kept for a minute, a failure for five seconds, and then asked for again`() {
        let resolver = ListedResolver(["a": ["192.0.2.1"]])
        let cache = HostCache(resolve: resolver.resolve)
        let start = MonotonicInstant.now()
        for seconds in [0, 4.9, 5.1, 10, 59.9, 60.1, 119.9, 120.2] {
            for host in ["a", "b"] { _ = cache.addresses(of: host) { start.advanced(bySeconds: seconds) } }
        }
        #expect(resolver.asked == ["a", "b", "b", "b", "a", "b", "a"])
    }

    @Test func `a name that is known by then is found by a retry`() {
        let (start, isKnown) = (MonotonicInstant.now(), Guarded(false))
        let cache = HostCache { host in
            isKnown.withLock { $0 }
                ? .success([address("192.0.2.1")]) : .failure(ResolutionFault(host: host, words: "no such name"))
        }
        let found = [0, 1, 6.0].map { seconds in
            defer { isKnown.withLock { $0 = true } }
            return (try? cache.addresses(of: "a", now: { start.advanced(bySeconds: seconds) }).get()) != nil
        }
        #expect(found == [false, false, true])
    }

    @Test func `a failure that took its time is kept from its end on`() {
        let start = MonotonicInstant.now()
        let (seconds, asked) = (Guarded(0.0), Guarded(0))
        let cache = HostCache { host in
            seconds.withLock { $0 += 10 }
            asked.withLock { $0 += 1 }
            return .failure(ResolutionFault(host: host, words: "no name server"))
        }
        for _ in 0..<3 { _ = cache.addresses(of: "a") { start.advanced(bySeconds: seconds.withLock { $0 }) } }
        #expect(asked.withLock { $0 } == 1)
    }

    @Test func `names are kept apart, letter by letter`() {
        let resolver = ListedResolver(["a": ["192.0.2.1"], "a.b": ["192.0.2.2"]])
        let cache = HostCache(resolve: resolver.resolve)
        #expect(cache.isHost("a", of: address("192.0.2.1")) && !cache.isHost("a", of: address("192.0.2.2")))
        #expect(cache.isHost("a.b", of: address("192.0.2.2")) && !cache.isHost("a.b", of: address("192.0.2.1")))
        #expect(resolver.asked == ["a", "a.b"])
    }

    @Test func `a host is any of its addresses, ports and IPv6's clothes aside`() {
        let resolver = ListedResolver(["a": ["192.0.2.1", "2001:db8::1"]])
        let cache = HostCache(resolve: resolver.resolve)
        for caller in ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1"] {
            #expect(cache.isHost("a", of: address(caller, port: 104)))
        }
        for caller in ["192.0.2.10", "::192.0.2.1", "2001:db8::10", "::"] {
            #expect(!cache.isHost("a", of: address(caller)))
        }
    }

    @Test func `what can't be resolved is nobody's host`() {
        let cache = HostCache(resolve: ListedResolver([:]).resolve)
        #expect(!cache.isHost("a", of: address("192.0.2.1")) && !cache.isHost("", of: address("192.0.2.1")))
    }

    @Test func `literals need no name server`() {
        let cache = HostCache()
        #expect(cache.isHost("192.0.2.1", of: address("::ffff:192.0.2.1", port: 5)))
        #expect(!cache.isHost("192.0.2.1", of: address("192.0.2.2")))
        #expect(cache.isHost("2001:db8:0::1", of: address("2001:db8::1")))
    }

    @Test func `threads that ask at once all get the answer`() throws {
        let cache = HostCache(resolve: ListedResolver(["a": ["192.0.2.1"]]).resolve)
        let found = Guarded(0)
        var threads: [Parcel<Thread>] = []
        for _ in 0..<8 {
            threads.append(
                Parcel(
                    try Thread {
                        for _ in 0..<200 where cache.isHost("a", of: address("192.0.2.1")) {
                            found.withLock { $0 += 1 }
                        }
                    }))
        }
        for thread in threads { thread.take().join() }
        #expect(found.withLock { $0 } == 1_600)
    }
}
