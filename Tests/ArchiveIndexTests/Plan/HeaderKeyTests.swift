// Keys that the index doesn't hold, matched and returned from headers (PS3.4 §C.2.2.1.3, §C.4.1.1.4).

import DICOM
import Testing

@testable import ArchiveIndex

/// A shelf whose data sets can be read as files' headers are.
final class ReadableShelf {
    let shelf: Shelf
    /// Instances whose headers were read, in order.
    private(set) var read: [String] = []
    /// Those that can't be.
    var unreadable: Set<String> = []
    /// What can't be given of any.
    var unread: Set<DICOM.Tag> = []

    init(_ dataSets: [DataSet]) { shelf = Shelf(dataSets) }

    func headers(maximum: Int = 1_000) -> HeaderSource {
        HeaderSource(filesMaximum: maximum) { [self] instance, place, tags in
            read.append(instance.text)
            #expect(tags == tags.sorted())
            guard !unreadable.contains(instance.text),
                let number = Int(String(decoding: place.path.dropFirst(), as: UTF8.self))
            else { return nil }
            let dataSet = shelf.dataSets[number - 10_000]
            let wanted = tags.filter { !unread.contains($0) } + [.specificCharacterSet, .timezoneOffsetFromUTC]
            return ReadHeader(attributes: DataSet(wanted.compactMap { dataSet[$0] }), unread: unread)
        }
    }

    func responses(
        _ identifier: DataSet, model: InformationModel = .studyRoot, options: MatchingOptions = MatchingOptions(),
        maximum: Int = 1_000
    ) throws -> [DataSet] {
        try shelf.responses(to: identifier, model: model, options: options, headers: headers(maximum: maximum))
    }
}

@Suite("Keys from headers, PS3.4 §C.2.2.1.3") struct HeaderKeyTests {
    static let sliceLocation = Tag(0x0020, 0x1041)
    static let scanOptions = Tag(0x0018, 0x0022)
    static let deviceSerialNumber = Tag(0x0018, 0x1000)
    static let smallestValue = Tag(0x0028, 0x0106)
    static let performedCodes = Tag(0x0040, 0x0260)

    /// One study of two series with three instances each.
    static func study() -> ReadableShelf {
        ReadableShelf(
            (1...2).flatMap { series in
                (1...3).map { instance in
                    Shelf.instance(series: series, instance: instance).with(sliceLocation, "\(instance * 10).5")
                        .with(scanOptions, series == 1 ? "HELICAL" : "AXIAL\\GATED").with(
                            deviceSerialNumber, "SN \(series)")
                }
            })
    }

    static func instances(_ responses: [DataSet]) -> [String] { responses.compactMap { $0.uid(.sopInstanceUID)?.text } }

    // MARK: Which keys

    @Test
    func `attributes of the standard before the pixel data are keys, bulk data and unknown ones aren't (§C.2.2.1.3)`()
        throws
    {
        let identifier = DataSet.keys("IMAGE").with(Self.sliceLocation, "").with(Self.scanOptions, "")
            .with(Tag(0x0028, 0x3010), items: []).with(Tag(0x0008, 0x0007), "X").with(
                Tag(0x0028, 0x1201), bytes: [1, 2]
            )
            .with(Tag(0x7FE0, 0x0010), bytes: []).with(Tag(0x0018, 0x9999), "X").with(Tag(0x0008, 0x0053), "CLASSIC")
        let query = try Query(identifier: identifier, model: .studyRoot, options: MatchingOptions())
        #expect(query.headerKeys == [Self.scanOptions, Self.sliceLocation, Tag(0x0028, 0x3010)])
        #expect(
            query.unsupportedKeys == [
                Tag(0x0008, 0x0007), Tag(0x0008, 0x0053), Tag(0x0018, 0x9999), Tag(0x0028, 0x1201),
                Tag(0x7FE0, 0x0010),
            ])
        #expect(query.headerConditions.isEmpty && query.conditions.isEmpty)
    }

    @Test func `what the index holds below the level stays unsupported (§C.4.1.2.2.1)`() throws {
        let query = try Query(
            identifier: .keys("STUDY", [.seriesDescription: "A", .instanceNumber: "1"]), model: .studyRoot,
            options: MatchingOptions())
        #expect(query.headerKeys.isEmpty && query.unsupportedKeys == [.seriesDescription, .instanceNumber])
    }

    @Test func `a query without such keys reads nothing`() throws {
        let shelf = Self.study()
        #expect(try shelf.responses(.keys("IMAGE", [.instanceNumber: "", .seriesDescription: "AXIAL"])).count == 6)
        #expect(shelf.read.isEmpty)
    }

    // MARK: Matching

    @Test func `at IMAGE each instance has its own header, read once (§C.4.1.1.3.2)`() throws {
        let shelf = Self.study()
        let found = try shelf.responses(
            .keys("IMAGE", [.seriesInstanceUID: "1.2.1.1", .sopInstanceUID: ""]).with(Self.sliceLocation, "20.5")
                .with(Self.scanOptions, "").with(Self.deviceSerialNumber, "SN*"))
        #expect(Self.instances(found) == ["1.2.1.1.2"])
        #expect(found[0].text(Self.sliceLocation) == "20.5" && found[0].text(Self.scanOptions) == "HELICAL")
        #expect(shelf.read.sorted() == ["1.2.1.1.1", "1.2.1.1.2", "1.2.1.1.3"])
    }

    @Test func `other keys are tested before, so that few headers are read`() throws {
        let shelf = Self.study()
        let found = try shelf.responses(
            .keys("IMAGE", [.instanceNumber: "3", .sopInstanceUID: ""]).with(Self.sliceLocation, "30.5"))
        #expect(Self.instances(found) == ["1.2.1.1.3", "1.2.1.2.3"] && shelf.read.count == 2)
    }

    @Test func `above IMAGE one instance of each series is read, until all is known`() throws {
        let shelf = Self.study()
        let series = try shelf.responses(.keys("SERIES", [.seriesInstanceUID: ""]).with(Self.scanOptions, "GATED"))
        #expect(series.map { $0.uid(.seriesInstanceUID)?.text } == ["1.2.1.2"])
        #expect(series[0].text(Self.scanOptions) == "AXIAL\\GATED")
        #expect(shelf.read.count == 2)
        let study = try shelf.responses(.keys("STUDY", [.studyInstanceUID: ""]).with(Self.scanOptions, ""))
        #expect(study.map { $0.text(Self.scanOptions) } == ["HELICAL"])
        #expect(shelf.read.count == 3)
    }

    @Test(arguments: [("STUDY", InformationModel.studyRoot), ("PATIENT", .patientRoot)])
    func `a study or patient matches by any of its series, and shows the one that matched`(
        level: String, model: InformationModel
    ) throws {
        let shelf = Self.study()
        let found = try shelf.responses(
            .keys(level).with(Self.scanOptions, "AXIAL").with(Self.deviceSerialNumber, "SN 1"), model: model)
        #expect(found.map { $0.text(Self.scanOptions) } == ["AXIAL\\GATED"])
        #expect(found.map { $0.text(Self.deviceSerialNumber) } == ["SN 1"])
        #expect(try shelf.responses(.keys(level).with(Self.scanOptions, "SPIRAL"), model: model).isEmpty)
    }

    @Test func `what no header has comes back with zero length, and matches nothing but the empty value (§C.2.2.2.7)`()
        throws
    {
        let shelf = Self.study()
        let found = try shelf.responses(
            .keys("STUDY").with(Self.performedCodes, items: []).with(Tag(0x0018, 0x1030), ""))
        #expect(found.count == 1 && found[0].items(Self.performedCodes) == [])
        #expect(try shelf.responses(.keys("STUDY").with(Tag(0x0018, 0x0023), "2D")).isEmpty)
        var options = MatchingOptions()
        options.unknownMatches = true
        #expect(try shelf.responses(.keys("STUDY").with(Tag(0x0018, 0x0023), "2D"), options: options).count == 1)
        options = MatchingOptions()
        options.extensions = .emptyValue
        #expect(try shelf.responses(.keys("STUDY").with(Tag(0x0018, 0x0023), "\"\""), options: options).count == 1)
        #expect(try shelf.responses(.keys("STUDY").with(Self.scanOptions, "\"\""), options: options).isEmpty)
    }

    @Test func `sequences match within one item, and give only the item keys asked for (§C.2.2.2.6)`() throws {
        func code(_ value: String, _ meaning: String) -> DataSet {
            DataSet(values: [.codeValue: value, .codingSchemeDesignator: "DCM", .codeMeaning: meaning])
        }
        let shelf = ReadableShelf([
            Shelf.instance().with(Self.performedCodes, items: [code("1", "Chest"), code("2", "Skull")]),
            Shelf.instance(study: 2).with(Self.performedCodes, items: [code("1", "Skull")]),
        ])
        let key = DataSet(values: [.codeValue: "1", .codeMeaning: "Ch*"])
        let found = try shelf.responses(.keys("STUDY", [.studyInstanceUID: ""]).with(Self.performedCodes, items: [key]))
        #expect(found.map { $0.uid(.studyInstanceUID)?.text } == ["1.2.1"])
        #expect(
            found[0].items(Self.performedCodes) == [
                DataSet(values: [.codeValue: "1", .codeMeaning: "Chest"]).padded
            ])
    }

    @Test func `the header's character set holds for its values (§C.2.2.2)`() throws {
        let shelf = ReadableShelf([
            Shelf.instance().with(.specificCharacterSet, "ISO_IR 100").with(
                Tag(0x0008, 0x0081), bytes: [0x4B, 0xF6, 0x6C, 0x6E])
        ])
        let found = try shelf.responses(.keys("STUDY").with(Tag(0x0008, 0x0081), "K?ln"))
        #expect(found.map { $0.text(Tag(0x0008, 0x0081)) } == ["Köln"])
        #expect(found[0].text(.specificCharacterSet) == "ISO_IR 192")
    }

    // MARK: What can't be read

    @Test func `an instance that can't be read lacks the key: it isn't matched by it, and says so (§C.2.2.1.3)`() throws
    {
        let shelf = Self.study()
        shelf.unreadable = ["1.2.1.1.2"]
        let identifier = DataSet.keys("IMAGE", [.seriesInstanceUID: "1.2.1.1", .sopInstanceUID: ""])
            .with(Self.sliceLocation, "10.5").with(Self.scanOptions, "")
        let query = try Query(identifier: identifier, model: .studyRoot, options: MatchingOptions())
        var cursor = try shelf.shelf.snapshot().find(query, headers: shelf.headers())
        var lacking: [Set<DICOM.Tag>] = []
        while let match = try cursor.next() { lacking.append(match.lackingKeys) }
        #expect(lacking == [[], [Self.scanOptions, Self.sliceLocation]])
        #expect(cursor.headersRead == 2 && cursor.headersUnreadable == 1 && !cursor.isOverHeaderLimit)
        let responses = try shelf.responses(identifier)
        #expect(responses[1][Self.scanOptions] == nil && responses[1][Self.sliceLocation] == nil)
    }

    @Test func `of a series another instance is read where one can't be, three in all`() throws {
        let shelf = Self.study()
        shelf.unreadable = ["1.2.1.1.1", "1.2.1.1.2"]
        let identifier = DataSet.keys("SERIES", [.seriesInstanceUID: "1.2.1.1"]).with(Self.scanOptions, "HELICAL")
        #expect(try shelf.responses(identifier).map { $0.text(Self.scanOptions) } == ["HELICAL"])
        shelf.unreadable.insert("1.2.1.1.3")
        #expect(try shelf.responses(identifier).map { $0[Self.scanOptions] } == [nil])
    }

    @Test func `a value that can't be given is lacking, and doesn't hide the entity`() throws {
        let shelf = Self.study()
        shelf.unread = [Self.scanOptions]
        let found = try shelf.responses(
            .keys("SERIES", [.seriesInstanceUID: ""]).with(Self.scanOptions, "NONE").with(
                Self.deviceSerialNumber, "SN 2"))
        #expect(found.map { $0.uid(.seriesInstanceUID)?.text } == ["1.2.1.2"] && found[0][Self.scanOptions] == nil)
    }

    // MARK: Limits

    @Test func `past the limit a query that such a key must match is over (PS3.4 Table C.4-1)`() throws {
        let shelf = Self.study()
        let query = try Query(
            identifier: .keys("IMAGE").with(Self.sliceLocation, "30.5"), model: .studyRoot, options: MatchingOptions())
        var cursor = try shelf.shelf.snapshot().find(query, headers: shelf.headers(maximum: 5))
        var count = 0
        while try cursor.next() != nil { count += 1 }
        #expect(count == 1 && cursor.isOverHeaderLimit && shelf.read.count == 5)
        #expect(try cursor.next() == nil)
        cursor = try shelf.shelf.snapshot().find(query, headers: shelf.headers(maximum: 6))
        while try cursor.next() != nil { count += 1 }
        #expect(count == 3 && !cursor.isOverHeaderLimit)
    }

    @Test(arguments: [(true, "30.5"), (false, "\"\"")])
    func `past the limit a key that matches what has no value is over as well (PS3.4 Table C.4-1)`(
        unknownMatches: Bool, key: String
    ) throws {
        let shelf = Self.study()
        var options = MatchingOptions()
        options.unknownMatches = unknownMatches
        options.extensions = .emptyValue
        let query = try Query(
            identifier: .keys("IMAGE").with(Self.sliceLocation, key), model: .studyRoot, options: options)
        var cursor = try shelf.shelf.snapshot().find(query, headers: shelf.headers(maximum: 5))
        var count = 0
        while try cursor.next() != nil { count += 1 }
        #expect(count == (unknownMatches ? 1 : 0) && cursor.isOverHeaderLimit && shelf.read.count == 5)
    }

    @Test func `past the limit keys that are only returned are lacking`() throws {
        let shelf = Self.study()
        let found = try shelf.responses(.keys("IMAGE").with(Self.sliceLocation, ""), maximum: 4)
        #expect(found.map { $0[Self.sliceLocation] != nil } == [true, true, true, true, false, false])
    }

    @Test func `with no files to read such keys are neither matched nor returned`() throws {
        let shelf = Self.study()
        let found = try shelf.responses(.keys("IMAGE").with(Self.sliceLocation, "30.5"), maximum: 0)
        #expect(found.count == 6 && found.allSatisfy { $0[Self.sliceLocation] == nil } && shelf.read.isEmpty)
    }

    @Test func `an explanation names them, and how many files they took`() throws {
        let shelf = Self.study()
        let query = try Query(
            identifier: .keys("IMAGE").with(Self.sliceLocation, "30.5"), model: .studyRoot, options: MatchingOptions())
        let explanation = try shelf.shelf.snapshot().explain(query, headers: shelf.headers())
        #expect(explanation.fromHeaders == [Self.sliceLocation] && explanation.headersRead == 6)
        #expect(explanation.tests.map(\.tested) == [6] && explanation.tests.map(\.passed) == [2])
        #expect(explanation.matches == 2 && !explanation.isOverHeaderLimit)
        let limited = try shelf.shelf.snapshot().explain(query, headers: shelf.headers(maximum: 1))
        #expect(limited.isOverHeaderLimit && limited.exclusion == nil)
    }
}

extension DataSet {
    /// As responses have it: values of even length.
    fileprivate var padded: DataSet {
        DataSet(
            elements.map { element in
                guard case .bytes(let bytes) = element.value, bytes.count % 2 == 1 else { return element }
                return DataElement(element.tag, element.vr, .bytes(bytes + [element.vr.padding]))
            })
    }
}
