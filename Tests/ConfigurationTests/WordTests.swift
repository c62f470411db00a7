// The words of a configuration line.

import Testing

@testable import Configuration

@Suite("Words of a dcmqrscp.cfg line") struct WordTests {
    private func texts(_ line: String) throws -> [String] { try LineLexer.words(of: Array(line.utf8)[...]).map(\.text) }

    @Test(arguments: [
        "NetworkTCPPort = 104", "NetworkTCPPort=104", "  NetworkTCPPort\t104  ", "NetworkTCPPort = 104 # the port",
        "NetworkTCPPort = 104\r", "NetworkTCPPort = \"104\"", "NetworkTCPPort = (104)", "NetworkTCPPort,104,",
    ])
    func `separates a name from its value`(line: String) throws {
        #expect(try texts(line) == ["NetworkTCPPort", "104"])
    }

    @Test(arguments: ["", "   ", "# all of it", "\t# all of it", "\r"])
    func `finds nothing in blank lines and comments`(line: String) throws {
        #expect(try texts(line).isEmpty)
    }

    @Test func `keeps blanks, commas and number signs inside quotation marks`() throws {
        #expect(try texts("'a = b, #c' \"it's\" (x, y)") == ["a = b, #c", "it's", "x, y"])
    }

    @Test func `keeps a number sign inside a word`() throws {
        #expect(try texts("/data/#1 R #2") == ["/data/#1", "R"])
    }

    @Test func `splits parentheses into members`() throws {
        let words = try LineLexer.words(of: Array("( ACME1 , 'acme host',5678 )# x".utf8)[...])
        #expect(words.map(\.members) == [["ACME1", "acme host", "5678"]])
    }

    @Test func `reads a quotation like parentheses`() throws {
        let words = try LineLexer.words(of: Array("\"ACME1, acmehost1, 5678\"".utf8)[...])
        #expect(words.map(\.members) == [["ACME1", "acmehost1", "5678"]])
    }

    @Test(arguments: ["\"open", "'open", "(open", "(a (b))", "a )", "(\"a)", "a\u{1}b"])
    func `refuses what is not closed or not text`(line: String) {
        #expect(throws: ValueFault.self) { try texts(line) }
    }

    @Test func `takes any bytes in a comment, and only UTF-8 before it`() throws {
        #expect(try LineLexer.words(of: Array("a b # ".utf8) + [0xE4, 0xFF]).map(\.text) == ["a", "b"])
        #expect(throws: ValueFault.self) { try LineLexer.words(of: [0x61, 0xE4, 0x20]) }
    }
}
