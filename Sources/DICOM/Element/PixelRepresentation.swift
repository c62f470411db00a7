// Which of US and SS an element is that was read in Implicit VR, where nothing but Pixel Representation says so (PS3.5 §A.1).

extension DataSet {
    /// This data set with SS for the elements that are US or SS, where Pixel Representation (0028,0103) is 1: that of the item
    /// itself, else that of the data set around it. O(elements).
    package func withSignsResolved() -> DataSet { withSignsResolved(isSigned: false) }

    private func withSignsResolved(isSigned outer: Bool) -> DataSet {
        let isSigned = bytes(.pixelRepresentation).map { $0.first == 1 } ?? outer
        return DataSet(
            elements.map { element in
                switch element.value {
                case .items(let items):
                    return DataElement(
                        element.tag, element.vr, .items(items.map { $0.withSignsResolved(isSigned: isSigned) }))
                case .bytes where isSigned && element.vr == .US && DataDictionary.isUnsignedOrSigned(element.tag):
                    return DataElement(element.tag, .SS, element.value)
                default: return element
                }
            })
    }
}
