// Case folding: over all scalars, and on the names people have.

import DICOM
import Testing

@Suite("case folding by the frozen table") struct CaseFoldingTests {
    @Test func `names of one spelling fold together`() {
        #expect(foldedCaseKey("MÜLLER^Żółw") == "müller^żółw")
        #expect(foldedCaseKey("ΔΙΟΝΎΣΙΟΣ") == foldedCaseKey("διονύσιος"))
        #expect(foldedCaseKey("ЛЮКСЕМБУРГ Ё") == "люксембург ё")
        #expect(foldedCaseKey("YILDIZ İSMAİL") == foldedCaseKey("Yıldız İsmail"))
        #expect(foldedCaseKey("Ｄｏｅ") == "ｄｏｅ")
        #expect(foldedCaseKey("Straße 山田") == "straße 山田")
    }

    @Test func `accents are left alone`() {
        #expect(foldedCaseKey("É") != foldedCaseKey("E"))
        #expect(foldedCaseKey("ẞ") == "ß")
    }

    @Test func `texts equal under the exact fold have one coarse fold, for all scalars`() {
        var coarse: [[UInt8]: [UInt8]] = [:]
        var wrong: [UInt32] = []
        for value in UInt32(0)..<0x20000 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let exact = Array(foldedCaseKey(String(scalar)).utf8)
            let key = coarseFold(String(scalar))
            if coarse.updateValue(key, forKey: exact).map({ $0 != key }) == true { wrong.append(value) }
        }
        #expect(wrong.isEmpty)
    }

    @Test func `folding twice changes nothing, and nothing past the table folds`() {
        let changing = (UInt32(0)..<0x110000).compactMap(Unicode.Scalar.init(_:)).filter { foldedCase($0) != $0 }
        #expect(changing.count == 1456)
        #expect(changing.allSatisfy { foldedCase(foldedCase($0)) == foldedCase($0) })
        #expect(changing.allSatisfy { $0.value < 0x1E944 })
    }

    @Test func `the table agrees with Unicode where the old scripts are`() {
        for value in UInt32(0)..<0x590 where value != 0x130 && value != 0x131 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let upper = scalar.properties.uppercaseMapping.unicodeScalars
            let capital = upper.count == 1 ? upper[upper.startIndex] : scalar
            let lower = capital.properties.lowercaseMapping.unicodeScalars
            #expect(foldedCase(scalar) == (lower.count == 1 ? lower[lower.startIndex] : capital))
        }
    }
}
