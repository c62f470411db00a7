// Which configuration file is in use, and its settings: every program finds it in the same way.

import Configuration
import Platform

/// Why a program can't have its configuration, in words, a line a mistake.
package struct ConfigurationFileFault: Error, Sendable, CustomStringConvertible {
    package let description: String
}

/// A configuration file.
package struct ConfigurationFile: Sendable {
    package static let standardPath = "/etc/fileroom/fileroom.cfg"
    package static let variable = "FILEROOM_CONFIG"
    private static let maximumBytes = 16 << 20

    /// Absolute.
    package let path: Path
    /// The file as it was read, which workers get, so that all of them have the same.
    package let bytes: [UInt8]
    package let settings: Settings

    /// Reads `--config`'s file, else `$FILEROOM_CONFIG`'s, else the standard one.
    package init(option: String?) throws(ConfigurationFileFault) {
        let named = option ?? Program.environment(Self.variable) ?? Self.standardPath
        let found: (path: Path, bytes: [UInt8])
        do throws(FileFault) {
            found = try Self.read(Path(named))
        } catch {
            let hint = option == nil ? "; name one with --config FILE or $\(Self.variable)" : ""
            throw ConfigurationFileFault(description: "\(error)\(hint)")
        }
        try self.init(path: found.path, bytes: found.bytes)
    }

    private static func read(_ path: Path) throws(FileFault) -> (path: Path, bytes: [UInt8]) {
        let absolute = path.isAbsolute ? path : try Path.currentFolder().appending(path)
        return (absolute, try File.open(absolute).readAll(maximumBytes: maximumBytes))
    }

    /// From bytes that were read before: what a worker gets from its supervisor.
    package init(path: Path, bytes: [UInt8]) throws(ConfigurationFileFault) {
        self.path = path
        self.bytes = bytes
        do throws(ConfigurationFaults) {
            settings = try Settings.parse(text: bytes, file: path.description, folder: path.parent.description)
        } catch {
            throw ConfigurationFileFault(description: error.description)
        }
    }
}
