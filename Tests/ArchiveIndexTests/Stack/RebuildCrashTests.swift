// Power cuts and failing calls at every call of a rebuild: the old index or the new one is there, with all that was
// acknowledged.

import DICOM
import Platform
import Support
import Testing

@testable import ArchiveIndex

@Suite("A crash after every call of a rebuild, hardening.md R1 to R5") struct RebuildCrashTests {
    static let index: Path = "/area/index"
    static let isThorough = Program.environment("FILEROOM_SEEDS") != nil

    /// An import and appends, then a rebuild while all goes on; after each step what must be there.
    static func play(_ disk: CrashableDisk, _ tree: StandInTree, note: (Set<RootedPath>) -> Void) throws {
        let folder = try IndexFolder.create(at: index, kernel: disk)
        _ = try folder.root(of: "/mnt")
        func store(_ number: Int) throws {
            tree.put(Samples.regular(number, root: 0))
            try folder.append([Samples.regular(number, root: 0)])
            note(Set(tree.files.keys))
        }
        for number in [0, 1, 150] { tree.put(Samples.regular(number)) }
        try tree.scan(into: folder)
        note(Set(tree.files.keys))
        try store(2)
        let rebuild = try Rebuild(at: index, kernel: disk)
        try tree.scan(into: rebuild.index)
        try store(3)
        _ = try rebuild.catchUp(tree)
        try store(4)
        tree.files[RootedPath(root: 1, path: Samples.regular(1).place.path)] = nil
        tree.put(Samples.regular(151))
        try tree.scan(into: folder)
        note(Set(tree.files.keys))
        try folder.compact()
        try store(5)
        _ = try rebuild.swap(tree)
        note(Set(tree.files.keys))
        try store(6)
        try folder.fold()
    }

    static func paths(_ folder: IndexFolder) throws -> Set<RootedPath> {
        var found: Set<RootedPath> = []
        for root in 0...1 {
            var files = try folder.snapshot().files(root: root)
            while let file = try files.next() { found.insert(RootedPath(root: root, path: file.place.path)) }
        }
        return found
    }

    /// All goes on without a repair, and so does a rebuild, resumed or begun anew.
    static func goOn(_ disk: CrashableDisk, with found: Set<RootedPath>, of tree: StandInTree, _ what: String) throws {
        let folder = try IndexFolder.create(at: index, kernel: disk)
        try folder.append([Samples.regular(900, root: 0)])
        try folder.fold()
        let there = StandInTree()
        for path in found { there.files[path] = tree.files[path] ?? Samples.regular(1) }
        there.put(Samples.regular(900, root: 0))
        let rebuild = try Rebuild(at: index, kernel: disk)
        #expect(rebuild.oldFault == nil, "\(what)")
        try there.scan(into: rebuild.index)
        there.put(Samples.regular(901, root: 0))
        try folder.append([Samples.regular(901, root: 0)])
        _ = try rebuild.swap(there)
        #expect(try paths(folder) == Set(there.files.keys), "\(what)")
        #expect(try folder.verify().filter { !$0.isRemark }.isEmpty, "\(what)")
    }

    @Test func `what was acknowledged survives a power cut at any call`() throws {
        let disk = CrashableDisk(keepsMoments: true)
        let tree = StandInTree()
        var steps: [(calls: Int, paths: Set<RootedPath>)] = []
        try Self.play(disk, tree) { steps.append((disk.callCount, $0)) }
        let start = try #require(steps.first?.calls)
        for call in stride(from: start, through: disk.callCount, by: Self.isThorough ? 1 : 11) {
            let before = try #require(steps.last { $0.calls <= call }).paths
            let after = steps.first { $0.calls > call }?.paths ?? before
            let cuts = PowerCut.some(Self.isThorough ? 4 : 1, from: UInt64(call))
            for (index, cut) in cuts.enumerated() {
                let crashed = disk.afterPowerCut(cut, atCall: call)
                let what = "call \(call) of \(disk.callCount) \(disk.calls[call - 1]), \(cut)"
                let found = try Self.paths(IndexFolder.open(at: Self.index, kernel: crashed))
                #expect(before.intersection(after).subtracting(found).isEmpty, "\(what)")
                #expect(found.subtracting(before.union(after)).isEmpty, "\(what)")
                // By turns, because it takes long.
                if Self.isThorough || call % cuts.count == index {
                    try Self.goOn(crashed, with: found, of: tree, what)
                }
            }
        }
    }

    @Test(arguments: [Errno.noSpace, .inputOutput])
    func `a call that fails leaves the old index or the new one, and what follows works`(cause: Errno) throws {
        // Up to the one that fails, all calls are the same each time.
        let undisturbed = CrashableDisk()
        try Self.play(undisturbed, StandInTree()) { _ in }
        let numbers = (1...undisturbed.callCount).filter { number in
            cause != .noSpace || undisturbed.calls[number - 1].takesSpace
        }
        for index in stride(from: 0, to: numbers.count, by: Self.isThorough ? 1 : 17) {
            let number = numbers[index]
            let disk = CrashableDisk(troubles: [.failing(call: number, cause)])
            let tree = StandInTree()
            var acknowledged: Set<RootedPath> = []
            do { try Self.play(disk, tree) { acknowledged = $0 } } catch {}
            disk.setTroubles([])
            guard try IndexFolder.exists(at: Self.index, kernel: disk) else { continue }
            let what = "call \(number) \(disk.calls[number - 1])"
            #expect(disk.calls[number - 1] == undisturbed.calls[number - 1])
            let found = try Self.paths(IndexFolder.open(at: Self.index, kernel: disk))
            // The one file that vanishes may be there still, or not.
            let vanishing = RootedPath(root: 1, path: Samples.regular(1).place.path)
            #expect(acknowledged.subtracting(found).subtracting([vanishing]).isEmpty, "\(what)")
            #expect(try IndexFolder.open(at: Self.index, kernel: disk).root(of: "/mnt") == 1)
            try Self.goOn(disk.afterPowerCut(.keepsAll), with: found, of: tree, what)
        }
    }

    @Test func `a damaged index stays damaged until the whole new one is there`() throws {
        let disk = CrashableDisk(keepsMoments: true)
        let (folder, tree) = try RebuildTests.archive(disk)
        try disk.flip(bit: 1, ofByte: 30, of: Self.index.appending("current"))
        let start = disk.callCount + 1
        let rebuild = try Rebuild(at: Self.index, kernel: disk)
        try tree.scan(into: rebuild.index)
        _ = try rebuild.swap(tree)
        let answers = try tree.answers()
        #expect(try Answers(folder.snapshot()) == answers)
        var swapped = 0
        for call in stride(from: start, through: disk.callCount, by: Self.isThorough ? 1 : 7) {
            for cut in PowerCut.some(Self.isThorough ? 4 : 1, from: UInt64(call)) {
                let crashed = disk.afterPowerCut(cut, atCall: call)
                let what = "call \(call) of \(disk.callCount) \(disk.calls[call - 1]), \(cut)"
                var isSwapped = true
                do throws(IndexFault) { _ = try IndexFolder.open(at: Self.index, kernel: crashed) } catch {
                    guard case .damaged = error else { throw error }
                    isSwapped = false
                }
                if isSwapped {
                    swapped += 1
                } else {
                    let again = try Rebuild(at: Self.index, kernel: crashed)
                    try tree.scan(into: again.index)
                    _ = try again.swap(tree)
                }
                let found = try IndexFolder.open(at: Self.index, kernel: crashed)
                #expect(try Answers(found.snapshot()) == answers, "\(what)")
                #expect(try found.verify().filter { !$0.isRemark }.isEmpty, "\(what)")
            }
        }
        #expect(swapped > 0)
    }
}
