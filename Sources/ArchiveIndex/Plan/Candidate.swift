// An entity on its way to being a match: its values, read as far as keys ask for them and no further.

import DICOM

/// An entity of one level with those above it. Values are resolved once, when they are first asked for.
package final class Candidate {
    /// Whose entity it is.
    package let level: Level
    let study: StudyEntity?
    let series: SeriesEntity?
    let instance: InstanceEntity?
    private let parent: Candidate?
    private var patientEntity: PatientEntity?
    private var likelyPatient: PatientEntity?
    private let counts: MetPatients
    private var shown: ShownAttributes?
    private var cachedContent: InstanceContent?
    private var cachedGathered: [Tag: ResolvedValue] = [:]
    /// What its instances' headers say.
    var headerValues: [Tag: ResolvedValue] = [:]
    /// Keys of which headers that can't be read may say something: as far as it is concerned they are unsupported.
    package internal(set) var lackingKeys: Set<Tag> = []

    init(patient: PatientEntity, counts: MetPatients) {
        self.counts = counts
        level = .patient
        study = nil
        series = nil
        instance = nil
        parent = nil
        patientEntity = patient
    }

    /// - Parameter patient: who it is likely to be shown with.
    init(study: StudyEntity, patient: PatientEntity? = nil, counts: MetPatients) {
        self.counts = counts
        likelyPatient = patient
        level = .study
        self.study = study
        series = nil
        instance = nil
        parent = nil
    }

    init(series: SeriesEntity, of parent: Candidate) {
        level = .series
        study = parent.study
        self.series = series
        instance = nil
        self.parent = parent
        counts = parent.counts
    }

    init(instance: InstanceEntity, of parent: Candidate) {
        level = .image
        study = parent.study
        series = parent.series
        self.instance = instance
        self.parent = parent
        counts = parent.counts
    }

    // MARK: Values

    /// The value of a supported key at this level or one above, in the requester's zone where that was agreed on; nil when no
    /// instance has the attribute.
    package func value(_ tag: Tag) throws(IndexFault) -> ResolvedValue? {
        let stored = try storedValue(tag)
        guard let zone = counts.zone, let value = stored, value.timezoneOffset != nil else { return stored }
        let partner = try DateTimePairs.partner(of: tag).flatMap { t throws(IndexFault) in try storedValue(t) }
        return zone.adjusted(tag, value, partner: partner)
    }

    private func storedValue(_ tag: Tag) throws(IndexFault) -> ResolvedValue? {
        switch tag {
        case .studyInstanceUID: return study.map { Self.value(.UI, $0.studyInstanceUID.bytes) }
        case .seriesInstanceUID: return series.map { Self.value(.UI, $0.seriesInstanceUID.bytes) }
        case .sopInstanceUID: return instance.map { Self.value(.UI, $0.sopInstanceUID.bytes) }
        case .sopClassUID: return try content().map { Self.value(.UI, $0.sopClassUID.bytes) }
        case .availableTransferSyntaxUID:
            return try content().map { content in
                Self.joined(.UI, TransferSyntax.available(for: content.transferSyntaxUID).map(\.bytes))
            }
        case .modalitiesInStudy, .sopClassesInStudy: return try gathered(tag)
        case .instanceAvailability: return Self.value(.CS, Array((try isUnavailable() ? "UNAVAILABLE" : "ONLINE").utf8))
        default: break
        }
        if let count = try count(tag) { return Self.value(.IS, Array(String(count).utf8)) }
        guard let own = HeldAttributes.level(of: tag) else { return headerValues[tag] }
        if own == .patient, level != .patient {
            return try patient().flatMap { patient throws(IndexFault) in try counts.value(tag, of: patient) }
        }
        return try attributes(at: own)?.value(tag)
    }

    /// What is gathered from all series of the study: once, for all its series and instances.
    private func gathered(_ tag: Tag) throws(IndexFault) -> ResolvedValue? {
        if let parent { return try parent.gathered(tag) }
        if let known = cachedGathered[tag] { return known }
        guard let study else { return nil }
        let value =
            tag == .modalitiesInStudy
            ? Self.joined(.CS, try study.modalities(counts.watch))
            : Self.joined(.UI, try study.sopClasses(counts.watch).map(\.bytes))
        cachedGathered[tag] = value
        return value
    }

    private static func value(_ vr: VR, _ bytes: [UInt8]) -> ResolvedValue {
        ResolvedValue(vr: vr, bytes: bytes, characterSet: nil, timezoneOffset: nil)
    }

    private static func joined(_ vr: VR, _ values: [[UInt8]]) -> ResolvedValue {
        value(vr, Array(values.joined(separator: [0x5C])))
    }

    private func isUnavailable() throws(IndexFault) -> Bool {
        switch level {
        case .patient: try patientEntity.map { p throws(IndexFault) in try p.isUnavailable(counts.watch) } ?? false
        case .study: try study?.isUnavailable(counts.watch) ?? false
        case .series: try series?.isUnavailable(counts.watch) ?? false
        case .image: try instance?.isUnavailable() ?? false
        }
    }

    private func count(_ tag: Tag) throws(IndexFault) -> Int? {
        switch tag {
        case .numberOfStudyRelatedSeries: return try study?.seriesCount(counts.watch)
        case .numberOfStudyRelatedInstances: return try study?.instanceCount(counts.watch)
        case .numberOfSeriesRelatedInstances: return try series?.instanceCount(counts.watch)
        case .numberOfPatientRelatedStudies: return try patientCounts()?.studies
        case .numberOfPatientRelatedSeries: return try patientCounts()?.series
        case .numberOfPatientRelatedInstances: return try patientCounts()?.instances
        default: return nil
        }
    }

    /// The places of an instance's served content; none above the image level.
    package func places() throws(IndexFault) -> [Place] { try instance?.contents().first?.places ?? [] }

    // MARK: Entities

    func patient() throws(IndexFault) -> PatientEntity? {
        if let parent { return try parent.patient() }
        if let patientEntity { return patientEntity }
        guard let study else { return nil }
        // Many studies of one patient are met in a row.
        if let row = try study.onlyPatient() {
            patientEntity =
                if let likelyPatient, likelyPatient.has(row) { likelyPatient } else {
                    try counts.patient(at: row, in: study.snapshot)
                }
        } else if let key = try study.patientKeys(counts.watch).first {
            patientEntity =
                if let likelyPatient, likelyPatient.memberKeys.contains(key) { likelyPatient } else {
                    try counts.patient(key, in: study.snapshot)
                }
        }
        return patientEntity
    }

    private func patientCounts() throws(IndexFault) -> MetPatients.Counts? {
        guard let patient = try patient() else { return nil }
        return try counts.of(patient)
    }

    /// Shows a study with another of its patients.
    func show(patient key: PatientKey) throws(IndexFault) {
        patientEntity = try study?.snapshot.patient(key)
    }

    private func content() throws(IndexFault) -> InstanceContent? {
        if let cachedContent { return cachedContent }
        cachedContent = try instance?.content()
        return cachedContent
    }

    private func attributes(at wanted: Level) throws(IndexFault) -> ShownAttributes? {
        if wanted < level, let parent { return try parent.attributes(at: wanted) }
        guard wanted == level else { return nil }
        if let shown { return shown }
        switch level {
        case .patient: shown = try patient()?.shown(counts.watch)
        case .study: shown = try study?.shown(counts.watch)
        case .series: shown = try series?.shown(counts.watch)
        case .image:
            shown = try content().map { .resolved(ResolvedAttributes([Variant(attributes: $0.attributes, count: 1)])) }
        }
        return shown
    }

    /// Whether all conditions of one level hold.
    ///
    /// - Parameter trace: is told how each test went.
    func satisfies(
        _ conditions: [Query.Condition], _ options: MatchingOptions, _ trace: MatchTrace?
    ) throws(IndexFault) -> Bool {
        for condition in conditions {
            let value = try value(condition.tag)
            let date = try condition.combined.flatMap { c throws(IndexFault) in try self.value(c.date) }
            let isMatch = condition.matches(value, date: date, options)
            trace?.note(condition, value, isMatch: isMatch)
            if !isMatch { return false }
        }
        return true
    }
}

extension Query.Condition {
    /// - Parameter date: of a time that counts together with its date, the date.
    func matches(_ value: ResolvedValue?, date: ResolvedValue?, _ options: MatchingOptions) -> Bool {
        if let combined, value?.bytes.isEmpty == false { return combined.matches(date, value) }
        return matcher.matches(value, options: options)
    }
}
