// Reading: whole requests, so that a short read is always the end of the file.

extension File {
    /// Reads up to `count` bytes from `offset` into `buffer` from `index` on, which must have the room.
    ///
    /// - Returns: how many; fewer than `count` only at the end of the file.
    package func read(
        at offset: Int, into buffer: inout [UInt8], from index: Int = 0, count: Int
    ) throws(FileFault) -> Int {
        precondition(index >= 0 && count >= 0 && count <= buffer.count - index, "no room for what is to be read")
        guard count > 0 else { return 0 }
        var span = buffer.mutableSpan
        var bytes = unsafe span.mutableBytes  // any byte is a valid UInt8
        var part = bytes._mutatingExtracting(index..<(index + count))
        return try fill(&part, from: offset)
    }

    /// Up to `count` bytes from `offset`; fewer only at the end of the file. Memory grows with the bytes that are
    /// there.
    package func read(at offset: Int, count: Int) throws(FileFault) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let start = bytes.count
            let step = min(count - start, max(1 << 16, start))
            let piece = try readPiece(at: offset + start, count: step)
            if start == 0 { bytes = piece } else { bytes += piece }
            if piece.count < step { break }
        }
        return bytes
    }

    private func readPiece(at offset: Int, count: Int) throws(FileFault) -> [UInt8] {
        var fault: FileFault?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            // Of the room, `fill` says how much it has written.
            var span = unsafe MutableRawSpan(_unsafeStart: buffer.baseAddress!, byteCount: count)
            do throws(FileFault) { filled = try fill(&span, from: offset) } catch { fault = error }
        }
        if let fault { throw fault }
        return bytes
    }

    /// Reads up to `count` bytes from `offset` into `buffer`, replacing what it holds.
    package func read(at offset: Int, count: Int, into buffer: inout ReadBuffer) throws(FileFault) -> Int {
        var fault: FileFault?
        let got = unsafe buffer.fill(upTo: count) { start in
            var span = unsafe MutableRawSpan(_unsafeStart: start, byteCount: count)
            do throws(FileFault) { return Int64(try fill(&span, from: offset)) } catch { fault = error }
            return 0
        }
        if let fault { throw fault }
        return Int(got)
    }

    /// The whole file.
    ///
    /// - Throws: `.fileTooLarge` when it holds more than `maximumBytes`.
    package func readAll(maximumBytes: Int = 1 << 30) throws(FileFault) -> [UInt8] {
        let bytes = try read(at: 0, count: maximumBytes + 1)
        guard bytes.count <= maximumBytes else { throw FileFault(.read, path, .fileTooLarge) }
        return bytes
    }

    /// Up to `count` bytes from `offset`, past the page cache, of a file opened as `.readingUncached`: what other hosts
    /// have written is seen at once (hardening §3). Fewer only at the end of the file.
    package func readUncached(at offset: Int, count: Int) throws(FileFault) -> [UInt8] {
        let block = 4096
        let first = offset / block * block
        let room = (offset + count - first + block - 1) / block * block
        var buffer = ReadBuffer(capacity: room)
        var cause: Errno?
        let got = unsafe buffer.fill(upTo: room) { start in
            var done = 0
            do throws(Errno) {
                // What ends within a block is the end of the file; a read from there would not be aligned.
                while done < room, done % block == 0 {
                    var rest = unsafe MutableRawSpan(_unsafeStart: start + done, byteCount: room - done)
                    let step = try kernel.read(descriptor, at: first + done, into: &rest)
                    if step == 0 { break }
                    done += step
                }
            } catch {
                cause = error
            }
            return Int64(done)
        }
        if let cause { throw FileFault(.read, path, cause) }
        let available = max(0, min(count, Int(got) - (offset - first)))
        guard available > 0 else { return [] }
        let part = buffer.bytes.extracting((offset - first)..<(offset - first + available))
        return unsafe part.withUnsafeBytes { unsafe [UInt8]($0) }
    }

    private func fill(_ span: inout MutableRawSpan, from offset: Int) throws(FileFault) -> Int {
        do throws(Errno) {
            var done = 0
            while done < span.byteCount {
                var rest = span._mutatingExtracting(droppingFirst: done)
                let got = try kernel.read(descriptor, at: offset + done, into: &rest)
                if got == 0 { break }
                done += got
            }
            return done
        } catch {
            throw FileFault(.read, path, error)
        }
    }
}
