// CONFORMANCE.md against the code: its lists are read and compared, so that neither changes alone.

import Configuration
import DICOM
import Platform
import ServiceClasses
import Testing
import UpperLayer

@testable import ArchiveIndex

@Suite("CONFORMANCE.md, PS3.2") struct ConformanceStatementTests {
    static func statement() throws -> [Substring] {
        let top = Path(#filePath).parent.parent.parent
        let bytes = try File.open(top.appending("CONFORMANCE.md")).readAll(maximumBytes: 1 << 20)
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }

    /// The second cell of the table row whose first is `name`, within the lines from `heading` on.
    static func cell(_ name: String, below heading: String) throws -> String? {
        let lines = try statement().drop { !$0.hasPrefix(heading) }
        return lines.first { $0.hasPrefix("| \(name) |") }.map { line in
            line.dropFirst("| \(name) | ".count).dropLast(2).description
        }
    }

    @Test(arguments: Level.allCases) func `lists the keys of a level`(level: Level) throws {
        let held = HeldAttributes.tags(at: level) + [level.uniqueKey] + (level == .image ? [.sopClassUID] : [])
        let computed = SupportedKeys.computed.filter { $0.value == level }.keys
        let names = Set(held).union(computed).sorted().compactMap { DataDictionary.entry(for: $0)?.name }
        let cell = try #require(try Self.cell(level.name, below: "### 3.2"))
        #expect(cell.split(separator: ", ").map { String($0) } == names)
    }

    @Test(
        arguments: [
            ("Patient Root Query/Retrieve – FIND, MOVE, GET", "1"),
            ("Study Root Query/Retrieve – FIND, MOVE, GET", "2"),
            ("Patient/Study Only Query/Retrieve – FIND, MOVE, GET (retired)", "3"),
        ])
    func `lists the SOP classes that are served`(name: String, model: String) throws {
        let stem = "1.2.840.10008.5.1.4.1.2.\(model)"
        let cell = try #require(try Self.cell(name, below: "## 1"))
        #expect(cell == "\(stem).1, .2, .3 | no | yes")
        for number in 1...3 { #expect(QueryRetrieveSOPClass.named(try #require(UID("\(stem).\(number)"))) != nil) }
    }

    @Test func `says who we are and what we take at most`() throws {
        let text = try Self.statement().joined(separator: "\n")
        #expect(text.contains("UID \(ImplementationIdentity.fileroom.classUID), "))
        #expect(text.contains("name \(ImplementationIdentity.fileroom.versionName)."))
        #expect(Settings().pduMaximumBytes == 131_072 && text.contains("`MaxPDUSize` (default 131,072)"))
        #expect(Settings().associationsMaximum == 2_000 && text.contains("`MaxAssociations` (default 2,000)"))
        #expect(Query.keysMaximum == 2_048)
    }
}
