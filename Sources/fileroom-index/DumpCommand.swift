// fileroom-index dump: any part of an index in readable form.

import Archive
import ArchiveIndex
import Daemon
import Platform

enum DumpCommand: IndexCommand {
    static let name = "dump"
    static let takesOperands = true
    static let options: [CommandLineOption] = []

    static let help = """
        fileroom-index dump [OPTION…]
        fileroom-index dump current|roots|foreign|journal-N [OPTION…]
        fileroom-index dump run-N [TABLE [FIRST[-LAST]]] [OPTION…]

        Shows a part of the index in readable form; nothing is changed. Without a part: all entries, a line for each
        file that holds an instance, with every value that it was sent with and every field of its place.

          current     which runs and journals count
          roots       the folders that are indexed, and what was removed on purpose
          foreign     the files that are no instances, and why not
          run-N       the parts and tables of a run; with TABLE, by name or number, its rows, counted from 0
          journal-N   the head of a journal, each frame, and each entry in it

        The first line names the columns, tabs stand between cells. Columns with a keyword are attributes as they are
        stored, in the character set that the line names. A cell without anything: the instance didn't have the
        attribute; "": it had it without a value. `%` and two hexadecimal digits stand for a byte that isn't printable
        UTF-8, and for `%` itself. Sequences are items in braces. With --json each line is an object, with the same
        texts; numbers of 64 bits are strings.

        What is damaged is told on standard error and passed over, and the rest is shown: what a damaged removal took
        out may be among it.

        Examples:
          fileroom-index dump | cut -f 1-5 | head
          fileroom-index dump --json | jq -r 'select(.Modality == "CT").path'
          fileroom-index dump current
          fileroom-index dump run-3 series 0-9
          fileroom-index dump journal-2 --json

        Exit status: 0 all of it, 1 as far as it could be read, 2 there is no such part.
        """

    static func run(_ context: CommandContext) throws -> Int32 {
        let paths = try context.paths()
        let words = context.arguments.operands
        let dump = IndexDump(
            of: paths.index, instancesFolder: paths.instances, style: context.wantsJSON ? .json : .table
        ) { fault in
            StandardOptions.complain("fileroom-index dump: \(fault)".onOneLine)
        } write: { lines in
            IndexProgram.print(lines)
        }
        do throws(IndexFault) {
            try show(words, of: dump)
        } catch {
            switch error {
            case .damaged, .foreignVersion:
                let advice =
                    words.isEmpty || words == ["foreign"] ? "; dump run-N and journal-N show each by itself" : ""
                StandardOptions.complain("fileroom-index dump: \(error.place)\(advice)".onOneLine)
                return 1
            case .noIndex: throw CommandFault("there is no index in \(paths.index)")
            default: throw CommandFault("\(error)")
            }
        }
        return dump.faultCount == 0 ? 0 : 1
    }

    private static func show(_ words: [String], of dump: IndexDump) throws(IndexFault) {
        switch (words.first, words.count) {
        case (nil, _): try dump.entries()
        case ("current", 1): try dump.current()
        case ("roots", 1): try dump.roots()
        case ("foreign", 1): try dump.foreignFiles(Refusal.words)
        case (let part?, 1) where number(part, "journal-") != nil:
            try dump.journal(number(part, "journal-") ?? 0, Refusal.words)
        case (let part?, 1...3):
            guard let run = number(part, "run-") else {
                throw .refused(what: "\(words.joined(separator: " ")) is no part; see \(name) --help")
            }
            guard words.count > 1 else { return try dump.run(run) }
            try dump.run(run, table: words[1], rows: words.count > 2 ? try rows(words[2]) : nil)
        default: throw .refused(what: "\(words.joined(separator: " ")) is no part; see \(name) --help")
        }
    }

    private static func number(_ part: String, _ prefix: String) -> UInt64? {
        part.hasPrefix(prefix) ? UInt64(part.dropFirst(prefix.count)) : nil
    }

    /// `FIRST`, `FIRST-` or `FIRST-LAST`.
    private static func rows(_ word: String) throws(IndexFault) -> ClosedRange<Int> {
        let parts = word.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let first = Int(parts[0])
        let last = parts.count == 1 ? first : parts[1].isEmpty ? Int.max : Int(parts[1])
        guard let first, let last, first >= 0, first <= last else {
            throw .refused(what: "\(word) is no range of rows; for example 0-9")
        }
        return first...last
    }
}
