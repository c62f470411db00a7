// The study and the series that a run writer is in the middle of.

/// A study whose rows are not all there yet.
struct OpenStudy {
    struct Set: Sendable {
        let attributes: AttributeSet
        let patientKey: PatientKey
        let patient: AttributeSet
        var added = 0
        var removed = 0

        var weight: Int { added - removed }
    }

    private struct Key: Hashable {
        let attributes: AttributeSet
        let patientKey: PatientKey
        let patient: AttributeSet
    }

    let uid: [UInt8]
    let row: Int
    let firstSeries: Int
    var series = 0
    var instances = 0
    private(set) var added = 0
    private(set) var removed = 0
    private(set) var sets: [Set] = []
    private var numbers: [Key: Int] = [:]

    init(uid: [UInt8], row: Int, firstSeries: Int) {
        self.uid = uid
        self.row = row
        self.firstSeries = firstSeries
    }

    /// Counts files with the study and patient attributes of `entry`; which of the study's sets they are.
    mutating func add(_ entry: InstanceEntry, added: Int, removed: Int) -> Int {
        self.added += added
        self.removed += removed
        let number: Int
        if let last = sets.last, last.attributes == entry.study, last.patient == entry.patient,
            last.patientKey.patientID == entry.patientID, last.patientKey.issuer == entry.issuer
        {
            number = sets.count - 1
        } else {
            let key = Key(attributes: entry.study, patientKey: entry.patientKey, patient: entry.patient)
            if let known = numbers[key] {
                number = known
            } else {
                number = sets.count
                sets.append(Set(attributes: key.attributes, patientKey: key.patientKey, patient: key.patient))
                numbers[key] = number
            }
        }
        sets[number].added += added
        sets[number].removed += removed
        return number
    }
}

/// A series whose rows are not all there yet.
struct OpenSeries {
    struct Set: Sendable {
        let attributes: AttributeSet
        var weight: Int
    }

    let uid: [UInt8]
    let row: Int
    let firstInstance: Int
    /// SOP Instance UIDs, each once, whatever contents they have.
    private(set) var instances = 0
    private var lastInstance: [UInt8] = []
    private(set) var added = 0
    private(set) var removed = 0
    private(set) var sets: [Set] = []
    private(set) var sopClasses: Swift.Set<Int> = []
    private var numbers: [AttributeSet: Int] = [:]

    init(uid: [UInt8], row: Int, firstInstance: Int) {
        self.uid = uid
        self.row = row
        self.firstInstance = firstInstance
    }

    /// Counts files with these attributes; which of the series' sets they are.
    mutating func add(_ attributes: AttributeSet, sopClass: Int, added: Int, removed: Int) -> Int {
        self.added += added
        self.removed += removed
        if added > 0 { sopClasses.insert(sopClass) }
        let number: Int
        if let last = sets.last, last.attributes == attributes {
            number = sets.count - 1
        } else if let known = numbers[attributes] {
            number = known
        } else {
            number = sets.count
            sets.append(Set(attributes: attributes, weight: 0))
            numbers[attributes] = number
        }
        sets[number].weight += added - removed
        return number
    }

    mutating func count(instance uid: [UInt8]) {
        if uid != lastInstance { instances += 1 }
        lastInstance = uid
    }
}
