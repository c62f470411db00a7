// The generated tables and their look-ups.

import DICOM
import Foundation
import Testing

@Suite("Dictionary, PS3.6") struct DictionaryTests {
    @Test func `elements have their VR and name`() {
        #expect(DataDictionary.vr(of: .patientName) == .PN)
        #expect(DataDictionary.vr(of: .pixelData) == .OW)
        #expect(DataDictionary.vr(of: Tag(0x6002, 0x3000)) == .OW)
        #expect(DataDictionary.vr(of: Tag(0x0020, 0x3105)) == .CS)
        #expect(DataDictionary.vr(of: Tag(0x0009, 0x0010)) == .LO)
        #expect(DataDictionary.vr(of: Tag(0x0009, 0x1001)) == .UN)
        #expect(DataDictionary.vr(of: Tag(0x0008, 0x0000)) == .UL)
        let entry = DataDictionary.entry(for: .modalitiesInStudy)
        #expect(entry?.keyword == "ModalitiesInStudy" && entry?.name == "Modalities in Study" && entry?.vm == "1-n")
        // Odd groups are nobody's but their creators'.
        for tag in [Tag(0x6001, 0x0010), Tag(0x5001, 0x0005), Tag(0x0009, 0x0010)] {
            #expect(DataDictionary.entry(for: tag) == nil)
        }
    }

    @Test func `keywords lead to tags`() {
        #expect(DataDictionary.tag(keyword: "PatientID") == .patientID)
        #expect(DataDictionary.tag(keyword: "Patient") == nil)
        #expect(DataDictionary.tag(keyword: "PatinetID") == nil)
        #expect(DataDictionary.tag(keyword: "") == nil)
    }

    @Test func `transfer syntaxes and SOP classes are known by their UIDs`() {
        #expect(TransferSyntax.implicitVRLittleEndian.encoding == .implicitLittle)
        #expect(TransferSyntax.explicitVRBigEndian.encoding == .explicitBig)
        #expect(TransferSyntax.deflatedExplicitVRLittleEndian.isDeflated)
        #expect(TransferSyntax.named(UID(literal: "1.2.840.10008.1.2.4.50"))?.isEncapsulated == true)
        #expect(SOPClass.named(UID(literal: "1.2.840.10008.5.1.4.1.1.2"))?.name == "CT Image Storage")
        #expect(SOPClass.all.count(where: \.isStorage) > 190)
    }

    @Test func `transfer syntaxes of streams and of other encodings hold no data set`() {
        let others = TransferSyntax.all.filter { !$0.isStorable }.map {
            $0.uid.text.dropFirst("1.2.840.10008.1.2.".count)
        }
        #expect(others == ["4.94", "4.95", "4.204", "4.205", "6.1", "6.2", "7.1", "7.2", "7.3"])
    }

    @Test func `the generator makes what is committed`() throws {
        let top = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
        let scratch = FileManager.default.temporaryDirectory.appending(path: "fileroom-generated-\(UUID())")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let generator = Process()
        generator.executableURL = top.appending(path: "tools/generate-dictionary")
        generator.arguments = ["--into", scratch.path]
        try generator.run()
        generator.waitUntilExit()
        #expect(generator.terminationStatus == 0)
        for name in [
            "Dictionary/Generated/DictionaryData.swift", "Dictionary/Generated/NamedTags.swift",
            "TransferSyntax/Generated/TransferSyntaxData.swift", "SOPClass/Generated/SOPClassData.swift",
        ] {
            let made = try Data(contentsOf: scratch.appending(path: name))
            #expect(try Data(contentsOf: top.appending(path: "Sources/DICOM").appending(path: name)) == made, "\(name)")
        }
    }
}
