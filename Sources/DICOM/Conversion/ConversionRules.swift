// What becomes of a data set on its way from one transfer syntax to another.

/// What is made of a data set on its way.
struct ConversionRules {
    var source: Encoding
    var target: Encoding
    /// Pixel Representation of the data sets and items in Implicit VR that have one, by where their content begins, as a pass in
    /// front has found it: some elements that it speaks of come before it.
    var signs: [Int: Bool] = [:]
    /// Pixel data in fragments is RLE Lossless and becomes native.
    var decodesRunLengths = false
    /// Pixel data in fragments stays as it is: the target is the source's own encapsulated syntax.
    var keepsFragments = false
    /// The attributes of PS3.4 §Z.1.3 aren't written.
    var leavesOutBulkData = false
    /// Nothing is written and no value read: whether everything could be.
    var isCheck = false
}

extension ConversionRules {
    /// Whether an element isn't written: bulk data, or what only encapsulated pixel data has (PS3.5 §A.4).
    func leavesOut(_ tag: Tag, at levels: ConversionLevels) -> Bool {
        if leavesOutBulkData {
            if levels.isAtTop {
                if BulkData.isLeftOut(tag) { return true }
            } else if levels.levels.count == 3, BulkData.isLeftOut(tag, in: levels.innermost.sequence) {
                return true
            }
        }
        switch tag {
        case .extendedOffsetTable, .extendedOffsetTableLengths, .encapsulatedPixelDataValueTotalLength:
            return decodesRunLengths || leavesOutBulkData && levels.isAtTop
        default: return false
        }
    }
}
