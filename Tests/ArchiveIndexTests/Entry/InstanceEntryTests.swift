import DICOM
import Testing

@testable import ArchiveIndex

@Suite("What the index is told of an instance") struct InstanceEntryTests {
    private static func entry(_ patientID: [UInt8], _ issuer: [UInt8]) -> InstanceEntry {
        let sample = Samples.regular(0)
        return InstanceEntry(
            patientID: patientID, issuer: issuer, studyInstanceUID: sample.studyInstanceUID,
            seriesInstanceUID: sample.seriesInstanceUID, sopInstanceUID: sample.sopInstanceUID,
            sopClassUID: sample.sopClassUID, transferSyntaxUID: sample.transferSyntaxUID, patient: sample.patient,
            study: sample.study, series: sample.series, image: sample.image, headerFingerprint: 1, place: sample.place)
    }

    @Test func `outer spaces of a patient ID don't count, and without one there is no issuer`() {
        #expect(Self.entry(Array(" A B ".utf8), Array("X ".utf8)).patientID == Array("A B".utf8))
        #expect(Self.entry(Array(" A B ".utf8), Array("X ".utf8)).issuer == Array("X".utf8))
        #expect(Self.entry(Array("  ".utf8), Array("X".utf8)).issuer == [])
    }

    @Test func `an endless patient ID is none`() throws {
        let longest = [UInt8](repeating: 0x41, count: AttributeSet.valueMaximumBytes)
        #expect(Self.entry(longest + [0x20], longest).patientID == longest)
        #expect(Self.entry(longest, longest + [0x41]).issuer == [])
        let endless = Self.entry(longest + [0x41], [0x58])
        #expect(endless.patientID == [] && endless.issuer == [])
        #expect(endless.patientKey.studyInstanceUID == endless.studyInstanceUID)
    }

    @Test func `pages of the longest patient IDs are read`() throws {
        let longest = [UInt8](repeating: 0x41, count: AttributeSet.valueMaximumBytes - 1)
        let entries = (0..<20).map { Self.entry(longest + [0x41 + UInt8($0)], longest + [0x41 + UInt8($0)]) }
        let run = try Run(entries.map { SignedEntry(entry: $0) }, file: "run")
        var patients = run.cursor(.patients)
        for entry in entries {
            #expect(try patients.advance())
            #expect(try patients.text(Column.Patients.id) == entry.patientID)
        }
    }
}
