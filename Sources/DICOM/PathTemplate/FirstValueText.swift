// An attribute's first value as text, whatever its VR: for names, not for matching.

extension VR {
    /// One value of it is short enough to be (part of) a name: no sequence, no octets of any length, no unlimited text.
    var hasShortValue: Bool {
        switch self {
        case .OB, .OD, .OF, .OL, .OV, .OW, .SQ, .UN, .UT: false
        default: true
        }
    }
}

extension DataSet {
    /// The first value of an attribute, without padding: text decoded, numbers in decimal, a tag as 8 hexadecimal
    /// digits. Empty where there is none, or nothing of which a name could be made.
    ///
    /// What came as UN, as in Implicit VR, is read as the dictionary's VR, and as LO where that has none.
    func firstValueText(_ tag: Tag, _ characterSet: SpecificCharacterSet) -> String {
        guard let element = self[tag], case .bytes(let bytes) = element.value else { return "" }
        var vr = element.vr
        if vr == .UN { vr = DataDictionary.vr(of: tag) }
        if vr == .UN { vr = .LO }
        guard vr.hasShortValue else { return "" }
        if vr.isText { return characterSet.decodeValues(bytes, vr: vr).first ?? "" }
        return (try? firstNumberText(bytes.rawSpan, vr)) ?? ""
    }
}

/// The first number of a value, little-endian.
private func firstNumberText(_ bytes: RawSpan, _ vr: VR) throws(DecodingFault) -> String {
    switch vr {
    case .US: return String(try bytes.littleEndian(UInt16.self, at: 0))
    case .SS: return String(try bytes.littleEndian(Int16.self, at: 0))
    case .UL: return String(try bytes.littleEndian(UInt32.self, at: 0))
    case .SL: return String(try bytes.littleEndian(Int32.self, at: 0))
    case .UV: return String(try bytes.littleEndian(UInt64.self, at: 0))
    case .SV: return String(try bytes.littleEndian(Int64.self, at: 0))
    case .FL: return Float(bitPattern: try bytes.littleEndian(UInt32.self, at: 0)).description
    case .FD: return Double(bitPattern: try bytes.littleEndian(UInt64.self, at: 0)).description
    case .AT:
        let group = try bytes.littleEndian(UInt16.self, at: 0)
        let element = try bytes.littleEndian(UInt16.self, at: 2)
        return "\(hexadecimal(group).dropLast())\(hexadecimal(element).dropLast())"
    default: return ""
    }
}
