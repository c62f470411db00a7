// Stored instances opened for sending: their bytes as they are, or coded anew, and never another instance's.

import ArchiveIndex
import DICOM
import Platform
import Support
import Testing

@testable import ServiceClasses

@Suite("Stored instances for sending, design: Query and retrieve") struct StoredInstanceTests {
    /// One file in a root, and a reference to it as the index would have it.
    struct Stored {
        let folder: TemporaryFolder
        let bytes: [UInt8]
        let offset: Int
        let syntax: TransferSyntax

        init(_ syntax: TransferSyntax, _ set: DataSet = Sample.dataSet()) throws {
            folder = try TemporaryFolder()
            self.syntax = syntax
            bytes = try Sample.file(syntax, set)
            offset = Sample.head(syntax.uid).count
            try folder.write(bytes, to: "a")
        }

        var roots: [Int: Path] { [1: folder.path] }

        /// The same as a retrieval has them, of an area without an index.
        var files: InstanceFiles {
            let area = ServedArea(
                title: AETitle("FILEROOM")!, indexPath: folder.appending("index"),
                instancesFolder: folder.appending("instances"))
            return InstanceFiles(roots: roots, area: area, marked: UnavailableInstances())
        }

        func reference(_ names: String...) throws -> InstanceReference {
            let places = try names.map { try Sample.place($0, in: folder.path, dataSetOffset: offset) }
            return Sample.reference(0, transferSyntax: syntax.uid, places: places)
        }

        /// Replaces the file by another, under another time.
        func replace(_ bytes: [UInt8]) throws {
            try File.remove(folder.appending("a"))
            let path = try folder.write(bytes, to: "a")
            #expect(Sample.touch(path))
        }
    }

    static func converted(_ stored: Stored, to target: TransferSyntax) throws -> [UInt8] {
        try StoredInstance.open(stored.reference("a"), roots: stored.roots).converted(to: target)
    }

    /// The fault that `body` ends with, in words.
    static func fault(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch let fault as StoredInstanceFault {
            return fault.description
        } catch {
            return "\(error)"
        }
    }

    @Test func `a file that is written to while it is sent has changed, one that is replaced has not`() throws {
        let stored = try Stored(.explicitVRLittleEndian)
        let open = try StoredInstance.open(stored.reference("a"), roots: stored.roots)
        let atFirst = open.hasChanged
        try stored.replace(stored.bytes)
        let replaced = open.hasChanged
        let again = try StoredInstance.open(stored.reference("a"), roots: stored.roots)
        let file = try File.open(stored.folder.appending("a"), .writing)
        try file.write([1, 2], at: stored.offset)
        let (written, stillReplaced) = (again.hasChanged, open.hasChanged)
        #expect(!atFirst && !replaced && written && !stillReplaced)
    }

    // MARK: As it is stored

    @Test(arguments: Sample.syntaxes) func `the data set's bytes are those of the file`(syntax: TransferSyntax) throws {
        let stored = try Stored(syntax)
        let open = try StoredInstance.open(stored.reference("a"), roots: stored.roots)
        #expect(open.transferSyntaxUID == syntax.uid && open.dataSetOffset == stored.offset)
        #expect(open.dataSetOffset + open.dataSetBytes == stored.bytes.count)
        #expect(try open.file.read(at: open.dataSetOffset, count: open.dataSetBytes) == Sample.bare(syntax))
    }

    @Test func `an unchanged file isn't read to be opened`() throws {
        let stored = try Stored(.explicitVRLittleEndian)
        let reference = try stored.reference("a")
        // What its header says no longer shows: the index is trusted where size and time are the same.
        #expect(Sample.touch(stored.folder.appending("a")))
        let touched = try stored.reference("a")
        try File.open(stored.folder.appending("a"), .writing).write([UInt8](repeating: 0, count: 400), at: 0)
        #expect(Sample.touch(stored.folder.appending("a")))
        #expect(try StoredInstance.open(touched, roots: stored.roots).dataSetOffset == stored.offset)
        #expect(Self.fault { _ = try StoredInstance.open(reference, roots: stored.roots) } != nil)
    }

    @Test func `a file that was only touched is still sent`() throws {
        let stored = try Stored(.explicitVRLittleEndian)
        let reference = try stored.reference("a")
        #expect(Sample.touch(stored.folder.appending("a")))
        let open = try StoredInstance.open(reference, roots: stored.roots)
        #expect(open.dataSetOffset == stored.offset && open.dataSetBytes == stored.bytes.count - stored.offset)
    }

    @Test func `a file of the same size that was written anew is sent as it is now`() throws {
        let stored = try Stored(.explicitVRLittleEndian)
        let reference = try stored.reference("a")
        // Less of a data set behind more of a head.
        var set = Sample.dataSet()
        set[.patientName] = nil
        let shorter = try Sample.file(.explicitVRLittleEndian, set)
        set.set(.patientName, .PN, bytes: Array(repeating: 0x4D, count: stored.bytes.count - shorter.count - 8))
        let bytes = try Sample.file(.explicitVRLittleEndian, set)
        try #require(bytes.count == stored.bytes.count && bytes != stored.bytes)
        try stored.replace(bytes)
        let open = try StoredInstance.open(reference, roots: stored.roots)
        #expect(
            try open.file.read(at: open.dataSetOffset, count: open.dataSetBytes)
                == Sample.bare(.explicitVRLittleEndian, set))
        #expect(open.dataSetOffset + open.dataSetBytes == bytes.count)
    }

    @Test func `what the index doesn't trust is read anew`() throws {
        let stored = try Stored(.explicitVRLittleEndian)
        for change in [{ $0.isTrusted = false }, { $0.inode += 1 }, { $0.modificationNs += 1 }]
            as [(inout Place) -> Void]
        {
            var place = try Sample.place("a", in: stored.folder.path, dataSetOffset: stored.offset + 2)
            let trusted = Sample.reference(0, transferSyntax: stored.syntax.uid, places: [place])
            #expect(try StoredInstance.open(trusted, roots: stored.roots).dataSetOffset == stored.offset + 2)
            change(&place)
            let other = Sample.reference(0, transferSyntax: stored.syntax.uid, places: [place])
            #expect(try StoredInstance.open(other, roots: stored.roots).dataSetOffset == stored.offset)
        }
    }

    // MARK: Not at all

    @Test func `a vanished file fails`() throws {
        let stored = try Stored(.explicitVRLittleEndian)
        let reference = try stored.reference("a")
        try File.remove(stored.folder.appending("a"))
        #expect(
            Self.fault { _ = try StoredInstance.open(reference, roots: stored.roots) }
                == "file: \(Errno.noEntry)")
    }

    @Test func `a file that holds another instance fails`() throws {
        var otherClass = Sample.dataSet()
        otherClass.set(.sopClassUID, uid: Sample.mrImage)
        // UIDs of the same length: the sizes say nothing.
        let otherInstance = Sample.dataSet(Sample.uid(Sample.instance.text.dropLast() + "9"))
        for other in [otherClass, otherInstance] {
            let stored = try Stored(.explicitVRLittleEndian)
            let reference = try stored.reference("a")
            let bytes = try Sample.file(.explicitVRLittleEndian, other)
            #expect(bytes.count == stored.bytes.count)
            try stored.replace(bytes)
            #expect(
                Self.fault { _ = try StoredInstance.open(reference, roots: stored.roots) }?
                    .hasSuffix(": it holds another instance; import again") == true)
        }
    }

    @Test func `a file that is an instance no more, or of another size, fails`() throws {
        let whole = try Sample.file(.explicitVRLittleEndian)
        let others = [
            [], Array("not DICOM at all".utf8), Array(whole.prefix(300)), whole + [0],
            [UInt8](repeating: 0x20, count: whole.count),
        ]
        for bytes in others {
            let stored = try Stored(.explicitVRLittleEndian)
            let reference = try stored.reference("a")
            try stored.replace(bytes)
            #expect(
                Self.fault { _ = try StoredInstance.open(reference, roots: stored.roots) }?
                    .hasPrefix("file changed since ") == true)
        }
    }

    @Test func `a folder in the file's place fails`() throws {
        let stored = try Stored(.explicitVRLittleEndian)
        let reference = try stored.reference("a")
        try File.remove(stored.folder.appending("a"))
        try Folder.make(stored.folder.appending("a"))
        #expect(Self.fault { _ = try StoredInstance.open(reference, roots: stored.roots) } != nil)
    }

    @Test func `a root that is gone fails, and so does an instance without a place`() throws {
        let stored = try Stored(.explicitVRLittleEndian)
        #expect(
            Self.fault { _ = try StoredInstance.open(stored.reference("a"), roots: [2: stored.folder.path]) }
                == "root 1 of the index is gone")
        #expect(Self.fault { _ = try StoredInstance.open(stored.reference(), roots: stored.roots) } != nil)
    }

    @Test func `the next place is tried where one fails`() throws {
        let stored = try Stored(.explicitVRLittleEndian)
        for name in ["b", "c"] { try stored.folder.write(stored.bytes, to: name) }
        let reference = try stored.reference("a", "b", "c")
        try File.remove(stored.folder.appending("a"))
        #expect(try StoredInstance.open(reference, roots: stored.roots).file.path == stored.folder.appending("b"))
        try File.remove(stored.folder.appending("b"))
        #expect(try StoredInstance.open(reference, roots: stored.roots).file.path == stored.folder.appending("c"))
        try File.remove(stored.folder.appending("c"))
        #expect(Self.fault { _ = try StoredInstance.open(reference, roots: stored.roots) } != nil)
    }

    @Test func `opening and converting leave the file as it was`() throws {
        let stored = try Stored(.explicitVRLittleEndian)
        let before = try File.status(of: stored.folder.appending("a"))
        _ = try Self.converted(stored, to: .explicitVRBigEndian)
        #expect(try File.status(of: stored.folder.appending("a")) == before)
        #expect(try File.open(stored.folder.appending("a")).readAll() == stored.bytes)
    }

    // MARK: Converted

    @Test(arguments: Sample.syntaxes, Sample.syntaxes)
    func `converts each uncompressed transfer syntax into each other`(
        source: TransferSyntax, target: TransferSyntax
    ) throws {
        let bytes = try Self.converted(Stored(source), to: target)
        #expect(bytes.count % 2 == 0)
        let elements =
            target.isDeflated ? try Deflate.inflate(bytes.rawSpan, maximumBytes: 1 << 20).bytes : bytes
        #expect(try DataSet(decoding: elements.rawSpan, as: target.encoding) == Sample.dataSet())
    }

    @Test func `numbers and 16-bit pixels are turned around, octets and text are not`() throws {
        let big = try Self.converted(Stored(.explicitVRLittleEndian), to: .explicitVRBigEndian)
        #expect(big.suffix(8) == [2, 1, 4, 3, 6, 5, 8, 7], "pixel data in words of 16 bits")
        #expect(big.contains([0x00, 0x28, 0x00, 0x10] + Array("US".utf8) + [0, 2, 1, 2]))
        #expect(big.contains([0x00, 0x28, 0x00, 0x09] + Array("AT".utf8) + [0, 4, 0x00, 0x18, 0x10, 0x63]))
        #expect(big.contains([0x00, 0x28, 0x12, 0x01] + Array("OW".utf8) + [0, 0, 0, 0, 0, 4, 2, 1, 4, 3]))
        #expect(big.contains([0x00, 0x40, 0xA1, 0x61] + Array("FD".utf8) + [0, 8, 7, 6, 5, 4, 3, 2, 1, 0]))
        #expect(big.contains(Array("CTCHEST ".utf8)))
        var set = Sample.dataSet()
        set[.pixelData] = DataElement(.pixelData, .OB, .bytes([1, 2, 3, 4]))
        #expect(
            try Self.converted(Stored(.explicitVRLittleEndian, set), to: .explicitVRBigEndian).suffix(4) == [
                1, 2, 3, 4,
            ])
    }

    @Test(arguments: Sample.syntaxes) func `there and back again is the same`(middle: TransferSyntax) throws {
        let there = try Self.converted(Stored(.explicitVRLittleEndian), to: middle)
        let folder = try TemporaryFolder()
        try folder.write(Sample.head(middle.uid) + there, to: "a")
        let place = try Sample.place("a", in: folder.path, dataSetOffset: Sample.head(middle.uid).count)
        let reference = Sample.reference(0, transferSyntax: middle.uid, places: [place])
        let back = try StoredInstance.open(reference, roots: [1: folder.path])
            .converted(to: .explicitVRLittleEndian)
        #expect(try DataSet(decoding: back.rawSpan, as: .explicitLittle) == Sample.dataSet())
    }

    @Test func `T8 a deflated data set that grows out of all proportion isn't converted`() throws {
        var set = Sample.dataSet()
        set[.pixelData] = DataElement(.pixelData, .OW, .bytes([UInt8](repeating: 0, count: 8 << 20)))
        let stored = try Stored(.deflatedExplicitVRLittleEndian, set)
        #expect(stored.bytes.count < 20_000)
        let fault = Self.fault { _ = try Self.converted(stored, to: .explicitVRLittleEndian) }
        #expect(fault?.contains("far more than it has") == true)
    }

    @Test func `T6 a damaged data set isn't converted, wherever it was cut`() throws {
        for syntax in Sample.syntaxes {
            let stored = try Stored(syntax)
            let whole = try Self.converted(stored, to: .explicitVRBigEndian)
            for count in (stored.offset + 1)..<stored.bytes.count {
                let folder = try TemporaryFolder()
                try folder.write(Array(stored.bytes.prefix(count)), to: "a")
                let place = try Sample.place("a", in: folder.path, dataSetOffset: stored.offset)
                let reference = Sample.reference(0, transferSyntax: syntax.uid, places: [place])
                let open = try StoredInstance.open(reference, roots: [1: folder.path])
                do throws(StoredInstanceFault) {
                    let bytes = try open.converted(to: .explicitVRBigEndian)
                    // Cut between two elements: what is there is a data set.
                    #expect(whole.starts(with: bytes), "\(syntax.name) after \(count) bytes")
                } catch {
                    guard case .notConvertible = error else {
                        Issue.record("\(error)")
                        continue
                    }
                }
            }
        }
    }

    @Test func `pixel data in fragments isn't put into a syntax that has none, PS3.5 §A.4`() throws {
        var set = Sample.dataSet()
        set[.pixelData] = DataElement(.pixelData, .OB, .fragments([[], [1, 2, 3, 4]]))
        // A file whose File Meta Information names an uncompressed syntax all the same.
        let stored = try Stored(.explicitVRLittleEndian, set)
        for target in [TransferSyntax.implicitVRLittleEndian, .explicitVRBigEndian] {
            let fault = Self.fault { _ = try Self.converted(stored, to: target) }
            #expect(fault?.hasPrefix("not convertible: ") == true)
        }
    }

    @Test func `T14 sequences that nest too deep aren't converted`() throws {
        var set = DataSet()
        for _ in 0..<63 {
            var outer = DataSet()
            outer[.procedureCodeSequence] = DataElement(.procedureCodeSequence, .SQ, .items([set]))
            set = outer
        }
        var sample = Sample.dataSet()
        sample[.procedureCodeSequence] = DataElement(.procedureCodeSequence, .SQ, .items([set]))
        #expect(try !Self.converted(Stored(.implicitVRLittleEndian, sample), to: .explicitVRLittleEndian).isEmpty)
        // One level more, which our own encoder wouldn't write.
        let stored = try Stored(.explicitVRLittleEndian)
        let undefined: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
        let level =
            [0x08, 0x00, 0x40, 0x11] + Array("SQ".utf8) + [0, 0] + undefined + [0xFE, 0xFF, 0x00, 0xE0] + undefined
        for depth in [65, 100_000] {
            let deep = (0..<depth).flatMap { _ in level }
            try File.remove(stored.folder.appending("a"))
            try stored.folder.write(Array(stored.bytes.prefix(stored.offset)) + deep, to: "a")
            let fault = Self.fault {
                _ = try Self.converted(stored, to: .explicitVRBigEndian)
            }
            #expect(fault?.contains("sequence depth") == true)
        }
    }
}

extension StoredInstance {
    /// The data set as it would go out.
    func converted(
        to target: TransferSyntax?, withoutBulkData: Bool = false
    ) throws(StoredInstanceFault) -> [UInt8] {
        var conversion = try conversion(to: target, withoutBulkData: withoutBulkData)
        var bytes: [UInt8] = []
        do throws(ConversionFault) {
            while try produce(&conversion, into: &bytes, until: bytes.count + 1_000) {}
        } catch {
            throw .notConvertible(error)
        }
        return bytes
    }
}
