// An identifier in readable lines: keys and values at its first level, for logs at level debug.

import DICOM

/// Puts the first elements of a data set into words. Values of bytes other than ISO 646 show as `?`: a log is no viewer.
enum DataSetWords {
    private static let elements = 64
    private static let valueBytes = 64

    static func lines(_ bytes: [UInt8], transferSyntax: UID) -> [String] {
        let syntax = TransferSyntax.named(transferSyntax)
        let title = "  data set of \(bytes.count) bytes, \(syntax?.name ?? transferSyntax.text)"
        guard let syntax, !syntax.isDeflated else { return [title] }
        var lines = [title]
        let span = bytes.rawSpan
        var cursor = ElementCursor(as: syntax.encoding)
        do throws(DecodingFault) {
            while let header = try cursor.next(in: span) {
                guard lines.count <= elements else { return lines + ["  …"] }
                let end = try cursor.end(of: header, in: span)
                lines.append("  " + words(header, span.extracting(header.valueOffset..<end)))
                try cursor.skip(header, in: span)
            }
        } catch {
            lines.append("  \(error)")
        }
        return lines
    }

    private static func words(_ header: ElementHeader, _ value: RawSpan) -> String {
        let keyword = DataDictionary.entry(for: header.tag)?.keyword
        let name = "\(header.tag)" + (keyword.map { " \($0)" } ?? "")
        let vr = header.vr == .UN ? DataDictionary.vr(of: header.tag) : header.vr
        if value.byteCount == 0 { return name }
        if vr.isText {
            let shown = value.extracting(0..<min(value.byteCount, valueBytes))
            let rest = value.byteCount > valueBytes ? "…" : ""
            return name + ": " + ascii([UInt8](copying: shown)) + rest
        }
        if vr == .US, let number = try? value.littleEndian(UInt16.self, at: 0), value.byteCount == 2 {
            return name + ": \(number)"
        }
        return name + ", \(value.byteCount) bytes of \(vr)"
    }

    private static func ascii(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.trimmingPadding().map { (0x20...0x7E).contains($0) ? $0 : 0x3F }, as: UTF8.self)
    }
}
