// Presentation contexts that fileroom-qrd accepts, and in which roles.

import DICOM
import ServiceClasses
import Testing
import UpperLayer

@testable import Daemon

@Suite("Presentation contexts of fileroom-qrd, PS3.8 §7.1.1.13, PS3.7 §D.3.3.4") struct PresentationPolicyTests {
    static let implicit = TransferSyntax.implicitVRLittleEndian.uid
    static let explicit = TransferSyntax.explicitVRLittleEndian.uid
    static let big = TransferSyntax.explicitVRBigEndian.uid
    static let deflated = TransferSyntax.deflatedExplicitVRLittleEndian.uid
    static let jpeg = UID(literal: "1.2.840.10008.1.2.4.50")
    static let rle = UID(literal: "1.2.840.10008.1.2.5")
    static let ctImage = UID(literal: "1.2.840.10008.5.1.4.1.1.2")
    static let services = [Verification.sopClass] + QueryRetrieveSOPClass.all.map(\.uid)

    /// fileroom-qrd's where another daemon stores.
    static let queryRetrieve = PresentationPolicy(.queryRetrieve, storing: .notHere, announced: []).negotiation

    /// The verdict on a context whose requester offers to be SCP, as one does for C-GET, or not.
    static func judge(_ abstractSyntax: UID, _ syntaxes: UID..., asSCP: Bool = true) -> NegotiationPolicy.Verdict {
        Self.queryRetrieve.judge(
            abstractSyntax, syntaxes, RoleSelection(sopClass: abstractSyntax, isSCU: false, isSCP: asSCP))
    }

    @Test(arguments: services) func `messages are best in Explicit VR, whatever the order of the proposal`(service: UID)
    {
        #expect(Self.judge(service, Self.implicit, Self.big, Self.explicit) == .accept(Self.explicit))
        #expect(Self.judge(service, Self.big, Self.implicit) == .accept(Self.implicit))
        #expect(Self.judge(service, Self.big) == .accept(Self.big))
        #expect(Self.judge(service, Self.jpeg, Self.implicit) == .accept(Self.implicit))
    }

    @Test(arguments: services) func `messages aren't taken compressed`(service: UID) {
        #expect(Self.judge(service, Self.jpeg, Self.rle) == .reject(.transferSyntaxesNotSupported))
        #expect(Self.judge(service, uid("1.2.3")) == .reject(.transferSyntaxesNotSupported))
        #expect(Self.judge(service) == .reject(.transferSyntaxesNotSupported))
    }

    @Test(arguments: SOPClass.all) func `of the standard's classes, those provided and storage are accepted`(
        known: SOPClass
    ) {
        let isAccepted = known.isStorage || Self.services.contains(known.uid)
        #expect(
            Self.judge(known.uid, Self.explicit)
                == (isAccepted ? .accept(Self.explicit) : .reject(.abstractSyntaxNotSupported)))
    }

    @Test func `storage is refused where the requester doesn't offer to be SCP: it would want to store`() {
        for storage in [Self.ctImage, uid("1.3.12.2.1107.5.9.1")] {
            #expect(Self.judge(storage, Self.explicit, asSCP: false) == .reject(.abstractSyntaxNotSupported))
            #expect(
                Self.queryRetrieve.judge(storage, [Self.explicit], nil)
                    == .reject(.abstractSyntaxNotSupported))
        }
        for service in Self.services {
            #expect(
                Self.queryRetrieve.judge(service, [Self.explicit], nil) == .accept(Self.explicit))
        }
    }

    @Test func `a class that no standard knows may have been stored`() {
        #expect(Self.judge(uid("1.3.12.2.1107.5.9.1"), Self.implicit) == .accept(Self.implicit))
    }

    @Test func `storage takes the first that it knows, Explicit VR before the other uncompressed ones`() {
        #expect(Self.judge(Self.ctImage, Self.jpeg, Self.explicit) == .accept(Self.jpeg))
        #expect(Self.judge(Self.ctImage, Self.explicit, Self.jpeg) == .accept(Self.explicit))
        #expect(Self.judge(Self.ctImage, Self.implicit, Self.jpeg, Self.explicit) == .accept(Self.explicit))
        #expect(Self.judge(Self.ctImage, Self.big, Self.explicit) == .accept(Self.explicit))
        #expect(Self.judge(Self.ctImage, Self.implicit, Self.jpeg) == .accept(Self.implicit))
        #expect(Self.judge(Self.ctImage, Self.big, Self.implicit) == .accept(Self.big))
        #expect(Self.judge(Self.ctImage, Self.deflated, Self.explicit) == .accept(Self.deflated))
        #expect(Self.judge(Self.ctImage, uid("1.2.3"), Self.rle) == .accept(Self.rle))
        #expect(Self.judge(Self.ctImage, uid("1.2.3")) == .reject(.transferSyntaxesNotSupported))
    }

    @Test(arguments: TransferSyntax.all) func `an instance may go out in each transfer syntax`(syntax: TransferSyntax) {
        #expect(Self.judge(Self.ctImage, syntax.uid) == .accept(syntax.uid))
    }

    @Test func `what is accepted was proposed, for any abstract syntax`() {
        let proposals: [[UID]] = [
            [Self.jpeg, Self.implicit], [Self.implicit, Self.big], [Self.rle], [Self.deflated, Self.big],
            [uid("1.2.3")],
        ]
        for abstract in SOPClass.all.map(\.uid) + [uid("1.2.3.4")] {
            for proposed in proposals {
                if case .accept(let chosen) = Self.queryRetrieve.judge(
                    abstract, proposed, RoleSelection(sopClass: abstract, isSCU: false, isSCP: true))
                {
                    #expect(proposed.contains(chosen))
                }
            }
        }
    }

    // MARK: Roles

    static func role(_ sopClass: UID, isSCU: Bool, isSCP: Bool) -> RoleSelection? {
        Self.queryRetrieve.roles(RoleSelection(sopClass: sopClass, isSCU: isSCU, isSCP: isSCP))
    }

    @Test func `storage's peer may be SCP where it offers to, and is never SCU`() {
        for isSCU in [false, true] {
            for isSCP in [false, true] {
                #expect(
                    Self.role(Self.ctImage, isSCU: isSCU, isSCP: isSCP)
                        == RoleSelection(sopClass: Self.ctImage, isSCU: false, isSCP: isSCP))
            }
        }
    }

    @Test(arguments: services) func `for what we provide the default roles hold`(service: UID) {
        #expect(Self.role(service, isSCU: true, isSCP: true) == nil)
        #expect(Self.role(service, isSCU: false, isSCP: true) == nil)
    }

    /// The contexts of an association that was requested with CT storage, C-GET and these roles.
    static func contexts(_ roles: [RoleSelection]) throws -> [AcceptedContext] {
        let get = UID(literal: "1.2.840.10008.5.1.4.1.2.2.3")
        var user = UserInformation(maximumLength: 16_384)
        user.roles = roles
        let request = AssociateRequest(
            called: title("FILEROOM"), calling: title("VIEWER"),
            presentationContexts: try [get, ctImage].enumerated().map { index, abstract in
                ProposedPresentationContext(
                    id: try #require(PresentationContextID(index: index)), abstractSyntax: abstract,
                    transferSyntaxes: [implicit, explicit])
            }, userInformation: user)
        let accept = Negotiation.accept(request, policy: Self.queryRetrieve, maximumLength: 16_384)
        return try Negotiation.contexts(of: accept, to: request, asRequester: false)
    }

    @Test func `a C-GET association lets us store where the peer offered to be SCP`() throws {
        let contexts = try Self.contexts([RoleSelection(sopClass: Self.ctImage, isSCU: false, isSCP: true)])
        #expect(contexts.map(\.transferSyntax) == [Self.explicit, Self.explicit])
        #expect(contexts.map(\.weMayBeSCU) == [false, true] && contexts.map(\.weMayBeSCP) == [true, false])
    }

    @Test func `without the peer's offer there is no context to store on`() throws {
        #expect(try Self.contexts([]).map(\.id.rawValue) == [1])
        let asSCU = try Self.contexts([RoleSelection(sopClass: Self.ctImage, isSCU: true, isSCP: false)])
        #expect(asSCU.map(\.id.rawValue) == [1] && asSCU.allSatisfy { !$0.weMayBeSCU })
    }
}
