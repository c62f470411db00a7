// A whole file in the DICOM File Format (PS3.10 §7.1), for what we write ourselves.

/// Writes DICOM files.
package enum PartTenFile {
    /// Preamble of zeros, prefix and File Meta Information for one instance; the data set's bytes follow.
    package static func head(
        sopClass: UID, sopInstance: UID, transferSyntax: UID, implementationClass: UID, implementationVersion: String,
        source: AETitle? = nil
    ) -> [UInt8] {
        var meta = DataSet()
        meta[.fileMetaInformationVersion] = DataElement(.fileMetaInformationVersion, .OB, .bytes([0, 1]))
        meta.set(.mediaStorageSOPClassUID, uid: sopClass)
        meta.set(.mediaStorageSOPInstanceUID, uid: sopInstance)
        meta.set(.transferSyntaxUID, uid: transferSyntax)
        meta.set(.implementationClassUID, uid: implementationClass)
        meta.set(.implementationVersionName, .SH, text: String(implementationVersion.prefix(16)))
        if let source { meta.set(.sourceApplicationEntityTitle, .AE, text: source.text) }
        guard let elements = try? meta.encoded(as: .explicitLittle) else {
            preconditionFailure("UIDs, a title and a version have room in a 16-bit length")
        }
        let length = UInt32(elements.count)
        let group: [UInt8] =
            [0x02, 0x00, 0x00, 0x00, 0x55, 0x4C, 0x04, 0x00]
            + (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
        return [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + group + elements
    }
}
