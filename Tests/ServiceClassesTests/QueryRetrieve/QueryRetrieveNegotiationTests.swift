// SOP Class Extended Negotiation of Query/Retrieve (PS3.4 §C.5.1.1, §C.5.2.1).

import ArchiveIndex
import DICOM
import Testing
import UpperLayer

@testable import ServiceClasses

@Suite("Extended negotiation of Query/Retrieve, PS3.4 §C.5") struct QueryRetrieveNegotiationTests {
    static func answer(_ sopClass: String, _ offered: [UInt8]) -> [UInt8]? {
        QueryRetrieveNegotiation(ExtendedNegotiation(sopClass: UID(sopClass)!, information: offered))?.information
    }

    static let find = "1.2.840.10008.5.1.4.1.2.2.1"

    @Test func `each byte of C-FIND is answered by what is done, 1 only where 1 was offered`() {
        #expect(Self.answer(Self.find, [1, 1, 1, 1, 1, 1, 1]) == [1, 1, 1, 1, 0, 1, 1])
        #expect(Self.answer(Self.find, [0, 0, 0, 0, 0, 0, 0]) == [0, 0, 0, 0, 0, 0, 0])
        for byte in 0..<7 {
            var offered = [UInt8](repeating: 0, count: 7)
            offered[byte] = 1
            var expected = offered
            if byte == 4 { expected[byte] = 0 }
            #expect(Self.answer(Self.find, offered) == expected, "byte \(byte + 1)")
        }
    }

    @Test func `as many bytes as were offered, and none beyond the seventh`() {
        #expect(Self.answer(Self.find, [1]) == [1] && Self.answer(Self.find, [1, 1, 1]) == [1, 1, 1])
        #expect(Self.answer(Self.find, [UInt8](repeating: 1, count: 40))?.count == 7)
        #expect(Self.answer(Self.find, []) == nil && Self.answer(Self.find, [2, 255]) == [0, 0])
    }

    @Test(arguments: ["1.2.840.10008.5.1.4.1.2.2.2", "1.2.840.10008.5.1.4.1.2.2.3", "1.2.840.10008.5.1.4.1.2.1.2"])
    func `of retrievals relational ones are agreed on, and no conversion`(sopClass: String) {
        #expect(Self.answer(sopClass, [1]) == [1] && Self.answer(sopClass, [1, 1]) == [1, 0])
        #expect(Self.answer(sopClass, [0, 1, 1, 1]) == [0, 0])
    }

    @Test func `other classes have nothing of it`() {
        #expect(Self.answer("1.2.840.10008.5.1.4.1.1.2", [1]) == nil)
    }

    @Test(arguments: ["1.2.840.10008.5.1.4.1.2.4.2", "1.2.840.10008.5.1.4.1.2.4.3", "1.2.840.10008.5.1.4.1.2.5.3"])
    func `Composite Instance Root has nothing to agree on, §Y.5`(sopClass: String) {
        #expect(Self.answer(sopClass, [1, 1]) == nil)
    }
}
