// Person names in keys (PS3.4 §C.2.2.2.1.1): folded, by component group, wildcards across components.

import DICOM
import Testing

@testable import ArchiveIndex

@Suite("Person names, PS3.4 §C.2.2.2.1.1") struct NameMatchingTests {
    @Test(arguments: [
        ("SMITH^JOHN", "Smith^John"), ("smith^john", "SMITH^JOHN"), ("müller^jürgen", "MÜLLER^JÜRGEN"),
        ("ИВАНОВ", "Иванов"), ("παπαδοπουλοσ", "ΠΑΠΑΔΟΠΟΥΛΟΣ"), ("s*", "SMITH"), ("?mith*", "SMITH^J"),
    ])
    func `case doesn't count, in any alphabet`(key: String, stored: String) throws {
        #expect(try Trial.matches(.PN, key, stored))
    }

    @Test(arguments: [
        ("SMITH^JOHN", "SMITH^JOHN^^^"), ("SMITH^JOHN^^^", "SMITH^JOHN"), ("SMITH", "SMITH^^^^"), ("SMITH^", "SMITH"),
        ("SMITH^JOHN", "SMITH^JOHN=="), ("SMITH^JOHN==", "SMITH^JOHN"), ("SMITH^JOHN=", "SMITH^JOHN=山田^太郎"),
    ])
    func `trailing delimiters and empty groups don't count`(key: String, stored: String) throws {
        #expect(try Trial.matches(.PN, key, stored))
    }

    @Test(arguments: [
        ("SMITH^JOHN", " SMITH ^ JOHN "), (" SMITH^JOHN ", "SMITH^JOHN"), ("SMITH ^JOHN", "SMITH^JOHN"),
        ("SMITH^JOHN", "SMITH^JOHN\0"),
    ])
    func `spaces around components don't count`(key: String, stored: String) throws {
        #expect(try Trial.matches(.PN, key, stored))
        #expect(try !Trial.matches(.PN, "SM ITH", "SMITH"))
        #expect(try !Trial.matches(.PN, "VANDYKE", "VAN DYKE"))
    }

    @Test(arguments: [
        ("SMITH", "SMITH^JOHN"), ("JOHN", "SMITH^JOHN"), ("SMITH^JOHN", "SMITH^^JOHN"), ("SMITH^J", "SMITH^JOHN"),
        ("JOHN^SMITH", "SMITH^JOHN"), ("SMITH JOHN", "SMITH^JOHN"), ("Muller", "Müller"),
    ])
    func `a name without wildcards is the whole name, in its order, with its accents`(key: String, stored: String)
        throws
    {
        #expect(try !Trial.matches(.PN, key, stored))
    }

    @Test(arguments: [
        ("SMI*", "SMITH^JOHN"), ("*JOHN", "SMITH^JOHN"), ("S*J*", "SMITH^^JOHN"), ("*OHN*", "SMITH^JOHN^Q"),
        ("SMITH^J*", "SMITH^JOHN^QUINCY^DR"), ("SMITH?JOHN", "SMITH^JOHN"), ("*^JOHN", "SMITH^JOHN"),
    ])
    func `a star runs across components`(key: String, stored: String) throws {
        #expect(try Trial.matches(.PN, key, stored))
    }

    @Test(arguments: ["SMITH", "SMITH^", "SMITH^^^^", "SMITH^JOHN", "smith ^"])
    func `a star behind a delimiter takes a name that ends there, too`(stored: String) throws {
        // Trailing delimiters don't count in the name, so the key can't ask for one.
        #expect(try Trial.matches(.PN, "SMITH^*", stored))
        #expect(try !Trial.matches(.PN, "SMIT^*", stored))
    }

    @Test func `a key without a group delimiter matches any group`() throws {
        let stored = "Yamada^Tarou=山田^太郎=やまだ^たろう"
        for key in ["yamada^tarou", "山田^太郎", "やまだ^たろう", "山*", "*たろう", "山?^太?"] {
            #expect(try Trial.matches(.PN, key, stored), "\(key)")
        }
        for key in ["Yamada^太郎", "山田", "*Tarou=山田*x", "鈴木*"] {
            #expect(try !Trial.matches(.PN, key, stored), "\(key)")
        }
    }

    @Test func `a key with group delimiters is matched group by group`() throws {
        let stored = "Yamada^Tarou=山田^太郎=やまだ^たろう"
        for key in ["=山田*", "Yamada*=山田*", "yamada^tarou=山田^太郎=やまだ^たろう", "==やまだ*", "*=山*", "*=*=*"] {
            #expect(try Trial.matches(.PN, key, stored), "\(key)")
        }
        for key in ["山田*=", "=Yamada*", "Yamada*=鈴木*", "==山田*", "Suzuki*=山田*"] {
            #expect(try !Trial.matches(.PN, key, stored), "\(key)")
        }
    }

    @Test func `a name with an empty first group is found by the others`() throws {
        #expect(try Trial.matches(.PN, "山田*", "=山田^太郎"))
        #expect(try Trial.matches(.PN, "=山田*", "=山田^太郎"))
        #expect(try !Trial.matches(.PN, "Y*", "=山田^太郎"))
    }

    @Test func `any of several names may match, the key's and the stored`() throws {
        #expect(try Trial.matches(.PN, "JONES*", "SMITH^JOHN\\JONES^MARY"))
        #expect(try Trial.matches(.PN, "JONES^MARY\\SMITH^JOHN", "SMITH^JOHN"))
        #expect(try !Trial.matches(.PN, "SMITH^MARY", "SMITH^JOHN\\JONES^MARY"))
    }

    @Test(arguments: ["", " ", "^^^^", "==", "^^=^"])
    func `a name with nothing in it is an unknown one`(stored: String) throws {
        #expect(try !Trial.matches(.PN, "SMITH", stored))
        #expect(try !Trial.matches(.PN, "S*", stored))
        #expect(try !Trial.matches(.PN, "*=*", stored))
        var options = MatchingOptions()
        options.unknownMatches = true
        #expect(try Trial.matches(.PN, "SMITH", stored, options: options))
    }

    @Test func `a letter that several others lack is one character`() throws {
        #expect(try Trial.matches(.PN, "M?ller", "Müller"))
        #expect(try Trial.matches(.PN, "??^*", "山田^太郎"))
        #expect(try !Trial.matches(.PN, "???^*", "山田^太郎"))
    }
}
