// CONFORMANCE.md against the code: its tables are written anew and compared, so that neither changes alone.

import ArchiveIndex
import Configuration
import Foundation
import Platform
import Testing
import UpperLayer

@Suite("CONFORMANCE.md, PS3.2") struct ConformanceStatementTests {
    /// With FILEROOM_WRITE_CONFORMANCE in the environment the file is written instead of compared.
    @Test func `has the code's tables`() throws {
        if ProcessInfo.processInfo.environment["FILEROOM_WRITE_CONFORMANCE"] != nil {
            let text = try ConformanceStatement.renewed()
            try text.write(
                toFile: ConformanceStatement.top.appending("CONFORMANCE.md").description, atomically: true,
                encoding: .utf8)
        }
        for table in ConformanceTable.allCases {
            let written = try #require(try ConformanceStatement.written(table), "no table \(table.rawValue)")
            let differing = zip(written, table.lines).first { $0 != $1 }
            #expect(
                written == table.lines,
                """
                the table \(table.rawValue) is not what the code says: \(differing?.0 ?? "") should be \
                \(differing?.1 ?? "\(table.lines.count) lines"). FILEROOM_WRITE_CONFORMANCE=1 writes it anew
                """)
        }
    }

    @Test func `has the sections of PS3.2`() throws {
        let headings = try ConformanceStatement.lines().filter { $0.hasPrefix("## ") }.map {
            $0.dropFirst(3).description
        }
        #expect(
            headings == [
                "1 Conformance statement overview", "2 Table of contents", "3 Introduction", "4 Networking",
                "5 Media interchange", "6 Support of character sets", "7 Security", "8 Annexes",
            ])
    }

    @Test func `says who we are and what we take at most`() throws {
        let text = try ConformanceStatement.lines().joined(separator: "\n")
        #expect(text.contains("UID \(ImplementationIdentity.fileroom.classUID), "))
        #expect(text.contains("name \(ImplementationIdentity.fileroom.versionName)."))
        #expect(Settings().pduMaximumBytes == 131_072 && text.contains("`MaxPDUSize` (default 131,072)"))
        #expect(Settings().associationsMaximum == 2_000 && text.contains("`MaxAssociations` (default 2,000)"))
        #expect(Query.keysMaximum == 2_048 && text.contains("2,048 keys"))
    }
}
