// Where a layout puts an instance: by attributes of the index, and by others.

import ArchiveIndex
import DICOM
import Platform
import Testing

@testable import Archive

@Suite("Names by a layout") struct StoredNameTests {
    static let noon = WallTime(secondsSince1970: 1_700_000_000)

    static func name(
        _ layout: String, _ naming: FileNaming = .sopUID, _ syntax: TransferSyntax = .explicitVRLittleEndian,
        change: (inout DataSet) -> Void = { _ in }
    ) throws -> StoredName {
        let file = Sending(1, syntax, change: change).file
        guard case .header(let header) = InstanceHeader.read(file.rawSpan, isWhole: true) else {
            throw StoreFault.unreadable(.notDICOM)
        }
        return StoredName(of: header, head: file.rawSpan, by: try FileLayout(layout, naming: naming), at: noon)
    }

    static func path(_ name: StoredName) -> String {
        "\(name.relativeFolder.appending(Path(bytes: name.file(sequence: 3))))"
    }

    @Test func `each named layout`() throws {
        let day = Self.noon.localDay
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let uid = Sending().uid.text
        let layouts = [
            "study-series": "\(Sample.study)/\(Sample.series)/\(uid).dcm", "flat": "\(uid).dcm",
            "patient": "P 1/\(uid).dcm", "study": "\(Sample.study)/\(uid).dcm",
            "series": "P 1/\(Sample.study)/\(Sample.series)/\(uid).dcm",
            "date": "\(day.year)/\(two(day.month))/\(two(day.day))/\(uid).dcm",
        ]
        #expect(Set(layouts.keys) == Set(FileLayout.names))
        for (layout, path) in layouts { #expect(Self.path(try Self.name(layout)) == path, "\(layout)") }
    }

    @Test(arguments: [TransferSyntax.explicitVRLittleEndian, .implicitVRLittleEndian, .explicitVRBigEndian])
    func `a template may name attributes that the index doesn't hold`(syntax: TransferSyntax) throws {
        let name = try Self.name(
            "{InstanceCreationDate}/{Rows}x{BitsAllocated:04}/{InstanceNumber:03}.dcm", .sopUID, syntax)
        #expect(Self.path(name) == "20240102/2x0016/007.dcm")
    }

    @Test func `what an instance lacks is an underscore`() throws {
        let name = try Self.name("{AccessionNumber}/{InstanceCreationDate}/{InstanceNumber}.dcm") { set in
            set[.instanceCreationDate] = nil
            set[.instanceNumber] = nil
        }
        #expect(Self.path(name) == "_/_/_.dcm")
    }

    @Test(arguments: ["../../etc", "/etc/passwd", "..", ".", ".incoming", "a/b", "a\\b", "a\u{0}b", "C:", "~", ""])
    func `T1 no value leads out of its folder`(value: String) throws {
        for layout in ["{PatientID}/{SOPInstanceUID}", "{PatientID}", "{StudyID}/{PatientID}.dcm"] {
            let name = try Self.name(layout) { set in
                set.set(.patientID, .LO, text: value)
                set.set(Tag(0x0020, 0x0010), .SH, text: value)
            }
            for component in name.folders + [name.file(sequence: 1), name.file(marked: "2")] {
                let isSafe =
                    !component.isEmpty && component.first != UInt8(ascii: ".") && !component.contains(UInt8(ascii: "/"))
                    && !component.contains(0)
                #expect(isSafe, "\(layout): \(String(decoding: component, as: UTF8.self))")
            }
        }
    }

    @Test func `a mark stands before the extension, and after the plain name in order`() throws {
        for (layout, plain, marked) in [
            ("flat", "\(Sending().uid).dcm", "\(Sending().uid)_2.dcm"),
            ("{PatientID}/{Modality}.dcm", "CT.dcm", "CT_2.dcm"),
            ("{PatientID}/{Modality}.ima", "CT.ima", "CT_2.ima"),
        ] {
            let name = try Self.name(layout)
            #expect(name.file(sequence: 1) == Array(plain.utf8))
            #expect(name.file(marked: "2") == Array(marked.utf8))
            #expect(name.file(sequence: 1).lexicographicallyPrecedes(name.file(marked: "2")))
        }
        // What ends in a UID has no extension.
        let bare = try Self.name("{PatientID}/{SOPInstanceUID}")
        #expect(bare.file(sequence: 1) == Array(Sending().uid.text.utf8))
        #expect(bare.file(marked: "2").starts(with: Array(Sending().uid.text.utf8).prefix(20)))
        #expect(bare.file(marked: "2") != bare.file(marked: "3") && bare.file(marked: "2") != bare.file(sequence: 1))
    }
}
