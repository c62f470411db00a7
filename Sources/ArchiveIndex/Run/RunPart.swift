// Some bytes of a run where they stand: in a mapping, or in memory.

import DICOM
import Platform

/// Bytes whose checksums were right. Keeps alive what they stand in.
struct RunPart: Sendable {
    enum Source: Sendable {
        case mapped(Mapping)
        case bytes([UInt8])
    }

    let file: String
    /// Where they begin in the file.
    let offset: Int
    let byteCount: Int
    private let source: Source
    /// Where they begin in the source.
    private let start: Int

    /// - Parameter start: where they begin in `source`, which has them all.
    init(_ source: Source, file: String, offset: Int, start: Int, byteCount: Int) {
        self.source = source
        self.file = file
        self.offset = offset
        self.start = start
        self.byteCount = byteCount
    }

    @inline(__always)
    func withBytes<Result, Fault: Error>(_ body: (RawSpan) throws(Fault) -> Result) throws(Fault) -> Result {
        switch source {
        case .mapped(let mapping): return try body(mapping.bytes.extracting(start..<(start + byteCount)))
        case .bytes(let bytes): return try body(bytes.rawSpan.extracting(start..<(start + byteCount)))
        }
    }
}
