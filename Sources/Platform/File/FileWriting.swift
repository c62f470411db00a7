// Writing: all of the bytes, or an error that leaves the file's end unknown.

extension File {
    /// Writes all of `bytes` at `offset`.
    package func write(_ bytes: [UInt8], at offset: Int) throws(FileFault) {
        try write(unsafe bytes.span.bytes, at: offset)  // bytes have no padding
    }

    /// The same for a span.
    package func write(_ bytes: RawSpan, at offset: Int) throws(FileFault) { try writeAll(bytes, at: offset) }

    /// Writes all of `bytes` where the descriptor stands: the end, for a file opened as `.appending`.
    ///
    /// - Throws: after which part of `bytes` may be there.
    package func append(_ bytes: [UInt8]) throws(FileFault) {
        try append(unsafe bytes.span.bytes)  // bytes have no padding
    }

    /// The same for a span.
    package func append(_ bytes: RawSpan) throws(FileFault) { try writeAll(bytes, at: nil) }

    private func writeAll(_ bytes: RawSpan, at offset: Int?) throws(FileFault) {
        do throws(Errno) {
            var done = 0
            while done < bytes.byteCount {
                let count = try kernel.write(
                    descriptor, at: offset.map { $0 + done }, bytes.extracting(droppingFirst: done))
                guard count > 0 else { throw .noSpace }  // a device that takes nothing and gives no reason is full
                done += count
            }
        } catch {
            throw FileFault(.write, path, error)
        }
    }

    /// Begins to bring `range` to the disk while more is written: see `Kernel.startWriting`.
    package func startWriting(_ range: Range<Int>) { kernel.startWriting(descriptor, range) }

    /// Sets the time of the last change, in nanoseconds from 1970.
    package func setModification(toNs moment: Int64) throws(FileFault) {
        do throws(Errno) { try kernel.setModification(descriptor, toNs: moment) } catch {
            throw FileFault(.write, path, error)
        }
    }
}
