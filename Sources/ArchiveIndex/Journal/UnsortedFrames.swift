// What was read from the journals last, before it is decoded and sorted: whoever stores one instance after the other asks only
// whether any of it may concern the next one.

import DICOM
import Platform

/// Frames of entries as they were read. A value; the next frame costs no copy of those before: values that came of one another
/// share them. Only the newest of these is added to; frames behind it, of one that was given up, go first.
struct UnsortedFrames: Sendable {
    private struct Frame: Sendable {
        let payload: [UInt8]
        let file: String
        /// Where the payload begins in the file.
        let base: Int
    }

    private struct Shared {
        var frames: [Frame] = []
        /// Of the first `keyedCount` frames, and maybe of some that were given up.
        var keys: Set<UInt64> = []
        var keyedCount = 0
    }

    private final class Log: Sendable {
        let shared = Guarded(Shared())
    }

    private let log = Log()
    private var frameCount = 0
    private(set) var byteCount = 0

    var isEmpty: Bool { frameCount == 0 }

    mutating func add(_ payload: [UInt8], file: String, base: Int) {
        let frame = Frame(payload: payload, file: file, base: base)
        let count = frameCount
        log.shared.withLock { shared in
            if shared.frames.count > count {
                shared.frames.removeSubrange(count...)
                shared.keyedCount = min(shared.keyedCount, count)
            }
            shared.frames.append(frame)
        }
        frameCount += 1
        byteCount += payload.count
    }

    /// Whether something may be said of a SOP Instance UID; that nothing is, is certain.
    func mayHold(_ uid: UID) throws(IndexFault) -> Bool { isEmpty ? false : try mayHold(EntryCoding.key(of: uid)) }

    /// The same of a file.
    func mayHold(_ path: RootedPath) throws(IndexFault) -> Bool {
        isEmpty ? false : try mayHold(EntryCoding.key(of: path))
    }

    private func mayHold(_ key: UInt64) throws(IndexFault) -> Bool {
        try log.shared.withLock { shared throws(IndexFault) in
            while shared.keyedCount < shared.frames.count {
                let frame = shared.frames[shared.keyedCount]
                try EntryCoding.forEachKey(of: frame.payload, file: frame.file, base: frame.base) {
                    shared.keys.insert($0)
                }
                shared.keyedCount += 1
            }
            return shared.keys.contains(key)
        }
    }

    /// All of it, oldest first.
    func batch() throws(IndexFault) -> EntryCoding.Batch {
        let count = frameCount
        let frames = log.shared.withLock { Array($0.frames.prefix(count)) }
        var all = EntryCoding.Batch()
        for frame in frames {
            let batch = try EntryCoding.decode(frame.payload, file: frame.file, base: frame.base)
            all.entries += batch.entries
            all.foreign += batch.foreign
        }
        return all
    }
}
