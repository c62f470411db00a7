// Files recognised by their first bytes.

import DICOM
import Testing

@Suite("File Meta Information, PS3.10 §7.1") struct PartTenTests {
    static let sopClass = UID(literal: "1.2.840.10008.5.1.4.1.1.2")
    static let instance = UID(literal: "1.2.3.4")
    static let dataSet = DataSetCodingTests.sample

    static func file(_ syntax: TransferSyntax = .explicitVRLittleEndian) throws -> [UInt8] {
        PartTenFile.head(
            sopClass: sopClass, sopInstance: instance, transferSyntax: syntax.uid,
            implementationClass: UID(literal: "2.25.1"), implementationVersion: "TEST")
            + (try dataSet.encoded(as: syntax.encoding))
    }

    static func header(_ bytes: [UInt8], isWhole: Bool = true) -> PartTenHeader? {
        guard case .dicom(let header) = PartTenHeader.recognise(bytes.rawSpan, isWhole: isWhole) else { return nil }
        return header
    }

    @Test func `a written file is read back`() throws {
        let bytes = try Self.file()
        let header = try #require(Self.header(bytes))
        #expect(header.mediaStorageSOPClassUID == Self.sopClass)
        #expect(header.mediaStorageSOPInstanceUID == Self.instance)
        #expect(header.hasPreamble && !header.isSniffed)
        let set = try DataSet(decoding: Array(bytes[header.dataSetOffset...]).rawSpan, as: .explicitLittle)
        #expect(set == Self.dataSet)
    }

    @Test func `the preamble or all of the prefix may be missing`() throws {
        let bytes = try Self.file()
        for missing in [128, 132] {
            let header = try #require(Self.header(Array(bytes[missing...])))
            #expect(header.transferSyntaxUID == TransferSyntax.explicitVRLittleEndian.uid)
            #expect(!header.hasPreamble)
        }
    }

    @Test(arguments: DataSetCodingTests.encodings) func `a bare data set's encoding is found`(encoding: Encoding) throws
    {
        let header = try #require(Self.header(try Self.dataSet.encoded(as: encoding)))
        #expect(header.isSniffed)
        #expect(TransferSyntax.named(header.transferSyntaxUID)?.encoding == encoding)
    }

    @Test(arguments: DataSetCodingTests.encodings, DataSetCodingTests.encodings)
    func `a data set in another uncompressed syntax than the meta names is read as it is`(
        named: Encoding, real: Encoding
    ) throws {
        let syntaxes: [TransferSyntax] = [
            .implicitVRLittleEndian, .explicitVRLittleEndian, .explicitVRBigEndian,
        ]
        let syntax = try #require(syntaxes.first { $0.encoding == named })
        let whole = try Self.file(syntax)
        let start = try #require(Self.header(whole)).dataSetOffset
        let header = try #require(Self.header(Array(whole[..<start]) + (try Self.dataSet.encoded(as: real))))
        #expect(TransferSyntax.named(header.transferSyntaxUID)?.encoding == real)
        #expect(header.isMislabelled == (named != real) && header.isSniffed == header.isMislabelled)
    }

    @Test func `a wrong group length does no harm`() throws {
        var bytes = try Self.file()
        let right = try #require(Self.header(bytes))
        bytes[140] ^= 0x55
        #expect(Self.header(bytes) == right)
    }

    @Test func `foreign files are not DICOM`() {
        var dice = SystemRandomNumberGenerator()
        let texts = ["", "%PDF-1.7 …", "PK\u{3}\u{4}", "II*\0", String(repeating: "text ", count: 100)].map {
            Array($0.utf8)
        }
        let noise = (0..<200).map { _ in (0..<400).map { _ in UInt8.random(in: 0...255, using: &dice) } }
        for bytes in texts + noise {
            #expect(PartTenHeader.recognise(bytes.rawSpan, isWhole: true) == .notDICOM)
        }
    }

    @Test func `a prefix of a file asks for more or is recognised alike`() throws {
        let bytes = try Self.file()
        let whole = try #require(Self.header(bytes))
        for length in 0..<bytes.count {
            switch PartTenHeader.recognise(Array(bytes[..<length]).rawSpan, isWhole: false) {
            case .dicom(let header): #expect(header == whole)
            case .needsMore(let count): #expect(count > length)
            case .notDICOM, .damaged, .withoutTransferSyntax: Issue.record("\(length) bytes were judged")
            }
        }
    }
}
