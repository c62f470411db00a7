// Data sets of any shape, as no device would make them.

import DICOM
import Support

/// Makes data sets from random numbers.
struct RandomDataSet {
    var generator: SeededGenerator
    /// Tags of every kind: known, unknown, private, of repeating groups, US or SS.
    private static let tags: [DICOM.Tag] = {
        var tags: [DICOM.Tag] = [
            .pixelRepresentation, .rows, .columns, .numberOfFrames, .patientName, .procedureCodeSequence,
            .waveformSequence, .waveformData, Tag(0x0018, 0x9810), Tag(0x0028, 0x0106), Tag(0x0028, 0x0120),
            Tag(0x0028, 0x1101), Tag(0x0028, 0x1201), Tag(0x0028, 0x3006), Tag(0x0040, 0x9211), Tag(0x3006, 0x0050),
            Tag(0x5400, 0x0110), Tag(0x6000, 0x3000), Tag(0x6002, 0x3000), Tag(0x5000, 0x200C), .pixelData,
            .spectroscopyData, .floatPixelData, Tag(0x0009, 0x0010), Tag(0x0009, 0x1001), Tag(0x0011, 0x1002),
            Tag(0x0012, 0x7777), Tag(0x7FE1, 0x1010),
        ]
        for keyword in DataDictionary.keywords.enumerated() where keyword.offset % 37 == 0 {
            if let tag = DataDictionary.tag(keyword: keyword.element), tag.group > 0x0002, !tag.isGroupLength {
                tags.append(tag)
            }
        }
        return tags
    }()

    init(_ generator: SeededGenerator) { self.generator = generator }

    /// - Parameter isImplicit: VRs are the dictionary's, so that nothing is lost in Implicit VR.
    mutating func next(isImplicit: Bool, depth: Int = 0) -> DataSet {
        var elements: [DataElement] = []
        for _ in 0..<Int.random(in: 0...(depth == 0 ? 24 : 5), using: &generator) {
            guard let tag = Self.tags.randomElement(using: &generator) else { continue }
            elements.append(element(tag, isImplicit: isImplicit, depth: depth))
        }
        return DataSet(elements)
    }

    private mutating func element(_ tag: DICOM.Tag, isImplicit: Bool, depth: Int) -> DataElement {
        let known = DataDictionary.vr(of: tag)
        // Elements that say something keep their VR: it is by that they are understood. Pixel Data is never a sequence.
        let isFree =
            !isImplicit && tag.group != 0x0028 && tag != .pixelData && Int.random(in: 0..<4, using: &generator) == 0
        let vr = isFree ? VR.allCases.randomElement(using: &generator) ?? known : known
        if vr == .SQ {
            let count = depth > 4 ? 0 : Int.random(in: 0...3, using: &generator)
            return DataElement(
                tag, .SQ, .items((0..<count).map { _ in next(isImplicit: isImplicit, depth: depth + 1) }))
        }
        if tag == .pixelRepresentation {
            return DataElement(tag, .US, .bytes([UInt8.random(in: 0...1, using: &generator), 0]))
        }
        return DataElement(tag, vr, .bytes(generator.bytes(byteCount(vr))))
    }

    /// Even, of whole words, and now and then longer than a 16-bit length or than what is read at a time.
    private mutating func byteCount(_ vr: VR) -> Int {
        let words = Int.random(in: 0...8, using: &generator)
        let isLong = Int.random(in: 0..<150, using: &generator) == 0
        let count = isLong ? Int.random(in: 60_000...200_000, using: &generator) : words * max(2, vr.wordBytes)
        return count / max(2, vr.wordBytes) * max(2, vr.wordBytes)
    }
}
