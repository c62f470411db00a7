// One option of a program's command line.

/// An option that a program knows.
package struct CommandLineOption: Sendable {
    package let short: Character?
    /// Its name, without the dashes.
    package let long: String
    /// What its value is called in the help; nil for one without.
    package let value: String?
    package let help: String

    package init(_ short: Character? = nil, _ long: String, value: String? = nil, help: String) {
        self.short = short
        self.long = long
        self.value = value
        self.help = help
    }
}
