// The parameters `OnSeriesQuiet` and `OnStudyQuiet`: a program to run when nothing has arrived for a while.

/// A program and when to run it. It is run without a shell.
package struct QuietProgram: Equatable, Sendable {
    /// Without an arrival, 1 to 86,400.
    package let seconds: Int
    /// An absolute path.
    package let program: String
    /// Those that stand in the file, before the ones that say what is quiet.
    package let arguments: [String]
}

extension QuietProgram {
    /// From seconds, a path and arguments; nil for `none`.
    static func parse(_ value: ParameterValue) throws(ValueFault) -> QuietProgram? {
        let expected = "seconds from 1 to 86400 and a program with its arguments, or none"
        let text = try value.text(expected: expected)
        if value.isNone, value.words.count == 1 { return nil }
        guard let seconds = Int(text), (1...86_400).contains(seconds) else {
            throw ValueFault(found: "\(value.parameter) = \(text.quoted)", expected: expected)
        }
        guard value.words.count > 1, !value.words[1].text.isEmpty else {
            throw ValueFault(found: "\(value.parameter) without a program", expected: expected)
        }
        return QuietProgram(
            seconds: seconds, program: absolutePath(value.words[1].text, from: value.folder),
            arguments: value.words.dropFirst(2).map(\.text))
    }
}
