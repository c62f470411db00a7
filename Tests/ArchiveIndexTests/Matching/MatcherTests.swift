// Keys as what they ask for (PS3.4 §C.2.2.2): universal, single value, wildcard, list of UID, and what can't be a key.

import DICOM
import Testing

@testable import ArchiveIndex

/// VRs whose keys may hold wildcards (PS3.4 §C.2.2.2.4).
private let wildcardVRs: [VR] = [.AE, .CS, .LO, .LT, .PN, .SH, .ST, .UC, .UR, .UT]

@Suite("Universal matching, PS3.4 §C.2.2.2.3") struct UniversalMatchingTests {
    @Test(arguments: VR.allCases.filter { $0 != .SQ })
    func `a key of zero length matches every value, and no value`(vr: VR) throws {
        let matcher = try Trial.matcher(vr, "")
        #expect(matcher.isUniversal)
        #expect(matcher.matches(Trial.value(vr, Array("12345678".utf8)), options: MatchingOptions()))
        #expect(matcher.matches(Trial.value(vr, []), options: MatchingOptions()))
        #expect(matcher.matches(nil, options: MatchingOptions()))
    }

    @Test(arguments: VR.allCases.filter(\.isText), ["*", "**", "* ", " *", " ", "\0", "  \0"])
    func `a lone star, and padding alone, is universal in all text: clients send it for dates and UIDs`(
        vr: VR, key: String
    ) throws {
        #expect(try Trial.matcher(vr, key).isUniversal)
    }

    @Test func `a sequence is universal without items, and with an item that asks for nothing`() throws {
        func matcher(_ items: [DataSet]) throws -> Matcher {
            try Matcher(
                DataElement(.requestAttributesSequence, .SQ, .items(items)), characterSet: .utf8,
                options: MatchingOptions())
        }
        #expect(try matcher([]).isUniversal)
        #expect(try matcher([DataSet()]).isUniversal)
        #expect(
            try matcher([DataSet(values: [.requestedProcedureID: "", .scheduledProcedureStepID: "*"])]).isUniversal)
        #expect(try Trial.matcher(.SQ, "").isUniversal)
    }

    @Test(arguments: ["^", "^^^^", "=", "==", " ^ ", "^=^"])
    func `a name of delimiters alone asks for nothing: forms of family and given name send it`(key: String) throws {
        #expect(try Trial.matcher(.PN, key).isUniversal)
    }

    @Test func `two stars joined by a group delimiter are not universal`() throws {
        #expect(try !Trial.matcher(.PN, "*=*").isUniversal)
        #expect(try !Trial.matches(.PN, "*=*", ""))
    }
}

@Suite("Single value matching, PS3.4 §C.2.2.2.1") struct SingleValueMatchingTests {
    static let exactVRs = wildcardVRs.filter { $0 != .PN }

    @Test(arguments: exactVRs)
    func `text is matched exactly, case included`(vr: VR) throws {
        #expect(try Trial.matches(vr, "ABC 1", "ABC 1"))
        for other in ["abc 1", "ABC 1X", "XABC 1", "ABC", "ABC  1", "BC 1"] {
            #expect(try !Trial.matches(vr, "ABC 1", other), "\(other)")
        }
    }

    @Test(arguments: exactVRs)
    func `padding on either side of the comparison doesn't count`(vr: VR) throws {
        #expect(try Trial.matches(vr, "ABC ", "ABC"))
        #expect(try Trial.matches(vr, "ABC", "ABC   "))
        #expect(try Trial.matches(vr, "ABC", "ABC\0"))
        #expect(try Trial.matches(vr, "ABC\0", "ABC "))
    }

    @Test(arguments: exactVRs)
    func `leading spaces count only where the VR keeps them`(vr: VR) throws {
        let keepsThem: [VR] = [.LT, .ST, .UC, .UT]
        #expect(try Trial.matches(vr, " ABC", "ABC") != keepsThem.contains(vr))
        #expect(try Trial.matches(vr, "ABC", "  ABC") != keepsThem.contains(vr))
        #expect(try Trial.matches(vr, " ABC", " ABC"))
    }

    @Test(arguments: ["A_1", "A%1", "A'1", "A\"1", "A-1", "A=1"])
    func `characters that other languages think special are characters`(number: String) throws {
        #expect(try Trial.matches(.SH, number, number))
        #expect(try !Trial.matches(.SH, number, "AX1"))
        #expect(try !Trial.matches(.SH, number, "A1"))
    }

    @Test(arguments: ["7", "007", "+7", " 7 ", "7\0"], ["7", "007", "+7", " 7"])
    func `integer strings are matched as numbers`(key: String, stored: String) throws {
        #expect(try Trial.matches(.IS, key, stored))
        #expect(try !Trial.matches(.IS, key, "70"))
        #expect(try !Trial.matches(.IS, key, "-7"))
    }

    @Test(arguments: ["0.5", "5E-1", ".5", "+0.50", "00.5e0"], ["0.5", "5e-01", "0.500"])
    func `decimal strings are matched as numbers`(key: String, stored: String) throws {
        #expect(try Trial.matches(.DS, key, stored))
        #expect(try !Trial.matches(.DS, key, "0.51"))
        #expect(try !Trial.matches(.DS, key, "no number"))
    }

    @Test func `numbers in binary are matched by their bytes`() throws {
        let options = MatchingOptions()
        let matcher = try Trial.matcher(.US, [0x00, 0x02], in: "")
        #expect(matcher.matches(Trial.value(.US, [0x00, 0x02]), options: options))
        #expect(matcher.matches(Trial.value(.US, [0x01, 0x00, 0x00, 0x02]), options: options))
        // 0x0200 stands across two words here.
        #expect(!matcher.matches(Trial.value(.US, [0x07, 0x00, 0x02, 0x07]), options: options))
        #expect(!matcher.matches(Trial.value(.US, [0x02, 0x00]), options: options))
        #expect(!matcher.matches(Trial.value(.US, []), options: options))
    }

    @Test func `an attribute tag is one value, group and element`() throws {
        let matcher = try Trial.matcher(.AT, [0x08, 0x00, 0x60, 0x00], in: "")
        #expect(matcher.matches(Trial.value(.AT, [0x08, 0x00, 0x60, 0x00]), options: MatchingOptions()))
        #expect(!matcher.matches(Trial.value(.AT, [0x08, 0x00, 0x70, 0x00]), options: MatchingOptions()))
    }

    @Test(arguments: [VR.OB, .UN])
    func `octets are one value`(vr: VR) throws {
        let matcher = try Trial.matcher(vr, [1, 2], in: "")
        #expect(matcher.matches(Trial.value(vr, [1, 2]), options: MatchingOptions()))
        #expect(!matcher.matches(Trial.value(vr, [1, 3]), options: MatchingOptions()))
    }
}

@Suite("Wildcard matching, PS3.4 §C.2.2.2.4") struct WildcardMatchingTests {
    @Test(arguments: wildcardVRs)
    func `stars and question marks work in the VRs of the clause`(vr: VR) throws {
        #expect(try Trial.matches(vr, "A*C", "AC"))
        #expect(try Trial.matches(vr, "A*C", "ABBC"))
        #expect(try Trial.matches(vr, "A?C", "ABC"))
        #expect(try !Trial.matches(vr, "A?C", "AC"))
        #expect(try !Trial.matches(vr, "A*C", "ACX"))
    }

    @Test(arguments: wildcardVRs)
    func `wildcards keep the case of all but names`(vr: VR) throws {
        #expect(try Trial.matches(vr, "ab*", "ABC") == (vr == .PN))
    }

    @Test(arguments: [VR.DA, .TM, .DT, .UI, .IS, .DS], ["2*", "2?", "*2", "1.2.*"])
    func `other VRs take no wildcards: such a key is refused, not misread`(vr: VR, key: String) {
        #expect(throws: QueryFault.self) { try Trial.matcher(vr, key) }
    }

    @Test func `an age takes no wildcards`() {
        // Refused, or matched as it is written; "AS" isn't among the VRs of the clause.
        #expect((try? Trial.matches(.AS, "04*", "045Y")) != true)
        #expect((try? Trial.matches(.AS, "0?5Y", "045Y")) != true)
    }

    @Test func `a refused key names its element and says why`() throws {
        let fault = try #require(throws: QueryFault.self) {
            try Matcher(
                DataElement(.studyDate, .DA, .bytes(Array("2024*".utf8))), characterSet: .utf8,
                options: MatchingOptions())
        }
        #expect(fault.offending == [.studyDate])
        #expect(fault.kind == .identifierDoesNotMatch)
        #expect(fault.comment.contains("StudyDate"))
    }

    @Test func `a pattern may be longer than a value may be`() throws {
        // 17 characters in a CS, more than 16 in an SH.
        #expect(try Trial.matches(.CS, "*C*H*E*S*T*A*B*C*", "CHEST ABC"))
        #expect(try Trial.matches(.SH, "????????????????*", "0123456789ABCDEF"))
    }

    @Test func `trailing spaces of a value don't keep a pattern from matching its end`() throws {
        #expect(try Trial.matches(.LO, "*CT", "CHEST CT "))
        #expect(try Trial.matches(.LO, "CHEST ?? ", "CHEST CT"))
    }
}

@Suite("List of UID matching, PS3.4 §C.2.2.2.2") struct UIDMatchingTests {
    @Test func `one UID matches itself and nothing that begins or ends so`() throws {
        #expect(try Trial.matches(.UI, "1.2.3", "1.2.3"))
        for other in ["1.2.30", "1.2", "1.2.3.4", "11.2.3", "1.2.03"] {
            #expect(try !Trial.matches(.UI, "1.2.3", other), "\(other)")
        }
    }

    @Test(arguments: ["1.2.3\\1.2.4", "1.2.4\\1.2.3", "1.2.3\0\\1.2.4\0", " 1.2.3 \\1.2.4", "\\1.2.3", "1.2.3\\"])
    func `each UID of a list matches`(list: String) throws {
        #expect(try Trial.matches(.UI, list, "1.2.3"))
        #expect(try !Trial.matches(.UI, list, "1.2.5"))
    }

    @Test func `padding of a stored UID doesn't count, with NUL or space`() throws {
        for stored in ["1.2.3\0", "1.2.3 ", "1.2.3  \0", " 1.2.3"] {
            #expect(try Trial.matches(.UI, "1.2.3", stored), "\(Array(stored.utf8))")
        }
        #expect(try Trial.matches(.UI, "1.2.3 ", "1.2.3"))
    }

    @Test func `UIDs that break the rules are compared as they stand`() throws {
        #expect(try Trial.matches(.UI, "1.02.3", "1.02.3"))
        #expect(try !Trial.matches(.UI, "1.02.3", "1.2.3"))
        #expect(try Trial.matches(.UI, "NOT.A.UID", "NOT.A.UID"))
    }

    @Test func `a list may be longer than any UID`() throws {
        let list = (0..<500).map { "1.2.840.\($0)" }.joined(separator: "\\")
        #expect(try Trial.matches(.UI, list, "1.2.840.499"))
        #expect(try !Trial.matches(.UI, list, "1.2.840.500"))
    }
}
