// What can be the name or address of a host.

/// Whether `text` can be a host's name or address: letters, digits and `- . _ : %` (an IPv6 zone), at most 255 bytes.
func isHostName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 255
        && text.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-._:%".unicodeScalars.contains(scalar)
        }
}
