// Who may associate with whom: every calling title from every address, and what the refused are told.

import Configuration
import DICOM
import Platform
import ServiceClasses
import Testing
import UpperLayer

@testable import Daemon

@Suite("Admission, hardening T2 and T16, PS3.8 §9.3.4") struct GateTests {
    static let text = """
        HostTable BEGIN
        scanner = (CT1, ct.hospital, 104)
        HostTable END
        AETable BEGIN
        OPEN    /srv/open    R  (1, 1mb) ANY
        CLOSED  /srv/closed  RW (1, 1mb) scanner, (MR1, 192.0.2.2, 105), (MR1, dead.hospital, 1), (ROAM, *, 106)
        SAME    /srv/closed  R  (1, 1mb) (VIEWER, 192.0.2.9, 0)
        IN      /srv/in      W  (1, 1mb) ANY
        AETable END
        """

    static let resolver = ["ct.hospital": ["192.0.2.1", "2001:db8::1"]]

    static func gate(_ prefix: String = "", resolver: ListedResolver = ListedResolver(resolver)) throws -> Gate {
        Gate(try settings(prefix + text), hosts: HostCache(resolve: resolver.resolve))
    }

    /// The area that admits, or the reject's three numbers.
    static func verdict(_ gate: Gate, _ calling: String?, _ called: String?, from host: String) -> String {
        switch gate.judge(
            calling: calling.map { title($0) }, called: called.map { title($0) }, from: address(host, port: 49_152))
        {
        case .admitted(let entry, let area):
            #expect(entry.aeTitle == area.title)
            return entry.aeTitle.text
        case .refused(let reject, let reason):
            #expect(!reason.isEmpty && !reason.utf8.contains { $0 < 0x20 })
            return "\(reject.result.rawValue)/\(reject.source.rawValue)/\(reject.reason)"
        }
    }

    static let hosts = [
        "192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1", "2001:db8::2", "::ffff:192.0.2.1", "::ffff:192.0.2.2",
        "127.0.0.1",
    ]

    /// Where each title may call CLOSED from; nobody else may.
    static let admitted: [String: Set<String>] = [
        "CT1": ["192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"], "MR1": ["192.0.2.2", "::ffff:192.0.2.2"],
        "ROAM": Set(hosts), "ct1": [], "CT": [], "VIEWER": [], "CLOSED": [], "ANY": [], "*": [],
    ]

    @Test(arguments: admitted.keys.sorted(), hosts)
    func `T16 a title is admitted from its own host and from no other`(calling: String, host: String) throws {
        let expected = Self.admitted[calling]?.contains(host) == true ? "CLOSED" : "1/1/3"
        #expect(Self.verdict(try Self.gate(), calling, "CLOSED", from: host) == expected)
    }

    @Test(arguments: hosts) func `ANY admits every title from everywhere`(host: String) throws {
        for calling in ["CT1", "whoever", "ANY"] {
            #expect(Self.verdict(try Self.gate(), calling, "OPEN", from: host) == "OPEN")
        }
    }

    @Test func `T16 an unknown called title is refused as such, whoever calls`() throws {
        let gate = try Self.gate()
        for called in ["NONE", "open", "OPEN2", "ANY-SCP", "scanner", "CT1"] {
            #expect(Self.verdict(gate, "ROAM", called, from: "192.0.2.1") == "1/1/7")
            #expect(Self.verdict(gate, nil, called, from: "192.0.2.1") == "1/1/7")
        }
        #expect(Self.verdict(gate, "ROAM", nil, from: "192.0.2.1") == "1/1/7")
    }

    @Test func `T2 a called title is looked up exactly and never becomes a path`() throws {
        let gate = try Self.gate()
        for called in ["../open", "/srv/open", ".", "..", "OPEN/", "OPEN/.", "CLOSED/../OPEN", "%2E%2E"] {
            #expect(Self.verdict(gate, "ROAM", called, from: "192.0.2.1") == "1/1/7")
        }
    }

    @Test func `an empty calling title is refused, even where anybody may call`() throws {
        #expect(Self.verdict(try Self.gate(), nil, "OPEN", from: "192.0.2.1") == "1/1/3")
        #expect(Self.verdict(try Self.gate(), nil, "CLOSED", from: "192.0.2.1") == "1/1/3")
    }

    @Test func `outer spaces of a title don't count, letter case does`() throws {
        #expect(Self.verdict(try Self.gate(), " CT1 ", "CLOSED  ", from: "192.0.2.1") == "CLOSED")
        #expect(Self.verdict(try Self.gate(), "CT1", "Closed", from: "192.0.2.1") == "1/1/7")
    }

    @Test func `DefaultAETitle takes the unknown called titles, and keeps its own peers`() throws {
        let open = try Self.gate("DefaultAETitle = OPEN\n")
        #expect(Self.verdict(open, "whoever", "NONE", from: "192.0.2.3") == "OPEN")
        #expect(Self.verdict(open, "whoever", nil, from: "192.0.2.3") == "OPEN", "no title is an unknown one")
        #expect(Self.verdict(open, "CT1", "CLOSED", from: "192.0.2.1") == "CLOSED", "a known title stays its own")
        let closed = try Self.gate("DefaultAETitle = CLOSED\n")
        #expect(Self.verdict(closed, "CT1", "NONE", from: "192.0.2.1") == "CLOSED")
        #expect(Self.verdict(closed, "CT1", "NONE", from: "192.0.2.3") == "1/1/3")
    }

    @Test func `areas that may be read are served`() throws {
        let gate = try Self.gate()
        for (called, access) in [("OPEN", Access.read), ("CLOSED", .readWrite)] {
            guard
                case .admitted(let entry, _) = gate.judge(
                    calling: title("ROAM"), called: title(called), from: address("192.0.2.1"))
            else {
                Issue.record("\(called) is refused")
                continue
            }
            #expect(entry.access == access)
        }
    }

    // dcmqrscp answers queries for areas of W, and an unchanged file must work.
    @Test func `an area of W alone can still be queried`() throws {
        #expect(Self.verdict(try Self.gate(), "ROAM", "IN", from: "192.0.2.1") == "IN")
    }

    @Test func `titles of one folder share its index`() throws {
        let areas = ServedAreas.all(try settings(Self.text))
        #expect(areas.keys.sorted().map(\.text) == ["CLOSED", "IN", "OPEN", "SAME"])
        #expect(areas[title("SAME")]?.indexPath == areas[title("CLOSED")]?.indexPath)
        #expect(areas[title("SAME")]?.title == title("SAME"))
        #expect(areas[title("OPEN")]?.indexPath == "/srv/open/index")
        let elsewhere = ServedAreas.all(try settings("IndexDirectory = /fast\n" + Self.text))
        #expect(elsewhere[title("SAME")]?.indexPath == "/fast/CLOSED")
    }

    @Test func `the refusal's reason is for the log: what is known, and where a peer should be`() throws {
        let gate = try Self.gate()
        guard
            case .refused(_, let unknown) = gate.judge(
                calling: title("CT1"), called: title("NONE"), from: address("192.0.2.1")),
            case .refused(_, let wrongHost) = gate.judge(
                calling: title("MR1"), called: title("CLOSED"), from: address("192.0.2.1"))
        else {
            Issue.record("admitted")
            return
        }
        #expect(unknown == "called AE title NONE is unknown; known are OPEN, CLOSED, SAME, IN")
        #expect(wrongHost.contains("MR1") && wrongHost.contains("192.0.2.2, dead.hospital"))
    }

    @Test func `names are resolved when a title needs them, once`() throws {
        let resolver = ListedResolver(Self.resolver)
        let gate = try Self.gate(resolver: resolver)
        #expect(resolver.asked.isEmpty, "starting resolves nothing")
        _ = Self.verdict(gate, "whoever", "OPEN", from: "192.0.2.1")
        _ = Self.verdict(gate, "whoever", "CLOSED", from: "192.0.2.1")
        _ = Self.verdict(gate, "ROAM", "CLOSED", from: "192.0.2.1")
        #expect(resolver.asked.isEmpty)
        for host in Self.hosts + Self.hosts { _ = Self.verdict(gate, "CT1", "CLOSED", from: host) }
        #expect(resolver.asked == ["ct.hospital"])
        for _ in 0..<3 { _ = Self.verdict(gate, "MR1", "CLOSED", from: "192.0.2.3") }
        #expect(
            resolver.asked == ["ct.hospital", "192.0.2.2", "dead.hospital"], "a dead name is asked for once as well")
    }

    // MARK: Move destinations

    static func destination(
        _ gate: Gate, _ destination: String, caller: String, calling: String = "VIEWER"
    ) throws -> MoveDestination {
        let area = try #require(try settings(text).area(called: title("CLOSED")))
        return gate.destination(
            title(destination), area: area, calling: title(calling), caller: address(caller, port: 50_000))
    }

    @Test func `a destination is its host's addresses with its port, resolved when it is sent to`() throws {
        let resolver = ListedResolver(Self.resolver)
        guard
            case .known(let words, let addresses) = try Self.destination(
                Self.gate(resolver: resolver), "CT1", caller: "192.0.2.7")
        else {
            Issue.record("not known")
            return
        }
        #expect(words == "CT1 at ct.hospital:104" && resolver.asked.isEmpty)
        #expect(
            try addresses().get() == [address("192.0.2.1", port: 104), address("2001:db8::1", port: 104)])
        #expect(try addresses().get().count == 2 && resolver.asked == ["ct.hospital"])
    }

    @Test func `a destination of host * is where the caller is`() throws {
        guard case .known(_, let addresses) = try Self.destination(Self.gate(), "ROAM", caller: "2001:db8::7") else {
            Issue.record("not known")
            return
        }
        #expect(try addresses().get() == [address("2001:db8::7", port: 106)])
    }

    @Test func `a destination whose name has no address is known, but can't be reached`() throws {
        let text = Self.text.replacing("192.0.2.2, 105), (MR1, ", with: "gone.hospital, 105), (MR1, ")
        let gate = Gate(try settings(text), hosts: HostCache(resolve: ListedResolver(Self.resolver).resolve))
        let area = try #require(try settings(text).area(called: title("CLOSED")))
        guard
            case .known(let words, let addresses) = gate.destination(
                title("MR1"), area: area, calling: title("VIEWER"), caller: address("192.0.2.7")),
            case .failure(let fault) = addresses()
        else {
            Issue.record("resolved")
            return
        }
        #expect(fault.host == "gone.hospital" && fault.words.contains("no such name"))
        #expect(words == "MR1 at gone.hospital:105")
    }

    @Test func `MoveRestriction refuses destinations that are known, and says why`() throws {
        for (restriction, words) in [
            ("aetitle", "not your own AE title"), ("host", "not at your host"), ("vendor", "not of your vendor"),
        ] {
            let gate = try Self.gate("MoveRestriction = \(restriction)\n")
            guard case .forbidden(let reason) = try Self.destination(gate, "CT1", caller: "192.0.2.7") else {
                Issue.record("allowed by \(restriction)")
                continue
            }
            #expect(reason == words)
            guard case .unknown = try Self.destination(gate, "NONE", caller: "192.0.2.7") else {
                Issue.record("known")
                continue
            }
        }
        guard
            case .known = try Self.destination(
                Self.gate("MoveRestriction = aetitle\n"), "CT1", caller: "192.0.2.1", calling: "CT1"),
            case .known = try Self.destination(
                Self.gate("MoveRestriction = host\n"), "CT1", caller: "192.0.2.1", calling: "VIEWER")
        else {
            Issue.record("refused")
            return
        }
    }

    @Test func `an unknown destination is answered with those that are known, the nearest first`() throws {
        for (wanted, nearest) in [("CT2", "CT1"), ("MR", "MR1"), ("ROAMING", "ROAM")] {
            guard case .unknown(let known) = try Self.destination(Self.gate(), wanted, caller: "192.0.2.7") else {
                Issue.record("\(wanted) is known")
                continue
            }
            #expect(known.first?.text == nearest)
            #expect(known.map(\.text).sorted() == ["CT1", "MR1", "ROAM"], "each once; VIEWER has no port")
        }
    }

    @Test func `a destination without a port is unknown`() throws {
        guard case .unknown = try Self.destination(Self.gate(), "VIEWER", caller: "192.0.2.7") else {
            Issue.record("known")
            return
        }
    }
}
