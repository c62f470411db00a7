// The value of a global parameter, turned into the type that its parameter has.

import DICOM

/// The words that follow a parameter's name.
struct ParameterValue {
    let parameter: String
    let words: [Word]
    /// The configuration file's folder: what relative paths are relative to.
    let folder: String

    /// The first word; what follows it is the caller's to judge.
    func text(expected: String) throws(ValueFault) -> String {
        guard let word = words.first, !word.text.isEmpty else {
            throw ValueFault(found: "\(parameter) without a value", expected: expected)
        }
        return word.text
    }

    /// The name of a user or group, or nil for none.
    ///
    /// No such name has blanks; dcmqrscp's documentation writes `(do not change user)` for none.
    var account: String? {
        words.first.flatMap { $0.text.isEmpty || $0.text.contains(" ") ? nil : $0.text }
    }

    func integer(in range: ClosedRange<Int>, unit: String = "") throws(ValueFault) -> Int {
        let expected = "a number from \(range.lowerBound) to \(range.upperBound)\(unit)"
        let text = try text(expected: expected)
        guard let number = Int(text), range.contains(number) else {
            throw ValueFault(found: "\(parameter) = \(text.quoted)", expected: expected)
        }
        return number
    }

    /// A number of bytes, with or without a unit.
    func bytes(in range: ClosedRange<Int>) throws(ValueFault) -> Int {
        let expected = "a number of bytes from \(range.lowerBound) to \(range.upperBound)"
        let text = try text(expected: expected)
        guard let number = Int(text) ?? ByteSize(text)?.bytes, range.contains(number) else {
            throw ValueFault(found: "\(parameter) = \(text.quoted)", expected: expected)
        }
        return number
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        of type: Choice.Type
    ) throws(ValueFault) -> Choice where Choice.RawValue == String {
        let names = type.allCases.map(\.rawValue)
        let expected = "one of " + names.joined(separator: ", ")
        let text = try text(expected: expected)
        guard let choice = Choice(rawValue: text.lowercased()) else {
            let hint = nearestName(to: text, among: names).map { " (\($0)?)" } ?? ""
            throw ValueFault(found: "\(parameter) = \(text.quoted)", expected: expected + hint)
        }
        return choice
    }

    func aeTitle() throws(ValueFault) -> AETitle {
        let expected = "an AE title: 1 to 16 characters of ASCII without backslash"
        let text = try text(expected: expected)
        guard let title = AETitle(text) else {
            throw ValueFault(found: "\(parameter) = \(text.quoted)", expected: expected)
        }
        return title
    }

    /// More than one value, where one is meant.
    var superfluous: ValueFault {
        ValueFault(
            found: "\(words.dropFirst().first?.text.quoted ?? "") after the value of \(parameter)",
            expected: "one value, in quotation marks if it contains blanks, = or commas")
    }

    func path() throws(ValueFault) -> String {
        absolutePath(try text(expected: "a path, in quotation marks if it contains blanks"), from: folder)
    }

    /// A character set that has bytes from 80H on.
    func fallbackCharacterSet() throws(ValueFault) -> FallbackCharacterSet {
        let expected = "a character set of PS3.3 C.12.1.1.2 such as \"ISO_IR 192\", \"ISO_IR 144\" or GB18030"
        let text = try text(expected: expected)
        guard let fallback = FallbackCharacterSet(text) else {
            // What files have instead is understood there, and said here as the standard writes it.
            let read = SpecificCharacterSet(stored: Array(text.utf8))
            let meant = read.unknownTerms.isEmpty && !read.isSilent
            let hint = meant ? " (\(String(decoding: read.storedValue, as: UTF8.self))?)" : ""
            throw ValueFault(found: "\(parameter) = \(text.quoted)", expected: expected + hint)
        }
        return fallback
    }

    func hostName() throws(ValueFault) -> String {
        let expected = "a host name or an IPv4 or IPv6 address"
        let text = try text(expected: expected)
        guard isHostName(text) else { throw ValueFault(found: "\(parameter) = \(text.quoted)", expected: expected) }
        return text
    }
}
