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
    /// Over the items' heads: of small fragments many at once.
    private var heads = InputWindow()

    /// Walks over all fragments, to count them; no further than they can make the frames.
    ///
    /// - Parameters:
    ///   - offset: where the item of the Basic Offset Table begins.
    ///   - limit: where the data set or item around the pixel data ends.
    init(at offset: Int, limit: Int, frames: Int, _ read: DataSetReading) throws(ConversionFault) {
        var heads = InputWindow()
        guard let table = try Self.fragment(at: offset, limit: limit, &heads, read) else {
            throw .runLength(.frames(found: 0, expected: frames))
        }
        tableOffset = table.lowerBound
        first = table.upperBound
        at = first
        let hasTable = table.count / 4 == frames
        // A table has four bytes of each frame, so that the product stays far from an overflow.
        let most = hasTable ? frames * Self.fragmentsMaximum : max(frames, Self.fragmentsMaximum)
        var count = 0
        var next = first
        while let fragment = try Self.fragment(at: next, limit: limit, &heads, read) {
            count += 1
            guard count <= most else {
                throw .runLength(frames == 1 ? .tooManyFragments(frame: 1) : .frames(found: count, expected: frames))
            }
            next = fragment.upperBound
        }
        self.heads = heads
        end = next + 8
        self.frames = frames
        if count == frames {
            division = .oneEach
        } else if count > 0, frames == 1 {
            division = .oneFrame
        } else if count > frames, hasTable {
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
            guard let fragment = try Self.fragment(at: at, limit: end, &heads, read) else { return nil }
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
            guard let fragment = try Self.fragment(at: at, limit: end, &heads, read) else { break }
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
        at offset: Int, limit: Int, _ heads: inout InputWindow, _ read: DataSetReading
    ) throws(ConversionFault) -> Range<Int>? {
        let there = limit - offset >= 8 ? min(8, try heads.fill(at: offset, wanted: 8, read)) : 0
        guard there == 8 else { throw .data(.truncated(offset: offset, neededBytes: 8, availableBytes: there)) }
        let header: ElementHeader
        do throws(DecodingFault) {
            header = try heads.header(at: offset, upTo: there, as: .explicitLittle)
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

/// The bytes of a frame, whose fragments may lie apart.
struct FrameBytes {
    let fragments: [Range<Int>]
    let count: Int

    init(_ fragments: [Range<Int>]) {
        self.fragments = fragments
        count = fragments.reduce(0) { $0 + $1.count }
    }

    /// Reads up to `count` bytes of the fragment in which the frame's byte at `offset` is.
    func read(
        at offset: Int, count: Int, into buffer: inout [UInt8], _ read: DataSetReading
    ) throws(ConversionFault) -> Int {
        var start = offset
        for fragment in fragments {
            if start < fragment.count {
                let wanted = min(count, fragment.count - start, buffer.count)
                return try read(fragment.lowerBound + start, wanted, &buffer, 0)
            }
            start -= fragment.count
        }
        return 0
    }
}
