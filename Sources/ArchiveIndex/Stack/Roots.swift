// The file `roots`: the folders that are indexed in place, and what was removed on purpose. With it alone an index can be
// built anew.

import DICOM
import Platform

/// The folders of an area, and what was removed from its index.
///
///     fileroom-roots VERSION
///     root N PATH              absolute; N from 1, never given twice
///     gone N PATH              a root that was removed: not visited, unless it is named
///     removed LEVEL KEY… TIME  LEVEL patient, study, series or instance; TIME in nanoseconds from 1970
///     crc HEX
///
/// Bytes of PATH and KEY other than A–Z a–z 0–9 . _ - / stand as %XX. Root 0, the folder that the storage daemon writes, is not
/// listed: it goes with the area.
struct Roots: Equatable, Sendable {
    static let kind = "fileroom-roots"
    static let name = "roots"

    /// Those that are gone included: until their last entry is taken out, places name them.
    var folders: [Int: Path] = [:]
    var gone: Set<Int> = []
    var removals = Removals()

    private static let levels: [(level: Level, word: String)] = [
        (.patient, "patient"), (.study, "study"), (.series, "series"), (.image, "instance"),
    ]

    var textFile: TextFile {
        let roots = folders.sorted { $0.key < $1.key }.map {
            [gone.contains($0.key) ? "gone" : "root", "\($0.key)", Self.encode($0.value.bytes)]
        }
        let removed = removals.throughNs.sorted { $0.key < $1.key }.map { removal, moment in
            ["removed", Self.levels.first { $0.level == removal.level }?.word ?? ""] + removal.key.map(Self.encode)
                + ["\(moment)"]
        }
        return TextFile(kind: Self.kind, lines: roots + removed)
    }

    init() {}

    init(_ text: TextFile) throws(IndexFault) {
        for line in text.lines {
            if line[0] == "removed" {
                let read = Self.removal(line[1...])
                if read == nil, !text.isFullyKnown { continue }
                guard let (removal, moment) = read, removals.throughNs[removal] == nil else {
                    throw .damaged(file: Self.name, byte: 0, what: "a line of what was removed")
                }
                removals.note(removal, throughNs: moment)
                continue
            }
            if !text.isFullyKnown, line[0] != "root", line[0] != "gone" { continue }
            guard line.count == 3, line[0] == "root" || line[0] == "gone",
                let number = UInt64(canonical: line[1]).map(Int.init(clamping:)),
                number > 0, number < 1 << 31, folders[number] == nil, let bytes = Self.decode(line[2]),
                !bytes.contains(0), Path(bytes: bytes).isAbsolute
            else { throw .damaged(file: Self.name, byte: 0, what: "a line of a root") }
            folders[number] = Path(bytes: bytes)
            if line[0] == "gone" { gone.insert(number) }
        }
    }

    private static func removal(_ words: ArraySlice<String>) -> (Removal, Int64)? {
        guard let first = words.first, let level = levels.first(where: { $0.word == first })?.level,
            let moment = words.last.flatMap({ UInt64(canonical: $0) }).flatMap({ Int64(exactly: $0) })
        else { return nil }
        let key = words.dropFirst().dropLast().compactMap(decode)
        guard key.count == words.count - 2, key.allSatisfy({ !$0.isEmpty }) else { return nil }
        if level == .patient {
            guard key.count == 1 || key.count == 2 else { return nil }
            return (.patient(id: key[0], issuer: key.count == 2 ? key[1] : []), moment)
        }
        guard key.count == 1, let uid = UID(stored: key[0]), uid.bytes == key[0] else { return nil }
        switch level {
        case .patient: return nil
        case .study: return (.study(uid), moment)
        case .series: return (.series(uid), moment)
        case .image: return (.instance(uid), moment)
        }
    }

    /// What of a batch may be published: of a root that is gone nothing is known, and what was removed on purpose is marked so.
    func admitted(of batch: ImportBatch) -> ImportBatch {
        guard !gone.isEmpty || !removals.isEmpty else { return batch }
        var admitted = batch
        admitted.entries = []
        admitted.foreign = []
        for entry in batch.entries {
            if gone.contains(entry.place.root) {
                admitted.forgotten.append(RootedPath(entry.place))
            } else if removals.keepsOut(entry) {
                admitted.foreign.append(ForeignFile(takenOut: entry.place))
            } else {
                admitted.entries.append(entry)
            }
        }
        for file in batch.foreign {
            if gone.contains(file.place.root) {
                admitted.forgotten.append(RootedPath(file.place))
            } else {
                admitted.foreign.append(file)
            }
        }
        return admitted
    }

    static func encode(_ bytes: [UInt8]) -> String {
        var text = ""
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2E, 0x5F, 0x2D, 0x2F:
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return text
    }

    /// The value of a digit of either case; nil of any other character, a sign among them.
    private static func hexadecimal(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x41 + 10
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }

    static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == 0x25 else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexadecimal), let low = rest.popFirst().flatMap(hexadecimal) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}
