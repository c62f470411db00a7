// The file `current`: which runs and journals count. Replacing it is the commit point of imports, folds and merges.

import DICOM
import Platform

/// What counts, in order.
///
///     fileroom-current VERSION
///     index HEX            which index this is: a random number, made with it
///     generation N         counts the replacements
///     next-run N           the number of the next run to be written
///     journal N            the first journal that counts; it may not be there yet
///     fallback TERMS       how text without a character set is read, where not as ISO_IR 100; with minor version 1
///     run N BYTES          a run that counts, oldest first
///     crc HEX
struct Current: Equatable, Sendable {
    struct RunEntry: Equatable, Sendable {
        let number: UInt64
        let byteCount: Int
    }

    /// Tells an index from one that was made anew in its place.
    var identity = UInt64.random(in: .min ... .max)
    var generation: UInt64 = 1
    var nextRun: UInt64 = 1
    var firstJournal: UInt64 = 1
    /// By what the entries that count were made, where their text names no character set, and by what the next ones are.
    var fallback = FallbackCharacterSet.standard
    var runs: [RunEntry] = []

    static let kind = "fileroom-current"
    static let name = "current"
    /// The newest minor version of the file that is known: it has the line `fallback`.
    static let minor: UInt16 = 1

    var textFile: TextFile {
        let hasFallback = fallback != .standard
        return TextFile(
            kind: Self.kind, minor: hasFallback ? Self.minor : FormatVersion.minor,
            lines: [
                ["index", hexadecimal(identity)], ["generation", "\(generation)"], ["next-run", "\(nextRun)"],
                ["journal", "\(firstJournal)"],
            ] + (hasFallback ? [["fallback", Roots.encode(fallback.storedValue)]] : [])
                + runs.map { ["run", "\($0.number)", "\($0.byteCount)"] })
    }

    init(fallback: FallbackCharacterSet = .standard) { self.fallback = fallback }

    init(decoding bytes: [UInt8]) throws(IndexFault) {
        try self.init(TextFile(decoding: bytes, kind: Self.kind, file: Self.name))
    }

    init(_ text: TextFile) throws(IndexFault) {
        func fault(_ what: String) -> IndexFault { .damaged(file: Self.name, byte: 0, what: what) }
        var lines = text.lines[...]
        func number(_ word: String) throws(IndexFault) -> UInt64 {
            guard let line = lines.popFirst(), line.count == 2, line[0] == word, let value = UInt64(canonical: line[1]),
                (1..<(1 << 56)).contains(value)
            else { throw fault("the line \(word)") }
            return value
        }
        guard let line = lines.popFirst(), line.count == 2, line[0] == "index", line[1].utf8.count == 16,
            let identity = UInt64(line[1], radix: 16), hexadecimal(identity) == line[1]
        else { throw fault("the line index") }
        self.identity = identity
        generation = try number("generation")
        nextRun = try number("next-run")
        firstJournal = try number("journal")
        if text.minor >= Self.minor, let line = lines.first, line[0] == "fallback" {
            lines.removeFirst()
            guard line.count == 2, let terms = Roots.decode(line[1]),
                let named = FallbackCharacterSet(String(decoding: terms, as: UTF8.self)), named != .standard
            else { throw fault("the line fallback") }
            fallback = named
        }
        while let line = lines.popFirst() {
            if !text.isFullyKnown, line[0] != "run" { continue }
            guard line.count == 3, line[0] == "run", let run = UInt64(canonical: line[1]),
                let size = UInt64(canonical: line[2]), size < 1 << 56, run > 0, run < nextRun,
                !runs.contains(where: { $0.number == run })
            else { throw fault("a line of a run") }
            runs.append(RunEntry(number: run, byteCount: Int(size)))
        }
    }
}

/// Sixteen lower-case hexadecimal digits.
private func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
}
