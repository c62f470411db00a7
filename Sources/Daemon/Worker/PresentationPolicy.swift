// Which presentation contexts fileroom-qrd accepts, and in which roles (PS3.8 §7.1.1.13, PS3.7 §D.3.3.4).

import DICOM
import ServiceClasses
import UpperLayer

/// Judges the presentation contexts of an association request to fileroom-qrd.
enum PresentationPolicy {
    /// What identifiers may be coded in, best first: Explicit VR says what a value is.
    private static let messageSyntaxes = [
        TransferSyntax.explicitVRLittleEndian, .implicitVRLittleEndian, .explicitVRBigEndian,
    ].map(\.uid)

    /// Verification and Query/Retrieve as SCP; storage as SCU, for C-GET, where the peer offers to be SCP.
    static let queryRetrieve = NegotiationPolicy(
        judge: { abstractSyntax, proposed, roles in
            if isMessageService(abstractSyntax) {
                guard let syntax = messageSyntaxes.first(where: proposed.contains) else {
                    return .reject(.transferSyntaxesNotSupported)
                }
                return .accept(syntax)
            }
            // Without a role for the requester to be SCP, it would want to store, which is not our service.
            guard roles?.isSCP == true, isStorage(abstractSyntax) else { return .reject(.abstractSyntaxNotSupported) }
            guard let syntax = storageSyntax(of: proposed) else { return .reject(.transferSyntaxesNotSupported) }
            return .accept(syntax)
        },
        roles: { proposal in
            // For storage we are SCU of the sub-operations and never SCP; for the rest, the default roles.
            isStorage(proposal.sopClass)
                ? RoleSelection(sopClass: proposal.sopClass, isSCU: false, isSCP: proposal.isSCP) : nil
        })

    private static func isMessageService(_ abstractSyntax: UID) -> Bool {
        abstractSyntax == Verification.sopClass || QueryRetrieveSOPClass.named(abstractSyntax) != nil
    }

    /// A storage class, or one that the standard doesn't know: what scanners make of their own may have been indexed.
    private static func isStorage(_ abstractSyntax: UID) -> Bool {
        guard let known = SOPClass.named(abstractSyntax) else { return true }
        return known.isStorage
    }

    /// The first proposed that an instance can be stored in, but Explicit VR Little Endian before the other uncompressed
    /// ones: those are converted into one another, and Explicit VR keeps private VRs.
    private static func storageSyntax(of proposed: [UID]) -> UID? {
        guard let first = proposed.first(where: { TransferSyntax.named($0) != nil }) else { return nil }
        let explicit = TransferSyntax.explicitVRLittleEndian.uid
        return messageSyntaxes.contains(first) && proposed.contains(explicit) ? explicit : first
    }
}
