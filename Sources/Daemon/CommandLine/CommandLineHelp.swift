// The list of options that --help prints.

/// The help of a program or of one of its commands.
package enum CommandLineHelp {
    /// The options, a line each, aligned.
    package static func text(_ options: [CommandLineOption]) -> String {
        let heads = options.map { option in
            (option.short.map { "-\($0), " } ?? "    ") + "--\(option.long)" + (option.value.map { " \($0)" } ?? "")
        }
        let width = (heads.map(\.count).max() ?? 0) + 2
        return zip(heads, options).map { head, option in
            "  " + head + String(repeating: " ", count: width - head.count) + option.help + "\n"
        }.joined()
    }
}
