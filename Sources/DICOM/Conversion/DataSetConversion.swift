// One data set from its transfer syntax into another, checked first and then produced in pieces.

/// A conversion among Implicit VR Little Endian, Explicit VR Little and Big Endian and Deflated Explicit VR Little Endian (PS3.5
/// §A.1, §A.2, §A.5; PS3.5-2016b §A.3), and from RLE Lossless (PS3.5 Annex G) into these. Used by one thread.
///
/// Memory is some buffers of 64 KiB, whatever the data set's size. What it reads comes through the closure that each call is given:
/// the file, or what else the data set is in, isn't known here.
package struct DataSetConversion {
    /// RLE Lossless (PS3.5 §A.4.2), the one compression that is decoded.
    package static let runLengthSyntax = UID(literal: "1.2.840.10008.1.2.5")
    /// Most that may come out of a deflated data set.
    private static let inflatedMaximumBytes = 16 << 30
    private static let pieceBytes = 64 << 10

    private let byteCount: Int
    private let isDeflated: Bool
    private var converter: ElementConverter
    private var inflating: InflatingReader?
    private var deflating: DeflatingStream?

    /// Checks that the data set can be converted whole, by a pass over the heads of its elements, and, where its pixel data is in RLE
    /// Lossless, over the runs; a deflated one is inflated for it.
    ///
    /// - Parameters:
    ///   - source: the syntax it is in; nil is one that isn't known, whose elements are in Explicit VR Little Endian (PS3.5 §A.4).
    ///   - target: an uncompressed syntax, or `source` where only bulk data is left out.
    ///   - withoutBulkData: the attributes of PS3.4 §Z.1.3 are left out, so that a compressed pixel data is no hindrance.
    ///   - byteCount: of the data set as it is stored.
    /// - Throws: why not. Nothing was produced.
    package init(
        from source: TransferSyntax?, to target: TransferSyntax?, withoutBulkData: Bool = false, byteCount: Int,
        _ read: DataSetReading
    ) throws(ConversionFault) {
        self.byteCount = byteCount
        isDeflated = source?.isDeflated ?? false
        var rules = ConversionRules(
            source: source?.encoding ?? .explicitLittle, target: target?.encoding ?? .explicitLittle)
        rules.keepsFragments = withoutBulkData && source == target && source?.isEncapsulated ?? true
        rules.decodesRunLengths = source?.uid == Self.runLengthSyntax && !rules.keepsFragments
        rules.leavesOutBulkData = withoutBulkData
        rules.isCheck = true
        let count: Int? = isDeflated ? nil : byteCount
        converter = ElementConverter(rules, byteCount: count)
        try beginInflating()
        var nothing: [UInt8] = []
        while try convert(into: &nothing, until: 1, read) {}
        rules.isCheck = false
        rules.signs = converter.signs
        converter = ElementConverter(rules, byteCount: count)
        try beginInflating()
        guard target?.isDeflated == true else { return }
        do throws(DeflateFault) { deflating = try DeflatingStream() } catch { throw .deflate(error) }
    }

    /// Appends to `out` until it has `wanted` bytes, or some more; false when all was appended.
    ///
    /// - Throws: what `init` would have thrown, had the data set been what it is now.
    package mutating func produce(
        into out: inout [UInt8], until wanted: Int, _ read: DataSetReading
    ) throws(ConversionFault) -> Bool {
        guard let deflating else { return try convert(into: &out, until: wanted, read) }
        var plain: [UInt8] = []
        while out.count < wanted {
            let isMore = try convert(into: &plain, until: Self.pieceBytes, read)
            do throws(DeflateFault) {
                try deflating.take(plain, isLast: !isMore, into: &out)
            } catch {
                throw .deflate(error)
            }
            plain.removeAll(keepingCapacity: true)
            guard isMore else { return false }
        }
        return true
    }

    private mutating func beginInflating() throws(ConversionFault) {
        guard isDeflated else { return }
        do throws(DeflateFault) {
            inflating = try InflatingReader(maximumBytes: Self.inflatedMaximumBytes)
        } catch {
            throw .deflate(error)
        }
    }

    private mutating func convert(
        into out: inout [UInt8], until wanted: Int, _ read: DataSetReading
    ) throws(ConversionFault) -> Bool {
        guard let inflating else { return try converter.convert(into: &out, until: wanted, read) }
        let byteCount = byteCount
        return try converter.convert(into: &out, until: wanted) {
            (offset, count, buffer, index) throws(ConversionFault) -> Int in
            try inflating.read(at: offset, count: count, into: &buffer, from: index, ofBytes: byteCount, read)
        }
    }
}
