// Instances, references and contexts that the tests share.

import DICOM
import Glibc
import Platform
import UpperLayer

@testable import ArchiveIndex

/// Instances whose values the tests know.
enum Sample {
    static let ctImage = UID(literal: "1.2.840.10008.5.1.4.1.1.2")
    static let mrImage = UID(literal: "1.2.840.10008.5.1.4.1.1.4")
    static let jpeg = UID(literal: "1.2.840.10008.1.2.4.50")
    static let instance = UID(literal: "1.2.826.0.1.3680043.8.498.1.2.3")

    /// Those that are converted into one another.
    static let syntaxes: [TransferSyntax] = [
        .implicitVRLittleEndian, .explicitVRLittleEndian, .explicitVRBigEndian, .deflatedExplicitVRLittleEndian,
    ]

    /// An image of 16-bit pixels, with a number of each size, text of odd length and a sequence.
    static func dataSet(_ instance: UID = instance) -> DataSet {
        var item = DataSet()
        item.set(.codeValue, .SH, text: "CTCHEST")
        item.set(.rows, unsignedShort: 0x0A0B)
        var set = DataSet()
        set.set(.specificCharacterSet, .CS, text: "ISO_IR 100")
        set.set(.sopClassUID, uid: ctImage)
        set.set(.sopInstanceUID, uid: instance)
        set[.procedureCodeSequence] = DataElement(.procedureCodeSequence, .SQ, .items([item, DataSet(), item]))
        set.set(.patientName, .PN, bytes: Array("M".utf8) + [0xFC] + Array("ller".utf8))
        set.set(.studyInstanceUID, uid: UID(literal: "1.2.826.0.1.3680043.8.498.1"))
        set.set(.seriesInstanceUID, uid: UID(literal: "1.2.826.0.1.3680043.8.498.1.2"))
        set.set(.rows, unsignedShort: 0x0102)
        // Frame Increment Pointer (AT), Red Palette Color Lookup Table Data (OW), and doubles.
        set.set(Tag(0x0028, 0x0009), .AT, bytes: [0x18, 0x00, 0x63, 0x10])
        set.set(Tag(0x0028, 0x1201), .OW, bytes: [1, 2, 3, 4])
        set.set(Tag(0x0040, 0xA161), .FD, bytes: [0, 1, 2, 3, 4, 5, 6, 7])
        set[.pixelData] = DataElement(.pixelData, .OW, .bytes([1, 2, 3, 4, 5, 6, 7, 8]))
        return set
    }

    static func bare(_ syntax: TransferSyntax, _ set: DataSet = dataSet()) throws -> [UInt8] {
        let bytes = try set.encoded(as: syntax.encoding)
        return syntax.isDeflated ? try Deflate.deflate(bytes) : bytes
    }

    static func head(_ syntax: UID, _ instance: UID = instance) -> [UInt8] {
        PartTenFile.head(
            sopClass: ctImage, sopInstance: instance, transferSyntax: syntax,
            implementationClass: UID(literal: "1.2.3"), implementationVersion: "TEST")
    }

    static func file(_ syntax: TransferSyntax, _ set: DataSet = dataSet()) throws -> [UInt8] {
        head(syntax.uid, set.uid(.sopInstanceUID) ?? instance) + (try bare(syntax, set))
    }

    /// A reference to something that no file needs to hold.
    static func reference(
        _ number: Int, sopClass: UID = ctImage, transferSyntax: UID, places: [Place] = []
    ) -> InstanceReference {
        InstanceReference(
            studyInstanceUID: UID(literal: "1.2"), seriesInstanceUID: UID(literal: "1.2.3"),
            sopInstanceUID: number == 0 ? instance : uid("1.2.3.\(number)"), sopClassUID: sopClass,
            transferSyntaxUID: transferSyntax, places: places)
    }

    static func uid(_ text: some StringProtocol) -> UID {
        guard let uid = UID(text) else { preconditionFailure("no UID: \(text)") }
        return uid
    }

    /// A place of a file as it is now.
    static func place(_ name: String, in root: Path, dataSetOffset: Int) throws -> Place {
        let status = try File.status(of: root.appending(name))
        return Place(
            root: 1, path: Array(name.utf8), sizeBytes: status.sizeBytes, modificationNs: status.modificationNs,
            inode: status.inode, isTrusted: true, dataSetOffset: dataSetOffset)
    }

    /// Gives a file another time.
    static func touch(_ path: Path) -> Bool {
        let time = timespec(tv_sec: 1_600_000_000, tv_nsec: 0)
        return unsafe utimensat(AT_FDCWD, path.description, [time, time], 0) == 0
    }
}

/// An accepted context; number 1 has the ID 1, number 2 the ID 3.
func context(
    _ number: Int, _ syntax: TransferSyntax, of sopClass: UID = Sample.ctImage, asSCU: Bool = true
) -> AcceptedContext {
    context(number, syntax.uid, of: sopClass, asSCU: asSCU)
}

func context(
    _ number: Int, _ syntax: UID, of sopClass: UID = Sample.ctImage, asSCU: Bool = true
) -> AcceptedContext {
    AcceptedContext(
        id: contextID(number), abstractSyntax: sopClass, transferSyntax: syntax, weMayBeSCU: asSCU, weMayBeSCP: !asSCU)
}

func contextID(_ number: Int) -> PresentationContextID {
    guard let id = PresentationContextID(index: number - 1) else { preconditionFailure("no context \(number)") }
    return id
}
