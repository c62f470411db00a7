// Negotiation from both sides: what is answered, and what both make of it.

import DICOM
import Testing
import UpperLayer

@Suite("negotiation, PS3.8 §7.1.1 and PS3.7 §D.3") struct NegotiationTests {
    static func request(_ contexts: [(UID, [UID])], roles: [RoleSelection] = []) -> AssociateRequest {
        var request = Samples.request
        request.presentationContexts = contexts.enumerated().map { index, context in
            ProposedPresentationContext(
                id: PresentationContextID(index: index)!, abstractSyntax: context.0, transferSyntaxes: context.1)
        }
        request.userInformation.roles = roles
        return request
    }

    /// Takes CT in Explicit VR Little Endian.
    static let policy = NegotiationPolicy(
        judge: { abstract, syntaxes, _ in
            guard abstract == Samples.ctImage else { return .reject(.abstractSyntaxNotSupported) }
            guard syntaxes.contains(Samples.explicitLittleEndian) else { return .reject(.transferSyntaxesNotSupported) }
            return .accept(Samples.explicitLittleEndian)
        },
        roles: { $0 })

    @Test func `every context is answered once, in order`() throws {
        let request = Self.request([
            (Samples.ctImage, [Samples.implicitLittleEndian, Samples.explicitLittleEndian]),
            (Samples.ctImage, [Samples.implicitLittleEndian]), (Samples.verification, [Samples.explicitLittleEndian]),
            (Samples.ctImage, [Samples.explicitLittleEndian]),
        ])
        let accept = Negotiation.accept(request, policy: Self.policy, maximumLength: 131_072)
        #expect(accept.presentationContexts.map(\.id.rawValue) == [1, 3, 5, 7])
        #expect(
            accept.presentationContexts.map(\.result) == [
                .acceptance, .transferSyntaxesNotSupported, .abstractSyntaxNotSupported, .acceptance,
            ])
        #expect(accept.userInformation.maximumLength == 131_072)
        let contexts = try Negotiation.contexts(of: accept, to: request, asRequester: false)
        #expect(contexts.map(\.id.rawValue) == [1, 7])
        #expect(contexts.allSatisfy { $0.weMayBeSCP && !$0.weMayBeSCU })
    }

    @Test func `accepting none is still an answer`() throws {
        let request = Self.request([(Samples.verification, [Samples.implicitLittleEndian])])
        let accept = Negotiation.accept(request, policy: Self.policy, maximumLength: 4096)
        #expect(try Negotiation.contexts(of: accept, to: request, asRequester: true).isEmpty)
    }

    @Test func `a policy's syntax that was not proposed is a rejection`() {
        let request = Self.request([(Samples.ctImage, [Samples.implicitLittleEndian])])
        let policy = NegotiationPolicy(judge: { _, _, _ in .accept(Samples.explicitLittleEndian) })
        let accept = Negotiation.accept(request, policy: policy, maximumLength: 4096)
        #expect(accept.presentationContexts.map(\.result) == [.transferSyntaxesNotSupported])
    }

    /// Proposed SCU and SCP, answered SCU and SCP (nil: no item), requester's resulting roles.
    static let roleMatrix: [(proposed: (Bool, Bool)?, answered: (Bool, Bool)?, scu: Bool, scp: Bool)] = [
        (nil, nil, true, false), (nil, (true, true), true, false), ((true, true), nil, true, false),
        ((true, true), (true, true), true, true), ((true, true), (false, true), false, true),
        ((true, true), (true, false), true, false), ((false, true), (true, true), false, true),
        ((false, true), (false, false), false, false), ((true, false), (true, true), true, false),
    ]

    @Test(arguments: 0..<roleMatrix.count) func `roles are what both sides said`(row: Int) throws {
        let (proposed, answered, scu, scp) = Self.roleMatrix[row]
        let roles = proposed.map { [RoleSelection(sopClass: Samples.ctImage, isSCU: $0.0, isSCP: $0.1)] } ?? []
        let request = Self.request([(Samples.ctImage, [Samples.explicitLittleEndian])], roles: roles)
        var policy = Self.policy
        policy.roles = { proposal in
            answered.map { RoleSelection(sopClass: proposal.sopClass, isSCU: $0.0, isSCP: $0.1) }
        }
        let accept = Negotiation.accept(request, policy: policy, maximumLength: 4096)
        if proposed == nil { #expect(accept.userInformation.roles.isEmpty) }
        for role in accept.userInformation.roles {
            #expect(!role.isSCU || proposed!.0, "never 0 to 1")
            #expect(!role.isSCP || proposed!.1, "never 0 to 1")
        }
        let ours = try Negotiation.contexts(of: accept, to: request, asRequester: true)[0]
        #expect(ours.weMayBeSCU == scu && ours.weMayBeSCP == scp)
        let theirs = try Negotiation.contexts(of: accept, to: request, asRequester: false)[0]
        #expect(theirs.weMayBeSCP == scu && theirs.weMayBeSCU == scp)
    }

    @Test func `extended negotiation and window are answered only where offered`() {
        var policy = Self.policy
        policy.extendedNegotiation = { offer in Array(offer.information.prefix(1)) }
        let plain = Self.request([(Samples.ctImage, [Samples.explicitLittleEndian])])
        let bare = Negotiation.accept(plain, policy: policy, maximumLength: 4096).userInformation
        #expect(bare.extendedNegotiations.isEmpty && bare.asynchronousOperationsWindow == nil)

        let full = Samples.fullRequest
        let answer = Negotiation.accept(full, policy: policy, maximumLength: 4096).userInformation
        #expect(answer.extendedNegotiations == [ExtendedNegotiation(sopClass: Samples.ctImage, information: [2])])
        #expect(answer.asynchronousOperationsWindow == .synchronous)
        #expect(answer.commonExtendedNegotiations.isEmpty, "57H never stands in an A-ASSOCIATE-AC")
        #expect(answer.userIdentity == nil && answer.userIdentityResponse == nil)
    }

    @Test func `a user identity is answered only when asked for and authenticated`() {
        var policy = Self.policy
        policy.userIdentityResponse = []
        #expect(
            Negotiation.accept(Samples.fullRequest, policy: policy, maximumLength: 0).userInformation
                .userIdentityResponse == UserIdentityResponse(response: []))
        #expect(
            Negotiation.accept(Samples.request, policy: policy, maximumLength: 0).userInformation
                .userIdentityResponse == nil)
    }

    @Test func `an answer to what was not proposed is a fault`() {
        let request = Samples.request
        var accept = Samples.accept
        accept.presentationContexts = [.accepted(Samples.three, Samples.implicitLittleEndian)]
        #expect(throws: NegotiationFault.unknownContext(Samples.three)) {
            try Negotiation.contexts(of: accept, to: request, asRequester: true)
        }
        accept.presentationContexts = [.accepted(Samples.one, Samples.explicitLittleEndian)]
        #expect(throws: NegotiationFault.foreignTransferSyntax(Samples.one, Samples.explicitLittleEndian)) {
            try Negotiation.contexts(of: accept, to: request, asRequester: true)
        }
        accept.presentationContexts = [
            .accepted(Samples.one, Samples.implicitLittleEndian), .accepted(Samples.one, Samples.implicitLittleEndian),
        ]
        #expect(throws: NegotiationFault.repeatedContext(Samples.one)) {
            try Negotiation.contexts(of: accept, to: request, asRequester: true)
        }
    }
}
