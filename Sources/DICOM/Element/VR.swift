// Value Representations (PS3.5 §6.2): what the bytes of a value mean, and how long its length field is.

/// A Value Representation, by its two characters (PS3.5 §6.2, Table 6.2-1).
@usableFromInline
package enum VR: UInt16, Hashable, Sendable, CaseIterable {
    case AE = 0x4145, AS = 0x4153, AT = 0x4154, CS = 0x4353, DA = 0x4441, DS = 0x4453, DT = 0x4454
    case FD = 0x4644, FL = 0x464C, IS = 0x4953, LO = 0x4C4F, LT = 0x4C54
    case OB = 0x4F42, OD = 0x4F44, OF = 0x4F46, OL = 0x4F4C, OV = 0x4F56, OW = 0x4F57
    case PN = 0x504E, SH = 0x5348, SL = 0x534C, SQ = 0x5351, SS = 0x5353, ST = 0x5354, SV = 0x5356
    case TM = 0x544D, UC = 0x5543, UI = 0x5549, UL = 0x554C, UN = 0x554E, UR = 0x5552, US = 0x5553
    case UT = 0x5554, UV = 0x5556

    /// The VR whose two characters are `first` and `second`, if the standard knows it.
    @inlinable
    package init?(_ first: UInt8, _ second: UInt8) { self.init(rawValue: UInt16(first) << 8 | UInt16(second)) }

    /// In Explicit VR, 2 reserved bytes and a 32-bit length instead of a 16-bit length (PS3.5 §7.1.2).
    @inlinable
    package var hasLongLength: Bool {
        switch self {
        case .OB, .OD, .OF, .OL, .OV, .OW, .SQ, .SV, .UC, .UN, .UR, .UT, .UV: true
        default: false
        }
    }

    /// Bytes in one number of the value, 1 for text and octets: the unit that byte order applies to (PS3.5 §7.3).
    @inlinable
    package var wordBytes: Int {
        switch self {
        case .AT, .OW, .SS, .US: 2
        case .FL, .OF, .OL, .SL, .UL: 4
        case .FD, .OD, .OV, .SV, .UV: 8
        default: 1
        }
    }

    /// Specific Character Set (0008,0005) governs the value (PS3.5 §6.1.2.3).
    @inlinable
    package var usesSpecificCharacterSet: Bool {
        switch self {
        case .LO, .LT, .PN, .SH, .ST, .UC, .UT: true
        default: false
        }
    }

    /// The value is characters.
    @inlinable
    package var isText: Bool {
        switch self {
        case .AE, .AS, .CS, .DA, .DS, .DT, .IS, .LO, .LT, .PN, .SH, .ST, .TM, .UC, .UI, .UR, .UT: true
        default: false
        }
    }

    /// A backslash separates values of the text; LT, ST, UT and UR are single-valued (PS3.5 §6.4).
    @inlinable
    package var isMultiValuedText: Bool {
        switch self {
        case .LT, .ST, .UT, .UR: false
        default: isText
        }
    }

    /// What makes a text or octet value even: NUL for UI and octets, space for text (PS3.5 §6.2).
    @inlinable
    package var padding: UInt8 { isText && self != .UI ? 0x20 : 0x00 }
}

extension VR: CustomStringConvertible {
    /// The two characters.
    @usableFromInline
    package var description: String {
        String(decoding: [UInt8(rawValue >> 8), UInt8(truncatingIfNeeded: rawValue)], as: UTF8.self)
    }
}
