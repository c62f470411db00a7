// Which storage SOP classes and transfer syntaxes are taken, row by row of the standard's tables.

import DICOM
import Testing
import UpperLayer

import ServiceClasses

@Suite("Negotiation of storage, PS3.4 §B.3, §B.5, PS3.7 §D.3.3.6") struct StorageNegotiationTests {
    static let modes: [StorageNegotiation.Unknown] = [.refused, .ofPrivateUIDs, .accepted]

    static func negotiation(_ unknown: StorageNegotiation.Unknown = .ofPrivateUIDs) -> StorageNegotiation {
        var negotiation = StorageNegotiation()
        negotiation.unknown = unknown
        return negotiation
    }

    static func announcing(
        _ uid: UID, as service: String = "1.2.840.10008.4.2"
    ) -> [CommonExtendedNegotiation] {
        [
            CommonExtendedNegotiation(
                sopClass: uid, serviceClass: Sample.uid(service), relatedGeneralSOPClasses: [Sample.ctImage])
        ]
    }

    // MARK: SOP classes

    @Test(arguments: modes) func `of the standard's SOP classes just those of composite storage`(
        unknown: StorageNegotiation.Unknown
    ) {
        let negotiation = Self.negotiation(unknown)
        var taken = 0
        for sopClass in SOPClass.all {
            let takes = negotiation.takes(sopClass.uid, announced: Self.announcing(sopClass.uid))
            #expect(takes == (sopClass.service == "storage"), "\(sopClass.uid) \(sopClass.name)")
            taken += takes ? 1 : 0
        }
        #expect(taken > 190, "the table has 200 or so")
    }

    /// As PS3.4 Annex B.5 and Annex A of PS3.6 have them, whatever a table says.
    static let golden: [(uid: String, isTaken: Bool)] = [
        ("1.2.840.10008.5.1.4.1.1.2", true), ("1.2.840.10008.5.1.4.1.1.2.1", true),
        ("1.2.840.10008.5.1.4.1.1.1", true), ("1.2.840.10008.5.1.4.1.1.7", true),
        ("1.2.840.10008.5.1.4.1.1.88.67", true), ("1.2.840.10008.5.1.4.1.1.104.1", true),
        ("1.2.840.10008.5.1.4.1.1.481.2", true), ("1.2.840.10008.5.1.4.1.1.11.1", true),
        // Retired: ultrasound image and multi-frame image of 1993, X-ray angiographic bi-plane.
        ("1.2.840.10008.5.1.4.1.1.6", true), ("1.2.840.10008.5.1.4.1.1.3", true),
        ("1.2.840.10008.5.1.4.1.1.12.3", true),
        // Others' services.
        ("1.2.840.10008.1.1", false), ("1.2.840.10008.1.3.10", false), ("1.2.840.10008.1.20.1", false),
        ("1.2.840.10008.3.1.2.3.3", false), ("1.2.840.10008.5.1.4.31", false),
        ("1.2.840.10008.5.1.4.1.2.1.1", false), ("1.2.840.10008.5.1.1.9", false),
        // No patient's: hanging protocol, colour palette.
        ("1.2.840.10008.5.1.4.38.1", false), ("1.2.840.10008.5.1.4.39.1", false),
    ]

    @Test(arguments: 0..<golden.count) func `those that every peer knows`(row: Int) {
        let (uid, isTaken) = Self.golden[row]
        for unknown in Self.modes {
            #expect(Self.negotiation(unknown).takes(Sample.uid(uid), announced: []) == isTaken, "\(uid)")
        }
    }

    static let unknowns: [(uid: String, isAnnounced: Bool, takenBy: [StorageNegotiation.Unknown])] = [
        // A scanner's own.
        ("1.3.12.2.1107.5.9.1", false, [.ofPrivateUIDs, .accepted]),
        ("1.3.12.2.1107.5.9.1", true, [.ofPrivateUIDs, .accepted]),
        ("1.2.840.113619.4.27", false, [.ofPrivateUIDs, .accepted]),
        // One arc beside the standard's root.
        ("1.2.840.100080.5.1", false, [.ofPrivateUIDs, .accepted]),
        // A storage class of the standard's future.
        ("1.2.840.10008.5.1.4.1.1.9999", false, [.accepted]),
        ("1.2.840.10008.5.1.4.1.1.9999", true, [.ofPrivateUIDs, .accepted]),
        // Something else of the standard's future, whatever it is said to be.
        ("1.2.840.10008.5.1.4.9999", false, []), ("1.2.840.10008.5.1.4.9999", true, []),
        ("1.2.840.10008.9.9", true, []), ("1.2.840.10008.5.1.4.1.2.9.9", true, []),
    ]

    @Test(arguments: 0..<unknowns.count, modes) func `SOP classes that nobody knows`(
        row: Int, unknown: StorageNegotiation.Unknown
    ) {
        let (text, isAnnounced, takenBy) = Self.unknowns[row]
        let uid = Sample.uid(text)
        let announced = isAnnounced ? Self.announcing(uid) : Self.announcing(Sample.uid("1.2.3"))
        #expect(Self.negotiation(unknown).takes(uid, announced: announced) == takenBy.contains(unknown), "\(text)")
    }

    @Test func `one that is announced for another service isn't storage`() {
        let uid = Sample.uid("1.2.840.10008.5.1.4.1.1.9999")
        let announced = Self.announcing(uid, as: "1.2.840.10008.4.3")
        #expect(!Self.negotiation().takes(uid, announced: announced))
        #expect(Self.negotiation().takes(uid, announced: announced + Self.announcing(uid)))
    }

    @Test(arguments: modes) func `what the operator names is taken, and nothing else`(
        unknown: StorageNegotiation.Unknown
    ) {
        var negotiation = Self.negotiation(unknown)
        let own = Sample.uid("1.3.12.2.1107.5.9.1")
        let future = Sample.uid("1.2.840.10008.5.1.4.1.1.9999")
        let verification = Sample.uid("1.2.840.10008.1.1")
        let foreign = Sample.uid("1.2.840.10008.5.1.4.9999")
        negotiation.sopClasses = [Sample.ctImage, own, future, verification, foreign]
        for uid in [Sample.ctImage, own, future] { #expect(negotiation.takes(uid, announced: []), "\(uid)") }
        for uid in [Sample.mrImage, Sample.uid("1.3.12.2.1107.5.9.2"), verification, foreign] {
            #expect(!negotiation.takes(uid, announced: Self.announcing(uid)), "\(uid)")
        }
    }

    // MARK: Transfer syntaxes

    static let implicit = TransferSyntax.implicitVRLittleEndian.uid
    static let explicit = TransferSyntax.explicitVRLittleEndian.uid
    static let big = TransferSyntax.explicitVRBigEndian.uid
    static let deflated = TransferSyntax.deflatedExplicitVRLittleEndian.uid
    static let jpip = Sample.uid("1.2.840.10008.1.2.4.94")
    static let mime = Sample.uid("1.2.840.10008.1.2.6.1")
    static let own = Sample.uid("1.2.3.4")

    static let proposals: [(proposed: [UID], taken: UID?)] = [
        ([implicit], implicit), ([explicit], explicit), ([big], big), ([Sample.jpeg], Sample.jpeg),
        ([implicit, explicit], explicit), ([big, implicit, explicit], explicit), ([implicit, big], implicit),
        ([explicit, implicit], explicit), ([big, implicit], big),
        // What is compressed comes as the sender has it.
        ([Sample.jpeg, explicit], Sample.jpeg), ([deflated, explicit], deflated),
        ([implicit, Sample.jpeg], implicit), ([implicit, Sample.jpeg, explicit], explicit),
        // Such as can't arrive in a C-STORE, and such as nobody knows.
        ([jpip], nil), ([mime], nil), ([own], nil), ([], nil), ([jpip, implicit], implicit),
        ([own, jpip, implicit, mime, explicit], explicit),
    ]

    @Test(arguments: 0..<proposals.count) func `the first one, but Explicit VR Little Endian of those uncompressed`(
        row: Int
    ) {
        let (proposed, taken) = Self.proposals[row]
        #expect(Self.negotiation().transferSyntax(of: proposed) == taken, "\(proposed)")
    }

    @Test func `each that can arrive is taken alone`() {
        // JPIP, MIME, XML and SMPTE can't.
        let excluded = ["JPIP", "MIME", "XML", "SMPTE"]
        var taken = 0
        for syntax in TransferSyntax.all {
            let isExcluded = excluded.contains { syntax.name.contains($0) }
            let found = Self.negotiation().transferSyntax(of: [syntax.uid])
            #expect((found != nil) == !isExcluded, "\(syntax.uid) \(syntax.name)")
            taken += found == nil ? 0 : 1
        }
        #expect(taken > 30)
    }

    @Test func `those that the operator names, and of these the same ones first`() {
        var negotiation = Self.negotiation()
        negotiation.transferSyntaxes = [Self.implicit, Sample.jpeg, Self.jpip, Self.own]
        #expect(negotiation.transferSyntax(of: [Self.explicit, Self.implicit]) == Self.implicit)
        #expect(negotiation.transferSyntax(of: [Self.big, Self.explicit]) == nil)
        #expect(negotiation.transferSyntax(of: [Self.jpip, Self.own]) == nil, "even if they are named")
        #expect(negotiation.transferSyntax(of: [Self.implicit, Sample.jpeg]) == Self.implicit)
    }

    @Test func `storage extended negotiation says Level 2, no signatures, no coercion`() {
        #expect(StorageNegotiation.levelOfSupport == [2, 0, 0, 0, 0, 0])
    }
}
