// A journal as a dump shows it: its head, every whole frame with what it says, and what stands between them.

import DICOM
import Platform

/// A journal as far as it can be read.
struct ReadableJournal {
    enum Piece {
        case frame(JournalFrame, offset: Int)
        /// No whole frame begins in these bytes.
        case gap(Range<Int>)
    }

    let file: String
    /// Nil where it can't be read: then frames of any journal are taken.
    private(set) var head: JournalHead?
    private(set) var pieces: [Piece] = []
    /// Where the file ends, or up to where its successor says that it counts.
    let endOffset: Int

    /// - Parameter limit: up to where it counts; nil for all of it.
    init(_ bytes: [UInt8], file: String, limit: Int?, _ faults: DumpFaults) {
        self.file = file
        endOffset = min(limit ?? bytes.count, bytes.count)
        do throws(IndexFault) {
            head = try JournalHead(decoding: Array(bytes.prefix(JournalHead.byteCount)), file: file)
        } catch {
            faults.note(error)
        }
        let bytes = endOffset < bytes.count ? Array(bytes[..<endOffset]) : bytes
        var at = min(JournalHead.byteCount, bytes.count)
        var sequence = head?.firstSequence ?? 0
        while at < bytes.count {
            let start = at
            var found: JournalFrame?
            while found == nil, at < bytes.count {
                found = frame(in: bytes, at: at, from: sequence)
                if found == nil { at += 1 }
            }
            if start < at {
                pieces.append(.gap(start..<at))
                if found != nil || limit != nil {
                    faults.note(.damaged(file: file, byte: start, what: "\(at - start) bytes are no frame"))
                } else {
                    faults.remark(
                        "\(file) from byte \(start) on: no whole frame; an append that was cut short, unless it was damaged"
                    )
                }
            }
            guard let frame = found else { break }
            if head != nil, frame.sequence != sequence {
                faults.note(
                    .damaged(file: file, byte: at, what: "a frame of sequence \(frame.sequence), after \(sequence)"))
            }
            pieces.append(.frame(frame, offset: at))
            sequence = frame.sequence &+ 1
            at += frame.byteCount
        }
    }

    private func frame(in bytes: [UInt8], at: Int, from sequence: UInt64) -> JournalFrame? {
        guard bytes.count - at >= JournalFrame.headBytes + 4, bytes[at] == UInt8(ascii: "F"),
            let frame = JournalFrame(in: bytes, at: at), frame.sequence >= sequence,
            head == nil || frame.salt == head?.salt
        else { return nil }
        return frame
    }
}

extension IndexDump {
    /// The journals that count, from the first one on.
    func readableJournals(from first: UInt64) -> [ReadableJournal] {
        var found: [(bytes: [UInt8], number: UInt64)] = []
        var number = first
        do throws(IndexFault) {
            while let bytes = try journalBytes(number) {
                found.append((bytes, number))
                number += 1
            }
        } catch {
            faults.note(error)
        }
        return found.indices.map { index in
            let successor = index + 1 < found.count ? found[index + 1].bytes : []
            let head = try? JournalHead(decoding: Array(successor.prefix(JournalHead.byteCount)), file: "")
            return ReadableJournal(
                found[index].bytes, file: Journal.name(found[index].number),
                limit: head.map { Int(clamping: $0.predecessorEnd) }, faults)
        }
    }

    private func journalBytes(_ number: UInt64) throws(IndexFault) -> [UInt8]? {
        try TextFile.readBytes(folder.path.appending(Journal.name(number)), kernel: folder.kernel)
    }

    /// A journal, whether it counts or not: its head, each frame, and each entry of a frame behind it.
    package func journal(_ number: UInt64, _ words: (UInt8) -> String) throws(IndexFault) {
        let name = Journal.name(number)
        guard let bytes = try journalBytes(number) else {
            throw .refused(what: "there is no \(name) in \(folder.path)")
        }
        let journal = ReadableJournal(bytes, file: name, limit: nil, faults)
        let own = ["offset", "frameBytes", "sequence", "kind", "sign", "note"]
        let sheet = DumpSheet(own + EntryLines.columns, style)
        var written = EntryLines(sheet, from: own.count)
        writing(sheet) { lines in
            func row(_ cells: [DumpCell], _ lines: inout Lines, _ body: (inout [UInt8]) -> Void) {
                sheet.begin(&lines.bytes)
                for (column, cell) in cells.enumerated() { sheet.append(cell, column, to: &lines.bytes) }
                body(&lines.bytes)
                sheet.end(&lines.bytes)
                lines.flush()
            }
            func nothing(_ columns: Range<Int>) -> (inout [UInt8]) -> Void {
                { line in for column in columns { sheet.append(.absent, own.count + column, to: &line) } }
            }
            let all = 0..<EntryLines.columns.count
            if let head = journal.head {
                let predecessor =
                    head.predecessor == 0
                    ? "follows none"
                    : "follows journal-\(head.predecessor), which counts to byte \(head.predecessorEnd)"
                row(
                    [
                        .number(0), .number(JournalHead.byteCount), .number(Int(clamping: head.firstSequence)),
                        .text("head"), .absent,
                        .text("journal \(head.number), \(predecessor); salt \(String(head.salt, radix: 16))"),
                    ], &lines, nothing(all))
            }
            for piece in journal.pieces {
                switch piece {
                case .gap(let range):
                    row(
                        [
                            .number(range.lowerBound), .number(range.count), .absent, .text("no frame"), .absent,
                            .absent,
                        ], &lines, nothing(all))
                case .frame(let frame, let offset):
                    let place: [DumpCell] = [
                        .number(offset), .number(frame.byteCount), .number(Int(clamping: frame.sequence)),
                    ]
                    let number = frame.payloadNumber.map { "\($0)" } ?? "?"
                    switch frame.kind {
                    case nil:
                        row(
                            place + [.text("kind \(frame.kindCode)"), .absent, .text("of a newer version")], &lines,
                            nothing(all))
                    case .sealed:
                        row(place + [.text("sealed"), .absent, .text("by journal-\(number)")], &lines, nothing(all))
                    case .published:
                        row(
                            place + [.text("published"), .absent, .text("generation \(number)")], &lines, nothing(all))
                    case .availability:
                        var marks: [AvailabilityMark] = []
                        do throws(IndexFault) {
                            marks = try AvailabilityCoding.decode(
                                frame.payload, file: name, base: offset + JournalFrame.headBytes)
                        } catch {
                            faults.note(error)
                        }
                        row(
                            place + [.text("availability"), .absent, .text("\(marks.count) marks")], &lines,
                            nothing(all))
                        for mark in marks {
                            row(place + [.text("mark"), .absent, .text("\(mark)")], &lines, nothing(all))
                        }
                    case .entries:
                        var batch = EntryCoding.Batch()
                        do throws(IndexFault) {
                            batch = try EntryCoding.decode(
                                frame.payload, file: name, base: offset + JournalFrame.headBytes)
                        } catch {
                            faults.note(error)
                        }
                        row(
                            place + [.text("entries"), .absent, .text("\(batch.count) entries")], &lines, nothing(all))
                        for signed in batch.entries {
                            row(
                                place + [.text("instance"), .text(signed.isRemoval ? "-" : "+"), .absent], &lines
                            ) { line in written.append(signed.entry, to: &line) }
                        }
                        for signed in batch.foreign {
                            row(
                                place + [
                                    .text("foreign"), .text(signed.isRemoval ? "-" : "+"),
                                    .text(words(signed.file.reason)),
                                ], &lines
                            ) { line in
                                nothing(0..<EntryLines.placeBase)(&line)
                                written.appendPlace(signed.file.place, to: &line)
                            }
                        }
                    }
                }
            }
        }
    }
}
