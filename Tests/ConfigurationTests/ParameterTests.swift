// Global parameters: types, ranges, defaults.

import DICOM
import Testing

@testable import Configuration

@Suite("Global parameters") struct ParameterTests {
    @Test func `has defaults for all`() throws {
        let read = try settings("")
        #expect(read.networkTCPPort == 104 && read.pduMaximumBytes == 131_072 && read.associationsMaximum == 2_000)
        #expect(read.acseTimeoutSeconds == 30 && read.dimseTimeoutSeconds == 120 && read.idleTimeoutSeconds == nil)
        #expect(read.endTimeoutSeconds == 30)
        #expect(read.listenAddress == nil && read.logFile == nil && read.workers == nil && read.logLevel == .info)
        #expect(
            read.storageTCPPort == nil && read.storage == StorageSettings() && read.unknownMatches == false
                && read.moveWindow == 8 && read == Settings())
        #expect(read.responsesMaximum == nil && read.headerReadsMaximum == 10_000)
    }

    @Test func `takes each`() throws {
        let read = try settings(
            """
            ListenAddress = ::1
            NetworkTCPPort = 0
            StorageTCPPort = 0
            MaxPDUSize=16kb
            MaxAssociations 16
            ACSETimeout = 5
            DIMSETimeout = 6
            IdleTimeout = 7
            EndTimeout = 8
            LogLevel = Debug
            LogFile = "log/the log.txt"
            DefaultAETitle = A
            IndexDirectory = ./index
            Workers = 3
            UnknownMatches = yes
            MoveWindow = 1
            AccentInsensitiveNames = no
            FallbackCharacterSet = '\\ISO 2022 IR 149'
            MaxResponses = 500
            HeaderReads = 0
            UserName = dcmtk
            GroupName = "dcmtk"
            AETable BEGIN
            A a R (1, 1mb) ANY
            AETable END
            """)
        #expect(read.listenAddress == "::1" && read.networkTCPPort == 0 && read.storageTCPPort == 0)
        #expect(read.pduMaximumBytes == 16_384)
        #expect(read.associationsMaximum == 16 && read.acseTimeoutSeconds == 5 && read.dimseTimeoutSeconds == 6)
        #expect(
            read.idleTimeoutSeconds == 7 && read.endTimeoutSeconds == 8 && read.logLevel == .debug && read.workers == 3
                && read.unknownMatches && !read.ignoresAccents && read.moveWindow == 1)
        #expect(read.storage.fallbackCharacterSet == FallbackCharacterSet("\\ISO 2022 IR 149"))
        #expect(read.responsesMaximum == 500 && read.headerReadsMaximum == 0)
        #expect(try settings("MaxResponses = 0").responsesMaximum == nil)
        #expect(read.logFile == "/etc/fileroom/log/the log.txt" && read.indexDirectory == "/etc/fileroom/index")
        #expect(read.defaultAETitle == AETitle("A") && read.userName == "dcmtk" && read.groupName == "dcmtk")
        #expect(read.areas.map(\.folder) == ["/etc/fileroom/a"] && read.warnings.isEmpty)
    }

    @Test(arguments: [
        "NetworkTCPPort = 65536", "NetworkTCPPort = -1", "NetworkTCPPort = http", "NetworkTCPPort", "MaxPDUSize = 100",
        "MaxPDUSize = 99999999999999999999", "MaxPDUSize = 9999999999999999gb", "MaxAssociations = 0",
        "ACSETimeout = 0", "DIMSETimeout = 1.5", "IdleTimeout = 86401", "EndTimeout = 0", "LogLevel = loud",
        "LogFile =", "MaxResponses = -1", "MaxResponses = all", "HeaderReads = none", "HeaderReads = 9999999999",
        "DefaultAETitle = SEVENTEEN_LETTERS", "DefaultAETitle = NOSUCHAREA", "Workers = 0", "Workers = 257",
        "MoveWindow = 0", "MoveWindow = 17", "UnknownMatches = maybe", "AccentInsensitiveNames = perhaps",
        "FallbackCharacterSet",
        "FallbackCharacterSet = latin1",
        "FallbackCharacterSet = ISO_IR 100", "FallbackCharacterSet = \"ISO_IR 6\"",
        "FallbackCharacterSet = \"ISO_IR 192\", override", "StorageTCPPort = 65536", "StorageTCPPort = 104",
        "StorageTCPPort = http",
        "ListenAddress = a/b", "SpecificCharacterSet = latin1",
        "SpecificCharacterSet = \"ISO_IR 999\"", "SpecificCharacterSet = \"ISO_IR -5\"",
        "SpecificCharacterSet = \"ISO_IR 87\"", "SpecificCharacterSet = \"ISO_IR 192\\\\ISO_IR 100\"",
        "SpecificCharacterSet = override, fallback", "SpecificCharacterSet", "LogFile = /var/log/my file",
    ])
    func `refuses a wrong value, with its line`(line: String) {
        let found = faults("# first\n" + line + "\n")
        #expect(found.count == 1 && found.first?.line == 2 && found.first?.file == "test.cfg")
    }

    @Test func `wants two ports to be two, in whatever order they stand`() throws {
        let found = faults("StorageTCPPort = 11112\nNetworkTCPPort = 11112\n")
        #expect(found.map(\.line) == [1] && found[0].found.contains("the NetworkTCPPort of line 2"))
        #expect(try settings("StorageTCPPort = 104\nNetworkTCPPort = 11112\n").storageTCPPort == 104)
    }

    @Test func `names the nearest parameter for an unknown one`() {
        let found = faults("NetworkTcpPrt = 104")
        #expect(
            found.map(\.description) == [
                "test.cfg:1: found the unknown parameter \"NetworkTcpPrt\"; expected NetworkTCPPort"
            ])
    }

    @Test func `accepts and ignores what dcmqrscp ignores`() throws {
        let ignored = Parameter.allCases.filter(\.isIgnored)
        #expect(ignored.count == 7)
        let text = ignored.map { "\($0.rawValue) = \"x\" 1 (2)\n" }.joined()
        #expect(try settings(text) == Settings())
    }

    @Test func `passes over what follows a value that dcmqrscp knows, and says so`() throws {
        let read = try settings("MaxPDUSize = 16384 bytes\n")
        #expect(read.pduMaximumBytes == 16_384 && read.warnings.map(\.line) == [1])
    }

    @Test func `takes the last of two, and says so`() throws {
        let read = try settings("Workers = 1\nWorkers = 2\n")
        #expect(read.workers == 2 && read.warnings.map(\.line) == [2])
    }

    @Test func `takes dcmqrscp's way to name no user`() throws {
        #expect(try settings("UserName = (do not change user)\nGroupName = \"\"\n") == Settings())
    }

    @Test func `takes SpecificCharacterSet with its options`() throws {
        let read = try settings("SpecificCharacterSet = \"ISO_IR 192\", override, discard, transliterate\n")
        #expect(read.responseCharacterSet.characterSet == "ISO_IR 192" && read.responseCharacterSet.isOverriding)
        #expect(read.warnings.count == 1, "nothing is discarded, and that is said")
        #expect(try settings("SpecificCharacterSet = fallback\n").responseCharacterSet == ResponseCharacterSet())
        #expect(
            try settings("SpecificCharacterSet = '\\ISO 2022 IR 87'").responseCharacterSet.characterSet
                == "\\ISO 2022 IR 87")
    }

    @Test(
        arguments: [
            ("fallback", nil, false, 0), ("\"ISO_IR 192\"", "ISO_IR 192", false, 0),
            ("\"ISO_IR 101\", fallback", "ISO_IR 101", false, 0), ("override, \"ISO_IR 100\"", "ISO_IR 100", true, 0),
            ("override", nil, true, 0), ("transliterate", nil, false, 1), ("discard, fallback", nil, false, 1),
            ("\"ISO_IR 192\", override, discard, transliterate", "ISO_IR 192", true, 1),
            ("GB18030 override transliterate", "GB18030", true, 1),
        ] as [(String, String?, Bool, Int)])
    func `takes every combination of SpecificCharacterSet's options, as in dcmqrscp.cfg`(
        value: String, characterSet: String?, isOverriding: Bool, warnings: Int
    ) throws {
        let read = try settings("SpecificCharacterSet = " + value)
        #expect(read.responseCharacterSet.characterSet == characterSet)
        #expect(read.responseCharacterSet.isOverriding == isOverriding && read.warnings.count == warnings)
    }

    @Test func `says how a fallback is spelt`() {
        let found = faults("FallbackCharacterSet = utf-8")
        #expect(found.count == 1 && found[0].expected.hasSuffix("(ISO_IR 192?)"))
    }

    @Test(
        arguments: [
            ("1024mb", 1 << 30), ("1MB", 1 << 20), ("2kb", 2_048), ("3gb", 3 << 30), ("4tb", 4 << 40),
            ("99999999tb", nil), ("7b", 7), ("1024", nil),
            ("mb", nil),
            ("", nil), ("9223372036854775807kb", nil), ("99999999999999999999b", nil), ("٣mb", nil),
        ] as [(String, Int?)])
    func `reads sizes`(text: String, bytes: Int?) {
        #expect(ByteSize(text)?.bytes == bytes)
    }

    @Test(arguments: [
        ("a", "/f/a"), ("./a//b/", "/f/a/b"), ("/x", "/x"), ("../x", "/f/../x"), ("/", "/"), (".", "/f"),
    ])
    func `makes paths absolute, in one spelling`(path: String, absolute: String) {
        #expect(absolutePath(path, from: "/f") == absolute)
    }
}
