// Any part of an index in readable form, without changing anything: also of a damaged one, as far as it can be read.

import DICOM
import Platform

/// Writes parts of an index as lines.
package struct IndexDump {
    let folder: IndexFolder
    let style: DumpStyle
    let faults: DumpFaults
    private let write: ([UInt8]) -> Void

    /// Nothing is opened before a part is asked for.
    ///
    /// - Parameters:
    ///   - tell: is called with what could not be read, a line each.
    ///   - write: takes whole lines, many at once.
    package init(
        of path: Path, instancesFolder: Path?, kernel: any Kernel = SystemKernel(), style: DumpStyle,
        tell: @escaping (String) -> Void, write: @escaping ([UInt8]) -> Void
    ) {
        // Pages are read once, one behind the other: what was mapped would stay in memory.
        folder = IndexFolder(path, instancesFolder: instancesFolder, kernel: kernel, readsWithoutMapping: true)
        self.style = style
        faults = DumpFaults(tell)
        self.write = write
    }

    /// How much could not be read.
    package var faultCount: Int { faults.count }

    /// Lines for `write`, in large pieces.
    struct Lines {
        private static let pieceBytes = 1 << 17
        private let write: ([UInt8]) -> Void
        var bytes: [UInt8] = []

        init(_ write: @escaping ([UInt8]) -> Void) {
            self.write = write
            bytes.reserveCapacity(Self.pieceBytes * 2)
        }

        mutating func flush(atLeast count: Int = pieceBytes) {
            guard bytes.count >= count, !bytes.isEmpty else { return }
            write(bytes)
            bytes.removeAll(keepingCapacity: true)
        }
    }

    /// Calls `body` with the lines of a sheet, the header there already.
    func writing<Fault: Error>(
        _ sheet: DumpSheet, _ body: (inout Lines) throws(Fault) -> Void
    ) throws(Fault) {
        var lines = Lines(write)
        lines.bytes += sheet.header
        defer { lines.flush(atLeast: 0) }
        try body(&lines)
    }

    // MARK: All that counts

    /// Every instance with every file that it lies in, a line each, in the order of the index.
    ///
    /// - Throws: what keeps `current` from being read: without it, nothing says what counts.
    package func entries() throws(IndexFault) {
        let sheet = DumpSheet(EntryLines.columns, style)
        let streams = try sources().map { run in
            var entries = ReadableEntries(run, faults)
            return { entries.next() }
        }
        var groups = GroupedStreams(streams, by: OrderedEntry.instancePrecedes)
        var written = EntryLines(sheet)
        writing(sheet) { lines in
            while true {
                let group = groups.next()
                if group.isEmpty { return }
                for entry in remaining(group, { $0.signed.entry }, { $0.signed.isRemoval }) {
                    sheet.begin(&lines.bytes)
                    written.append(entry, to: &lines.bytes)
                    sheet.end(&lines.bytes)
                    lines.flush()
                }
            }
        }
    }

    /// Every file that is no instance and remembered.
    ///
    /// - Parameter words: what a reason says.
    package func foreignFiles(_ words: (UInt8) -> String) throws(IndexFault) {
        let sheet = DumpSheet(["root", "path", "bytes", "modified", "inode", "trusted", "reason", "words"], style)
        let streams = try sources().map { run in
            var files = ReadableForeignFiles(run, faults)
            return { files.next() }
        }
        var groups = GroupedStreams(streams, by: SignedForeignFile.pathPrecedes)
        writing(sheet) { lines in
            while true {
                let group = groups.next()
                if group.isEmpty { return }
                for file in remaining(group, { $0.file }, { $0.isRemoval }) {
                    sheet.append(
                        [
                            .number(file.place.root), .bytes(file.place.path), .number(file.place.sizeBytes),
                            .wide("\(file.place.modificationNs)"), .wide("\(file.place.inode)"),
                            .flag(file.place.isTrusted),
                            .number(Int(file.reason)), .text(words(file.reason)),
                        ], to: &lines.bytes)
                    lines.flush()
                }
            }
        }
    }

    /// The runs and the journals' delta that count; one that can't be opened is told of and left out.
    private func sources() throws(IndexFault) -> [Run] {
        let current = try folder.current()
        do throws(IndexFault) { return try folder.stack().snapshot.sources } catch { faults.note(error) }
        var sources: [Run] = []
        for entry in current.runs {
            do throws(IndexFault) { sources.append(try folder.openRun(entry)) } catch { faults.note(error) }
        }
        var decoded = EntryCoding.Batch()
        for journal in readableJournals(from: current.firstJournal) {
            for case .frame(let frame, let offset) in journal.pieces where frame.kind == .entries {
                do throws(IndexFault) {
                    let batch = try EntryCoding.decode(
                        frame.payload, file: journal.file, base: offset + JournalFrame.headBytes)
                    decoded.entries += batch.entries
                    decoded.foreign += batch.foreign
                } catch {
                    faults.note(error)
                }
            }
        }
        guard decoded.count > 0 else { return sources }
        do throws(IndexFault) {
            sources.append(try Run(decoded.entries, decoded.foreign, file: "journal"))
        } catch {
            faults.note(error)
        }
        return sources
    }
}
