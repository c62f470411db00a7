// What is done to an index in the course of its life, from a seed, and what the index must say then: the model is a dictionary.

import DICOM
import Support

@testable import ArchiveIndex

/// What is known of each file.
typealias FileStates = [RootedPath: FileState]

/// What is known of one file.
enum FileState: Hashable {
    case instance(InstanceEntry)
    case foreign(ForeignFile)

    var known: KnownFile {
        switch self {
        case .instance(let entry): KnownFile(kind: .instance, place: entry.place)
        case .foreign(let file): KnownFile(kind: .foreign(reason: file.reason), place: file.place)
        }
    }
}

extension FileStates {
    /// What an index lists of its files when it is in these states.
    var known: [RootedPath: KnownFile] { mapValues(\.known) }

    /// What an index answers then.
    func answers() throws -> Answers {
        var model = ModelTests.Model()
        for (path, state) in self {
            switch state {
            case .instance(let entry): model.files[path] = entry
            case .foreign(let file): model.foreign[path] = file
            }
        }
        return try Answers(model.snapshot())
    }
}

/// Appends, imports with what they find changed, moved in and gone, folds and merges, by two writers.
struct RandomHistory {
    /// What an import says of one file; of each file once.
    enum Saying {
        case instance(InstanceEntry)
        case foreign(ForeignFile)
        case vanished(Place)
        case forgotten(RootedPath)
    }

    enum Ending: CaseIterable { case append, publish, finish }

    enum Action {
        case append([InstanceEntry])
        /// `runFiles`: a run each so many files.
        case importing([Saying], runFiles: Int, Ending)
        case fold, compact, mergeWhereDue, foldAndMergeWhereDue
    }

    struct Step {
        /// Which of the handles acts.
        let writer: Int
        let action: Action
    }

    static let writers = 2

    private(set) var steps: [Step] = []

    init(seed: UInt64, stepCount: Int) {
        var generator = SeededGenerator(seed: seed)
        var states: FileStates = [:]
        while steps.count < stepCount {
            let action = Self.action(states, &generator)
            states = Self.outcomes(of: action, on: states).last ?? states
            steps.append(Step(writer: Int.random(in: 0..<Self.writers, using: &generator), action: action))
        }
    }

    // MARK: What is done

    private static func action(_ states: FileStates, _ generator: inout SeededGenerator) -> Action {
        switch Int.random(in: 0..<12, using: &generator) {
        case 0..<4:
            var entries: [RootedPath: InstanceEntry] = [:]
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let entry = entry(states, &generator)
                entries[RootedPath(entry.place)] = entry
            }
            return .append(entries.sorted { $0.key < $1.key }.map(\.value))
        case 4..<8:
            var sayings: [RootedPath: Saying] = [:]
            for _ in 0..<Int.random(in: 1...7, using: &generator) {
                let (path, saying) = saying(states, &generator)
                sayings[path] = saying
            }
            return .importing(
                sayings.sorted { $0.key < $1.key }.map(\.value),
                runFiles: Bool.random(using: &generator) ? 3 : 1_000,
                Ending.allCases.randomElement(using: &generator) ?? .publish)
        case 8, 9: return .fold
        case 10: return .compact
        default: return Bool.random(using: &generator) ? .mergeWhereDue : .foldAndMergeWhereDue
        }
    }

    private static func saying(
        _ states: FileStates, _ generator: inout SeededGenerator
    ) -> (RootedPath, Saying) {
        let any = states.keys.sorted().randomElement(using: &generator)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0, 1:
            guard let any, var place = states[any]?.known.place else { break }
            // Now and then it is there again since it was missed: then it stays.
            if Int.random(in: 0..<4, using: &generator) == 0 { place.inode += 1 }
            return (any, .vanished(place))
        case 2:
            let path = any ?? RootedPath(root: 1, path: Array("nowhere".utf8))
            return (path, .forgotten(path))
        case 3:
            var place = any.flatMap { states[$0]?.known.place } ?? Samples.regular(7).place
            if Bool.random(using: &generator) {
                place.path = Array("x\(Int.random(in: 0..<4, using: &generator))".utf8)
            }
            place.modificationNs += 1
            let reason = UInt8.random(in: 1...5, using: &generator)
            return (RootedPath(place), .foreign(ForeignFile(place, reason: reason)))
        default: break
        }
        let entry = entry(states, &generator)
        return (RootedPath(entry.place), .instance(entry))
    }

    /// A file's instance: a new one, an odd one, or another state of one that is known.
    private static func entry(_ states: FileStates, _ generator: inout SeededGenerator) -> InstanceEntry {
        let choice = Int.random(in: 0..<6, using: &generator)
        if choice == 0 { return Samples.odd(&generator) }
        if choice < 3, let any = states.keys.sorted().randomElement(using: &generator),
            case .instance(var entry)? = states[any]
        {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: entry.fields.place.sizeBytes += 2
            case 1: entry.fields.place.modificationNs += 1_000
            case 2: entry.fields.place.inode += 1
            default: break  // as it was
            }
            return entry
        }
        let number = [0, 1, 2, 3, 150, 151, 400, 401, 850].randomElement(using: &generator) ?? 0
        return Samples.regular(number, root: Int.random(in: 0..<4, using: &generator) == 0 ? 0 : 1)
    }

    /// Does it by `folder`. When this returns, it is acknowledged.
    static func perform(_ action: Action, on folder: IndexFolder) throws(IndexFault) {
        switch action {
        case .append(let entries): try folder.append(entries)
        case .importing(let sayings, let runFiles, let ending):
            let session = ImportSession(folder, runEntries: runFiles)
            for saying in sayings {
                switch saying {
                case .instance(let entry): try session.add(entry)
                case .foreign(let file): try session.add(file)
                case .vanished(let place): try session.remove(place)
                case .forgotten(let path): try session.forget(root: path.root, path: path.path)
                }
            }
            switch ending {
            case .append: try session.append()
            case .publish: try session.publish()
            case .finish: try session.finish()
            }
        case .fold: try folder.fold()
        case .compact: try folder.compact()
        case .mergeWhereDue: try folder.mergeWhereDue()
        case .foldAndMergeWhereDue: try folder.foldAndMergeWhereDue()
        }
    }

    // MARK: What is known then

    /// What may be known when it was begun: as before, after each run, and, the last, when it is done.
    static func outcomes(of action: Action, on states: FileStates) -> [FileStates] {
        switch action {
        case .append(let entries):
            var after = states
            for entry in entries { after[RootedPath(entry.place)] = .instance(entry) }
            return [states, after]
        case .importing(let sayings, let runFiles, _):
            var outcomes = [states]
            var after = states
            for (index, saying) in sayings.enumerated() {
                apply(saying, to: &after)
                if (index + 1) % runFiles == 0 { outcomes.append(after) }
            }
            return outcomes + [after]
        case .fold, .compact, .mergeWhereDue, .foldAndMergeWhereDue: return [states]
        }
    }

    private static func apply(_ saying: Saying, to states: inout FileStates) {
        switch saying {
        case .instance(let entry): states[RootedPath(entry.place)] = .instance(entry)
        case .foreign(let file): states[RootedPath(file.place)] = .foreign(file)
        case .vanished(let place):
            if states[RootedPath(place)]?.known.place.isState(of: place) == true { states[RootedPath(place)] = nil }
        case .forgotten(let path): states[path] = nil
        }
    }
}
