// Which storage SOP classes and transfer syntaxes an area takes (PS3.4 §B.3, §B.5; PS3.7 §D.3.3.6).

import DICOM
import UpperLayer

/// What an area takes by C-STORE.
package struct StorageNegotiation: Sendable {
    /// SOP classes that the standard's list doesn't have.
    package enum Unknown: Sendable {
        case refused
        /// Those of UIDs that aren't the standard's, which scanners' own jobs need, and those announced as storage.
        case ofPrivateUIDs
        /// The same, and storage classes of the standard's future.
        case accepted
    }

    /// Nil is all.
    package var sopClasses: Set<UID>?
    package var transferSyntaxes: Set<UID>?
    package var unknown = Unknown.ofPrivateUIDs

    package init() {}

    /// The Storage Service Class, in Common Extended Negotiation (PS3.4 §B.3.1.4).
    private static let serviceClass = UID(literal: "1.2.840.10008.4.2")
    private static let standardRoot = "1.2.840.10008."
    /// Below it are the standard's storage classes, and those to come.
    private static let storageRoot = "1.2.840.10008.5.1.4.1.1."

    /// Whether instances of an abstract syntax are stored.
    ///
    /// - Parameter announced: what the requester says of SOP classes.
    package func takes(_ abstractSyntax: UID, announced: [CommonExtendedNegotiation]) -> Bool {
        if let known = SOPClass.named(abstractSyntax) {
            return known.isCompositeStorage && sopClasses?.contains(abstractSyntax) ?? true
        }
        // What the operator names is meant, whoever knows it.
        if let sopClasses { return sopClasses.contains(abstractSyntax) && mayBeStorage(abstractSyntax) }
        switch unknown {
        case .refused: return false
        case .ofPrivateUIDs:
            let isAnnounced = announced.contains {
                $0.sopClass == abstractSyntax && $0.serviceClass == Self.serviceClass
            }
            return !abstractSyntax.text.hasPrefix(Self.standardRoot) || isAnnounced && mayBeStorage(abstractSyntax)
        case .accepted: return mayBeStorage(abstractSyntax)
        }
    }

    /// Not a UID that the standard may give to something else.
    private func mayBeStorage(_ uid: UID) -> Bool {
        !uid.text.hasPrefix(Self.standardRoot) || uid.text.hasPrefix(Self.storageRoot)
    }

    /// The one of the proposed transfer syntaxes in which instances shall come: the first, but Explicit VR Little Endian before
    /// the other uncompressed ones, for in those a sender loses the VRs of private elements.
    package func transferSyntax(of proposed: [UID]) -> UID? {
        let taken = proposed.filter(takes)
        guard let first = taken.first else { return nil }
        let explicit = TransferSyntax.explicitVRLittleEndian.uid
        return Self.uncompressed.contains(first) && taken.contains(explicit) ? explicit : first
    }

    private func takes(_ transferSyntax: UID) -> Bool {
        guard let known = TransferSyntax.named(transferSyntax), known.isStorable else { return false }
        return transferSyntaxes?.contains(transferSyntax) ?? true
    }

    private static let uncompressed = [
        TransferSyntax.explicitVRLittleEndian, .implicitVRLittleEndian, .explicitVRBigEndian,
    ].map(\.uid)

    /// Storage extended negotiation (PS3.4 §B.3.1.1): Level 2, all is kept; no digital signatures are looked at; nothing is
    /// coerced.
    package static let levelOfSupport: [UInt8] = [2, 0, 0, 0, 0, 0]
}
