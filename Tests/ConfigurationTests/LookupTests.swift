// From AE titles and addresses to areas, rights and destinations.

import DICOM
import Testing

import Configuration

@Suite("Areas, admission and move destinations") struct LookupTests {
    @Test func `finds an area by its exact title`() throws {
        let read = try settings(debianSample)
        #expect(read.area(called: title("READ"))?.folder == "/var/lib/dcmtk/db/READ")
        #expect(read.area(called: title("read")) == nil && read.areaServing(called: title("ANY-SCP")) == nil)
        let defaulted = try settings("DefaultAETitle = READ\n" + debianSample)
        #expect(defaulted.areaServing(called: title("ANY-SCP"))?.aeTitle.text == "READ")
        #expect(defaulted.areaServing(called: title("READWRITE"))?.aeTitle.text == "READWRITE")
    }

    @Test func `admits a title from its host`() throws {
        let read = try settings(file(peers: "(A, a, 1), (A, b, 2), (C, *, 3)"))
        let area = read.areas[0]
        #expect(area.admission(calling: title("A")) { $0 == "b" } == .admitted)
        #expect(area.admission(calling: title("A")) { $0 == "c" } == .wrongHost(expected: ["a", "b"]))
        #expect(area.admission(calling: title("C")) { _ in false } == .admitted)
        #expect(area.admission(calling: title("B")) { _ in true } == .unknownTitle)
        let open = try settings(file(peers: "ANY")).areas[0]
        #expect(open.admission(calling: title("X")) { _ in false } == .admitted)
    }

    @Test func `looks for destinations in the area, the AETable, then the HostTable`() throws {
        let read = try settings(
            file(hosts: ["h = (V, h, 4)", "n = (N, n, 0)"], peers: "(V, a, 1), (V, b, 2)\nB /b R (1,1mb) (V, c, 3)"))
        let area = read.areas[0]
        let destinations = { (near: String) in
            read.moveDestinations(title("V"), area: area) { $0 == near }.map(\.host.description)
        }
        #expect(destinations("") == ["a", "b", "c", "h"])
        #expect(destinations("h") == ["h", "a", "b", "c"])
        #expect(read.moveDestinations(title("N"), area: area) { _ in true }.isEmpty)
        #expect(read.moveDestinations(title("X"), area: area) { _ in true }.isEmpty)
    }

    @Test func `takes a peer of host * to be at the caller's address`() throws {
        let read = try settings(file(hosts: ["h = (V, far, 1)", "i = (V, *, 2)"], peers: "ANY"))
        #expect(read.moveDestinations(title("V"), area: read.areas[0]) { _ in false }.map(\.port) == [2, 1])
    }

    @Test func `names the nearest destination for an unknown one`() throws {
        let read = try settings(debianSample)
        #expect(read.knownMoveDestinations(near: title("ACNE1"), area: read.areas[0]).first == AETitle("ACME1"))
        #expect(!read.knownMoveDestinations(near: title("ZZZZZZZZZ"), area: read.areas[0]).isEmpty)
    }

    // MARK: MoveRestriction

    /// Where VIEWER, from host v, may send to.
    static func allowed(_ restriction: String, calling: String = "VIEWER", from host: String = "v") throws -> [String] {
        let read = try settings(
            """
            MoveRestriction = \(restriction)
            HostTable BEGIN
            all = (VIEWER, v, 1), (SAMEHOST, v, 2), (SAMEVENDOR, w, 3), (FAR, x, 4), (ROAM, *, 5)
            acme = (VIEWER, v, 1), (SAMEVENDOR, w, 3)
            HostTable END
            VendorTable BEGIN
            "Acme" = acme
            "Other" = (FAR, x, 4)
            VendorTable END
            AETable BEGIN
            A /a R (1, 1mb) ANY
            AETable END
            """)
        return ["VIEWER", "SAMEHOST", "SAMEVENDOR", "FAR", "ROAM"].filter { name in
            read.moveDestinations(title(name), area: read.areas[0]) { $0 == host }.contains {
                read.isAllowed($0, calling: title(calling), isCallersHost: { $0 == host })
            }
        }
    }

    @Test func `MoveRestriction allows what dcmqrscp's --move options do`() throws {
        #expect(try Self.allowed("none") == ["VIEWER", "SAMEHOST", "SAMEVENDOR", "FAR", "ROAM"])
        #expect(try Self.allowed("aetitle") == ["VIEWER"])
        #expect(try Self.allowed("host") == ["VIEWER", "SAMEHOST", "ROAM"])
        #expect(try Self.allowed("vendor") == ["VIEWER", "SAMEVENDOR"])
        #expect(try Self.allowed("vendor", calling: "SAMEVENDOR", from: "w") == ["VIEWER", "SAMEVENDOR"])
    }

    @Test func `a title that calls from elsewhere is nobody's vendor's`() throws {
        #expect(try Self.allowed("vendor", from: "x") == [])
        #expect(try Self.allowed("vendor", calling: "NOBODY") == [])
        #expect(try Self.allowed("host", calling: "NOBODY") == ["VIEWER", "SAMEHOST", "ROAM"])
    }
}
