// A journal being followed: frames that are whole, in order, up to where the next journal says that it counts.

import DICOM
import Platform

/// What is known of one journal file. A value: going on reading makes a new one.
struct Journal: Sendable {
    /// A place between two frames.
    struct Position: Equatable, Sendable {
        /// Behind the last whole frame.
        var endOffset: Int
        var nextSequence: UInt64
        /// The CRC of the frame before, or of the head.
        var previous: UInt32
    }

    let head: JournalHead
    let open: OpenFile
    /// Read past the page cache, which may know of what another host has appended a second later.
    let isUncached: Bool
    let file: String
    /// Up to where it is read.
    private(set) var position: Position
    /// The journal that a sealed frame names.
    private(set) var sealedBy: UInt64?
    /// Something that isn't a whole frame stands behind the last one.
    private(set) var hasTornTail = false
    /// Behind the head.
    let start: Position

    static func name(_ number: UInt64) -> String { "journal-\(number)" }

    /// Opens a journal for reading; nil where there is none.
    ///
    /// - Parameter isShared: other hosts may append to it.
    init?(_ number: UInt64, in folder: Path, isShared: Bool = false, kernel: any Kernel) throws(IndexFault) {
        let name = Self.name(number)
        let open: OpenFile
        do throws(FileFault) {
            (open, isUncached) = try Self.open(folder.appending(name), isShared: isShared, kernel: kernel)
            _ = try? open.file.tryLock(0..<1, .shared)
        } catch {
            if error.cause == .noEntry { return nil }
            throw .file(error)
        }
        let isUncached = isUncached
        let bytes = try wrapping { () throws(FileFault) in
            isUncached
                ? try open.file.readUncached(at: 0, count: JournalHead.byteCount)
                : try open.file.read(at: 0, count: JournalHead.byteCount)
        }
        let head = try JournalHead(decoding: bytes, file: name)
        guard head.number == number else { throw .damaged(file: name, byte: 16, what: "it is journal \(head.number)") }
        self.open = open
        file = name
        self.head = head
        start = Position(
            endOffset: JournalHead.byteCount, nextSequence: head.firstSequence, previous: littleEndian32(bytes, 60))
        position = start
    }

    private static func open(
        _ path: Path, isShared: Bool, kernel: any Kernel
    ) throws(FileFault) -> (OpenFile, isUncached: Bool) {
        if isShared {
            do throws(FileFault) {
                return (OpenFile(try File.open(path, .readingUncached, kernel: kernel)), true)
            } catch {
                // Some file systems know no way past the page cache.
                guard error.cause == .invalidArgument else { throw error }
            }
        }
        return (OpenFile(try File.open(path, .reading, kernel: kernel)), false)
    }

    var endOffset: Int { position.endOffset }
    var nextSequence: UInt64 { position.nextSequence }

    /// Whether the file has lost its name since it was opened: another one may have it by now.
    func isUnlinked() throws(IndexFault) -> Bool {
        do throws(FileFault) { return try open.file.status().linkCount == 0 } catch {
            // As a network file system says it.
            guard error.cause == .staleHandle else { throw .file(error) }
            return true
        }
    }

    /// Reads on to the end of what is whole, or to `limit`, where the journal stops counting.
    ///
    /// - Throws: `.damaged` where a frame is bad and a whole later one stands behind it, or the limit is no frame's end.
    mutating func readOn(to limit: Int? = nil) throws(IndexFault) -> [(frame: JournalFrame, offset: Int)] {
        guard limit == nil || endOffset < limit! else {
            if let limit, endOffset > limit {
                throw .damaged(file: file, byte: limit, what: "the journal counts to within a frame")
            }
            return []
        }
        let bytes = try readTail(limit)
        var frames: [(frame: JournalFrame, offset: Int)] = []
        var at = 0
        while at < bytes.count {
            guard let frame = JournalFrame(in: bytes, at: at), frame.salt == head.salt,
                frame.sequence == nextSequence, frame.previous == position.previous
            else {
                if JournalFrame.isFrame(of: head.salt, from: nextSequence, in: bytes, behind: at) || limit != nil {
                    throw .damaged(file: file, byte: endOffset, what: "the frame that begins here")
                }
                break
            }
            guard frame.kind != nil || frame.mayBePassedOver else {
                throw FormatVersion.newer(file: file, found: "a frame of kind \(frame.kindCode)")
            }
            frames.append((frame, endOffset))
            at += frame.byteCount
            position.pass(frame.byteCount, crc: littleEndian32(bytes, at - 4))
            if frame.kind == .sealed { sealedBy = frame.payloadNumber }
        }
        hasTornTail = at < bytes.count
        if let limit, endOffset != limit {
            throw .damaged(file: file, byte: endOffset, what: "the journal counts to byte \(limit), and ends here")
        }
        return frames
    }

    /// Goes behind a frame that was written there and not read.
    mutating func pass(to end: Position) { position = end }

    private func readTail(_ limit: Int?) throws(IndexFault) -> [UInt8] {
        let start = endOffset
        let open = open
        guard !isUncached else {
            return try wrapping { () throws(FileFault) in try Self.readUncached(open, from: start, to: limit) }
        }
        return try wrapping { () throws(FileFault) in
            var end = limit ?? 0
            if limit == nil { end = try open.file.status().sizeBytes }
            return end > start ? try open.file.read(at: start, count: end - start) : []
        }
    }

    /// To the end of the file where there is no limit: its length may be an old one, too.
    private static func readUncached(_ open: OpenFile, from start: Int, to limit: Int?) throws(FileFault) -> [UInt8] {
        var bytes: [UInt8] = []
        while limit.map({ start + bytes.count < $0 }) ?? true {
            let wanted = min(uncachedBytes, limit.map { $0 - start - bytes.count } ?? .max)
            let piece = try open.file.readUncached(at: start + bytes.count, count: wanted)
            bytes += piece
            if piece.count < wanted { break }
        }
        return bytes
    }

    /// Read at once.
    private static let uncachedBytes = 262_144

    /// Makes the journal that follows: whole under its name, or not there. Its name is on stable storage then.
    static func create(
        _ head: JournalHead, in folder: Path, kernel: any Kernel
    ) throws(IndexFault) {
        let path = folder.appending(name(head.number))
        let temporary = path.adding(suffix: ".new")
        try wrapping { () throws(FileFault) in
            if try File.exists(temporary, kernel: kernel) { try File.remove(temporary, kernel: kernel) }
            let file = try File.open(temporary, .creating, kernel: kernel)
            try file.append(head.encoded())
            try file.synchronize()  // 1. its head is on stable storage
            try File.link(temporary, as: path, kernel: kernel)  // 2. it is there, in nobody's place
            do throws(FileFault) { try Folder.synchronize(folder, kernel: kernel) } catch {
                // A name whose sync failed can't be trusted any more, even if a later sync succeeds: make it anew then.
                try? File.remove(path, kernel: kernel)
                try? File.remove(temporary, kernel: kernel)
                throw error
            }
            // 3. its name is on stable storage
            try? File.remove(temporary, kernel: kernel)
        }
    }

    /// Writes a frame behind the last whole one, and syncs. The caller holds the append lock and has read on.
    ///
    /// - Parameter isDurable: whether it is synced.
    /// - Returns: where the journal ends then.
    func append(
        _ kind: JournalFrame.Kind, _ payload: [UInt8], in folder: Path, kernel: any Kernel, isDurable: Bool = true
    ) throws(IndexFault) -> Position {
        let (bytes, crc) = JournalFrame(
            salt: head.salt, sequence: nextSequence, previous: position.previous, kind: kind, payload: payload
        ).encoded()
        var end = position
        end.pass(bytes.count, crc: crc)
        // Where another host appends, what was read may be older than what is there: nothing of that is written over.
        try write(
            bytes, at: endOffset, whereSize: { $0 == endOffset }, in: folder, kernel: kernel, isDurable: isDurable)
        return end
    }

    /// Writes the frames behind `start` once more, as they are, and syncs. The caller holds the append lock and has read on.
    ///
    /// - Throws: `.refused` where the file has lost what was read of it.
    func rewrite(from start: Position, in folder: Path, kernel: any Kernel) throws(IndexFault) {
        let bytes = try frames(from: start)
        guard !bytes.isEmpty else { return }
        try write(bytes, at: start.endOffset, whereSize: { $0 >= endOffset }, in: folder, kernel: kernel)
    }

    /// The frames behind `start` as they stand in the file.
    private func frames(from start: Position) throws(IndexFault) -> [UInt8] {
        var again = self
        again.position = start
        var bytes: [UInt8] = []
        do throws(IndexFault) {
            for (frame, _) in try again.readOn(to: endOffset) { bytes += frame.encoded().bytes }
        } catch {
            guard case .damaged = error else { throw error }
            throw .refused(what: "\(file) has lost what its writer could not sync; try again")
        }
        return bytes
    }

    /// Puts the journal in its own place once more, byte for byte: it and its name are on stable storage then. Who had it open
    /// finds the old one unlinked. The caller holds the append lock and has read on.
    ///
    /// - Throws: `.refused` where the file has lost what was read of it.
    func renew(in folder: Path, kernel: any Kernel) throws(IndexFault) {
        let path = folder.appending(file)
        let known = try frames(from: start)
        let isUncached = isUncached
        let (bytes, sizeBytes) = try wrapping { () throws(FileFault) in
            let file = OpenFile(try File.open(path, isUncached ? .readingUncached : .reading, kernel: kernel))
            let sizeBytes = try file.file.status().sizeBytes
            let bytes =
                isUncached ? try Self.readUncached(file, from: 0, to: nil) : try file.file.read(at: 0, count: sizeBytes)
            return (bytes, sizeBytes)
        }
        // Where another host appends, either may be older than what is there.
        guard bytes.count == sizeBytes, bytes.count >= endOffset,
            bytes[start.endOffset..<endOffset].elementsEqual(known)
        else {
            throw .refused(what: "\(file) isn't as it was read a moment ago; try again")
        }
        do throws(IndexFault) { try TextFile.replace(path, with: bytes, kernel: kernel) } catch {
            // A full disk is not to be filled with half a journal.
            try? File.remove(path.adding(suffix: ".new"), kernel: kernel)
            throw error
        }
    }

    private func write(
        _ bytes: [UInt8], at offset: Int, whereSize isRight: (Int) -> Bool, in folder: Path, kernel: any Kernel,
        isDurable: Bool = true
    ) throws(IndexFault) {
        let path = folder.appending(file)
        let isShared = isUncached
        let isFresh = try wrapping { () throws(FileFault) in
            let file = try File.open(path, .writing, kernel: kernel)
            let status = try file.status()
            // Where another host puts a journal in its own place anew, a name may lead to the old one for a while.
            guard status.linkCount > 0, isRight(status.sizeBytes) else { return false }
            try file.write(bytes, at: offset)
            if isDurable { try file.synchronizeData() }
            guard isShared else { return true }
            return try File.status(of: path, kernel: kernel).isSameFile(as: file.status())
        }
        guard isFresh else { throw .refused(what: "\(file) isn't as it was read a moment ago; try again") }
    }
}

extension Journal.Position {
    /// Goes on behind a frame.
    mutating func pass(_ byteCount: Int, crc: UInt32) {
        endOffset += byteCount
        nextSequence += 1
        previous = crc
    }
}
