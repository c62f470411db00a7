// Dates and the times that belong to them: two attributes that name one moment.

import DICOM

/// Pairs of a date and a time.
enum DateTimePairs {
    /// A person's birth is no such pair where zones are concerned: see `ZoneAdjustment`.
    private static let all: [(date: Tag, time: Tag)] = [
        (.studyDate, .studyTime), (.seriesDate, .seriesTime), (.contentDate, .contentTime),
        (.patientBirthDate, .patientBirthTime), (.performedProcedureStepStartDate, .performedProcedureStepStartTime),
        // Acquisition, Overlay, Curve, Instance Creation.
        (Tag(0x0008, 0x0022), Tag(0x0008, 0x0032)), (Tag(0x0008, 0x0024), Tag(0x0008, 0x0034)),
        (Tag(0x0008, 0x0025), Tag(0x0008, 0x0035)), (Tag(0x0008, 0x0012), Tag(0x0008, 0x0013)),
        // Secondary Capture, Calibration, Last Detector Calibration.
        (Tag(0x0018, 0x1012), Tag(0x0018, 0x1014)), (Tag(0x0018, 0x1200), Tag(0x0018, 0x1201)),
        (Tag(0x0018, 0x700C), Tag(0x0018, 0x700E)),
        // Study Verified, Read, Scheduled Start, Scheduled Stop, Arrival, Completion.
        (Tag(0x0032, 0x0032), Tag(0x0032, 0x0033)), (Tag(0x0032, 0x0034), Tag(0x0032, 0x0035)),
        (Tag(0x0032, 0x1000), Tag(0x0032, 0x1001)), (Tag(0x0032, 0x1010), Tag(0x0032, 0x1011)),
        (Tag(0x0032, 0x1040), Tag(0x0032, 0x1041)), (Tag(0x0032, 0x1050), Tag(0x0032, 0x1051)),
        // Admitting, Discharge.
        (Tag(0x0038, 0x0020), Tag(0x0038, 0x0021)), (Tag(0x0038, 0x0030), Tag(0x0038, 0x0032)),
        // Scheduled Procedure Step Start and End, Performed Procedure Step End, Issue of the request, SR values.
        (Tag(0x0040, 0x0002), Tag(0x0040, 0x0003)), (Tag(0x0040, 0x0004), Tag(0x0040, 0x0005)),
        (Tag(0x0040, 0x0250), Tag(0x0040, 0x0251)), (Tag(0x0040, 0x2004), Tag(0x0040, 0x2005)),
        (Tag(0x0040, 0xA121), Tag(0x0040, 0xA122)),
        // Presentation Creation, Structure Set, RT Plan, Treatment, Review, Creation of print queues.
        (Tag(0x0070, 0x0082), Tag(0x0070, 0x0083)), (Tag(0x3006, 0x0008), Tag(0x3006, 0x0009)),
        (Tag(0x300A, 0x0006), Tag(0x300A, 0x0007)), (Tag(0x3008, 0x0250), Tag(0x3008, 0x0251)),
        (Tag(0x3008, 0x0024), Tag(0x3008, 0x0025)), (Tag(0x300E, 0x0004), Tag(0x300E, 0x0005)),
        (Tag(0x2100, 0x0040), Tag(0x2100, 0x0050)),
    ]

    private static let dates = Dictionary(uniqueKeysWithValues: all.map { ($0.time, $0.date) })
    private static let times = Dictionary(uniqueKeysWithValues: all.map { ($0.date, $0.time) })

    /// The date that a time belongs to; nil where it is no such time.
    static func date(of time: Tag) -> Tag? { dates[time] }

    /// The other of the two; nil where there is none.
    static func partner(of tag: Tag) -> Tag? { dates[tag] ?? times[tag] }
}
