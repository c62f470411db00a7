// The text files of an index as a dump shows them: every line, whatever their checksums say.

import DICOM
import Platform

extension IndexDump {
    /// The lines of `current`.
    package func current() throws(IndexFault) {
        guard let bytes = try TextFile.readBytes(folder.path.appending(Current.name), kernel: folder.kernel) else {
            throw .noIndex(folder: "\(folder.path)")
        }
        let sheet = DumpSheet(["field", "value", "bytes"], style)
        writing(sheet) { lines in
            for words in Self.lines(bytes) {
                sheet.append(
                    [
                        .bytes(words[0]), words.count > 1 ? .bytes(words[1]) : .absent,
                        words.count > 2 ? .bytes(Array(words[2...].joined(separator: [0x20]))) : .absent,
                    ], to: &lines.bytes)
            }
        }
        do throws(IndexFault) { _ = try folder.current() } catch { faults.note(error) }
    }

    /// The roots, and what was removed on purpose.
    package func roots() throws(IndexFault) {
        let bytes = try TextFile.readBytes(folder.path.appending(Roots.name), kernel: folder.kernel) ?? []
        let sheet = DumpSheet(["kind", "number", "folder", "level", "key", "issuer", "through"], style)
        writing(sheet) { lines in
            // It isn't listed: it goes with the area.
            sheet.append(
                [.text("root"), .number(0), .bytes(folder.instancesFolder.bytes), .absent, .absent, .absent, .absent],
                to: &lines.bytes)
            for words in Self.lines(bytes).dropFirst() where words[0] != Array("crc".utf8)[...] {
                sheet.append(Self.cells(ofRootsLine: words), to: &lines.bytes)
            }
        }
        do throws(IndexFault) { _ = try folder.listedRoots() } catch { faults.note(error) }
    }

    /// A line that is none of `roots` stands whole behind its first word, as a key.
    private static func cells(ofRootsLine words: [ArraySlice<UInt8>]) -> [DumpCell] {
        let texts = words.map { String(decoding: $0, as: UTF8.self) }
        let decoded = texts.map { Roots.decode($0).map { DumpCell.bytes($0) } ?? .text($0) }
        if texts[0] == "root" || texts[0] == "gone", texts.count == 3 {
            return [.text(texts[0]), .text(texts[1]), decoded[2], .absent, .absent, .absent, .absent]
        }
        if texts[0] == "removed", texts.count == 4 || texts.count == 5 {
            return [
                .text(texts[0]), .absent, .absent, .text(texts[1]), decoded[2],
                texts.count == 5 ? decoded[3] : .absent, .wide(texts[texts.count - 1]),
            ]
        }
        let rest = DumpCell.bytes(Array(words.dropFirst().joined(separator: [0x20])))
        return [.bytes(words[0]), .absent, .absent, .absent, rest, .absent, .absent]
    }

    /// The words of each line that has any.
    private static func lines(_ bytes: [UInt8]) -> [[ArraySlice<UInt8>]] {
        bytes.split(separator: 0x0A).map { $0.split(separator: 0x20) }.filter { !$0.isEmpty }
    }
}
