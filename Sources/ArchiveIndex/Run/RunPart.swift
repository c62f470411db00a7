// Some bytes of a run where they stand: in the mapped file, or in a copy.

import DICOM
import Platform

/// Bytes whose checksums were right. Keeps alive what they stand in.
struct RunPart: Sendable {
    let file: String
    /// Where they begin in the file.
    let offset: Int
    let byteCount: Int
    private let mapping: Mapping
    /// Where they begin in the mapping.
    private let start: Int

    /// - Parameter start: where they begin in `mapping`, which has them all.
    init(_ mapping: Mapping, file: String, offset: Int, start: Int, byteCount: Int) {
        self.mapping = mapping
        self.file = file
        self.offset = offset
        self.start = start
        self.byteCount = byteCount
    }

    @inline(__always)
    func withBytes<Result, Fault: Error>(_ body: (RawSpan) throws(Fault) -> Result) throws(Fault) -> Result {
        try body(mapping.bytes.extracting(start..<(start + byteCount)))
    }
}
