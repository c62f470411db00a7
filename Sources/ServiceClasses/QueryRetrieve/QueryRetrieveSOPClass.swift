// The SOP classes of Query/Retrieve (PS3.4 §C.6): each is an information model and an operation.

import ArchiveIndex
import DICOM

/// What a Query/Retrieve SOP class asks for.
package enum QueryRetrieveOperation: Sendable, Equatable { case find, move, get }

/// A Query/Retrieve SOP class that we provide, as its two halves (PS3.4 §C.6.1.3, §C.6.2.3, §C.6.3.3, §Y.6, §Z.1).
package struct QueryRetrieveSOPClass: Sendable, Equatable {
    package let uid: UID
    package let model: InformationModel
    package let operation: QueryRetrieveOperation

    /// Three classes of each model; Patient/Study Only is retired (PS3.4-2004) and still asked for by old peers. Composite
    /// Instance Root has no C-FIND, Composite Instance Retrieve Without Bulk Data a C-GET alone.
    package static let all: [QueryRetrieveSOPClass] = [
        .init(UID(literal: "1.2.840.10008.5.1.4.1.2.1.1"), .patientRoot, .find),
        .init(UID(literal: "1.2.840.10008.5.1.4.1.2.1.2"), .patientRoot, .move),
        .init(UID(literal: "1.2.840.10008.5.1.4.1.2.1.3"), .patientRoot, .get),
        .init(UID(literal: "1.2.840.10008.5.1.4.1.2.2.1"), .studyRoot, .find),
        .init(UID(literal: "1.2.840.10008.5.1.4.1.2.2.2"), .studyRoot, .move),
        .init(UID(literal: "1.2.840.10008.5.1.4.1.2.2.3"), .studyRoot, .get),
        .init(UID(literal: "1.2.840.10008.5.1.4.1.2.3.1"), .patientStudyOnly, .find),
        .init(UID(literal: "1.2.840.10008.5.1.4.1.2.3.2"), .patientStudyOnly, .move),
        .init(UID(literal: "1.2.840.10008.5.1.4.1.2.3.3"), .patientStudyOnly, .get),
        .init(UID(literal: "1.2.840.10008.5.1.4.1.2.4.2"), .compositeInstanceRoot, .move),
        .init(UID(literal: "1.2.840.10008.5.1.4.1.2.4.3"), .compositeInstanceRoot, .get),
        .init(UID(literal: "1.2.840.10008.5.1.4.1.2.5.3"), .compositeInstance, .get),
    ]

    private init(_ uid: UID, _ model: InformationModel, _ operation: QueryRetrieveOperation) {
        self.uid = uid
        self.model = model
        self.operation = operation
    }

    /// The one with this UID; nil when it is none of these.
    package static func named(_ uid: UID) -> QueryRetrieveSOPClass? { all.first { $0.uid == uid } }
}
