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
    /// The first listening socket; the others follow.
    static let firstListener: Int32 = 7

    /// The first argument of a worker; the number of listeners, the daemon's name and the configuration's path follow.
    static let argument = "--worker"
}
