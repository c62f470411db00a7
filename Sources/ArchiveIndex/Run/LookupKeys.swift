// What look-up tables are sorted by: hashes of UIDs, and values brought into the one form that keys are looked up in.

import DICOM
import Platform

/// The sort keys of the look-up tables; frozen with the format.
package enum LookupKeys {
    /// CRC-32C of the packed UID.
    static func hash(_ packed: [UInt8]) -> UInt64 { UInt64(checksum(packed)) }

    /// Each value of Accession Number without outer spaces, in UTF-8.
    static func accessionNumbers(_ set: AttributeSet) -> [[UInt8]] {
        guard let value = set.value(.accessionNumber) else { return [] }
        return SpecificCharacterSet(stored: set.characterSet).decodeValues(value.bytes, vr: .SH)
            .map { Array($0.utf8) }.filter { !$0.isEmpty }
    }

    /// The digits of each value of Study Date: `yyyymmdd` also of the old form with dots.
    static func studyDates(_ set: AttributeSet) -> [[UInt8]] {
        guard let value = set.value(.studyDate) else { return [] }
        return value.bytes.split(separator: 0x5C)
            .map { Array($0.filter { (0x30...0x39).contains($0) }.prefix(8)) }.filter { !$0.isEmpty }
    }

    /// Each component group of the name, folded (`PersonName.foldedGroups`), in UTF-8.
    static func patientNames(_ set: AttributeSet) -> [[UInt8]] {
        guard let value = set.value(.patientName), !value.bytes.isEmpty else { return [] }
        return SpecificCharacterSet(stored: set.characterSet).decodeValues(value.bytes, vr: .PN)
            .flatMap { PersonName($0).foldedGroups }.map { Array($0.utf8) }
    }
}
