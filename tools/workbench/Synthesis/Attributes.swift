// A data set of a synthetic instance's level, put together from texts.

import ArchiveIndex
import DICOM

/// Attributes as a device writes them.
struct Attributes {
    private var elements: [DataElement] = []
    private let characterSet: SpecificCharacterSet

    /// - Parameter characterSet: the stored value of (0008,0005); nil leaves it out.
    init(_ characterSet: String?) {
        self.characterSet = SpecificCharacterSet(stored: characterSet.map { Array($0.utf8) })
        if let characterSet {
            elements.append(DataElement(.specificCharacterSet, .CS, .bytes(Array(characterSet.utf8))))
        }
    }

    private static let vrs: [Tag: VR] = Dictionary(
        uniqueKeysWithValues: Level.allCases.flatMap { HeldAttributes.tags(at: $0) }
            .map { ($0, DataDictionary.vr(of: $0)) })

    /// Adds a text; what the character set can't carry is written with question marks, as devices do.
    mutating func add(_ tag: Tag, _ text: String) {
        let vr = Self.vrs[tag] ?? DataDictionary.vr(of: tag)
        let isPlain = text.utf8.allSatisfy { $0 < 0x80 }
        let bytes = isPlain ? Array(text.utf8) : characterSet.encode(text, vr: vr) ?? Array(asciiOnly(text).utf8)
        elements.append(DataElement(tag, vr, .bytes(bytes)))
    }

    mutating func add(_ tag: Tag, unsignedShort value: Int) {
        elements.append(
            DataElement(tag, .US, .bytes([UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)])))
    }

    /// Adds a sequence of one item.
    mutating func add(_ tag: Tag, item: Attributes) {
        elements.append(DataElement(tag, .SQ, .items([DataSet(item.elements)])))
    }

    func set(_ level: Level) -> AttributeSet { HeldSets(of: DataSet(elements))[level] }

    private func asciiOnly(_ text: String) -> String { String(text.map { $0.isASCII ? $0 : "?" }) }
}
