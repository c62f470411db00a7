// Which keys are supported at which level: what the index holds, and what it computes.

import DICOM

/// Keys of C-FIND.
package enum SupportedKeys {
    /// Attributes that no file has: they are counted or gathered (PS3.4 §C.3.4).
    static let computed: [Tag: Level] = [
        .numberOfPatientRelatedStudies: .patient, .numberOfPatientRelatedSeries: .patient,
        .numberOfPatientRelatedInstances: .patient, .modalitiesInStudy: .study, .sopClassesInStudy: .study,
        .numberOfStudyRelatedSeries: .study, .numberOfStudyRelatedInstances: .study,
        .numberOfSeriesRelatedInstances: .series, .availableTransferSyntaxUID: .image,
    ]

    /// The level of a key; nil when it isn't supported anywhere.
    package static func level(of tag: Tag) -> Level? { computed[tag] ?? HeldAttributes.level(of: tag) }

    /// A query at `level` can match and return its own level's keys and those of the levels above.
    package static func isSupported(_ tag: Tag, at level: Level) -> Bool {
        guard let own = self.level(of: tag) else { return false }
        return own <= level
    }

    /// Elements of an identifier that are no keys (PS3.4 §C.4.1.1.3): they say how to read or what to search.
    static func isKey(_ tag: Tag) -> Bool {
        switch tag {
        case .specificCharacterSet, .queryRetrieveLevel, .timezoneOffsetFromUTC, .retrieveAETitle,
            .instanceAvailability:
            false
        default: tag.group >= 0x0008 && !tag.isGroupLength
        }
    }
}
