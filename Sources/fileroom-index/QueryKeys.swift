// Keys of the command line as the identifier of a C-FIND: KEY=VALUE, KEY a keyword or a tag.

import ArchiveIndex
import Configuration
import DICOM
import Daemon

/// Keys, read.
struct QueryKeys {
    private(set) var elements: [DataElement] = []
    /// As they were given.
    private(set) var words: [Tag: String] = [:]
    /// Of the key QueryRetrieveLevel, where it is among them.
    private(set) var level: Level?

    /// - Parameter allowsBare: a keyword alone asks for the attribute, as for findscu.
    init(_ operands: [String], allowsBare: Bool = false) throws(UsageFault) {
        for operand in operands {
            let parts = operand.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 || allowsBare else { throw UsageFault("\(operand) is no KEY=VALUE") }
            guard !parts[0].isEmpty else { throw UsageFault("\(operand) has no key before its value") }
            let tag = try Self.tag(parts[0])
            let value = parts.count == 2 ? parts[1] : ""
            if tag == .queryRetrieveLevel {
                guard let named = Level(name: value) else { throw UsageFault("\(value) is no level") }
                level = named
                continue
            }
            guard words[tag] == nil else { throw UsageFault("\(parts[0]) is there twice; several values are A\\B") }
            words[tag] = operand
            elements.append(try Self.element(tag, value, named: parts[0]))
        }
    }

    /// The lowest level that a key belongs to, from the study down.
    var lowestLevel: Level {
        elements.compactMap { SupportedKeys.level(of: $0.tag) }.max().map { max($0, .study) } ?? .study
    }

    /// The query that C-FIND would answer.
    func query(_ level: Level, _ model: InformationModel, _ options: MatchingOptions) throws(UsageFault) -> Query {
        var identifier = DataSet()
        identifier.set(.queryRetrieveLevel, .CS, text: level.name)
        identifier.set(.specificCharacterSet, .CS, text: "ISO_IR 192")
        for element in elements { identifier[element.tag] = element }
        do {
            return try Query(identifier: identifier, model: model, options: options)
        } catch {
            throw UsageFault("\(error)")
        }
    }

    private static func element(_ tag: Tag, _ value: String, named name: String) throws(UsageFault) -> DataElement {
        let vr = DataDictionary.vr(of: tag)
        switch vr {
        case .SQ where value.isEmpty: return DataElement(tag, vr, .items([]))
        case .SQ: throw UsageFault("\(name) is a sequence, which can't be given as text")
        case .US, .UL:
            // What text is to the other VRs, little-endian numbers are to these.
            if value.isEmpty || value == "*" { return DataElement(tag, vr, .bytes([])) }
            guard let number = UInt32(value), vr == .UL || number <= UInt32(UInt16.max) else {
                throw UsageFault("\(name) is a number, and \(value) isn't one that it can have")
            }
            let bytes = (0..<vr.wordBytes).map { UInt8(truncatingIfNeeded: number >> UInt32(8 * $0)) }
            return DataElement(tag, vr, .bytes(bytes))
        default:
            var set = DataSet()
            set.set(tag, vr, text: value)
            return set[tag] ?? DataElement(tag, vr, .bytes([]))
        }
    }

    private static func tag(_ word: String) throws(UsageFault) -> Tag {
        if let tag = DataDictionary.tag(keyword: word) { return tag }
        let parts = word.split(separator: ",")
        if parts.count == 2, let group = UInt16(parts[0], radix: 16), let element = UInt16(parts[1], radix: 16) {
            return Tag(group, element)
        }
        let nearest = nearestName(to: word, among: DataDictionary.keywords).map { "; did you mean \($0)?" } ?? ""
        throw UsageFault("\(word) is no keyword and no tag\(nearest)")
    }
}
