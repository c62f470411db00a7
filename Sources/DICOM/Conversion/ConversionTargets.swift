// Between which transfer syntaxes a data set is converted without losing anything.

extension TransferSyntax {
    /// The syntaxes that differ only in how elements are coded, best first: Explicit VR keeps private VRs.
    package static let conversionTargets: [TransferSyntax] = [
        .explicitVRLittleEndian, .implicitVRLittleEndian, .deflatedExplicitVRLittleEndian, .explicitVRBigEndian,
    ]

    /// Its pixel data is native, or we decode it: an instance in it can go out in any of `conversionTargets`.
    package var isConvertible: Bool {
        uid == DataSetConversion.runLengthSyntax || Self.conversionTargets.contains { $0.uid == uid }
    }
}
