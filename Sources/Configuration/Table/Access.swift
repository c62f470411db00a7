// What peers may do with an area.

/// What peers may do with an area.
package enum Access: String, CaseIterable, Sendable {
    case read = "R"
    case write = "W"
    case readWrite = "RW"

    package var allowsWriting: Bool { self != .read }
}
