// Whether this host can convert the character sets that names are stored in: glibc's converters are files of their own.

import DICOM

/// The converters of this host.
package enum CharacterConverters {
    /// What is missing, and what to do; nil where nothing is, as nearly everywhere.
    package static var complaint: String? {
        let terms = SpecificCharacterSet.unavailableTerms()
        if terms.isEmpty { return nil }
        return "glibc has no converters for \(terms.joined(separator: ", ")): install its gconv modules; "
            + "until then names in these character sets show as U+FFFD"
    }
}
