// The Verification service class (PS3.4 Annex A): C-ECHO, answered with success and nothing else.

import DICOM
import DIMSE

/// Verification as SCP.
package enum Verification {
    package static let sopClass = UID(literal: "1.2.840.10008.1.1")

    /// Answers one C-ECHO-RQ.
    package static func answer(_ request: Message, over association: Association) throws(AssociationFault) {
        try association.send(.echoResponse(to: request.command), in: request.contextID)
    }
}
