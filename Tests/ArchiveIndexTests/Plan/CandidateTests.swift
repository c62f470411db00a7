// Candidates by every look-up (PS3.4 §C.2.2.2): what the exact rule takes is found, whatever key it is looked up by.

import DICOM
import Testing

@testable import ArchiveIndex

@Suite("Candidates looked up and judged, PS3.4 §C.2.2.2") struct CandidateTests {
    @Test(arguments: [
        ("ACC1", ["1.2.1"]), (" ACC1 ", ["1.2.1"]), ("acc1", []), ("ACC?", ["1.2.1", "1.2.2"]),
        ("ACC*", ["1.2.1", "1.2.12", "1.2.2"]), ("*1*", ["1.2.1", "1.2.12"]), ("ACC1\\ACC2", ["1.2.1", "1.2.2"]),
        ("A_C1", []), ("ACC%", []), ("ACC", []),
    ])
    func `accession numbers are found by any key`(key: String, studies: [String]) throws {
        let shelf = Shelf([
            Shelf.instance(study: 1).with(.accessionNumber, " ACC1"), Shelf.instance(study: 2),
            Shelf.instance(study: 12), Shelf.instance(study: 4).with(.accessionNumber, ""),
            Shelf.instance(study: 5).without(.accessionNumber),
        ])
        #expect(try shelf.matches(.keys("STUDY", [.accessionNumber: key])) == studies)
        #expect(
            try shelf.matches(.keys("STUDY", [.accessionNumber: key, .studyInstanceUID: "1.2.1"]))
                == studies.filter { $0 == "1.2.1" })
    }

    @Test(arguments: [
        (DICOM.Tag.accessionNumber, "A1\\A2", ["A2", "A?", "*2", "A1"]),
        (.patientName, "SMITH\\JONES", ["JONES", "J*", "*ONES", "jones^"]),
        (.studyDate, "20240101\\20240301", ["20240301", "20240201-", "-20240101"]),
    ])
    func `a second value is found whether its key is looked up or not`(
        tag: DICOM.Tag, stored: String, keys: [String]
    ) throws {
        let shelf = Shelf([Shelf.instance().with(tag, stored)])
        for key in keys {
            // By UID the exact rule alone decides.
            let byUID = DataSet.keys("STUDY", [.studyInstanceUID: "1.2.1"]).with(tag, key)
            #expect(try shelf.matches(byUID) == ["1.2.1"], "\(key)")
            #expect(try shelf.matches(DataSet.keys("STUDY").with(tag, key)) == ["1.2.1"], "\(key)")
        }
    }

    @Test func `a Patient ID with a backslash in it is found by the whole ID, which a response shows`() throws {
        let shelf = Shelf([Shelf.instance().with(.patientID, "P1\\P2")])
        let shown = try #require(try shelf.responses(to: .keys("PATIENT", [.patientID: ""]), model: .patientRoot).first)
        #expect(shown.text(.patientID) == "P1\\P2")
        let down = DataSet.keys("STUDY", [.patientID: shown.text(.patientID) ?? "", .studyInstanceUID: ""])
        #expect(try shelf.matches(down, model: .patientRoot) == ["1.2.1"])
    }

    @Test func `names are found in any case, group and character set`() throws {
        let latin = Shelf.instance(study: 1).with(.specificCharacterSet, "ISO_IR 100")
            .with(.patientName, bytes: [0x4D, 0xDC, 0x4C, 0x4C, 0x45, 0x52])
        let japanese = Shelf.instance(study: 2).with(.specificCharacterSet, "\\ISO 2022 IR 87")
            .with(.patientName, bytes: CharacterSetMatchingTests.yamada)
        let shelf = Shelf([latin, japanese, Shelf.instance(study: 3).with(.patientName, "")])
        for key in ["müller", "MÜL*", "*ller", "m?ller"] {
            #expect(try shelf.matches(.keys("STUDY", [.patientName: key])) == ["1.2.1"], "\(key)")
            #expect(try shelf.matches(.keys("PATIENT", [.patientName: key]), model: .patientRoot) == ["P1"], "\(key)")
        }
        for key in ["yamada*", "山田*", "=山田*", "*太郎", "Yamada^Tarou=山田^太郎"] {
            #expect(try shelf.matches(.keys("STUDY", [.patientName: key])) == ["1.2.2"], "\(key)")
            #expect(try shelf.matches(.keys("PATIENT", [.patientName: key]), model: .patientRoot) == ["P2"], "\(key)")
        }
        #expect(try shelf.matches(.keys("STUDY", [.patientName: "*=*"])) == ["1.2.1", "1.2.2"])
    }

    @Test func `a star behind a delimiter finds a name that ends there`() throws {
        let shelf = Shelf([
            Shelf.instance(study: 1).with(.patientName, "SMITH^"), Shelf.instance(study: 2).with(.patientName, "SMITH"),
            Shelf.instance(study: 3), Shelf.instance(study: 4).with(.patientName, "SMITHERS"),
        ])
        #expect(try shelf.matches(.keys("STUDY", [.patientName: "SMITH^*"])) == ["1.2.1", "1.2.2", "1.2.3"])
    }

    @Test func `dates in the old form are found like others`() throws {
        let shelf = Shelf([
            Shelf.instance(study: 1).with(.studyDate, "2024.01.02"),
            Shelf.instance(study: 2).with(.studyDate, "20240102"),
            Shelf.instance(study: 3).with(.studyDate, "20240103"), Shelf.instance(study: 4).with(.studyDate, ""),
            Shelf.instance(study: 5).with(.studyDate, " 20240102"), Shelf.instance(study: 6).with(.studyDate, "2024"),
        ])
        for key in ["20240102", "2024.01.02", "20240101-20240102", "-20240102"] {
            #expect(try shelf.matches(.keys("STUDY", [.studyDate: key])) == ["1.2.1", "1.2.2", "1.2.5"], "\(key)")
        }
        #expect(try shelf.matches(.keys("STUDY", [.studyDate: "20240103-"])) == ["1.2.3"])
        #expect(try shelf.matches(.keys("STUDY", [.studyDate: "20240103-20240101"])).isEmpty)
    }

    // MARK: Unknown values

    @Test(arguments: [
        (DICOM.Tag.accessionNumber, "ACC1"), (.patientName, "S*"), (.studyDate, "20240101"), (.patientID, "P1"),
        (.studyID, "1"), (.studyTime, "10-11"),
    ])
    func `unknown values match nothing, or everything where the site says so`(tag: DICOM.Tag, key: String) throws {
        let shelf = Shelf([
            Shelf.instance(study: 1), Shelf.instance(study: 2).with(tag, ""), Shelf.instance(study: 3).without(tag),
            Shelf.instance(study: 4).with(tag, tag == .studyDate ? "19990101" : tag == .studyTime ? "2300" : "X"),
        ])
        let identifier = DataSet.keys("STUDY").with(tag, key)
        #expect(try shelf.matches(identifier) == ["1.2.1"])
        var options = MatchingOptions()
        options.unknownMatches = true
        #expect(try shelf.matches(identifier, options: options) == ["1.2.1", "1.2.2", "1.2.3"])
    }
}
