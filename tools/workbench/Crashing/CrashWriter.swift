// A writer of the crash test: says what it is about to do, does it, says that it was acknowledged.

import ArchiveIndex
import DICOM
import Platform

/// Puts files into an index and takes them out, for as long as it lives.
struct CrashWriter {
    private let index: IndexFolder
    private let root: Int
    private let imports: Bool
    private let acknowledgesEarly: Bool
    private var history: CrashHistory
    private let journal: CrashJournal
    private var dice: Dice

    /// - Parameters:
    ///   - imports: publishes runs through an import session, and removes files; otherwise appends to the journal.
    ///   - acknowledgesEarly: a planted mistake: says that it is done before it is.
    init(_ writer: Int, _ index: IndexFolder, in folder: Path, imports: Bool, seed: UInt64, acknowledgesEarly: Bool)
        throws
    {
        self.index = index
        self.imports = imports
        self.acknowledgesEarly = acknowledgesEarly
        root = try index.root(of: CrashWorkCommand.rootFolder)
        history = CrashHistory(writer: writer, in: folder)
        try history.readOn()
        history.settle()
        journal = try CrashJournal(history.path)
        dice = Dice(seed, writer, history.lastNumber)
        // The one before was killed: what it was about to do is done by now, all of it, or never will be.
        guard let open = history.openOperation else { return }
        let seen = try CrashObservation(index.snapshot(), root: root)
        try seen.check(history)
        var done = history.states
        open.apply(to: &done)
        try journal.find(open.number, isDone: seen.states[writer] ?? [:] == done)
        try history.readOn()
        history.settle()
    }

    /// One operation.
    mutating func work() throws {
        let number = history.lastNumber + 1
        let operation = CrashOperation(number: number, changes: changes(number))
        try journal.begin(operation)
        if acknowledgesEarly { try journal.acknowledge(number) }
        if imports { try publish(operation) } else { try append(operation) }
        if !acknowledgesEarly { try journal.acknowledge(number) }
        try history.readOn()
        history.settle()
    }

    private mutating func changes(_ number: Int) -> [(slot: Int, content: CrashContent)] {
        // Large batches now and then, so that runs differ in size.
        let count = dice.happens(percent: 5) ? dice.number(20...60) : dice.number(1...6)
        var slots: Set<Int> = []
        for _ in 0..<count { slots.insert(dice.number(0...79)) }
        let own = slots.sorted().map { slot in
            let content: CrashContent =
                !imports
                ? .instance : dice.happens(percent: 30) ? .nothing : dice.happens(percent: 20) ? .foreign : .instance
            return (slot: slot, content: content)
        }
        return dice.happens(percent: 40) ? own + [(dice.number(0...3), .shared)] : own
    }

    private func append(_ operation: CrashOperation) throws(IndexFault) {
        try index.append(
            operation.changes.map {
                CrashFile(writer: history.writer, slot: $0.slot, isShared: $0.content == .shared)
                    .entry(operation.number, root: root)
            })
    }

    private func publish(_ operation: CrashOperation) throws(IndexFault) {
        let session = index.importSession()
        for change in operation.changes {
            let file = CrashFile(writer: history.writer, slot: change.slot, isShared: change.content == .shared)
            switch change.content {
            case .instance, .shared: try session.add(file.entry(operation.number, root: root))
            case .foreign: try session.add(file.foreign(operation.number, root: root))
            case .nothing: try session.forget(root: root, path: file.path)
            }
        }
        try session.publish()
    }
}
