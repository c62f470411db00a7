// How many candidates a source has: the distance between two places of a sorted look-up, which costs as much as finding them.

extension Snapshot {
    /// About how many entities have to be looked at. Never reads them.
    func estimate(of source: StudySource, _ watch: SearchWatch? = nil) throws(IndexFault) -> Int {
        var count = 0
        for run in sources {
            switch source {
            case .studyUIDs(let uids), .seriesUIDs(let uids), .instanceUIDs(let uids): count += uids.count
            case .patientIDs(let ids):
                for id in ids {
                    try watch?.passEntity()
                    count += try run.studies(ofPatientsCalled: id)
                }
            case .accessionNumbers(let numbers):
                for number in numbers {
                    try watch?.passEntity()
                    count += try run.count(.accessionNumbers, from: number, through: number)
                }
            case .accessionPrefix(let prefix): count += try run.count(.accessionNumbers, prefix: prefix)
            case .namePrefix(let prefix): count += try run.count(.patientNames, prefix: prefix)
            case .dates(let first, let last): count += try run.count(.studyDates, from: first ?? [], through: last)
            case .nameLetters(let prefix): count += try run.count(prefix)
            // Names are passed over much faster than entities are looked at.
            case .nameScan: count += run.table(.patientNames).rowCount / 8
            case .scan: count += run.table(.studies).rowCount
            }
        }
        return count
    }
}

extension Run {
    /// Rows of a look-up whose text begins so.
    fileprivate func count(_ table: Table, prefix: [UInt8]) throws(IndexFault) -> Int {
        var behind = prefix
        while behind.last == 0xFF { behind.removeLast() }
        if let last = behind.popLast() { behind.append(last + 1) }
        return try count(table, from: prefix, before: behind.isEmpty ? nil : behind)
    }

    /// Spellings of a beginning of names that are counted; where there are more, all names are.
    private static var spellingsMaximum: Int { 64 }

    /// Names that begin with some letters, whatever their accents.
    fileprivate func count(_ prefix: PlainPrefix) throws(IndexFault) -> Int {
        var count = 0
        var next: [UInt8] = []
        for _ in 0..<Self.spellingsMaximum {
            var cursor = try cursor(.patientNames, from: [.text(next)])
            guard try cursor.advance() else { return count }
            let text = try cursor.text(0)
            switch prefix.judge(text) {
            case .over: return count
            case .leap(let behind): next = behind
            case .begins(let byteCount):
                let spelling = Array(text.prefix(byteCount))
                count += try self.count(.patientNames, prefix: spelling)
                // No name has this byte.
                next = spelling + [0xFF]
            }
        }
        return table(.patientNames).rowCount
    }

    /// Rows of a look-up whose text lies between the two, both included; nil is open.
    fileprivate func count(_ table: Table, from first: [UInt8], through last: [UInt8]?) throws(IndexFault) -> Int {
        try count(table, from: first, before: last.map { $0 + [0] })
    }

    private func count(_ table: Table, from first: [UInt8], before end: [UInt8]?) throws(IndexFault) -> Int {
        let begin = try cursor(table, from: [.text(first)]).next
        guard let end else { return self.table(table).rowCount - begin }
        return max(0, try cursor(table, from: [.text(end)]).next - begin)
    }

    /// Pairs of a patient of that ID and a study.
    fileprivate func studies(ofPatientsCalled id: [UInt8]) throws(IndexFault) -> Int {
        let first = try cursor(.patients, from: [.text(id)]).next
        let end = try cursor(.patients, from: [.text(id + [0])]).next
        guard first < end else { return 0 }
        return try cursor(.patientStudies, from: [.number(UInt64(end))]).next
            - cursor(.patientStudies, from: [.number(UInt64(first))]).next
    }
}
