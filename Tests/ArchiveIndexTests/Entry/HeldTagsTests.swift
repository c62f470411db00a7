// Held tags in any order, as files have them.

import DICOM
import Testing

@testable import ArchiveIndex

@Suite("Held tags, PS3.4 §C.6.1.1") struct HeldTagsTests {
    static let held = Level.allCases.flatMap { HeldAttributes.tags(at: $0) } + HeldAttributes.everywhere

    @Test func `any two are found in both orders, and what isn't held is not`() {
        let others = [DICOM.Tag(0x0008, 0x0000), .sopInstanceUID, DICOM.Tag(0x0010, 0x0011), DICOM.Tag(0x7FE0, 0x0010)]
        for first in Self.held + others {
            for second in Self.held + others {
                var cursor = HeldTagCursor()
                for tag in [first, second, first] {
                    #expect((cursor.held(tag)?.tag == tag) == Self.held.contains(tag), "\(first), \(second)")
                }
            }
        }
    }

    @Test func `each is held at its level, those of everywhere at all`() {
        for level in Level.allCases {
            for tag in HeldAttributes.tags(at: level) {
                var cursor = HeldTagCursor()
                #expect(cursor.held(tag)?.level == level)
                #expect(cursor.held(tag)?.isSequence == (DataDictionary.vr(of: tag) == .SQ))
            }
        }
        var cursor = HeldTagCursor()
        #expect(cursor.held(.specificCharacterSet)?.level == nil)
        let sets = HeldSets(of: DataSet(values: [.specificCharacterSet: "ISO_IR 100", .patientName: "A"]))
        for level in Level.allCases { #expect(sets[level].characterSet.map { Array($0) } == Array("ISO_IR 100".utf8)) }
        #expect(sets.patient.value(.patientName) != nil && sets.study.value(.patientName) == nil)
    }
}
