// Settings as the floors below take them.

import ArchiveIndex
import Configuration
import DICOM
import DIMSE
import Testing

@testable import Daemon

@Suite("Settings as limits, hardening §4") struct SettingsAsLimitsTests {
    @Test func `the defaults are those of hardening`() throws {
        let limits = AssociationLimits(try settings(""), idleSeconds: DaemonKind.queryRetrieve.idleSeconds)
        #expect(limits == .standard)
        #expect(limits.receivePDUBytes == 131_072 && limits.associateSeconds == 30 && limits.responseSeconds == 120)
        #expect(limits.messageSeconds == 30 && limits.leastRateSeconds == 60 && limits.idleSeconds == 600)
    }

    @Test func `each parameter is its limit`() throws {
        let limits = AssociationLimits(
            try settings("MaxPDUSize = 16384\nACSETimeout = 5\nDIMSETimeout = 300\nIdleTimeout = 7\n"), idleSeconds: 600
        )
        #expect(limits.receivePDUBytes == 16_384 && limits.associateSeconds == 5 && limits.idleSeconds == 7)
        #expect(limits.responseSeconds == 300 && limits.messageSeconds == 30, "patience ends inside a message")
        let impatient = AssociationLimits(try settings("DIMSETimeout = 10\n"), idleSeconds: 3_600)
        #expect(impatient.messageSeconds == 10 && impatient.leastRateSeconds == 20 && impatient.idleSeconds == 3_600)
    }

    @Test func `workers are as many as the file says, else two to eight`() throws {
        #expect(try settings("Workers = 1\n").workerCount == 1 && settings("Workers = 100\n").workerCount == 100)
        #expect((2...8).contains(try settings("").workerCount))
    }

    @Test func `unknown values match where the file says so`() throws {
        var standard = MatchingOptions()
        standard.ignoresAccents = true
        #expect(MatchingOptions(try settings("")) == standard)
        #expect(try !MatchingOptions(settings("AccentInsensitiveNames = no\n")).ignoresAccents)
        #expect(MatchingOptions(try settings("UnknownMatches = yes\n")).unknownMatches)
    }

    @Test func `responses fall back on UTF-8 or on what the file names`() throws {
        let encoding = { (text: String) in ResponseEncoding(try settings(text).responseCharacterSet) }
        #expect(try encoding("") == ResponseEncoding(fallback: .utf8, isOverriding: false))
        let named = try encoding("SpecificCharacterSet = \"ISO_IR 100\", override\n")
        #expect(named.isOverriding && named.fallback == SpecificCharacterSet(stored: Array("ISO_IR 100".utf8)))
        #expect(try !encoding("SpecificCharacterSet = \"ISO_IR 100\", fallback\n").isOverriding)
    }
}
