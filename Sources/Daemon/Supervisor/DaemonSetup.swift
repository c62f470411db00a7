// What the command line and the configuration file say to a supervisor.

import Configuration

/// What a daemon's supervisor and its workers are started with.
package struct DaemonSetup: Sendable {
    package let kind: DaemonKind
    package let configuration: ConfigurationFile
    /// From the command line, before the file's.
    package let port: Int?
    package let logLevel: LogLevel?

    package init(_ kind: DaemonKind, configuration: ConfigurationFile, port: Int?, logLevel: LogLevel?) {
        self.kind = kind
        self.configuration = configuration
        self.port = port
        self.logLevel = logLevel
    }
}
