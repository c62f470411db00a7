// What the tests of conversions share: a data set goes in, another comes out.

import DICOM

/// Conversions of data sets in memory.
enum Trial {
    static let syntaxes: [TransferSyntax] = [
        .implicitVRLittleEndian, .explicitVRLittleEndian, .explicitVRBigEndian, .deflatedExplicitVRLittleEndian,
    ]
    static let runLength: TransferSyntax? = TransferSyntax.named(DataSetConversion.runLengthSyntax)

    /// A reader of `bytes`; `piece` is the most that it gives at a time where that is allowed: at the end alone.
    static func convert(
        _ bytes: [UInt8], from source: TransferSyntax?, to target: TransferSyntax?, withoutBulkData: Bool = false,
        pieceBytes: Int = 1_000
    ) throws(ConversionFault) -> [UInt8] {
        let read: DataSetReading = { (offset, count, buffer, index) throws(ConversionFault) -> Int in
            precondition(offset >= 0 && count >= 0 && count <= buffer.count - index, "no room")
            let got = max(0, min(count, bytes.count - offset))
            for place in 0..<got { buffer[index + place] = bytes[offset + place] }
            return got
        }
        var conversion = try DataSetConversion(
            from: source, to: target, withoutBulkData: withoutBulkData, byteCount: bytes.count, read)
        var out: [UInt8] = []
        while try conversion.produce(into: &out, until: out.count + pieceBytes, read) {}
        return out
    }

    /// A data set as it stands in a file of that syntax.
    static func stored(_ set: DataSet, _ syntax: TransferSyntax) throws -> [UInt8] {
        let bytes = try set.encoded(as: syntax.encoding)
        return syntax.isDeflated ? try Deflate.deflate(bytes) : bytes
    }

    /// The data set that the bytes of that syntax hold.
    static func decoded(_ bytes: [UInt8], _ syntax: TransferSyntax) throws -> DataSet {
        let plain = syntax.isDeflated ? try Deflate.inflate(bytes.rawSpan, maximumBytes: 1 << 30).bytes : bytes
        return try DataSet(decoding: plain.rawSpan, as: syntax.encoding)
    }

    /// Whether every tag ascends and every sequence and item has its delimiter: what a strict reader asks for.
    static func isWellFormed(_ bytes: [UInt8], _ encoding: Encoding) -> Bool {
        var elements = StreamedElements(as: encoding)
        do throws(DecodingFault) {
            try elements.take(bytes.rawSpan)
            try elements.finish()
            return true
        } catch {
            return false
        }
    }
}
