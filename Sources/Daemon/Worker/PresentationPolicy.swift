// Which presentation contexts a daemon accepts, and in which roles (PS3.8 §7.1.1.13, PS3.7 §D.3.3.4).

import DICOM
import ServiceClasses
import UpperLayer

/// Judges the presentation contexts of an association request.
struct PresentationPolicy {
    /// What is said to a requester who wants to store.
    enum Storing: Sendable {
        /// This daemon doesn't.
        case notHere
        /// The area is only read.
        case notInThisArea
        case taken(StorageNegotiation)
    }

    private let services: Services
    private let storing: Storing
    private let announced: [CommonExtendedNegotiation]

    /// - Parameter announced: what the requester says of SOP classes.
    init(_ services: Services, storing: Storing, announced: [CommonExtendedNegotiation]) {
        self.services = services
        self.storing = storing
        self.announced = announced
    }

    /// As the upper layer asks it.
    var negotiation: NegotiationPolicy {
        NegotiationPolicy(
            judge: judge, roles: roles,
            extendedNegotiation: { offer in
                if takes(offer.sopClass) { return StorageNegotiation.levelOfSupport }
                return services.contains(.queryRetrieve) ? QueryRetrieveNegotiation(offer)?.information : nil
            }, window: Self.window)
    }

    /// Outstanding operations: those of a requester, which are performed one after another, and C-STOREs of a C-GET, which we
    /// invoke.
    private static let window = AsynchronousOperationsWindow(invoked: 16, performed: 16)

    /// What identifiers may be coded in, best first: Explicit VR says what a value is.
    private static let messageSyntaxes = [
        TransferSyntax.explicitVRLittleEndian, .implicitVRLittleEndian, .explicitVRBigEndian,
    ].map(\.uid)

    private func judge(
        _ abstractSyntax: UID, _ proposed: [UID], _ roles: RoleSelection?
    ) -> NegotiationPolicy.Verdict {
        if isMessageService(abstractSyntax) {
            guard let syntax = Self.messageSyntaxes.first(where: proposed.contains) else {
                return .reject(.transferSyntaxesNotSupported)
            }
            return .accept(syntax)
        }
        // For C-GET the requester offers to be SCP: then instances go to it.
        if services.contains(.queryRetrieve), let roles, roles.isSCP, Self.isStorage(abstractSyntax),
            !(roles.isSCU && takes(abstractSyntax))
        {
            guard let syntax = Self.storageSyntax(of: proposed) else { return .reject(.transferSyntaxesNotSupported) }
            return .accept(syntax)
        }
        guard roles?.isSCU ?? true, Self.isStorage(abstractSyntax) else { return .reject(.abstractSyntaxNotSupported) }
        switch storing {
        case .notHere: return .reject(.abstractSyntaxNotSupported)
        case .notInThisArea: return .reject(.userRejection)
        case .taken(let negotiation):
            guard negotiation.takes(abstractSyntax, announced: announced) else {
                return .reject(.abstractSyntaxNotSupported)
            }
            guard let syntax = negotiation.transferSyntax(of: proposed) else {
                return .reject(.transferSyntaxesNotSupported)
            }
            return .accept(syntax)
        }
    }

    /// Instances may come where we store, and go where we retrieve; the rest has the default roles.
    private func roles(_ proposal: RoleSelection) -> RoleSelection? {
        guard !isMessageService(proposal.sopClass), Self.isStorage(proposal.sopClass) else { return nil }
        return RoleSelection(
            sopClass: proposal.sopClass, isSCU: proposal.isSCU && takes(proposal.sopClass),
            isSCP: proposal.isSCP && services.contains(.queryRetrieve))
    }

    /// Whether instances of the class are stored.
    func takes(_ sopClass: UID) -> Bool {
        guard case .taken(let negotiation) = storing else { return false }
        return negotiation.takes(sopClass, announced: announced)
    }

    private func isMessageService(_ abstractSyntax: UID) -> Bool {
        abstractSyntax == Verification.sopClass
            || services.contains(.queryRetrieve) && QueryRetrieveSOPClass.named(abstractSyntax) != nil
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
