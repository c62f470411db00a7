// The attributes that Composite Instance Retrieve Without Bulk Data leaves out (PS3.4 §Z.1.3).

/// What is bulk data: at the top level of a data set, and Waveform Data in the items of its Waveform Sequence.
package enum BulkData {
    /// Whether an element at the top level isn't sent (PS3.4 Table Z.1-1). An icon's pixel data is in an item, and is.
    package static func isLeftOut(_ tag: Tag) -> Bool {
        switch tag {
        case .pixelData, .floatPixelData, .doubleFloatPixelData, .pixelDataProviderURL, .spectroscopyData,
            .encapsulatedDocument:
            return true
        default:
            // Overlay Data (60xx,3000), Curve Data (50xx,3000) and Audio Sample Data (50xx,200C), of even groups.
            guard !tag.isPrivate else { return false }
            switch tag.group & 0xFF00 {
            case 0x6000: return tag.element == 0x3000
            case 0x5000: return tag.element == 0x3000 || tag.element == 0x200C
            default: return false
            }
        }
    }

    /// Whether an element isn't sent that stands in an item of the sequence `sequence` of the top level.
    package static func isLeftOut(_ tag: Tag, in sequence: Tag) -> Bool {
        sequence == .waveformSequence && tag == .waveformData
    }
}
