// Requests that name no character set: what they are taken to be in (PS3.4 §C.4.1.1.3.1 has them name it).

import ArchiveIndex
import DICOM
import Testing

@testable import ServiceClasses

@Suite("Requests without a character set, PS3.4 §C.4.1.1.3") struct RequestCharacterSetTests {
    static let cyrillic = FallbackCharacterSet("ISO_IR 144")!
    static let greek = FallbackCharacterSet("ISO_IR 126")!

    static func identifier(_ terms: String?, _ name: [UInt8]) -> DataSet {
        var set = DataSet()
        if let terms { set.set(.specificCharacterSet, .CS, text: terms) }
        set.set(.patientName, .PN, bytes: name)
        return set
    }

    static func taken(_ characterSet: RequestCharacterSet, _ terms: String?, _ name: [UInt8]) -> String? {
        characterSet.naming(identifier(terms, name)).text(.specificCharacterSet)
    }

    @Test func `a peer's set is taken as if the request named it`() {
        var characterSet = RequestCharacterSet()
        characterSet.ofPeer = Self.cyrillic
        characterSet.ofArea = Self.greek
        for terms in [nil, "", "ISO_IR 6"] as [String?] {
            #expect(Self.taken(characterSet, terms, [0xBB]) == "ISO_IR 144")
            #expect(Self.taken(characterSet, terms, [0x41]) == "ISO_IR 144")
        }
        #expect(Self.taken(characterSet, "ISO_IR 192", [0xD0, 0x9B]) == "ISO_IR 192")
    }

    @Test func `an area's set is taken for text that isn't ISO 646, and for nothing else`() {
        var characterSet = RequestCharacterSet()
        #expect(Self.taken(characterSet, nil, [0xBB]) == nil)
        characterSet.ofArea = Self.greek
        #expect(Self.taken(characterSet, nil, [0xBB]) == "ISO_IR 126")
        #expect(Self.taken(characterSet, nil, [0x41]) == nil)
        #expect(Self.taken(characterSet, "ISO_IR 100", [0xBB]) == "ISO_IR 100")
    }
}
