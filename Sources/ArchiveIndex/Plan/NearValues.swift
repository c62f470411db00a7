// What may have been meant by a key that nothing has: values that are nearly it, days beside it, UIDs of another level.

import DICOM

extension Snapshot {
    private static let shownMaximum = 5

    /// What the index has near the value of a key.
    func hints(_ key: Tag, _ query: Query) throws(IndexFault) -> [Explanation.Hint] {
        switch (key, query.condition(key)) {
        case (_, .uids(let uids)?): return try uidHints(uids.sorted(), key)
        case (.studyDate, .dates(let ranges)?):
            return try ranges.first.map { r throws(IndexFault) in try dayHints(r) } ?? []
        case (.patientName, .names(let keys)?):
            let wanted = keys.compactMap { $0.candidate?.literal }.filter { !$0.isEmpty }
            return Self.near(try nearNames(wanted), "Names that are near")
        case (.patientID, .text(let patterns)?):
            let wanted = patterns.map(\.literal).filter { !$0.isEmpty }
            let found = try near(wanted, in: .patients) { id throws(IndexFault) in
                try patients(id: id).isEmpty ? nil : String(decoding: id, as: UTF8.self)
            }
            return Self.near(found, "Patient IDs that are near")
        case (.accessionNumber, .text(let patterns)?):
            let wanted = patterns.map(\.literal).filter { !$0.isEmpty }
            let found = try near(wanted, in: .accessionNumbers) { number throws(IndexFault) in
                var studies = StudyListing([.exactly(number, in: .accessionNumbers)], in: self)
                return try studies.next().map { _ in String(decoding: number, as: UTF8.self) }
            }
            return Self.near(found, "Accession numbers that are near")
        default: return []
        }
    }

    private static func near(_ values: [String], _ words: String) -> [Explanation.Hint] {
        values.isEmpty ? [] : [Explanation.Hint(words: words, values: values)]
    }

    /// What the values say that a key refused.
    static func hints(_ condition: Query.Condition, _ refused: [String]) -> [Explanation.Hint] {
        let wanted: [String]
        switch condition.matcher {
        case .text(let patterns): wanted = patterns.map(\.literal)
        case .names(let keys): wanted = keys.compactMap { $0.candidate?.literal }
        default: return []
        }
        func meant(_ isMeant: (NearText, NearText) -> Bool) -> [String] {
            let keys = wanted.map { NearText($0) }.filter { !$0.isEmpty }
            return Array(
                refused.filter { value in keys.contains { isMeant($0, NearText(value)) } }.prefix(shownMaximum))
        }
        let same = meant { $0 == $1 }
        if !same.isEmpty {
            return [
                Explanation.Hint(words: "The same but for case, zeros or punctuation, which count here", values: same)
            ]
        }
        let longer = meant { $1.contains($0) }
        if !longer.isEmpty {
            return [
                Explanation.Hint(
                    words: "These have it within; only a key with * finds parts of a value", values: longer)
            ]
        }
        return []
    }

    // MARK: Look-ups

    /// UIDs of one level that are asked for at another.
    private func uidHints(_ uids: [UID], _ key: Tag) throws(IndexFault) -> [Explanation.Hint] {
        var hints: [Explanation.Hint] = []
        for uid in uids.prefix(Self.shownMaximum) {
            if key != .studyInstanceUID, try study(uid) != nil {
                hints.append(Explanation.Hint(words: "This is the UID of a study", values: [uid.text]))
            }
            if let series = try series(uid).first {
                if key != .seriesInstanceUID {
                    hints.append(Explanation.Hint(words: "This is the UID of a series", values: [uid.text]))
                }
                if key != .studyInstanceUID {
                    hints.append(
                        Explanation.Hint(
                            words: "The series is one of the study", values: [series.study.studyInstanceUID.text]))
                }
            }
            if let instance = try instances(uid).first {
                if key != .sopInstanceUID {
                    hints.append(Explanation.Hint(words: "This is the UID of an instance", values: [uid.text]))
                }
                hints.append(
                    Explanation.Hint(
                        words: "The instance is one of the series", values: [instance.series.seriesInstanceUID.text]))
            }
        }
        return hints
    }

    /// The days with studies before and behind a range that has none.
    private func dayHints(_ range: ValueRange) throws(IndexFault) -> [Explanation.Hint] {
        if range.isEmpty {
            return [Explanation.Hint(words: "The range ends before it begins", values: [])]
        }
        var days: [[UInt8]] = []
        for isBefore in [true, false] {
            guard let end = (isBefore ? range.earliest : range.latest).flatMap(StudySource.dateText) else { continue }
            var nearest: [UInt8]?
            for run in sources {
                guard let day = try run.day(isBefore ? .before : .after, end) else { continue }
                guard let known = nearest else {
                    nearest = day
                    continue
                }
                if day.lexicographicallyPrecedes(known) != isBefore { nearest = day }
            }
            if let nearest { days.append(nearest) }
        }
        guard !days.isEmpty else { return [] }
        return [
            Explanation.Hint(
                words: "Nearest days with studies", values: days.map { String(decoding: $0, as: UTF8.self) })
        ]
    }

    private func nearNames(_ wanted: [String]) throws(IndexFault) -> [String] {
        try near(wanted, in: .patientNames) { name throws(IndexFault) in
            var patients = try PatientListing(.beginning(with: name, in: .patientNames), in: self)
            while let patient = try patients.next() {
                if let value = try patient.attributes().value(.patientName) { return value.text }
            }
            return nil
        }
    }

    /// The texts of a look-up that are nearest to one of `wanted`: a walk over all of them.
    ///
    /// - Parameter shown: what to show for a text; nil where nothing of it is left.
    private func near(
        _ wanted: [String], in table: Table, _ shown: ([UInt8]) throws(IndexFault) -> String?
    ) throws(IndexFault) -> [String] {
        let keys = wanted.map { NearText($0) }.filter { !$0.isEmpty }
        guard !keys.isEmpty else { return [] }
        // Some more than are shown: of some nothing may be left.
        var best: [(distance: Int, text: [UInt8])] = []
        for run in sources {
            var cursor = run.cursor(table)
            var last: [UInt8] = []
            while try cursor.advance() {
                let text = try cursor.text(0)
                if text == last || text.isEmpty { continue }
                last = text
                let stored = NearText(String(decoding: text, as: UTF8.self))
                guard let distance = keys.compactMap({ $0.distance(to: stored) }).min(),
                    best.count < 4 * Self.shownMaximum || distance < best[best.count - 1].distance,
                    !best.contains(where: { $0.text == text })
                else { continue }
                let place = best.firstIndex { $0.distance > distance } ?? best.count
                best.insert((distance, text), at: place)
                if best.count > 4 * Self.shownMaximum { best.removeLast() }
            }
        }
        var found: [String] = []
        for candidate in best where found.count < Self.shownMaximum {
            if let text = try shown(candidate.text), !found.contains(text) { found.append(text) }
        }
        return found
    }
}

extension Run {
    fileprivate enum Side { case before, after }

    /// The nearest date of the look-up on one side of `day`.
    fileprivate func day(_ side: Side, _ day: [UInt8]) throws(IndexFault) -> [UInt8]? {
        var cursor = try cursor(.studyDates, from: [.text(side == .before ? day : day + [0])])
        if side == .before {
            guard cursor.next > 0 else { return nil }
            try cursor.seek(cursor.next - 1)
        }
        return try cursor.advance() ? try cursor.text(0) : nil
    }
}
