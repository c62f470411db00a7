// What verification finds: a broken promise of FORMAT.md, where it is broken, and what helps.

import Platform

/// One broken promise.
package struct IndexFinding: Hashable, Sendable, CustomStringConvertible {
    /// Its name in the index folder.
    package let file: String
    /// From the start of `file`: of a row of a run, where its page begins; of a table, where its directory does; 0 where the
    /// whole file is meant, or nobody can tell.
    package let byte: Int
    package let what: String
    /// What a crash may leave and nothing is lost by, but damage may look like it.
    package let isRemark: Bool
    /// Another version wrote the file, and maybe `roots` as well.
    private let isOfVersion: Bool

    package var description: String { "\(file) byte \(byte): \(what)" }

    /// What helps against it; nil where nothing needs to be done.
    package var remedy: String? { isRemark ? nil : IndexFault.remedy(for: isOfVersion ? Roots.name : file) }

    /// What helps against all of `findings`.
    package static func remedy(for findings: [IndexFinding]) -> String {
        let first = findings.first { $0.isOfVersion || $0.file == Roots.name } ?? findings.first
        return first?.remedy ?? IndexFault.remedy(for: "")
    }

    init(file: String, byte: Int = 0, what: String, isRemark: Bool = false, isOfVersion: Bool = false) {
        self.isRemark = isRemark
        self.isOfVersion = isOfVersion
        self.file = file
        self.byte = byte
        self.what = what
    }

    /// Of a row; the delta's have no place in a file.
    init(_ row: StoredRow, what: String) {
        self.init(file: row.run.file, byte: row.run.bytes.isInMemory ? 0 : row.byte, what: what)
    }

    init(_ fault: IndexFault) {
        switch fault {
        case .damaged(let file, let byte, let what): self.init(file: file, byte: byte, what: what)
        case .foreignVersion(let file, let found):
            self.init(file: file, what: "another version wrote it: \(found)", isOfVersion: true)
        case .file(let fault):
            self.init(
                file: String(decoding: fault.path.lastComponent, as: UTF8.self),
                what: fault.cause == .noEntry ? "it should be there, and is not" : fault.description)
        case .noIndex(let folder): self.init(file: folder, what: "no index")
        case .busy(let what), .refused(let what): self.init(file: "index", what: what)
        case .stopped: self.init(file: "index", what: fault.place)
        }
    }
}

extension IndexFolder {
    /// Reads everything again that the format promises: checksums, the order of all tables, all references and counts, the
    /// chain of journals, and that what is taken back was there. Nothing is changed.
    ///
    /// - Returns: what is wrong; empty for a sound index. At most `maximum` findings.
    package func verify(maximum: Int = 1_000) throws(IndexFault) -> [IndexFinding] {
        var findings: [IndexFinding] = []
        let current: Current
        do throws(IndexFault) {
            current = try self.current()
            _ = try roots()
        } catch {
            if case .noIndex = error { throw error }
            try Self.throwUnlessOfIndex(error)
            return [IndexFinding(error)]
        }
        for entry in current.runs {
            do throws(IndexFault) {
                var verification = RunVerification(try openRun(entry), maximum: maximum - findings.count)
                verification.verify()
                findings += verification.findings
            } catch {
                // An import may have replaced `current` meanwhile: then the run's absence is no finding.
                if try self.current() != current { return try verify(maximum: maximum) }
                try Self.throwUnlessOfIndex(error)
                findings.append(IndexFinding(error))
            }
        }
        guard findings.isEmpty else { return findings }
        do throws(IndexFault) {
            let fresh = try IndexFolder.open(at: path, instancesFolder: instancesFolder, kernel: kernel)
            let stack = try fresh.stack()
            try stack.snapshot.verifyFiles(roots: Set(fresh.roots().keys), maximum: maximum, into: &findings)
            if let fault = stack.markFault { findings.append(IndexFinding(fault)) }
            if let last = stack.journals.last, last.hasTornTail {
                findings.append(
                    IndexFinding(
                        file: last.file, byte: last.endOffset,
                        what: "what stands from here on is no whole frame: an append that was cut short, and never "
                            + "acknowledged; where none was, the last batch is damaged", isRemark: true))
            }
        } catch {
            try Self.throwUnlessOfIndex(error)
            findings.append(IndexFinding(error))
        }
        return findings
    }

    /// The same of an index that can't be opened: why not is what is found.
    package static func verify(
        at path: Path, instancesFolder: Path? = nil, kernel: any Kernel = SystemKernel()
    ) throws(IndexFault) -> [IndexFinding] {
        let folder: IndexFolder
        do throws(IndexFault) {
            folder = try open(at: path, instancesFolder: instancesFolder, kernel: kernel)
        } catch {
            try throwUnlessOfIndex(error)
            return [IndexFinding(error)]
        }
        return try folder.verify()
    }

    /// What the system refused says nothing of the index; only a file that isn't there does. Nor does what a newer version
    /// wrote: that one can verify it.
    private static func throwUnlessOfIndex(_ fault: IndexFault) throws(IndexFault) {
        switch fault {
        case .damaged, .foreignVersion: return
        case .file(let cause): if cause.cause != .noEntry { throw fault }
        case .noIndex, .busy, .refused, .stopped: throw fault
        }
    }
}

extension Snapshot {
    /// What is taken back was there, and no file holds two things.
    func verifyFiles(roots: Set<Int>, maximum: Int, into findings: inout [IndexFinding]) throws(IndexFault) {
        var known = roots
        for run in sources {
            var cursor = run.cursor(.files)
            while try cursor.advance() {
                let root = cursor.row.int(Column.Files.root)
                if known.insert(root).inserted {
                    findings.append(
                        IndexFinding(cursor.row, what: "files of root \(root), which `roots` doesn't name"))
                }
            }
        }
        for root in known.sorted() {
            var cursor = try files(root: root)
            while findings.count < maximum, let rows = try cursor.nextRows() {
                if rows.count == 1, rows[0].row.number(Column.Files.removal) == 0 { continue }
                var counts: [KnownFile: Int] = [:]
                for row in rows {
                    let foreign = try row.row.foreign()
                    let file = KnownFile(
                        kind: foreign.map { .foreign(reason: $0.file.reason) } ?? .instance,
                        place: try row.row.place())
                    counts[file, default: 0] += row.row.number(Column.Files.removal) != 0 ? -1 : 1
                }
                let path = String(decoding: try rows[0].row.path(), as: UTF8.self)
                let last = rows[rows.count - 1].row
                if counts.values.contains(where: { $0 < 0 }) {
                    findings.append(
                        IndexFinding(last, what: "\(path) of root \(root) is taken back, and wasn't there"))
                } else if counts.values.reduce(0, +) > 1 {
                    findings.append(IndexFinding(last, what: "\(path) of root \(root) is there more than once"))
                }
            }
        }
    }
}
