// File layouts: named ones, templates of one's own, and the names of files.

import DICOM
import Testing

private func attributes(_ number: String = "12") -> DataSet {
    var set = DataSet()
    set.set(.patientID, .LO, text: "P1")
    set.set(.studyInstanceUID, .UI, text: "1.2")
    set.set(.seriesInstanceUID, .UI, text: "1.2.3")
    set.set(.sopInstanceUID, .UI, text: "1.2.3.4")
    set.set(.instanceNumber, .IS, text: number)
    return set
}

private let date = ReceiptDate(year: 2026, month: 11, day: 21)

private func path(_ text: String, _ naming: FileNaming = .sopUID, _ set: DataSet = attributes()) throws -> String {
    let layout = try FileLayout(text, naming: naming)
    let name = layout.fileName(of: set, receivedOn: date, timestamp: "20261121T101112.123456", sequence: 42)
    return (layout.folders.components(of: set, receivedOn: date) + [name])
        .map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
}

@Suite("File layouts") struct FileLayoutTests {
    @Test(arguments: [
        ("study-series", "1.2/1.2.3/1.2.3.4.dcm"), ("flat", "1.2.3.4.dcm"), ("patient", "P1/1.2.3.4.dcm"),
        ("study", "1.2/1.2.3.4.dcm"), ("series", "P1/1.2/1.2.3/1.2.3.4.dcm"), ("date", "2026/11/21/1.2.3.4.dcm"),
        ("Study-Series", "1.2/1.2.3/1.2.3.4.dcm"),
    ])
    func `have names`(name: String, expected: String) throws {
        #expect(try path(name) == expected && FileLayout.names.contains(name.lowercased()))
    }

    @Test func `file by study and series unless told otherwise`() throws {
        #expect(try FileLayout.standard == FileLayout("study-series", naming: .sopUID) && FileLayout.names.count == 6)
    }

    @Test(arguments: [
        ("{PatientID}/{StudyInstanceUID}", "P1/1.2/00000012.dcm"),
        ("{PatientID}/{StudyInstanceUID}.{InstanceNumber}", "P1/1.2.12/00000012.dcm"),
        ("{PatientID}/{InstanceNumber:04}.dcm", "P1/0012.dcm"),
        ("{PatientID}/{InstanceNumber}.DICOM1234", "P1/12.DICOM1234/00000012.dcm"),
        ("{PatientID}/{InstanceNumber}.IMA", "P1/12.IMA"), ("{PatientID}/x{SOPInstanceUID}", "P1/x1.2.3.4"),
        ("{SOPInstanceUID:3}", "1.2"), ("{SOPInstanceUID}/{PatientID}", "1.2.3.4/P1/00000012.dcm"),
        ("{YYYY}{MM}{DD}-{InstanceNumber}.dcm", "20261121-12.dcm"),
        ("{PatientID}/image.d m", "P1/image.d m/00000012.dcm"),
    ])
    func `take a template's last component as file name where it is one`(template: String, expected: String) throws {
        #expect(try path(template, .instanceNumber) == expected)
        let namesFile = try FileLayout(template, naming: .sopUID).fileName != nil
        #expect(namesFile == !expected.hasSuffix("/00000012.dcm"))
    }

    @Test(
        arguments: [
            (.sopUID, "1.2.3.4.dcm"), (.instanceNumber, "00000012.dcm"), (.timestamp, "20261121T101112.123456.dcm"),
            (.sequential, "00000042.dcm"),
        ] as [(FileNaming, String)])
    func `name files`(naming: FileNaming, expected: String) throws {
        #expect(try path("flat", naming) == expected)
    }

    @Test(arguments: [
        ("", "1.2.3.4.dcm"), ("x", "1.2.3.4.dcm"), ("-3", "-00000003.dcm"), ("123456789", "123456789.dcm"),
    ])
    func `name a file by its UID where it has no number`(number: String, expected: String) throws {
        #expect(try path("flat", .instanceNumber, attributes(number)) == expected)
    }

    @Test func `say which attributes they need`() throws {
        #expect(try FileLayout("flat", naming: .sequential).tags == [])
        #expect(
            try FileLayout("study", naming: .instanceNumber).tags == [
                .studyInstanceUID, .instanceNumber, .sopInstanceUID,
            ])
        #expect(
            try FileLayout("{SOPInstanceUID}/{SOPInstanceUID}.x", naming: .instanceNumber).tags == [.sopInstanceUID])
    }

    @Test func `keep the extension of a name that is cut`() throws {
        var set = attributes()
        set.set(.sopInstanceUID, .UI, text: "../" + String(repeating: "9", count: 300))
        let bytes = try FileLayout("flat", naming: .sopUID)
            .fileName(of: set, receivedOn: date, timestamp: "", sequence: 0)
        let name = String(decoding: bytes, as: UTF8.self)
        #expect(name.hasPrefix("%2E.%2F999") && name.hasSuffix(".dcm") && bytes.count == SafeComponent.maximumBytes)
        #expect(name.dropLast(4).suffix(17).first == "~")
    }

    @Test(arguments: ["study-serie", "flat/x", "images"])
    func `refuse one folder for everything, which is a misspelt name`(text: String) {
        #expect(throws: PathTemplateFault.unknownLayout(text)) { try FileLayout(text, naming: .sopUID) }
    }
}
