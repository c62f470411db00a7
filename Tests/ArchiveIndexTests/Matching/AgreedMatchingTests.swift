// Matching that holds only where it was negotiated (PS3.4 §C.2.2.2.7, §C.2.2.2.8, §C.2.2.2.1.1, §C.2.2.2.5.3).

import DICOM
import Testing

@testable import ArchiveIndex

@Suite("Negotiated matching, PS3.4 §C.5.1.1") struct AgreedMatchingTests {
    static func options(_ extensions: QueryExtensions) -> MatchingOptions {
        var options = MatchingOptions()
        options.extensions = extensions
        return options
    }

    @Test func `bytes are extensions in order, and no more than seven`() {
        #expect(QueryExtensions(bytes: []) == [] && QueryExtensions(bytes: [1]) == .relationalQueries)
        #expect(QueryExtensions(bytes: [0, 1, 2, 0, 0, 1, 1, 1]) == [.combinedDateTime, .emptyValue, .multipleValues])
        #expect(QueryExtensions([.relationalQueries, .emptyValue]).bytes(count: 9) == [1, 0, 0, 0, 0, 1, 0])
        #expect(QueryExtensions([.relationalQueries, .emptyValue]).bytes(count: 2) == [1, 0])
    }

    @Test(arguments: [VR.LO, .SH, .CS, .PN, .DA, .TM, .IS])
    func `two quotation marks match what is absent or empty, and nothing else`(vr: VR) throws {
        let agreed = Self.options(.emptyValue)
        let value: String =
            switch vr {
            case .DA: "20200101"
            case .TM: "1200"
            default: "1"
            }
        #expect(try Trial.matches(vr, "\"\"", nil, options: agreed))
        #expect(try Trial.matches(vr, "\"\" ", "", options: agreed) && Trial.matches(vr, "\"\"", "  ", options: agreed))
        #expect(try !Trial.matches(vr, "\"\"", value, options: agreed))
        // An empty key stays universal (PS3.4 §C.2.2.2.3).
        #expect(try Trial.matches(vr, "", value, options: agreed))
    }

    @Test func `where it isn't agreed on, quotation marks are characters`() throws {
        #expect(try !Trial.matches(.LO, "\"\"", nil) && Trial.matches(.LO, "\"\"", "\"\""))
    }

    @Test func `of several values all must be there`() throws {
        let agreed = Self.options(.multipleValues)
        for (vr, key, stored, all, any) in [
            (VR.CS, "CT\\MR", "MR\\CT\\US", true, true), (.CS, "CT\\MR", "CT", false, true),
            (.LO, "A*\\B", "AX\\B", true, true), (.LO, "A*\\B", "AX", false, true),
            (.PN, "Doe\\Roe", "DOE\\ROE", true, true),
            (.PN, "Doe\\Roe", "DOE", false, true), (.CS, "CT", "CT\\MR", true, true),
            (.CS, "CT\\PT", "MR", false, false),
        ] {
            #expect(try Trial.matches(vr, key, stored, options: agreed) == all, "\(key) in \(stored)")
            #expect(try Trial.matches(vr, key, stored) == any, "\(key) in \(stored), not agreed on")
        }
        // A list of UIDs stays a list (PS3.4 §C.2.2.2.2).
        #expect(try Trial.matches(.UI, "1.2\\1.3", "1.3", options: agreed))
    }

    @Test func `fuzzy names are compared by their words, in any order, without accents`() throws {
        let agreed = Self.options(.fuzzyNames)
        for (key, stored, isMatch) in [
            ("john doe", "Doe^John", true), ("Müller", "MULLER^ANNA", true), ("muller", "Müller^Anna", true),
            ("Doe^John^^^", "Doe^John", true), ("jo", "Doe^John", true), ("do?", "Doe^John", true),
            ("ohn", "Doe^John", false), ("Doe^Jane", "Doe^John", false), ("Ж", "Жуков^Георгий", true),
            ("Yamada", "Yamada^Tarou=山田^太郎=やまだ^たろう", true), ("太郎", "Yamada^Tarou=山田^太郎", true), ("*", "Doe", true),
            ("O'Brien", "OBrien", false), ("obrien", "O'Brien", false), ("brien", "O'Brien^Pat", true),
        ] {
            #expect(try Trial.matches(.PN, key, stored, options: agreed) == isMatch, "\(key) in \(stored)")
        }
        #expect(try !Trial.matches(.PN, "john doe", "Doe^John") && !Trial.matches(.PN, "Müller", "Muller"))
    }

    @Test func `letters lose their marks`() {
        #expect(plainLetters("ÀÉîõÜçñøŁ") == "aeioucnol" && plainLetters("e\u{301}") == "e")
        #expect(plainLetters("Straße 山 ж") == "straße 山 ж")
    }

    @Test func `ranges of a date and its time are one, where both are of one form`() throws {
        // Day by day from 5 to 7 July: at 09:00, at 11:00 and at 19:00.
        var sets: [DataSet] = []
        for day in 5...7 {
            for (number, hour) in ["09", "11", "19"].enumerated() {
                sets.append(
                    Shelf.instance(study: 10 * day + number).with(.studyDate, "2006070\(day)")
                        .with(.studyTime, "\(hour)0000"))
            }
        }
        let shelf = Shelf(sets)
        func found(_ date: String, _ time: String, _ extensions: QueryExtensions) throws -> Int {
            var options = MatchingOptions()
            options.extensions = extensions
            return try shelf.matches(.keys("STUDY", [.studyDate: date, .studyTime: time]), options: options).count
        }
        #expect(try found("20060705-20060707", "1000-1800", []) == 3)
        #expect(try found("20060705-20060707", "1000-1800", .combinedDateTime) == 7)
        #expect(try found("20060706-", "1000-", .combinedDateTime) == 5)
        #expect(try found("-20060706", "-1000", .combinedDateTime) == 4)
        // Of different form: each on its own.
        #expect(try found("20060705-20060707", "11", .combinedDateTime) == 3)
        #expect(try found("20060705-", "1000-1800", .combinedDateTime) == 3)
    }
}
