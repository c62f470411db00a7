// HostTable, VendorTable and AETable.

import DICOM
import Testing

@testable import Configuration

@Suite("HostTable, VendorTable and AETable") struct TableTests {
    @Test func `reads Debian's sample`() throws {
        let read = try settings(debianSample)
        #expect(read.networkTCPPort == 104 && read.pduMaximumBytes == 16_384 && read.associationsMaximum == 16)
        #expect(read.hosts.map(\.name) == ["acme1", "acme2", "acmeCTcompany", "united1", "united2", "unitedMRcompany"])
        #expect(read.hosts.map(\.peers.count) == [1, 1, 2, 1, 1, 2])
        #expect(read.vendors.map(\.name) == ["Acme CT Company", "United MR Company"])
        #expect(read.areas.map(\.aeTitle.text) == ["ACME_STORE", "UNITED_STORE", "READWRITE", "READ"])
        #expect(read.areas.map(\.access) == [.readWrite, .readWrite, .readWrite, .read])
        #expect(read.areas[0].quota == Quota(studiesMaximum: 9, studyMaximumBytes: 1 << 30))
        #expect(read.areas[0].peers == .listed(read.hosts[2].peers) && read.areas[2].peers == .any)
        #expect(read.areas[3].folder == "/var/lib/dcmtk/db/READ" && read.warnings.isEmpty)
    }

    @Test func `takes groups of groups in any order, each peer once`() throws {
        let read = try settings(
            file(
                hosts: ["all = b, a, (C, c, 3)", "b = a, (B, b, 2)", "a=(A,a,1)", "again = all, all"],
                peers: "again, (A a 1)"))
        let peers = read.areas[0].peers.peers
        #expect(peers.map(\.aeTitle.text) == ["A", "B", "C"] && peers.map(\.port) == [1, 2, 3])
    }

    @Test func `takes names with blanks, which have no comma`() throws {
        let read = try settings(
            file(hosts: ["acme1 = (A, a, 1)", "\"all of ACME\" = acme1, \"B, b, 2\""], peers: "\"all of ACME\""))
        #expect(read.areas[0].peers.peers.map(\.aeTitle.text) == ["A", "B"])
    }

    @Test func `resolves ten thousand nested groups`() throws {
        let rows = ["g0 = (A, a, 1)"] + (1..<10_000).map { "g\($0) = g\($0 - 1), g\($0 - 1)" }
        let read = try settings(file(hosts: rows.reversed(), peers: "g9999"))
        #expect(read.areas[0].peers.peers.count == 1)
    }

    @Test func `names a cycle of groups`() {
        let found = faults(file(hosts: ["a = b", "b = c, (B, b, 2)", "c = a"], peers: "a"))
        #expect(found.map(\.line) == [4] && found.first?.found.contains("a -> b -> c -> a") == true)
        #expect(faults(file(hosts: ["a = a"], peers: "a")).count == 1)
    }

    @Test func `names the nearest symbolic name for an unknown one`() {
        let found = faults(file(hosts: ["acme1 = (A, a, 1)"], peers: "acme2"))
        #expect(found.map(\.line) == [5] && found.first?.expected.hasSuffix("the nearest is \"acme1\"") == true)
    }

    @Test(arguments: [
        "(A, b)", "(A, b, 1, 2)", "(SEVENTEEN_LETTERS, b, 1)", "(A, b/c, 1)", "(A, b, port)", "(A, b, 65536)", "()",
        "\"A,b\"", "",
    ])
    func `refuses what is no peer`(peers: String) {
        #expect(faults(file(peers: peers)).map(\.line) == [4])
    }

    @Test func `hints at a host that stands before its AE title`() throws {
        let found = faults(file(peers: "(scanner.example.org, CT1, 104)"))
        #expect(found.first?.expected == "(CT1, scanner.example.org, 104): the AE title stands before the host")
        let read = try settings(file(peers: "(192.0.2.1, CT1, 104), (CT2, 192.0.2.2, 104), (storescp, *, 104)"))
        #expect(read.warnings.count == 1 && read.areas[0].peers.peers[0].aeTitle.text == "192.0.2.1")
    }

    @Test func `takes addresses and the caller's host`() throws {
        let read = try settings(
            file(peers: "(A, 192.0.2.1, 1), (B, [2001:db8::1], 2), (C, fe80::1%eth0, 3), (D, *, 4)"))
        #expect(read.areas[0].peers.peers.map(\.host.description) == ["192.0.2.1", "2001:db8::1", "fe80::1%eth0", "*"])
    }

    @Test(
        arguments: [("(9, 1024)", nil), ("(9 , 1GB)", 1 << 30), ("\"9, 5kb\"", 5_120), ("(9, 1024 mb)", nil)]
            as [(String, Int?)])
    func `reads quotas; without a unit there is no limit`(quota: String, bytes: Int?) throws {
        let read = try settings("AETable BEGIN\nA /a W \(quota) ANY\nAETable END")
        #expect(read.areas[0].quota == Quota(studiesMaximum: 9, studyMaximumBytes: bytes))
    }

    @Test(arguments: [
        "A /a R (1, 1mb)", "A /a R ANY ANY", "A", "A /a X (1, 1mb) ANY", "A /a dir R (1, 1mb) ANY",
        "A /a R (many, 1mb) ANY", "A /a R (1, big) ANY", "A /a R (1) ANY", "A \"\" R (1, 1mb) ANY",
        "A /a R (1, 1mb ANY",
    ])
    func `refuses what is no row`(row: String) {
        #expect(faults("AETable BEGIN\n\(row)\nAETable END").map(\.line) == [2])
    }

    @Test func `wants BEGIN and END in pairs`() {
        #expect(faults("AETable END").count == 1 && faults("AETable").count == 1 && faults("AETable START").count == 1)
        #expect(faults("HostTable BEGIN\nHostTable END\nHostTable BEGIN\n\n").map(\.line) == [3])
        #expect(faults("HostTable BEGIN\nAETable BEGIN\nA /a R (1, 1mb) ANY\nAETable END").map(\.line) == [2])
        #expect(faults("HostTable BEGIN\nAETable END").map(\.line) == [2])
    }

    @Test func `takes rows of one title as one, with the peers of both`() throws {
        let read = try settings("AETable BEGIN\nA /a R (1,1mb) (P, p, 1)\nA /b R (1,1mb) (Q, q, 2)\nAETable END")
        #expect(read.areas.map(\.folder) == ["/a"] && read.areas[0].peers.peers.map(\.aeTitle.text) == ["P", "Q"])
        #expect(read.warnings.map(\.line) == [3])
    }

    @Test func `takes rows of one folder as one area`() throws {
        let text = "AETable BEGIN\nA /a/./x R (1,1mb) ANY\nB /a//x/ RW (1,1mb) ANY\nC /c R (1,1mb) ANY\nAETable END"
        let read = try settings(text)
        #expect(read.distinctAreas.map(\.aeTitle.text) == ["A", "C"])
        #expect(read.areas.map { read.indexFolder(of: $0) } == ["/a/x/index", "/a/x/index", "/c/index"])
        let elsewhere = try settings("IndexDirectory = /i\n" + text)
        #expect(elsewhere.areas.map { elsewhere.indexFolder(of: $0) } == ["/i/A", "/i/A", "/i/C"])
    }

    @Test func `makes a file name of every AE title`() throws {
        let rows = ["..", "A/B", "100%"].map { "\"\($0)\" /\($0.count) R (1,1mb) ANY" }.joined(separator: "\n")
        let read = try settings("IndexDirectory = /i\nAETable BEGIN\n\(rows)\nAETable END")
        #expect(read.areas.map { read.indexFolder(of: $0) } == ["/i/%2E.", "/i/A%2FB", "/i/100%25"])
    }

    @Test func `shows all mistakes at once, in the order of the lines`() {
        let found = faults(
            """
            NetworkTCPort = 104
            MaxPDUSize = lots
            HostTable BEGIN
            a = (A, b)
            HostTable END
            AETable BEGIN
            A /a X (1, 1mb) ANY
            B /b R (1, 1mb) nobody
            AETable END
            DefaultAETitle = C
            """)
        #expect(found.map(\.line) == [1, 2, 4, 7, 8, 10])
    }
}
