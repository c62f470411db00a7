// Which format this build reads and writes: version 1, frozen; `current` has lines that came with its minor 1.

/// The version rule of FORMAT.md: every file names its version. A newer minor one is read, and not written to; another major
/// one is refused in words.
enum FormatVersion {
    static let major: UInt16 = 1
    /// Of all files but `current`.
    static let minor: UInt16 = 0

    static var text: String { text(minor: minor) }

    static func text(minor: UInt16) -> String { "\(major).\(minor)" }

    /// Major, minor and four zero bytes: 8 bytes.
    static func append(to bytes: inout [UInt8]) {
        bytes.appendLittleEndian(major)
        bytes.appendLittleEndian(minor)
        bytes.appendLittleEndian(UInt32(0))
    }

    /// - Returns: whether all of the file is known: it isn't of a newer minor version.
    static func check(_ reader: inout ByteReader) throws(IndexFault) -> Bool {
        let foundMajor = try reader.littleEndian(UInt16.self)
        let foundMinor = try reader.littleEndian(UInt16.self)
        let start = reader.offset
        let reserved = try reader.littleEndian(UInt32.self)
        guard foundMajor == major else {
            throw refusal(of: reader.file, "\(foundMajor).\(foundMinor)", isNewer: foundMajor > major)
        }
        guard reserved == 0 || foundMinor > minor else { throw reader.fault("reserved bytes", at: start) }
        return foundMinor <= minor
    }

    /// The same of a version as text files write it.
    ///
    /// - Parameter known: the newest minor of that file.
    /// - Returns: its minor, and whether that is known.
    static func check(
        _ text: String, known: UInt16, file: String
    ) throws(IndexFault) -> (minor: UInt64, isKnown: Bool) {
        let words = text.split(separator: ".", omittingEmptySubsequences: false)
        let foundMajor = words.first.flatMap { UInt64(canonical: $0) }
        guard words.count == 2, foundMajor == UInt64(major), let found = UInt64(canonical: words[1]) else {
            throw refusal(of: file, text, isNewer: foundMajor.map { $0 > UInt64(major) } ?? false)
        }
        return (found, found <= UInt64(known))
    }

    /// Of an older version there is no more than of damage: it is made anew. A newer one is none of our business.
    private static func refusal(of file: String, _ found: String, isNewer: Bool) -> IndexFault {
        isNewer
            ? newer(file: file, found: "version \(found)")
            : .foreignVersion(file: file, found: "version \(found), this build reads \(major).x")
    }

    static func newer(file: String, found: String) -> IndexFault {
        .refused(what: "\(file) was written by a newer version of Fileroom (\(found)): only that can read it")
    }
}
