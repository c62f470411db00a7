// How one stored instance can go out over the contexts a peer accepted: as it is stored, converted, or not at all.

import DICOM
import DIMSE
import UpperLayer

/// The way an instance takes to a peer. Stored bytes go unparsed whenever the peer took the stored transfer syntax.
enum Deliverable: Equatable {
    case asStored(PresentationContextID)
    /// Coded anew; nil is the stored syntax, where it is none that we know.
    case converted(PresentationContextID, to: TransferSyntax?)
    /// No accepted context can carry it; the reason is for an Error Comment, so it is short and names the syntax.
    case impossible(reason: String)

    /// Chooses among the contexts on which we may send (SCU role, ours by default or by negotiation, PS3.7 §D.3.3.4).
    ///
    /// Of compressed pixel data RLE Lossless is decoded; the others would take a codec, and lossy data may not be invented.
    ///
    /// - Parameter withoutBulkData: the attributes of PS3.4 §Z.1.3 are left out: with them goes what can't be decoded.
    init(
        sopClass: UID, transferSyntax stored: UID, over contexts: [AcceptedContext], withoutBulkData: Bool = false
    ) {
        let candidates = contexts.filter { $0.abstractSyntax == sopClass && $0.weMayBeSCU }
        guard !candidates.isEmpty else {
            let name = SOPClass.named(sopClass)?.name ?? sopClass.text
            self = .impossible(reason: "no presentation context for \(name)")
            return
        }
        let source = TransferSyntax.named(stored)
        if let exact = candidates.first(where: { $0.transferSyntax == stored }) {
            self = withoutBulkData ? .converted(exact.id, to: source) : .asStored(exact.id)
            return
        }
        if withoutBulkData || source?.isConvertible == true {
            for target in TransferSyntax.conversionTargets {
                if let context = candidates.first(where: { $0.transferSyntax == target.uid }) {
                    self = .converted(context.id, to: target)
                    return
                }
            }
        }
        self = .impossible(reason: "peer did not accept \(source?.name ?? stored.text)")
    }
}
