// What look-up tables are sorted by: hashes of UIDs, and values brought into the one form that keys are looked up in.

import DICOM
import Platform

/// The sort keys of the look-up tables; frozen with the format.
package enum LookupKeys {
    /// CRC-32C of the packed UID.
    static func hash(_ packed: [UInt8]) -> UInt64 { UInt64(checksum(packed)) }

    /// The accession number without outer spaces.
    static func accessionNumber(_ set: AttributeSet) -> [UInt8]? {
        guard let value = set.value(.accessionNumber) else { return nil }
        let trimmed = Array(value.bytes.trimmingPadding())
        return trimmed.isEmpty ? nil : trimmed
    }

    /// The digits of Study Date: `yyyymmdd` also of the old form with dots.
    static func studyDate(_ set: AttributeSet) -> [UInt8]? {
        guard let value = set.value(.studyDate) else { return nil }
        let digits = Array(value.bytes.filter { (0x30...0x39).contains($0) }.prefix(8))
        return digits.isEmpty ? nil : digits
    }

    /// Each component group of the name, folded (`PersonName.foldedGroups`), in UTF-8.
    static func patientNames(_ set: AttributeSet) -> [[UInt8]] {
        guard let value = set.value(.patientName), !value.bytes.isEmpty else { return [] }
        let text = SpecificCharacterSet(stored: set.characterSet).decode(Array(value.bytes), vr: .PN)
        return PersonName(text).foldedGroups.map { Array($0.utf8) }
    }
}
