// Random archives of odd values, random queries: the index answers as an archive that reads every data set does.

import DICOM
import Platform
import Support
import Testing

@testable import ArchiveIndex

@Suite("The index against all data sets, PS3.4 §C.2.2.2") struct DifferentialTests {
    static let patientIDs = ["A", "a", " A", "A ", "A_1", "A%1", "AB1", "", "É1", "0001", "1"]
    static let names = [
        "Müller^Jürgen", "MÜLLER^JÜRGEN", "Yamada^Tarou=山田^太郎", "=山田^太郎=やまだ^たろう", "smith", "SMITH^JOHN^^^",
        " SMITH ^ JOHN", "SMITH^^JOHN", "", "O'NEIL^ANN", "Иванов^Иван", "VAN DYKE^ANN", "A=B=C", "  ",
        "SMITH^", "Muller^Jurgen", "MU\u{308}LLER^J", "Ivánov",
    ]
    static let dates = [
        "20240101", "2024.01.02", "20240103 ", " 20240101", "", "19691231", "2024", "20240230", "00010101", "20240229",
        "19700101", "99991231",
    ]
    static let times = [
        "10", "1030", "103000", "103000.5", "10:30:00", "", "103059.999999", "246000", "1030 ", "235959", "00",
    ]
    static let accessionNumbers = ["A1", "a1", "A_1", " A1", "A 1", "A*1", "", "A10", "Ä1", "A1 "]
    static let texts = [
        "CHEST", "Chest", "CHEST\\ABDOMEN", "Thorax ü", "頭部", "", " X", "A?B", "ABDOMEN", "CHEST ", "Грудь", "A~B",
        "[A]",
    ]
    static let numbers = ["1", "01", "+1", "", "2", "10", "x", "-1"]
    static let codes = ["CT", "MR", "", "CT\\MR", "OT ", "ct"]
    static let characterSets = ["ISO_IR 192", "ISO_IR 100", "ISO_IR 144", "\\ISO 2022 IR 87", "GB18030", ""]

    static let patientPools: [(DICOM.Tag, [String])] = [
        (.patientID, patientIDs), (.issuerOfPatientID, ["", "", "X", "Y"]), (.patientName, names),
        (.patientBirthDate, dates), (.patientSex, ["M", "F", "", "O "]),
    ]
    static let studyPools: [(DICOM.Tag, [String])] = [
        (.studyDate, dates), (.studyTime, times), (.accessionNumber, accessionNumbers), (.studyDescription, texts),
        (.studyID, numbers), (.referringPhysicianName, names),
    ]
    static let seriesPools: [(DICOM.Tag, [String])] = [
        (.modality, codes), (.seriesNumber, numbers), (.seriesDescription, texts), (.seriesDate, dates),
    ]
    static let imagePools: [(DICOM.Tag, [String])] = [
        (.instanceNumber, numbers), (.contentTime, times),
        (.imageType, ["ORIGINAL\\PRIMARY", "DERIVED", "", "A\\\\B"]),
    ]
    static let studyUIDs = ["1.2.1", "1.2.10", "1.2.01", "1.2.2"]
    static let seriesUIDs = ["1.2.1.1", "1.2.1.2", "1.3"]
    static let instanceUIDs = ["1.9.1", "1.9.2", "1.9.10"]

    // MARK: Archives

    /// Values for one entity; now and then an attribute is missing.
    static func values(
        _ pools: [(DICOM.Tag, [String])], _ generator: inout SeededGenerator
    ) -> [DICOM.Tag: String] {
        var values: [DICOM.Tag: String] = [:]
        for (tag, pool) in pools where Int.random(in: 0..<10, using: &generator) > 0 {
            values[tag] = pool.randomElement(using: &generator)
        }
        return values
    }

    static func archive(_ generator: inout SeededGenerator) -> NaiveArchive {
        var instances: [NaiveInstance] = []
        let patients = (0..<3).map { _ in values(patientPools, &generator) }
        for study in studyUIDs.shuffled(using: &generator).prefix(Int.random(in: 0...4, using: &generator)) {
            let ofPatient = patients.randomElement(using: &generator) ?? [:]
            let ofStudy = values(studyPools, &generator)
            let terms = characterSets.randomElement(using: &generator) ?? ""
            for series in seriesUIDs.shuffled(using: &generator).prefix(Int.random(in: 1...2, using: &generator)) {
                let ofSeries = values(seriesPools, &generator)
                for instance in instanceUIDs.prefix(Int.random(in: 1...3, using: &generator)) {
                    var texts = ofPatient.merging(ofStudy) { $1 }.merging(ofSeries) { $1 }
                    texts.merge(values(imagePools, &generator)) { $1 }
                    // Instances of an entity don't always agree.
                    if Int.random(in: 0..<5, using: &generator) == 0 {
                        let others = values(patientPools + studyPools + seriesPools, &generator)
                        for tag in others.keys.sorted() where Int.random(in: 0..<4, using: &generator) == 0 {
                            texts[tag] = others[tag]
                        }
                    }
                    texts[.studyInstanceUID] = study
                    texts[.seriesInstanceUID] = series
                    texts[.sopInstanceUID] = instance
                    texts[.sopClassUID] = "1.2.840.10008.5.1.4.1.1.2"
                    instances.append(inCharacterSet(terms, texts))
                }
            }
        }
        return NaiveArchive(instances: instances)
    }

    /// In UTF-8 where `terms` can't carry it all.
    static func inCharacterSet(_ terms: String, _ texts: [DICOM.Tag: String]) -> NaiveInstance {
        let set = SpecificCharacterSet(stored: Array(terms.utf8))
        let canCarry = texts.allSatisfy { set.encode($0.value, vr: DataDictionary.vr(of: $0.key)) != nil }
        return NaiveInstance(terms: canCarry ? terms : "ISO_IR 192", texts: texts)
    }

    // MARK: Queries

    /// A key on a tag: a value of its pool, changed the way that people ask.
    static func key(_ tag: DICOM.Tag, _ pool: [String], _ generator: inout SeededGenerator) -> NaiveKey {
        func any(_ texts: [String]) -> String { texts.randomElement(using: &generator) ?? "" }
        let vr = DataDictionary.vr(of: tag)
        switch vr {
        case .UI: return NaiveKey(tag: tag, text: any([any(pool), any(pool) + "\\" + any(pool), "*", "", "9.9"]))
        case .IS: return NaiveKey(tag: tag, text: any(["1", "01", "+1", "2", "10", "-1", "*", "", "1\\2", "3", "6"]))
        case .DA:
            let days = [
                "20240101", "2024.01.02", "20240103", "19691231", "00010101", "20240229", "99991231", "20231231",
            ]
            return NaiveKey(tag: tag, text: ranged(days, &generator))
        case .TM:
            let times = ["10", "1030", "103000", "103000.5", "10:30:00", "1031", "235959", "00", "103000.499999"]
            return NaiveKey(tag: tag, text: ranged(times, &generator))
        default: break
        }
        let single = pool.flatMap { $0.split(separator: "\\", omittingEmptySubsequences: false).map(String.init) }
        let plain = any(single)
        switch Int.random(in: 0..<9, using: &generator) {
        case 0, 1: return NaiveKey(tag: tag, text: plain)
        case 2: return NaiveKey(tag: tag, text: any(vr == .PN ? ["*", "*=*", "^", "*^*"] : ["*", "**", "", " "]))
        case 3: return NaiveKey(tag: tag, text: usable(plain + "\\" + any(single)))
        case 4: return NaiveKey(tag: tag, text: vr == .PN ? plain.uppercased() : plain.lowercased())
        default: break
        }
        // Characters become wildcards, ends are cut.
        var scalars = Array(plain.unicodeScalars.map(String.init))
        for _ in 0..<Int.random(in: 1...2, using: &generator) where !scalars.isEmpty {
            scalars[Int.random(in: 0..<scalars.count, using: &generator)] = any(["?", "*", "?", "*", "??"])
        }
        if Int.random(in: 0..<3, using: &generator) == 0 {
            scalars = Array(scalars.prefix(Int.random(in: 0...scalars.count, using: &generator))) + ["*"]
        }
        if Int.random(in: 0..<4, using: &generator) == 0 { scalars = ["*"] + scalars.dropFirst() }
        return NaiveKey(tag: tag, text: usable(scalars.joined()))
    }

    /// What has no meaning as one of several keys is no key here: nothing between two delimiters.
    static func usable(_ text: String) -> String {
        let parts = text.split(separator: "\\", omittingEmptySubsequences: false)
        return parts.count > 1 && parts.contains { $0.allSatisfy { " ^=*".contains($0) } } ? "" : text
    }

    static func ranged(_ values: [String], _ generator: inout SeededGenerator) -> String {
        let first = values.randomElement(using: &generator) ?? ""
        let second = values.randomElement(using: &generator) ?? ""
        let forms = [
            first, "\(first)-\(second)", "\(first)-", "-\(first)", "*", "", "\(first)\\\(second)",
            " \(first) - \(second) ",
        ]
        return forms.randomElement(using: &generator) ?? ""
    }

    static func keys(at level: Level, _ generator: inout SeededGenerator) -> [NaiveKey] {
        var pools = patientPools.filter { $0.0 != .issuerOfPatientID }
        if level >= .study {
            pools += studyPools
            pools += [
                (.studyInstanceUID, studyUIDs), (.modalitiesInStudy, codes), (.numberOfStudyRelatedInstances, numbers),
            ]
        }
        if level >= .series { pools += seriesPools + [(.seriesInstanceUID, seriesUIDs)] }
        if level >= .image { pools += imagePools + [(.sopInstanceUID, instanceUIDs)] }
        return pools.shuffled(using: &generator).prefix(Int.random(in: 0...3, using: &generator)).map {
            key($0.0, $0.1, &generator)
        }
    }

    static func identifier(_ keys: [NaiveKey], _ level: Level, _ terms: String) -> DataSet {
        let texts = Dictionary(keys.map { ($0.tag, $0.text) }) { $1 }
        var identifier = inCharacterSet(terms, texts).dataSet
        identifier.set(.queryRetrieveLevel, .CS, text: level.name)
        return identifier
    }

    static func answers(_ snapshot: Snapshot, _ query: Query) throws -> [String] {
        var cursor = try snapshot.find(query)
        var found: [String] = []
        while let match = try cursor.next() {
            var parts: [String] = []
            for level in Level.allCases where level <= query.level {
                let tag = level.uniqueKey
                let value = try match.value(tag)
                let set = SpecificCharacterSet(stored: value?.characterSet)
                parts.append(set.decode(value?.bytes ?? [], vr: DataDictionary.vr(of: tag)).trimmedSpaces)
            }
            found.append(parts.joined(separator: "|"))
        }
        return found.sorted()
    }

    /// More seeds with FILEROOM_SEEDS, in release.
    static let seeds: ClosedRange<UInt64> = 1...(Program.environment("FILEROOM_SEEDS").flatMap { UInt64($0) } ?? 20)

    @Test(arguments: seeds)
    func `any query at any level is answered as by reading all data sets`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let archive = Self.archive(&generator)
        let snapshot = try Shelf(archive.instances.map(\.dataSet))
            .snapshot(runs: Int.random(in: 1...3, using: &generator))
        for number in 0..<60 {
            let level = Level.allCases.randomElement(using: &generator) ?? .study
            let keys = Self.keys(at: level, &generator)
            var options = MatchingOptions()
            options.unknownMatches = Int.random(in: 0..<4, using: &generator) == 0
            options.ignoresAccents = Bool.random(using: &generator)
            let terms = Self.characterSets.randomElement(using: &generator) ?? ""
            let query = try Query(
                identifier: Self.identifier(keys, level, terms), model: level == .patient ? .patientRoot : .studyRoot,
                options: options)
            let expected = archive.answers(
                keys, at: level, unknownMatches: options.unknownMatches, ignoresAccents: options.ignoresAccents)
            let found = try Self.answers(snapshot, query)
            #expect(
                found == expected,
                """
                seed \(seed) query \(number) at \(level), unknown matches: \(options.unknownMatches), \
                accents: \(!options.ignoresAccents), \
                keys \(keys.map { "\($0.tag)=\($0.text)" }), \
                missing \(Set(expected).subtracting(found)), extra \(Set(found).subtracting(expected))
                """)
        }
    }
}
