// Users, groups, and giving up root for good.

import CPlatform

/// A user of this system.
package struct User: Hashable, Sendable {
    package let name: String
    package let id: UInt32
    /// The user's own group.
    package let groupID: UInt32

    /// The user of that name; nil when there is none.
    package static func named(_ name: String) -> User? {
        var user = fr_user()
        guard !name.utf8.contains(0), unsafe fr_user_named(name, &user) == 0 else { return nil }
        return User(name: name, id: user.user_id, groupID: user.group_id)
    }
}

/// A group of this system.
package struct Group: Hashable, Sendable {
    package let name: String
    package let id: UInt32

    /// The group of that name; nil when there is none.
    package static func named(_ name: String) -> Group? {
        var id: UInt32 = 0
        guard !name.utf8.contains(0), unsafe fr_group_named(name, &id) == 0 else { return nil }
        return Group(name: name, id: id)
    }
}

/// What this process may do.
package enum Privileges {
    /// The effective user of this process.
    package static var userID: UInt32 { fr_effective_user() }
    package static var isRoot: Bool { userID == 0 }

    /// Becomes `user` (with `group`, or its own one, and its supplementary groups) and checks that there is no way
    /// back. To be called before the first thread starts. After an error the process is in between, and must end.
    package static func drop(to user: User, group: Group? = nil) throws(Errno) {
        _ = try checked(unsafe fr_drop_privileges(user.name, user.id, group?.id ?? user.groupID))
    }
}
