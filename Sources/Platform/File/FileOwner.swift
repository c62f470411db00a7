// Whom a file belongs to.

/// A user and a group by number.
package struct FileOwner: Hashable, Sendable {
    package let userID: UInt32
    package let groupID: UInt32

    package init(userID: UInt32, groupID: UInt32) {
        self.userID = userID
        self.groupID = groupID
    }
}
