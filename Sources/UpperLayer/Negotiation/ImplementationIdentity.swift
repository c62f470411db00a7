// Who an implementation says it is: Implementation Class UID and Version Name (PS3.7 §D.3.3.2).

import DICOM

/// What an implementation says of itself and of its limits in user information.
package struct ImplementationIdentity: Equatable, Sendable {
    package let classUID: UID
    package let versionName: String

    package init(classUID: UID, versionName: String) {
        self.classUID = classUID
        self.versionName = versionName
    }

    /// Ours. The UID is fixed and below 2.25 (PS3.5 §B.2), a UUID made for this purpose.
    package static let fileroom = ImplementationIdentity(
        classUID: UID(literal: "2.25.147286836795074171144502221763685057431"), versionName: "FILEROOM_0")
}
