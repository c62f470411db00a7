// What a program knows of its surroundings: arguments, environment, limits; and its exit.

import CPlatform

/// This process as a program.
package enum Program {
    /// The arguments, without the program's name.
    package static var arguments: [String] { Array(CommandLine.arguments.dropFirst()) }

    /// A variable of the environment; nil when it isn't set.
    package static func environment(_ name: String) -> String? {
        unsafe fr_environment_value(name).map { unsafe String(cString: $0) }
    }

    /// The whole environment, `NAME=value` each.
    package static var environment: [String] {
        var values: [String] = []
        guard var next = unsafe fr_environment() else { return values }
        while let value = unsafe next.pointee {
            values.append(unsafe String(cString: value))
            unsafe next += 1
        }
        return values
    }

    package static var processID: Int32 { fr_process_id() }

    /// How many processors this process may use.
    package static var coreCount: Int { Int(fr_core_count()) }

    /// Allows as many open descriptors as the system lets us have.
    ///
    /// - Returns: how many that are.
    @discardableResult
    package static func raiseDescriptorLimit() -> Int { max(0, Int(fr_raise_descriptor_limit())) }

    /// Keeps memory small in programs with many threads: glibc otherwise makes an arena for each.
    package static func limitMemoryArenas(to count: Int) { fr_limit_memory_arenas(Int32(clamping: count)) }

    /// Opens `/dev/null` for each of standard input, output and error that is closed: else the next file or socket that is
    /// opened would take its number, and what is said there would be written into it. To be called first in every program.
    package static func holdStandardStreams() {
        while true {
            let descriptor = unsafe fr_open(-1, "/dev/null", OpenOptions([.read, .write]).rawValue, 0)
            guard (0...2).contains(descriptor) else {
                if descriptor > 2 { _ = fr_close(descriptor) }
                return
            }
        }
    }

    /// Ends the process, whatever threads do; `defer` and `deinit` don't run.
    package static func exit(_ code: Int32) -> Never { fr_exit(code) }
}
