// The known name that was probably meant.

import Testing

@testable import Configuration

@Suite("The nearest known name") struct NearestNameTests {
    @Test(
        arguments: [
            ("NetworkTCPort", "NetworkTCPPort"), ("networktcpport", "NetworkTCPPort"), ("MaxPduSize", "MaxPDUSize"),
            ("MaxAssociation", "MaxAssociations"), ("LogLvel", "LogLevel"), ("LogFiel", "LogFile"),
            ("IndexDir", nil), ("zzz", nil), ("", nil),
        ] as [(String, String?)])
    func `is the one the fewest keystrokes away`(found: String, expected: String?) {
        #expect(nearestName(to: found, among: Parameter.allCases.map(\.rawValue)) == expected)
    }

    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("", "ab", 2), ("ab", "ba", 1), ("kitten", "sitting", 3), ("abc", "abc", 0),
    ])
    func `counts inserted, removed, replaced and swapped letters`(left: String, right: String, distance: Int) {
        #expect(editDistance(Array(left.unicodeScalars), Array(right.unicodeScalars)) == distance)
        #expect(editDistance(Array(right.unicodeScalars), Array(left.unicodeScalars)) == distance)
    }
}
