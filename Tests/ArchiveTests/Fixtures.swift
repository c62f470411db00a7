// Files for the tests: instances in every encoding, and a tree with what only the system's own calls can make.

import DICOM
import Glibc
import Platform
import Support
import Testing

@testable import Archive

/// Instances whose values the tests know.
enum Sample {
    static let ctImage = UID(literal: "1.2.840.10008.5.1.4.1.1.2")
    static let study = UID(literal: "1.2.826.0.1.3680043.8.498.1")
    static let series = UID(literal: "1.2.826.0.1.3680043.8.498.1.2")
    static let instance = UID(literal: "1.2.826.0.1.3680043.8.498.1.2.3")
    static let privateSyntax = UID(literal: "1.2.826.0.1.3680043.8.498.99.1")

    /// Those in which elements are coded differently.
    static let syntaxes: [TransferSyntax] = [
        .implicitVRLittleEndian, .explicitVRLittleEndian, .explicitVRBigEndian, .deflatedExplicitVRLittleEndian,
    ]

    /// A CT image of 2 by 2 pixels. Its first three elements end before byte 132, so that it is recognised bare.
    static func dataSet(_ instance: UID = instance) -> DataSet {
        var code = DataSet()
        code.set(.codeValue, .SH, text: "CTCHEST")
        var set = DataSet()
        set.set(.specificCharacterSet, .CS, text: "ISO_IR 100")
        set.set(.imageType, .CS, text: "ORIGINAL\\PRIMARY")
        set.set(.instanceCreationDate, .DA, text: "20240102")
        set.set(.sopClassUID, uid: ctImage)
        set.set(.sopInstanceUID, uid: instance)
        set.set(.modality, .CS, text: "CT")
        set[.procedureCodeSequence] = DataElement(.procedureCodeSequence, .SQ, .items([code]))
        set.set(.patientName, .PN, bytes: Array("M".utf8) + [0xFC] + Array("ller^Anna".utf8))
        set.set(.patientID, .LO, text: "P 1")
        set.set(.studyInstanceUID, uid: study)
        set.set(.seriesInstanceUID, uid: series)
        set.set(.instanceNumber, .IS, text: "7")
        set.set(.rows, unsignedShort: 2)
        set.set(.columns, unsignedShort: 0x0102)
        set.set(.bitsAllocated, unsignedShort: 16)
        set[.pixelData] = DataElement(.pixelData, .OW, .bytes([1, 2, 3, 4, 5, 6, 7, 8]))
        return set
    }

    /// The data set alone, as `syntax` codes it.
    static func bare(_ syntax: TransferSyntax, _ set: DataSet = dataSet()) throws -> [UInt8] {
        let bytes = try set.encoded(as: syntax.encoding)
        return syntax.isDeflated ? try Deflate.deflate(bytes) : bytes
    }

    /// Preamble, prefix and File Meta Information.
    static func head(_ syntax: UID, sopClass: UID = ctImage, _ instance: UID = instance) -> [UInt8] {
        PartTenFile.head(
            sopClass: sopClass, sopInstance: instance, transferSyntax: syntax,
            implementationClass: UID(literal: "1.2.3"), implementationVersion: "TEST")
    }

    /// A whole file.
    static func file(_ syntax: TransferSyntax = .explicitVRLittleEndian, _ set: DataSet = dataSet()) throws -> [UInt8] {
        head(syntax.uid, set.uid(.sopInstanceUID) ?? instance) + (try bare(syntax, set))
    }

    static let foreign = Array("not an instance of anything".utf8)

    static func directory() throws -> [UInt8] {
        var set = DataSet()
        set.set(Tag(0x0004, 0x1130), .CS, text: "DISK")
        return head(TransferSyntax.explicitVRLittleEndian.uid, sopClass: SOPClass.mediaStorageDirectory)
            + (try bare(.explicitVRLittleEndian, set))
    }

    /// An instance that belongs to no study: refused.
    static func withoutStudy() throws -> [UInt8] {
        var set = dataSet()
        set[.studyInstanceUID] = nil
        return try file(.explicitVRLittleEndian, set)
    }
}

/// What only the system's own calls make of a tree. Each says whether it was done.
enum Tree {
    /// 2020-09-13, long before any scan: a file of that time is trusted.
    static let longAgoSeconds = 1_600_000_000

    static func link(_ path: Path, to target: String) -> Bool { unsafe symlink(target, path.description) == 0 }

    static func pipe(_ path: Path) -> Bool { unsafe mkfifo(path.description, 0o600) == 0 }

    static func setPermissions(_ permissions: UInt32, of path: Path) -> Bool {
        unsafe chmod(path.description, permissions) == 0
    }

    /// Sets the time of the last change.
    static func age(_ path: Path, seconds: Int = longAgoSeconds) -> Bool {
        let time = timespec(tv_sec: seconds, tv_nsec: 0)
        return unsafe utimensat(AT_FDCWD, path.description, [time, time], 0) == 0
    }

    private static let nobody: UInt32 = 65_534

    /// Does `body` as the owner of `folder` who isn't root: root reads everything, whatever the permissions are. For root this
    /// thread, and those it starts meanwhile, become nobody on file systems (setfsuid), and the tree becomes nobody's.
    static func asOwner(of folder: Path, _ body: () throws -> Void) throws {
        guard geteuid() == 0 else { return try body() }
        var rest = [folder]
        while let path = rest.popLast() {
            #expect(unsafe lchown(path.description, nobody, nobody) == 0)
            guard try File.status(of: path, followingLink: false).kind == .folder else { continue }
            rest += try Folder.entries(of: path).map { path.appending(Path(bytes: $0.name)) }
        }
        typealias SetUser = @convention(c) (UInt32) -> Int32
        // glibc has it, and Glibc's module map doesn't.
        guard let symbol = unsafe dlsym(nil, "setfsuid") else { throw FileFault(.open, folder, .notPermitted) }
        let setUser = unsafe unsafeBitCast(symbol, to: SetUser.self)
        _ = setUser(nobody)
        defer { _ = setUser(0) }
        try body()
    }
}

extension TemporaryFolder {
    /// Writes a file that is older than any scan.
    @discardableResult
    func writeAged(_ bytes: [UInt8], to name: String) throws -> Path {
        let path = try write(bytes, to: name)
        guard Tree.age(path) else { throw FileFault(.write, path, .invalidArgument) }
        return path
    }

    /// The content of a file of this folder is replaced, in the same inode.
    func overwrite(_ name: String, with bytes: [UInt8]) throws {
        try File.open(appending(name), .writing).write(bytes, at: 0)
    }
}
