// Which format this build reads and writes. Version 0 changes from build to build until it is frozen as 1.

/// The version rule of FORMAT.md: every file names version and format id; another one is refused in words.
enum FormatVersion {
    static let major: UInt16 = 0
    static let minor: UInt16 = 0
    /// Changes whenever version 0 does.
    static let formatID: UInt32 = 0x2026_1123

    static var text: String { "\(major).\(minor)-\(String(formatID, radix: 16))" }

    /// Version and id, 8 bytes.
    static func append(to bytes: inout [UInt8]) {
        bytes.appendLittleEndian(major)
        bytes.appendLittleEndian(minor)
        bytes.appendLittleEndian(formatID)
    }

    static func check(_ reader: inout ByteReader) throws(IndexFault) {
        let foundMajor = try reader.littleEndian(UInt16.self)
        let foundMinor = try reader.littleEndian(UInt16.self)
        let foundID = try reader.littleEndian(UInt32.self)
        guard foundMajor == major, foundMinor == minor, foundID == formatID else {
            throw .foreignVersion(
                file: reader.file,
                found: "version \(foundMajor).\(foundMinor)-\(String(foundID, radix: 16)), this build reads \(text)")
        }
    }
}
