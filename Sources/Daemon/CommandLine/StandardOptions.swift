// What every program of Fileroom understands: --config, -v, -d, --check-config, --version, --help.

import Configuration
import Platform

/// The options of every program, and what is done for them.
package enum StandardOptions {
    package static let all: [CommandLineOption] = [
        CommandLineOption(
            "c", "config", value: "FILE",
            help: "the configuration; else $FILEROOM_CONFIG, else \(ConfigurationFile.standardPath)"),
        CommandLineOption("v", "verbose", help: "log what is done"),
        CommandLineOption("d", "debug", help: "log more still: of a daemon, the message exchange"),
        CommandLineOption(nil, "check-config", help: "read the configuration, say what is wrong with it, and end"),
        CommandLineOption(nil, "version", help: "print the version"),
        CommandLineOption("h", "help", help: "print this"),
    ]

    /// The level that -v and -d ask for; nil leaves it to the configuration.
    package static func level(_ arguments: CommandLineArguments) -> LogLevel? {
        arguments.has("debug") ? .debug : arguments.has("verbose") ? .info : nil
    }

    /// Reads the configuration, or says what is wrong with it on standard error and ends with 2.
    package static func configuration(_ arguments: CommandLineArguments, program: String) -> ConfigurationFile {
        do throws(ConfigurationFileFault) {
            return try ConfigurationFile(option: arguments.value("config"))
        } catch {
            for line in error.description.split(separator: "\n") { complain("\(program): \(line)") }
            Program.exit(2)
        }
    }

    /// --check-config: the file is good, or `configuration` has said why not.
    package static func reportChecked(_ file: ConfigurationFile) -> Never {
        for warning in file.settings.warnings { complain("warning: \(warning)") }
        for area in file.settings.distinctAreas where (try? File.exists(Path(area.folder))) != true {
            complain("warning: the folder of \(area.aeTitle), \(area.folder), isn't there")
        }
        let areas = file.settings.areas.count
        _ = StandardStream.output.write("\(file.path) is good: \(areas) storage area\(areas == 1 ? "" : "s")\n")
        Program.exit(0)
    }

    /// Says `line` on standard error.
    package static func complain(_ line: String) { _ = StandardStream.error.write(line + "\n") }

    /// Ends with 2 and where to read more.
    package static func endWithUsage(_ fault: UsageFault, program: String) -> Never {
        complain("\(program): \(fault); see \(program) --help")
        Program.exit(2)
    }
}
