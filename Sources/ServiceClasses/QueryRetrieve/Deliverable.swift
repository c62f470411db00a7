// How one stored instance can go out over the contexts a peer accepted: as it is stored, converted, or not at all.

import DICOM
import DIMSE
import UpperLayer

/// The way an instance takes to a peer. Stored bytes go unparsed whenever the peer took the stored transfer syntax.
enum Deliverable: Equatable {
    case asStored(PresentationContextID)
    case converted(PresentationContextID, to: TransferSyntax)
    /// No accepted context can carry it; the reason is for an Error Comment, so it is short and names the syntax.
    case impossible(reason: String)

    /// Chooses among the contexts on which we may send (SCU role, ours by default or by negotiation, PS3.7 §D.3.3.4).
    ///
    /// Conversion never touches compressed pixel data: that takes a codec, and lossy data may not be invented.
    init(sopClass: UID, transferSyntax stored: UID, over contexts: [AcceptedContext]) {
        let candidates = contexts.filter { $0.abstractSyntax == sopClass && $0.weMayBeSCU }
        if let exact = candidates.first(where: { $0.transferSyntax == stored }) {
            self = .asStored(exact.id)
            return
        }
        guard !candidates.isEmpty else {
            let name = SOPClass.named(sopClass)?.name ?? sopClass.text
            self = .impossible(reason: "no presentation context for \(name)")
            return
        }
        let storedName = TransferSyntax.named(stored)?.name ?? stored.text
        guard let source = TransferSyntax.named(stored), source.isConvertible else {
            self = .impossible(reason: "peer did not accept \(storedName)")
            return
        }
        for target in TransferSyntax.conversionTargets {
            if let context = candidates.first(where: { $0.transferSyntax == target.uid }) {
                self = .converted(context.id, to: target)
                return
            }
        }
        self = .impossible(reason: "peer did not accept \(storedName)")
    }
}

extension TransferSyntax {
    /// The syntaxes that differ only in how elements are coded, best first: Explicit VR keeps private VRs.
    package static let conversionTargets: [TransferSyntax] = [
        .explicitVRLittleEndian, .implicitVRLittleEndian, .deflatedExplicitVRLittleEndian, .explicitVRBigEndian,
    ]

    /// The pixel data is native, so that elements can be coded anew.
    var isConvertible: Bool { Self.conversionTargets.contains { $0.uid == uid } }
}
