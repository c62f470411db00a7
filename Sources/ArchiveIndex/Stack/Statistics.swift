// What an index holds and what that costs: counts by level and modality, bytes by file and table.

import DICOM
import Platform

/// Figures of an index at one moment.
package struct IndexStatistics: Sendable {
    /// What there is of one modality; a study of several counts for each.
    package struct Modality: Sendable, Equatable {
        /// Empty for series without one.
        package let name: String
        package var studies = 0
        package var series = 0
        package var instances = 0
    }

    /// A file of the index.
    package struct File: Sendable, Equatable {
        package let name: String
        package let byteCount: Int
    }

    /// What a table costs: its pages and what the directory says of them.
    package struct TableBytes: Sendable, Equatable {
        package let name: String
        package internal(set) var rows = 0
        package internal(set) var byteCount = 0
        /// In the order of the format; those that cost something.
        package internal(set) var columns: [ColumnBytes] = []
    }

    /// What a column of a table costs.
    package struct ColumnBytes: Sendable, Equatable {
        /// The tag and keyword of an attribute, for one of a set.
        package let name: String
        package internal(set) var byteCount: Int
    }

    package internal(set) var patients = 0
    package internal(set) var studies = 0
    package internal(set) var series = 0
    package internal(set) var instances = 0
    /// Files that hold an instance, and others that are remembered.
    package internal(set) var instanceFiles = 0
    package internal(set) var foreignFiles = 0
    /// Ascending by name.
    package internal(set) var modalities: [Modality] = []
    /// How often `current` was replaced.
    package internal(set) var generation: UInt64 = 0
    /// All that counts: `current`, `roots`, runs and journals.
    package internal(set) var files: [File] = []
    /// Over all runs.
    package internal(set) var tables: [TableBytes] = []
    /// Of all journals, up to the end of the last whole frame of each.
    package internal(set) var journalBytes = 0
    /// What the journals add and take back.
    package internal(set) var journalEntries = 0
    /// What was removed on purpose and is noted, roots that are gone among it.
    package internal(set) var removals = 0
    /// How text is read that names no character set.
    package internal(set) var fallbackCharacterSet = FallbackCharacterSet.standard
    /// Folders by the number that places name them with.
    package internal(set) var roots: [Int: Path] = [:]

    /// Of all `files`.
    package var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }
    package var bytesPerInstance: Double { instances == 0 ? 0 : Double(byteCount) / Double(instances) }
}

extension IndexFolder {
    /// Counts everything: time grows with the number of series and files.
    package func statistics() throws(IndexFault) -> IndexStatistics {
        let stack = try stack()
        let snapshot = stack.snapshot
        var figures = IndexStatistics()
        figures.generation = snapshot.generation
        figures.roots = try roots()
        figures.fallbackCharacterSet = stack.current.fallback
        try count(snapshot, &figures)
        for root in figures.roots.keys {
            var files = try snapshot.files(root: root)
            while let file = try files.next() {
                if file.kind == .instance { figures.instanceFiles += 1 } else { figures.foreignFiles += 1 }
            }
        }
        let listed = try listedRoots()
        figures.removals = listed.removals.throughNs.count + listed.gone.count
        for root in listed.gone { figures.roots[root] = nil }
        figures.files = [.init(name: Current.name, byteCount: stack.currentFile.bytes.count)]
        if let bytes = try TextFile.readBytes(path.appending(Roots.name), kernel: kernel) {
            figures.files.append(.init(name: Roots.name, byteCount: bytes.count))
        }
        for entry in stack.current.runs {
            figures.files.append(.init(name: Self.runName(entry.number), byteCount: entry.byteCount))
        }
        for journal in stack.journals { figures.files.append(.init(name: journal.file, byteCount: journal.endOffset)) }
        figures.journalBytes = stack.journalBytes
        figures.journalEntries = stack.delta.count
        figures.tables = try tables(snapshot.sources.prefix(stack.current.runs.count))
        return figures
    }

    private func count(_ snapshot: Snapshot, _ figures: inout IndexStatistics) throws(IndexFault) {
        var patients = try snapshot.patients()
        while try patients.next() != nil { figures.patients += 1 }
        var modalities: [String: IndexStatistics.Modality] = [:]
        var studies = try snapshot.studies()
        while let study = try studies.next() {
            figures.studies += 1
            var ofStudy: Set<String> = []
            var series = try study.series()
            while let one = try series.next() {
                let value = try one.attributes().value(.modality)
                let name = String(decoding: (value?.bytes ?? []).trimmingPadding(), as: UTF8.self)
                let instances = try one.instanceCount()
                figures.series += 1
                figures.instances &+= instances
                modalities[name, default: .init(name: name)].series += 1
                modalities[name, default: .init(name: name)].instances &+= instances
                ofStudy.insert(name)
            }
            for name in ofStudy { modalities[name, default: .init(name: name)].studies += 1 }
        }
        figures.modalities = modalities.values.sorted { $0.name < $1.name }
    }

    private func tables(_ runs: some Sequence<Run>) throws(IndexFault) -> [IndexStatistics.TableBytes] {
        var tables: [IndexStatistics.TableBytes] = []
        for table in Table.allCases { tables.append(try Self.figures(of: table, runs)) }
        return tables
    }

    private static func figures(
        of table: Table, _ runs: some Sequence<Run>
    ) throws(IndexFault) -> IndexStatistics.TableBytes {
        var figures = IndexStatistics.TableBytes(name: table.name)
        let shape = table.shape
        let names = shape.numbers + shape.texts
        var columns = [Int](repeating: 0, count: names.count)
        var attributes: [Tag: Int] = [:]
        for run in runs {
            let reader = run.table(table)
            figures.rows += reader.rowCount
            for page in reader.pageIndices {
                let sizes = try reader.sizes(ofPage: page)
                figures.byteCount += sizes.byteCount + RunLayout.directoryEntryBytes
                for index in columns.indices { columns[index] += sizes.columns[index] }
                for (tag, byteCount) in sizes.attributes { attributes[tag, default: 0] += byteCount }
            }
        }
        figures.columns = zip(names, columns).map { .init(name: $0, byteCount: $1) }
        for (tag, byteCount) in attributes.sorted(by: { $0.key < $1.key }) {
            figures.columns.append(
                .init(name: "\(tag) \(DataDictionary.entry(for: tag)?.keyword ?? "")", byteCount: byteCount))
        }
        figures.columns.removeAll { $0.byteCount == 0 }
        return figures
    }
}
