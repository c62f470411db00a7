// Integer and decimal strings: one number, many spellings.

import DICOM
import Testing

@Suite("integer and decimal strings, PS3.5 §6.2 IS, DS") struct NumericStringTests {
    @Test(arguments: ["7", "007", "+7", " 7 ", "7.0", "7.", "0.7E1", "70e-1", "+07.00E+00"])
    func `spellings of one number are equal`(text: String) {
        #expect(NumericString(text) == NumericString("7"))
        #expect(NumericString(text)?.hashValue == NumericString("7")?.hashValue)
    }

    @Test func `zero has no sign`() {
        #expect(NumericString("-0") == NumericString("0"))
        #expect(NumericString("0.00E99") == NumericString("+0"))
        #expect(NumericString("-7") != NumericString("7"))
    }

    @Test func `more digits than a Double has are compared exactly`() {
        #expect(NumericString("12345678901234567890123") != NumericString("12345678901234567890124"))
        #expect(NumericString("0.1") == NumericString(".1"))
        #expect(NumericString("1E999999999") != nil)
    }

    @Test func `order is that of numbers`() throws {
        let ascending = ["-1E3", "-12", "-2", "-0.5", "0", "0.05", "0.5", "2", "10", "12", "1E3"]
        let numbers = try ascending.map { try #require(NumericString($0)) }
        for left in numbers.indices {
            for right in numbers.indices { #expect((numbers[left] < numbers[right]) == (left < right)) }
        }
    }

    @Test(arguments: ["", " ", "+", "-", ".", "1.2.3", "1E", "E5", "1E+", "7a", "1E9999999999", "1,5", "--1", "0x10"])
    func `what isn't a number is nil`(text: String) { #expect(NumericString(text) == nil) }
}
