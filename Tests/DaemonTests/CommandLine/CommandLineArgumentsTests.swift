// Arguments as getopt_long reads them.

import Configuration
import Testing

import Daemon

@Suite("Arguments, as getopt_long has them") struct CommandLineArgumentsTests {
    static let options: [CommandLineOption] = [
        CommandLineOption("c", "config", value: "FILE", help: "the configuration"),
        CommandLineOption("v", "verbose", help: "more"), CommandLineOption("d", "debug", help: "all"),
        CommandLineOption("j", "jobs", value: "N", help: "threads"),
        CommandLineOption(nil, "dry-run", help: "writes nothing"),
    ]

    static func read(_ arguments: String...) throws -> CommandLineArguments {
        try CommandLineArguments(arguments, options: options)
    }

    /// The words of the mistake; nil where there is none.
    static func mistake(_ arguments: String...) -> String? {
        do throws(UsageFault) {
            _ = try CommandLineArguments(arguments, options: options)
            return nil
        } catch { return error.description }
    }

    @Test(arguments: [
        ["-c", "a.cfg"], ["-ca.cfg"], ["--config", "a.cfg"], ["--config=a.cfg"], ["-vc", "a.cfg"], ["-vca.cfg"],
        ["-c", "b.cfg", "-c", "a.cfg"],
    ]) func `a value follows its option in each way`(arguments: [String]) throws {
        let read = try CommandLineArguments(arguments, options: Self.options)
        #expect(read.value("config") == "a.cfg" && read.has("config") && read.operands.isEmpty)
        #expect(read.has("verbose") == (arguments[0].hasPrefix("-v")))
    }

    @Test func `short options may stand together`() throws {
        let read = try Self.read("-vd")
        #expect(read.has("verbose") && read.has("debug") && !read.has("config"))
        #expect(try Self.read("-v", "-d") == Self.read("-vd") && Self.read("--verbose", "--debug") == Self.read("-vd"))
    }

    @Test func `options and operands may be mixed, and -- ends the options`() throws {
        let mixed = try Self.read("one", "-v", "two", "--dry-run", "three")
        #expect(mixed.operands == ["one", "two", "three"] && mixed.has("verbose") && mixed.has("dry-run"))
        let ended = try Self.read("-v", "--", "-d", "--config", "--", "x")
        #expect(ended.operands == ["-d", "--config", "--", "x"] && !ended.has("debug") && ended.value("config") == nil)
    }

    @Test func `- alone is an operand, and a value may begin with -`() throws {
        #expect(try Self.read("-").operands == ["-"])
        #expect(try Self.read("-c", "-v").value("config") == "-v")
        #expect(try Self.read("--config", "--").value("config") == "--")
        #expect(try Self.read("--config=-=x").value("config") == "-=x")
        #expect(try Self.read("--config=").value("config")?.isEmpty == true)
        #expect(try Self.read("").operands == [""])
    }

    @Test func `nothing given is nothing`() throws {
        let none = try Self.read()
        #expect(none.operands.isEmpty && !none.has("verbose") && none.value("config") == nil)
        #expect(try none.number("jobs", in: 1...8) == nil)
    }

    @Test func `a mistake says what to write instead`() {
        #expect(Self.mistake("--verbsoe") == "unknown option --verbsoe; did you mean --verbose?")
        #expect(Self.mistake("--zzzzzzzzzz") == "unknown option --zzzzzzzzzz")
        #expect(Self.mistake("-x") == "unknown option -x")
        #expect(Self.mistake("-vx") == "unknown option -x")
        #expect(Self.mistake("--verbose=yes") == "--verbose takes no value")
        #expect(Self.mistake("--config") == "--config needs a value: FILE")
        #expect(Self.mistake("-v", "-c") == "-c needs a value: FILE")
        #expect(Self.mistake("-v", "a") == nil)
    }

    @Test func `a long option isn't found by its beginning, nor a short one by two dashes`() {
        #expect(Self.mistake("--conf", "a")?.hasPrefix("unknown option --conf") == true)
        #expect(Self.mistake("--c", "a")?.hasPrefix("unknown option --c") == true)
        #expect(Self.mistake("-dry-run") == "unknown option -r")
    }

    @Test func `a number must be one, and in its range`() throws {
        #expect(try Self.read("-j", "8").number("jobs", in: 1...8) == 8)
        for text in ["0", "9", "-1", "x", "", "1.5", "99999999999999999999", " 1"] {
            #expect(
                throws: UsageFault("--jobs \(text): a number from 1 to 8 is needed")
            ) { try Self.read("-j", text).number("jobs", in: 1...8) }
        }
    }

    @Test func `the help is a line an option, aligned`() {
        let lines = CommandLineHelp.text(Self.options).split(separator: "\n")
        #expect(lines[0] == "  -c, --config FILE  the configuration")
        #expect(lines[1] == "  -v, --verbose      more")
        #expect(lines[4] == "      --dry-run      writes nothing")
        #expect(lines.count == 5 && CommandLineHelp.text([]).isEmpty)
    }

    @Test func `no option of every program is named twice`() {
        let options = StandardOptions.all
        #expect(Set(options.map(\.long)).count == options.count)
        #expect(Set(options.compactMap(\.short)).count == options.compactMap(\.short).count)
    }

    @Test func `-v and -d raise the log level, -d above -v`() throws {
        let level = { (arguments: [String]) in
            StandardOptions.level(try CommandLineArguments(arguments, options: StandardOptions.all))
        }
        #expect(try level([]) == nil && level(["-v"]) == .info && level(["-d"]) == .debug && level(["-vd"]) == .debug)
    }
}
