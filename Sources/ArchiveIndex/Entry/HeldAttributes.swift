// Which attributes the index holds, and at which level (PS3.4 §C.6.1.1: unique, required, and optional keys worth holding).
// Specific Character Set and Timezone Offset aren't keys: each level's set carries them for its own values.

import DICOM

/// The attributes that are read from each instance and held.
package enum HeldAttributes {
    package static let patient: [Tag] = [
        .referencedPatientSequence, .patientName, .patientID, .issuerOfPatientID, .patientBirthDate, .patientBirthTime,
        .patientSex, .otherPatientIDs, .otherPatientNames, .otherPatientIDsSequence, .ethnicGroup, .patientComments,
    ]
    package static let study: [Tag] = [
        .studyDate, .studyTime, .accessionNumber, .issuerOfAccessionNumberSequence, .institutionName,
        .referringPhysicianName, .anatomicRegionsInStudyCodeSequence, .studyDescription, .procedureCodeSequence,
        .nameOfPhysiciansReadingStudy, .admittingDiagnosesDescription, .referencedStudySequence, .patientAge,
        .patientSize, .patientWeight, .occupation, .additionalPatientHistory, .studyID, .otherStudyNumbers,
        .requestingPhysician, .requestedProcedureDescription,
    ]
    package static let series: [Tag] = [
        .seriesDate, .seriesTime, .modality, .presentationIntentType, .manufacturer, .stationName, .seriesDescription,
        .institutionalDepartmentName, .performingPhysicianName, .operatorsName, .manufacturerModelName,
        .bodyPartExamined, .protocolName, .seriesNumber, .laterality, .performedProcedureStepStartDate,
        .performedProcedureStepStartTime, .performedProcedureStepID, .performedProcedureStepDescription,
        .requestAttributesSequence,
    ]
    package static let image: [Tag] = [
        .imageType, .relatedGeneralSOPClassUID, .contentDate, .contentTime, .alternateRepresentationSequence,
        .acquisitionNumber, .instanceNumber, .numberOfFrames, .rows, .columns, .bitsAllocated, .containerIdentifier,
        .specimenDescriptionSequence, .conceptNameCodeSequence, .completionFlag, .verificationFlag,
        .contentTemplateSequence, .contentLabel, .contentDescription,
    ]

    /// Held at every level, because values mean nothing without them.
    package static let everywhere: [Tag] = [.specificCharacterSet, .timezoneOffsetFromUTC]

    /// The attributes held at a level, beside `everywhere`.
    package static func tags(at level: Level) -> [Tag] {
        switch level {
        case .patient: patient
        case .study: study
        case .series: series
        case .image: image
        }
    }

    /// The level at which `tag` is held, unique keys and SOP Class UID included; nil when it isn't.
    package static func level(of tag: Tag) -> Level? { levels[tag] }

    private static let levels: [Tag: Level] = {
        var levels: [Tag: Level] = [
            .studyInstanceUID: .study, .seriesInstanceUID: .series, .sopInstanceUID: .image, .sopClassUID: .image,
        ]
        for level in Level.allCases {
            for tag in tags(at: level) { levels[tag] = level }
        }
        return levels
    }()
}
