// Who a patient is (design: Identity).

import DICOM

/// Who a patient is: ID and issuer; without an ID, one patient for each study.
package struct PatientKey: Hashable, Comparable, Sendable {
    package let patientID: [UInt8]
    package let issuer: [UInt8]
    /// Set only where there is no ID.
    package let studyInstanceUID: UID?

    init(patientID: [UInt8], issuer: [UInt8], only studyInstanceUID: UID?) {
        self.patientID = patientID
        self.issuer = issuer
        self.studyInstanceUID = studyInstanceUID
    }

    package static func < (left: PatientKey, right: PatientKey) -> Bool {
        if left.patientID != right.patientID { return left.patientID.lexicographicallyPrecedes(right.patientID) }
        if left.issuer != right.issuer { return left.issuer.lexicographicallyPrecedes(right.issuer) }
        return (left.studyInstanceUID?.packed ?? []).lexicographicallyPrecedes(right.studyInstanceUID?.packed ?? [])
    }
}
