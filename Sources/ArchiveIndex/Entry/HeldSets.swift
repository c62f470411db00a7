// What is held of a data set, level by level.

import DICOM

/// The attribute sets of an instance.
package struct HeldSets: Equatable, Sendable {
    package private(set) var patient = AttributeSet.empty
    package private(set) var study = AttributeSet.empty
    package private(set) var series = AttributeSet.empty
    package private(set) var image = AttributeSet.empty

    /// Text loses trailing spaces and NULs, which no VR counts (PS3.5 §6.2). An attribute without value is held as empty;
    /// a UN value of a known tag gets the dictionary's VR; a value over `AttributeSet.valueMaximumBytes` isn't held.
    package init(of dataSet: DataSet) {
        var cursor = HeldTagCursor()
        for element in dataSet.elements {
            guard let held = cursor.held(element.tag) else { continue }
            guard let (vr, value) = Self.canonical(element) else { continue }
            append(held, vr, value[...])
        }
    }

    /// A value as it is held; nil for pixel data.
    static func canonical(_ element: DataElement) -> (vr: VR, bytes: [UInt8])? {
        switch element.value {
        case .bytes(let value):
            let known = element.vr == .UN ? DataDictionary.vr(of: element.tag) : element.vr
            let vr = known == .SQ ? element.vr : known
            let end = vr.isText ? value.endWithoutPadding : value.count
            return (vr, end == value.count ? value : Array(value[..<end]))
        case .items(let items): return (.SQ, coded(items))
        case .fragments: return nil
        }
    }

    package subscript(level: Level) -> AttributeSet {
        switch level {
        case .patient: patient
        case .study: study
        case .series: series
        case .image: image
        }
    }

    private mutating func append(_ held: HeldTag, _ vr: VR, _ value: ArraySlice<UInt8>) {
        guard value.count <= AttributeSet.valueMaximumBytes else { return }
        if held.level == .patient || held.level == nil { patient.append(held.tag, vr, value) }
        if held.level == .study || held.level == nil { study.append(held.tag, vr, value) }
        if held.level == .series || held.level == nil { series.append(held.tag, vr, value) }
        if held.level == .image || held.level == nil { image.append(held.tag, vr, value) }
    }

    /// Items one behind the other, in Explicit VR Little Endian with their lengths.
    static func coded(_ items: [DataSet]) -> [UInt8] {
        var value: [UInt8] = []
        for item in items {
            guard let coded = try? item.encoded(as: .explicitLittle) else { continue }
            value += [0xFE, 0xFF, 0x00, 0xE0]
            value.appendLittleEndian(UInt32(truncatingIfNeeded: coded.count))
            value += coded
        }
        return value
    }
}

extension [UInt8] {
    /// Where trailing spaces and NULs begin.
    fileprivate var endWithoutPadding: Int {
        var end = count
        while end > 0, self[end - 1] == 0x20 || self[end - 1] == 0x00 { end -= 1 }
        return end
    }
}
