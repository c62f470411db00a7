// From text to the bytes of a value, for Identifiers and new data sets. Stored files are never recoded.

extension SpecificCharacterSet {
    /// The bytes of `text` as a value of `vr`, without padding; nil when a character can't be carried. In text of a VR
    /// with several values a backslash is the delimiter, in PN `^` and `=` are.
    ///
    /// With code extension the escape sequences of PS3.5 §6.1.2.5 are written wherever a set other than value 1's is
    /// needed, in the first component group of a name as well. VRs that (0008,0005) doesn't govern carry ISO 646 only.
    package func encode(_ text: String, vr: VR) -> [UInt8]? {
        guard vr.usesSpecificCharacterSet else {
            let bytes = Array(text.utf8)
            return bytes[...].isPlainASCII ? bytes : nil
        }
        switch scheme {
        case .utf8: return Array(text.utf8)
        case .guobiao(let fourByte): return Guobiao.encode(text, fourByte: fourByte)
        case .extensible(let extent):
            if extent.initialLeft == .ascii {
                let bytes = Array(text.utf8)
                if bytes[...].isPlainASCII { return bytes }
            }
            return extent.encode(text, vr: vr)
        }
    }
}
