// What a worker inherits from its supervisor, by descriptor number: the one contract between the two.

/// Descriptors of a worker.
enum Inherited {
    /// Readable when the supervisor has died.
    static let lifeline: Int32 = 3
    /// `AssociationSlots`.
    static let slots: Int32 = 4
    /// `SharedBytes`: the configuration file.
    static let configuration: Int32 = 5
    /// A byte written says that connections are accepted.
    static let ready: Int32 = 6
    /// A table of `AreaUsage`.
    static let usage: Int32 = 7
    /// The first listening socket; the others follow. A keeper has none.
    static let firstListener: Int32 = 8

    /// The first argument of a process of the daemon says what it does; the number of listeners, the configuration's path and
    /// options follow.
    enum Role: String {
        case worker = "--worker"
        /// A worker that leaves connections to the first one, as long as that takes them.
        case standby = "--standby"
        case keeper = "--keeper"

        /// Whether it serves associations.
        var isWorker: Bool { self != .keeper }
    }
}
