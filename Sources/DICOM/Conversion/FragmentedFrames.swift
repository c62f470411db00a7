// Which fragments of encapsulated pixel data make which frame (PS3.5 §A.4), found without holding a list of them.

/// Walks the frames of a Pixel Data of undefined length in Explicit VR Little Endian.
///
/// One fragment a frame is the rule of RLE Lossless (PS3.5 §A.4.2), and where the numbers agree no table is asked, because many are
/// wrong; an Extended Offset Table is there only with one fragment a frame. Else there is one frame, or the Basic Offset Table says.
struct FragmentedFrames {
    private enum Division { case oneEach, oneFrame, byTable }

    /// More of one frame aren't followed.
    static let fragmentsMaximum = 4_096

    /// Behind the delimiter.
    let end: Int
    private let frames: Int
    private let division: Division
    /// Of the Basic Offset Table's value, and of the first fragment's item.
    private let tableOffset: Int
    private let first: Int
    private var at: Int
    private(set) var frame = 0

    /// Walks over all fragments, to count them.
    ///
    /// - Parameters:
    ///   - offset: where the item of the Basic Offset Table begins.
    ///   - limit: where the data set or item around the pixel data ends.
    init(at offset: Int, limit: Int, frames: Int, _ read: DataSetReading) throws(ConversionFault) {
        guard let table = try Self.fragment(at: offset, limit: limit, read) else {
            throw .runLength(.frames(found: 0, expected: frames))
        }
        tableOffset = table.lowerBound
        first = table.upperBound
        at = first
        var count = 0
        var next = first
        while let fragment = try Self.fragment(at: next, limit: limit, read) {
            count += 1
            next = fragment.upperBound
        }
        end = next + 8
        self.frames = frames
        if count == frames {
            division = .oneEach
        } else if count > 0, frames == 1 {
            division = .oneFrame
        } else if count > frames, table.count / 4 == frames {
            division = .byTable
        } else {
            throw .runLength(.frames(found: count, expected: frames))
        }
    }

    /// Where the fragments of the next frame are, their items' heads left out; nil behind the last.
    mutating func next(_ read: DataSetReading) throws(ConversionFault) -> [Range<Int>]? {
        guard frame < frames else { return nil }
        frame += 1
        let stop: Int
        switch division {
        case .oneEach:
            guard let fragment = try Self.fragment(at: at, limit: end, read) else { return nil }
            at = fragment.upperBound
            return [fragment]
        case .oneFrame: stop = end - 8
        case .byTable:
            guard try entry(frame - 1, read) == at - first else { throw .runLength(.offset(frame: frame)) }
            stop = frame == frames ? end - 8 : first + (try entry(frame, read))
        }
        var fragments: [Range<Int>] = []
        while at < stop {
            guard fragments.count < Self.fragmentsMaximum else {
                throw .runLength(.tooManyFragments(frame: frame))
            }
            guard let fragment = try Self.fragment(at: at, limit: end, read) else { break }
            fragments.append(fragment)
            at = fragment.upperBound
        }
        guard at == stop, !fragments.isEmpty else { throw .runLength(.offset(frame: frame)) }
        return fragments
    }

    /// An entry of the Basic Offset Table: where a frame begins, counted from the first fragment's item.
    private func entry(_ index: Int, _ read: DataSetReading) throws(ConversionFault) -> Int {
        var bytes = [UInt8](repeating: 0, count: 4)
        guard try read(tableOffset + 4 * index, 4, &bytes, 0) == 4 else { throw .runLength(.offset(frame: frame)) }
        return bytes.enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    }

    /// The content of the item at `offset`; nil for the delimiter.
    private static func fragment(
        at offset: Int, limit: Int, _ read: DataSetReading
    ) throws(ConversionFault) -> Range<Int>? {
        var head = [UInt8](repeating: 0, count: 8)
        let there = limit - offset >= 8 ? try read(offset, 8, &head, 0) : 0
        guard there == 8 else { throw .data(.truncated(offset: offset, neededBytes: 8, availableBytes: there)) }
        let header: ElementHeader
        do throws(DecodingFault) {
            header = try ElementHeader(in: head.rawSpan, at: 0, as: .explicitLittle)
        } catch {
            throw .data(error.moved(by: offset))
        }
        if header.tag == .sequenceDelimitationItem { return nil }
        guard header.isItem, let length = header.length else {
            throw .data(.invalid("item tag", value: UInt64(header.tag.rawValue), offset: offset))
        }
        let start = offset + 8
        guard length <= limit - start else {
            throw .data(.truncated(offset: start, neededBytes: length, availableBytes: limit - start))
        }
        return start..<(start + length)
    }
}
