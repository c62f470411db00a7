// Entries as lines of a dump: what an instance was sent with, level by level, and its place.

import DICOM

/// Writes entries. What neighbours share is written once and copied.
struct EntryLines {
    private let sheet: DumpSheet
    /// Where the columns of entries begin in the sheet.
    private let base: Int
    /// The attributes of each level that were written last.
    private var written: [(set: AttributeSet, text: [UInt8])?] = Array(repeating: nil, count: Level.allCases.count)

    /// - Parameter base: the sheet has `columns` from there on.
    init(_ sheet: DumpSheet, from base: Int = 0) {
        self.sheet = sheet
        self.base = base
    }

    /// Keywords for attributes, others for what only an index has.
    static let columns: [String] =
        ["patient", "issuer"] + names(.patient) + ["StudyInstanceUID"] + names(.study) + ["SeriesInstanceUID"]
        + names(.series) + ["SOPInstanceUID", "SOPClassUID", "TransferSyntaxUID"] + names(.image) + ["fingerprint"]
        + placeColumns
    static let placeColumns = ["root", "path", "bytes", "modified", "inode", "trusted", "offset", "digest"]
    /// Where the place's columns begin.
    static let placeBase = columns.count - placeColumns.count

    private static let tags: [[Tag]] = Level.allCases.map {
        (HeldAttributes.tags(at: $0) + HeldAttributes.everywhere).sorted()
    }

    private static func names(_ level: Level) -> [String] {
        let word = level.name.lowercased()
        let names = tags[level.rawValue].map { tag in
            let keyword = DataDictionary.entry(for: tag)?.keyword ?? "\(tag)"
            return HeldAttributes.everywhere.contains(tag) ? "\(word).\(keyword)" : keyword
        }
        // What another version holds.
        return names + ["\(word).others"]
    }

    /// Appends the cells of an entry.
    mutating func append(_ entry: InstanceEntry, to line: inout [UInt8]) {
        var column = base
        func append(_ cell: DumpCell) {
            sheet.append(cell, column, to: &line)
            column += 1
        }
        append(.bytes(entry.patientID))
        append(entry.issuer.isEmpty ? .absent : .bytes(entry.issuer))
        appendSet(entry.patient, .patient, &column, to: &line)
        append(.bytes(entry.studyInstanceUID.bytes))
        appendSet(entry.study, .study, &column, to: &line)
        append(.bytes(entry.seriesInstanceUID.bytes))
        appendSet(entry.series, .series, &column, to: &line)
        append(.bytes(entry.sopInstanceUID.bytes))
        append(.bytes(entry.sopClassUID.bytes))
        append(.bytes(entry.transferSyntaxUID.bytes))
        appendSet(entry.image, .image, &column, to: &line)
        append(.text(String(entry.headerFingerprint, radix: 16)))
        appendPlace(entry.place, to: &line)
    }

    /// Appends the cells of a place, the last ones of an entry.
    func appendPlace(_ place: Place, to line: inout [UInt8]) {
        let cells: [DumpCell] = [
            .number(place.root), .bytes(place.path), .number(place.sizeBytes), .wide("\(place.modificationNs)"),
            .wide("\(place.inode)"), .flag(place.isTrusted), .number(place.dataSetOffset),
            place.digest.isEmpty ? .absent : .bytes(place.digest),
        ]
        for (index, cell) in cells.enumerated() { sheet.append(cell, base + Self.placeBase + index, to: &line) }
    }

    private mutating func appendSet(_ set: AttributeSet, _ level: Level, _ column: inout Int, to line: inout [UInt8]) {
        let first = column
        column += Self.tags[level.rawValue].count + 1
        if let last = written[level.rawValue], last.set == set {
            line += last.text
            return
        }
        let start = line.count
        write(set, Self.tags[level.rawValue], first, to: &line)
        written[level.rawValue] = (set, Array(line[start...]))
    }

    /// A cell for each of `tags`, ascending as the set is, and one for all others.
    private func write(_ set: AttributeSet, _ tags: [Tag], _ first: Int, to line: inout [UInt8]) {
        var others: [UInt8] = []
        var index = 0
        var offset = 0
        while let attribute = set.attribute(at: offset) {
            offset = attribute.value.upperBound
            while index < tags.count, tags[index] < attribute.tag {
                sheet.append(.absent, first + index, to: &line)
                index += 1
            }
            let value = set.bytes[attribute.value]
            if index < tags.count, tags[index] == attribute.tag {
                sheet.append(DumpText.cell(attribute.vr, value), first + index, to: &line)
                index += 1
            } else {
                DumpText.appendName(attribute.tag, attribute.vr, isFirst: others.isEmpty, to: &others)
                DumpText.appendValue(attribute.vr, value, to: &others)
            }
        }
        for rest in index..<tags.count { sheet.append(.absent, first + rest, to: &line) }
        sheet.append(others.isEmpty ? .absent : .written(others), first + tags.count, to: &line)
    }
}
