// What is wrong with a configuration file: every mistake has its line, what stands there and what should.

/// One mistake in a configuration file.
package struct ConfigurationFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let file: String
    /// Counted from 1.
    package let line: Int
    /// What stands there, in words.
    package let found: String
    /// What would be right, in words.
    package let expected: String

    package init(file: String, line: Int, found: String, expected: String) {
        self.file = file
        self.line = line
        self.found = found
        self.expected = expected
    }

    package var description: String { "\(file):\(line): found \(found); expected \(expected)" }
}

/// All mistakes of one configuration file, in the order of its lines: shown at once, so that they are mended at once.
package struct ConfigurationFaults: Error, Equatable, Sendable, CustomStringConvertible {
    package let faults: [ConfigurationFault]

    package var description: String { faults.map(\.description).joined(separator: "\n") }
}

/// Something in a configuration file that works, but perhaps not as its author meant.
package struct ConfigurationWarning: Hashable, Sendable, CustomStringConvertible {
    package let file: String
    /// Counted from 1.
    package let line: Int
    package let text: String

    package var description: String { "\(file):\(line): \(text)" }
}

/// What a value lacks, before anyone knows its file and line.
struct ValueFault: Error, Equatable {
    let found: String
    let expected: String
}

extension String {
    /// In quotation marks for a message, cut at 60 characters.
    var quoted: String { count <= 60 ? "\"\(self)\"" : "\"\(prefix(60))…\"" }
}
