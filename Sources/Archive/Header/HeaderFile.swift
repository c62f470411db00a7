// The header of a file: read in as few and as small pieces as will do.

import DICOM
import Platform

/// Why a file has no header that the index could hold.
package enum HeaderFault: Error {
    case file(FileFault)
    case refused(Refusal)
}

extension InstanceHeader {
    /// Most headers fit: one read a file.
    static let firstBytes = 16 << 10

    /// Reads the header of an open file of `sizeBytes`.
    package static func read(from file: borrowing File, sizeBytes: Int) throws(HeaderFault) -> InstanceHeader {
        var buffer = ReadBuffer(capacity: firstBytes)
        return try read(from: file, sizeBytes: sizeBytes, into: &buffer)
    }

    /// The same with a buffer that is kept; it holds what was read of the file afterwards.
    static func read(
        from file: borrowing File, sizeBytes: Int, into buffer: inout ReadBuffer
    ) throws(HeaderFault) -> InstanceHeader {
        var wanted = firstBytes
        while true {
            do throws(FileFault) {
                _ = try file.read(at: 0, count: min(wanted, sizeBytes), into: &buffer)
            } catch {
                throw .file(error)
            }
            // A file that ends before its size is being cut while it is read: what is there counts.
            let isWhole = buffer.bytes.byteCount >= sizeBytes || buffer.bytes.byteCount < min(wanted, sizeBytes)
            let isLast = isWhole || wanted >= maximumBytes
            switch read(buffer.bytes, isWhole: isLast) {
            case .needsMore(let count) where !isLast: wanted = min(max(count, wanted * 2), maximumBytes)
            case .needsMore: throw .refused(.damaged(.overLimit("header", limit: wanted, offset: 0)))
            case .refused(let refusal): throw .refused(refusal)
            case .header(let header): return header
            }
        }
    }
}
