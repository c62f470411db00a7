// The file `roots`: the folders that are indexed in place. With it alone an index can be built anew.

import Platform

/// The folders of an area.
///
///     fileroom-roots VERSION
///     root N PATH          absolute, bytes other than A–Z a–z 0–9 . _ - / as %XX; N from 1, never given twice
///     crc HEX
///
/// Root 0, the folder that the storage daemon writes, is not listed: it goes with the area.
struct Roots: Equatable, Sendable {
    static let kind = "fileroom-roots"
    static let name = "roots"

    var folders: [Int: Path] = [:]

    var textFile: TextFile {
        TextFile(
            kind: Self.kind,
            lines: folders.sorted { $0.key < $1.key }.map { ["root", "\($0.key)", Self.encode($0.value)] })
    }

    init() {}

    init(_ text: TextFile) throws(IndexFault) {
        for line in text.lines {
            guard line.count == 3, line[0] == "root", let number = UInt64(canonical: line[1]).map(Int.init(clamping:)),
                number > 0, number < 1 << 31, folders[number] == nil, let path = Self.decode(line[2]), path.isAbsolute
            else { throw .damaged(file: Self.name, byte: 0, what: "a line of a root") }
            folders[number] = path
        }
    }

    static func encode(_ path: Path) -> String {
        var text = ""
        for byte in path.bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2E, 0x5F, 0x2D, 0x2F:
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return text
    }

    static func decode(_ text: String) -> Path? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == 0x25 else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
                value > 0
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return Path(bytes: bytes)
    }
}
