// UIDs, two characters to a byte: digits and dots need 4 bits. The order of the packed bytes is the index's order of UIDs.

import DICOM

extension UID {
    /// The packed form: nibbles, high one first: 1 a dot, 2–11 a digit, 0 fills the last byte.
    /// A UID with any other character is F0H and its characters, behind all others in order.
    package var packed: [UInt8] {
        var packed: [UInt8] = []
        packed.reserveCapacity(33)
        var high: UInt8?
        for character in text.utf8 {
            let nibble: UInt8
            switch character {
            case 0x2E: nibble = 1
            case 0x30...0x39: nibble = character - 0x30 + 2
            default: return [0xF0] + Array(text.utf8)
            }
            if let first = high {
                packed.append(first << 4 | nibble)
                high = nil
            } else {
                high = nibble
            }
        }
        if let high { packed.append(high << 4) }
        return packed
    }

    /// The characters of a packed UID, whether it has its one form or not; nil where it is none.
    static func text(packed bytes: [UInt8]) -> [UInt8]? {
        if bytes.first == 0xF0 { return Array(bytes.dropFirst()) }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            for nibble in [byte >> 4, byte & 15] {
                switch nibble {
                case 0: break
                case 1: text.append(0x2E)
                case 2...11: text.append(nibble - 2 + 0x30)
                default: return nil
                }
            }
        }
        return text
    }

    /// From packed bytes; nil when they are no UID in the one form that packing gives it.
    package init?(packed bytes: some Collection<UInt8>) {
        if bytes.first == 0xF0 {
            self.init(stored: bytes.dropFirst())
            // Only what can't be packed in nibbles is written this way, so that each UID has one form.
            if self.bytes.count != bytes.count - 1 || self.packed.first != 0xF0 { return nil }
            return
        }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        var isEnded = false
        for byte in bytes {
            for nibble in [byte >> 4, byte & 15] {
                switch nibble {
                case _ where isEnded: return nil
                case 0: isEnded = true
                case 1: text.append(0x2E)
                case 2...11: text.append(nibble - 2 + 0x30)
                default: return nil
                }
            }
        }
        self.init(stored: text)
        if isEnded != (text.count % 2 == 1) { return nil }
    }
}
