// Person names: groups, components, and the form they are compared in.

import DICOM
import Testing

@Suite("person names, PS3.5 §6.2.1") struct PersonNameTests {
    @Test func `three groups of five components`() {
        let name = PersonName("Adams^John Robert Quincy^^Rev.^B.A. M.Div.=山田^太郎=やまだ^たろう")
        #expect(name.alphabetic.familyName == "Adams")
        #expect(name.alphabetic.givenName == "John Robert Quincy")
        #expect(name.alphabetic.middleName == "")
        #expect(name.alphabetic.prefix == "Rev.")
        #expect(name.alphabetic.suffix == "B.A. M.Div.")
        #expect(name.ideographic.text == "山田^太郎")
        #expect(name.phonetic.givenName == "たろう")
        #expect(name.foldedGroups == ["adams^john robert quincy^^rev.^b.a. m.div.", "山田^太郎", "やまだ^たろう"])
    }

    @Test(arguments: ["DOE^JOHN", "Doe^John^^^", " doe ^ john ", "Doe^John==", "doe^john^^^^ = = "])
    func `case, outer spaces and trailing delimiters don't count`(text: String) {
        #expect(PersonName(text).folded == "doe^john")
        #expect(PersonName(text).foldedGroups == ["doe^john"])
    }

    @Test func `a NUL at the end is padding`() { #expect(PersonName("Doe^John\0").folded == "doe^john") }

    @Test func `an empty first group leaves the others in their places`() {
        let name = PersonName("=山田^太郎")
        #expect(name.alphabetic.isEmpty)
        #expect(name.ideographic.familyName == "山田")
        #expect(name.text == "=山田^太郎")
        #expect(name.foldedGroups == ["山田^太郎"])
    }

    @Test func `too many delimiters are tolerated`() {
        #expect(PersonName("a=b=c=d=e").text == "a=b=c")
        #expect(PersonName("a^b^c^d^e^f").alphabetic.components.count == 6)
        #expect(PersonName("a^b^c^d^e^f").alphabetic.suffix == "e")
        #expect(PersonName(String(repeating: "^", count: 1000)).isEmpty)
    }

    @Test func `a combining mark after a delimiter doesn't hide it`() {
        #expect(PersonName("A^\u{301}B=\u{301}C").alphabetic.components.count == 2)
    }

    @Test func `empty text is an empty name`() {
        #expect(PersonName("").isEmpty)
        #expect(PersonName(" ^ = ^^ ").isEmpty)
        #expect(PersonName("").foldedGroups.isEmpty)
        #expect(PersonName("==").text == "")
    }
}
