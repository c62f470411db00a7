// What --version prints.

import UpperLayer

/// The version of all programs.
package enum Version {
    package static let number = "0.1.0"

    /// `fileroom-qrd 0.1.0, implementation class …`.
    package static func text(of program: String) -> String {
        let identity = ImplementationIdentity.fileroom
        return "\(program) \(number)\nimplementation \(identity.versionName), class UID \(identity.classUID)\n"
    }
}
