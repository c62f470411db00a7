// How deep a conversion is in sequences and items, and what holds at each level.

/// A data set, a sequence or an item that is being converted.
struct ConversionLevel {
    enum Kind { case dataSet, sequence, item }

    let kind: Kind
    /// Where its content begins.
    let start: Int
    /// Nothing of it is behind this offset: its own end, else that of what is around it.
    let limit: Int
    /// Its own length says where it ends.
    let isDefined: Bool
    /// How its content is coded.
    let encoding: Encoding
    /// Of the sequence; of an item that around it.
    let sequence: Tag
    /// Met in a data set or item so far.
    var shape: ImageShape

    var isSequence: Bool { kind == .sequence }
}

/// The levels that are open: one data set, and in it sequences and items by turns.
struct ConversionLevels {
    private(set) var levels: [ConversionLevel]
    /// Nothing is written of what is deeper.
    private var mutedDepth: Int?

    init(encoding: Encoding, limit: Int) {
        levels = [
            ConversionLevel(
                kind: .dataSet, start: 0, limit: limit, isDefined: false, encoding: encoding, sequence: .item,
                shape: ImageShape())
        ]
    }

    var isAtTop: Bool { levels.count == 1 }
    var isMuted: Bool { mutedDepth != nil }

    /// The innermost. The data set is always there.
    var innermost: ConversionLevel {
        get { levels[levels.count - 1] }
        set { levels[levels.count - 1] = newValue }
    }

    /// Enters the value of a sequence.
    ///
    /// - Parameters:
    ///   - length: nil where undefined; the caller has checked that it fits.
    ///   - isMuted: neither its items nor its delimiter are written.
    mutating func enterSequence(
        _ tag: Tag, at offset: Int, length: Int?, as encoding: Encoding, isMuted: Bool
    ) throws(DecodingFault) {
        let limit = DecodingLimits.standard.depth
        guard levels.count / 2 < limit else { throw .overLimit("sequence depth", limit: limit, offset: offset) }
        if isMuted, mutedDepth == nil { mutedDepth = levels.count }
        push(.sequence, at: offset, length: length, encoding, tag)
    }

    mutating func enterItem(at offset: Int, length: Int?) {
        push(.item, at: offset, length: length, innermost.encoding, innermost.sequence)
    }

    /// Leaves the innermost level, which isn't the data set.
    ///
    /// - Returns: the level, and whether its delimiter is written.
    mutating func leave() -> (level: ConversionLevel, isWritten: Bool) {
        let isWritten = !isMuted
        let level = levels.removeLast()
        if mutedDepth == levels.count { mutedDepth = nil }
        return (level, isWritten)
    }

    private mutating func push(
        _ kind: ConversionLevel.Kind, at offset: Int, length: Int?, _ encoding: Encoding, _ sequence: Tag
    ) {
        levels.append(
            ConversionLevel(
                kind: kind, start: offset, limit: length.map { offset + $0 } ?? innermost.limit,
                isDefined: length != nil,
                encoding: encoding, sequence: sequence,
                shape: kind == .item ? innermost.shape.inner : innermost.shape))
    }
}
