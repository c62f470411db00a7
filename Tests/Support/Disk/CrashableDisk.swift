// A disk in memory behind the kernel seam, for tests: it fails calls, and shows what every power cut may leave.

import Platform

/// An in-memory disk. `/` is there; paths are absolute or from `/`. Safe to use from several threads.
package final class CrashableDisk: Kernel {
    struct OpenFile {
        let inode: Int
        let path: Path
        let options: OpenOptions
    }

    struct HeldLock {
        let descriptor: Int32
        let inode: Int
        let range: Range<Int>
        let kind: LockKind
    }

    struct Content {
        var state: DiskState
        var files: [Int32: OpenFile] = [:]
        var locks: [HeldLock] = []
        var calls: [DiskCall] = []
        var troubles: [DiskTrouble]
        /// The disk after each call; the first is the one before any.
        var moments: [DiskState]
        let keepsMoments: Bool
        var lastDescriptor: Int32 = 100
        var fileSystem = FileSystem(
            freeBytes: 1 << 40, totalBytes: 1 << 41, freeInodes: 1 << 30, totalInodes: 1 << 31)
        var generator = SeededGenerator(seed: 1)

        /// Whether what is opened to be written to is refused.
        func isReadOnly(_ path: Path) -> Bool {
            troubles.contains {
                guard case .readOnly(let first, let folder) = $0 else { return false }
                return calls.count >= first && path.relative(to: folder) != nil
            }
        }

        mutating func flip(bit: Int, ofByte offset: Int, of inode: Int) {
            guard var file = state.inodes[inode] else { return }
            file.content[offset] ^= 1 << UInt8(bit)
            file.durable = file.content
            file.writes = []
            state.inodes[inode] = file
        }
    }

    let content: Guarded<Content>
    private let interlude = Guarded<(call: Int, body: @Sendable () -> Void)?>(nil)

    /// - Parameter keepsMoments: remembers the disk after each call, for `afterPowerCut(atCall:)`.
    package convenience init(keepsMoments: Bool = false, troubles: [DiskTrouble] = []) {
        self.init(DiskState(), keepsMoments: keepsMoments, troubles: troubles)
    }

    init(_ state: DiskState, keepsMoments: Bool, troubles: [DiskTrouble]) {
        content = Guarded(
            Content(state: state, troubles: troubles, moments: keepsMoments ? [state] : [], keepsMoments: keepsMoments))
    }

    /// The calls so far, closes left out.
    package var calls: [DiskCall] { content.withLock { $0.calls } }
    package var callCount: Int { content.withLock { $0.calls.count } }
    package var openDescriptors: Int { content.withLock { $0.files.count } }

    /// What the disk says of its room from now on.
    package func setFileSystem(_ fileSystem: FileSystem) { content.withLock { $0.fileSystem = fileSystem } }

    /// What happens from now on; calls go on counting.
    package func setTroubles(_ troubles: [DiskTrouble]) { content.withLock { $0.troubles = troubles } }

    /// Has another process do something in front of a call, once; calls go on counting.
    package func interpose(atCall call: Int, _ body: @escaping @Sendable () -> Void) {
        interlude.withLock { $0 = (call, body) }
    }

    private func playInterlude() {
        let body = interlude.withLock { interlude in
            guard let due = interlude, callCount >= due.call - 1 else { return nil as (@Sendable () -> Void)? }
            interlude = nil
            return due.body
        }
        body?()
    }

    /// The disk after a power cut now.
    package func afterPowerCut(
        _ cut: PowerCut, keepsMoments: Bool = false, troubles: [DiskTrouble] = []
    ) -> CrashableDisk {
        let state = content.withLock { $0.state }
        return CrashableDisk(state.after(cut), keepsMoments: keepsMoments, troubles: troubles)
    }

    /// The disk after a power cut when `call` calls had been made; it must keep moments.
    package func afterPowerCut(_ cut: PowerCut, atCall call: Int, keepsMoments: Bool = false) -> CrashableDisk {
        CrashableDisk(moment(call).after(cut), keepsMoments: keepsMoments, troubles: [])
    }

    /// The disk as another process finds it when the one that made `call` calls was killed: nothing is lost, locks are
    /// free.
    package func afterKill(atCall call: Int? = nil, keepsMoments: Bool = false) -> CrashableDisk {
        let state = call.map(moment) ?? content.withLock { $0.state }
        return CrashableDisk(state, keepsMoments: keepsMoments, troubles: [])
    }

    private func moment(_ call: Int) -> DiskState {
        content.withLock {
            precondition($0.keepsMoments, "this disk doesn't keep its moments")
            return $0.moments[call]
        }
    }

    /// Turns the bit `bit` of byte `offset` of the file at `path`, durably: decay.
    package func flip(bit: Int, ofByte offset: Int, of path: Path) throws(Errno) {
        try content.withLock { (content: inout sending Content) throws(Errno) in
            content.flip(bit: bit, ofByte: offset, of: try content.state.find(path))
        }
    }

    /// The same in every file that is open, whether it has a name or not.
    package func flipOpenFiles(bit: Int, ofByte offset: Int) {
        content.withLock { content in
            for file in content.files.values { content.flip(bit: bit, ofByte: offset, of: file.inode) }
        }
    }

    /// The bytes of the file at `path`, without a call.
    package func bytes(of path: Path) throws(Errno) -> [UInt8] {
        try content.withLock { (content: inout sending Content) throws(Errno) -> [UInt8] in
            try content.state.inodes[content.state.find(path)]?.content ?? []
        }
    }

    /// Counts a call, lets trouble happen, else does `body`, and remembers the disk after it.
    func call<Result: Sendable>(
        _ kind: DiskCall.Kind, _ path: Path, _ body: (inout Content) throws(Errno) -> Result
    ) throws(Errno) -> Result {
        playInterlude()
        return try content.withLock { (content: inout sending Content) throws(Errno) -> Result in
            try Self.perform(kind, path, &content, body)
        }
    }

    /// The same for a descriptor.
    ///
    /// - Parameter failing: what is done of it where trouble has it fail.
    func call<Result: Sendable>(
        _ kind: DiskCall.Kind, _ descriptor: Int32, failing: (OpenFile, inout Content) -> Void = { _, _ in },
        _ body: (OpenFile, inout Content) throws(Errno) -> Result
    ) throws(Errno) -> Result {
        playInterlude()
        return try content.withLock { (content: inout sending Content) throws(Errno) -> Result in
            guard let file = content.files[descriptor] else { throw .badDescriptor }
            return try Self.perform(kind, file.path, &content, failing: { failing(file, &$0) }) {
                content throws(Errno) in try body(file, &content)
            }
        }
    }

    private static func perform<Result>(
        _ kind: DiskCall.Kind, _ path: Path, _ content: inout Content,
        failing: (inout Content) -> Void = { _ in }, _ body: (inout Content) throws(Errno) -> Result
    ) throws(Errno) -> Result {
        content.calls.append(DiskCall(kind: kind, path: path))
        defer { if content.keepsMoments { content.moments.append(content.state) } }
        let number = content.calls.count
        for trouble in content.troubles {
            switch trouble {
            case .dying(let last) where number > last: throw .inputOutput
            case .failing(number, let cause):
                fail(kind, path, &content)
                failing(&content)
                throw cause
            case .failingFrom(let first, kind, let cause) where number >= first:
                fail(kind, path, &content)
                failing(&content)
                throw cause
            case .readOnly where kind.isRefusedReadOnly && content.isReadOnly(path): throw .readOnlyFileSystem
            default: continue
            }
        }
        return try body(&content)
    }

    private static func fail(_ kind: DiskCall.Kind, _ path: Path, _ content: inout Content) {
        if kind == .synchronize, let inode = try? content.state.find(path) { content.state.doom(inode) }
    }
}
