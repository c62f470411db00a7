// Arguments as getopt_long reads them: -c FILE, -cFILE, --config FILE, --config=FILE, -vd, and -- before operands.

import Configuration

/// Arguments, read.
package struct CommandLineArguments: Equatable, Sendable {
    private var values: [String: [String]] = [:]
    /// What is neither option nor an option's value, in order.
    package private(set) var operands: [String] = []

    /// Reads `arguments`; options and operands may be mixed.
    package init(_ arguments: [String], options: [CommandLineOption]) throws(UsageFault) {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if word == "--" {
                operands += rest
                return
            }
            if word.hasPrefix("--") {
                try readLong(word.dropFirst(2), &rest, options)
            } else if word.hasPrefix("-"), word.count > 1 {
                try readShort(word.dropFirst(), &rest, options)
            } else {
                operands.append(word)
            }
        }
    }

    private mutating func readLong(
        _ word: Substring, _ rest: inout ArraySlice<String>, _ options: [CommandLineOption]
    ) throws(UsageFault) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard let option = options.first(where: { $0.long == name }) else {
            let nearest = nearestName(to: name, among: options.map(\.long)).map { "; did you mean --\($0)?" } ?? ""
            throw UsageFault("unknown option --\(name)\(nearest)")
        }
        if option.value == nil {
            guard parts.count == 1 else { throw UsageFault("--\(name) takes no value") }
            values[name, default: []].append("")
        } else if parts.count == 2 {
            values[name, default: []].append(String(parts[1]))
        } else {
            try takeValue(of: option, "--\(name)", &rest)
        }
    }

    private mutating func readShort(
        _ word: Substring, _ rest: inout ArraySlice<String>, _ options: [CommandLineOption]
    ) throws(UsageFault) {
        var letters = word
        while let letter = letters.popFirst() {
            guard let option = options.first(where: { $0.short == letter }) else {
                throw UsageFault("unknown option -\(letter)")
            }
            if option.value == nil {
                values[option.long, default: []].append("")
            } else if !letters.isEmpty {
                values[option.long, default: []].append(String(letters))
                return
            } else {
                return try takeValue(of: option, "-\(letter)", &rest)
            }
        }
    }

    private mutating func takeValue(
        of option: CommandLineOption, _ word: String, _ rest: inout ArraySlice<String>
    ) throws(UsageFault) {
        guard let value = rest.popFirst() else { throw UsageFault("\(word) needs a value: \(option.value ?? "")") }
        values[option.long, default: []].append(value)
    }

    /// Whether the option with that long name was given.
    package func has(_ option: String) -> Bool { values[option] != nil }

    /// The last value given.
    package func value(_ option: String) -> String? { values[option]?.last }

    /// A value that must be a number from `range`.
    package func number(_ option: String, in range: ClosedRange<Int>) throws(UsageFault) -> Int? {
        guard let text = value(option) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw UsageFault("--\(option) \(text): a number from \(range.lowerBound) to \(range.upperBound) is needed")
        }
        return number
    }
}
