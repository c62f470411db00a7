// Padding of text values (PS3.5 §6.2): which spaces and NULs around a value aren't part of it.

extension VR {
    /// Spaces before the text belong to it: ST, LT, UT and UC. Elsewhere they are padding.
    package var keepsLeadingSpaces: Bool {
        switch self {
        case .LT, .ST, .UC, .UT: true
        default: false
        }
    }

    /// `bytes` without what this VR calls padding: spaces and NULs at the end of any text, spaces at its start where
    /// the VR lets them be. Of other VRs nothing is padding. Works on stored bytes of any character set and on UTF-8.
    /// O(padding).
    package func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard isText else { return bytes }
        var slice = bytes
        while let last = slice.last, last == 0x20 || last == 0x00 { slice.removeLast() }
        guard !keepsLeadingSpaces else { return slice }
        while slice.first == 0x20 { slice.removeFirst() }
        return slice
    }

    /// `text` without what this VR calls padding.
    package func trimmed(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let content = trimmed(bytes[...])
        return content.count == bytes.count ? text : String(decoding: content, as: UTF8.self)
    }
}
