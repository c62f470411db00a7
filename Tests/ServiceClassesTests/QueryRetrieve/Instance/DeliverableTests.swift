// Ways for an instance to a peer: as it is stored, converted, or honestly not at all.

import DICOM
import DIMSE
import Testing
import UpperLayer

@testable import ServiceClasses

@Suite("How an instance can go out, design: Query and retrieve") struct DeliverableTests {
    static func way(_ stored: UID, _ contexts: [AcceptedContext], sopClass: UID = Sample.ctImage) -> Deliverable {
        Deliverable(sopClass: sopClass, transferSyntax: stored, over: contexts)
    }

    static func way(_ stored: TransferSyntax, _ contexts: [AcceptedContext]) -> Deliverable {
        way(stored.uid, contexts)
    }

    static func isImpossible(_ way: Deliverable) -> Bool { if case .impossible = way { true } else { false } }

    @Test(arguments: TransferSyntax.all) func `goes as it is stored wherever the peer took that`(syntax: TransferSyntax)
    {
        let contexts = [
            context(1, .explicitVRLittleEndian), context(2, .implicitVRLittleEndian),
            context(3, syntax, of: Sample.mrImage),
            context(4, syntax),
        ]
        let expected = contexts.first { $0.abstractSyntax == Sample.ctImage && $0.transferSyntax == syntax.uid }
        #expect(expected.map { .asStored($0.id) } == Self.way(syntax, contexts))
    }

    @Test func `a transfer syntax that the standard doesn't know goes as it is, too`() {
        let own = Sample.uid("1.2.826.0.1.3680043.8.498.99")
        #expect(Self.way(own, [context(1, .explicitVRLittleEndian), context(2, own)]) == .asStored(contextID(2)))
        #expect(Self.isImpossible(Self.way(own, [context(1, .explicitVRLittleEndian)])))
    }

    @Test(arguments: Sample.syntaxes, Sample.syntaxes)
    func `uncompressed instances are converted into one another`(stored: TransferSyntax, accepted: TransferSyntax) {
        let way = Self.way(stored, [context(1, accepted)])
        #expect(way == (stored == accepted ? .asStored(contextID(1)) : .converted(contextID(1), to: accepted)))
    }

    @Test func `conversion prefers what keeps private VRs, and big endian last`() {
        let preference: [TransferSyntax] = [
            .explicitVRLittleEndian, .implicitVRLittleEndian, .deflatedExplicitVRLittleEndian, .explicitVRBigEndian,
        ]
        for stored in preference {
            var others = preference.filter { $0 != stored }
            while let best = others.first {
                // The order of the contexts says nothing.
                let contexts = others.reversed().enumerated().map { context($0.offset + 1, $0.element) }
                #expect(Self.way(stored, contexts) == .converted(contextID(others.count), to: best))
                others.removeFirst()
            }
        }
    }

    @Test(arguments: Sample.syntaxes) func `RLE Lossless is decoded, PS3.5 Annex G`(accepted: TransferSyntax) {
        let contexts = [context(1, Sample.jpeg), context(2, accepted)]
        #expect(Self.way(DataSetConversion.runLengthSyntax, contexts) == .converted(contextID(2), to: accepted))
    }

    @Test(arguments: TransferSyntax.all) func `without bulk data any syntax goes in an uncompressed one, PS3.4 §Z.1.3`(
        stored: TransferSyntax
    ) {
        let contexts = [context(1, .implicitVRLittleEndian), context(2, .explicitVRLittleEndian)]
        let way = Deliverable(
            sopClass: Sample.ctImage, transferSyntax: stored.uid, over: contexts, withoutBulkData: true)
        let isImplicit = stored == .implicitVRLittleEndian
        #expect(way == .converted(contextID(isImplicit ? 1 : 2), to: isImplicit ? stored : .explicitVRLittleEndian))
        // Never as it is stored: that has its bulk data.
        let same = Deliverable(
            sopClass: Sample.ctImage, transferSyntax: stored.uid, over: [context(1, stored)], withoutBulkData: true)
        #expect(same == .converted(contextID(1), to: stored))
    }

    @Test(
        arguments: TransferSyntax.all.filter {
            !Sample.syntaxes.contains($0) && $0.uid != DataSetConversion.runLengthSyntax
        })
    func `what is compressed otherwise is never converted`(stored: TransferSyntax) {
        let contexts = TransferSyntax.all.filter { $0 != stored }.enumerated().map {
            context($0.offset + 1, $0.element)
        }
        #expect(Self.way(stored, contexts) == .impossible(reason: "peer did not accept \(stored.name)"))
    }

    @Test func `nothing is converted into what is compressed`() {
        for stored in Sample.syntaxes {
            #expect(
                Self.way(stored, [context(1, Sample.jpeg)]) == .impossible(reason: "peer did not accept \(stored.name)")
            )
        }
    }

    @Test func `another SOP class's contexts don't count`() {
        let way = Self.way(.explicitVRLittleEndian, [context(1, .explicitVRLittleEndian, of: Sample.mrImage)])
        #expect(way == .impossible(reason: "no presentation context for CT Image Storage"))
        #expect(Self.way(.explicitVRLittleEndian, []) == way)
        let own = Self.way(TransferSyntax.explicitVRLittleEndian.uid, [], sopClass: Sample.uid("1.2.3"))
        #expect(own == .impossible(reason: "no presentation context for 1.2.3"))
    }

    @Test func `contexts on which we may not be SCU don't count, PS3.7 §D.3.3.4`() {
        let contexts = [
            context(1, .explicitVRLittleEndian, asSCU: false), context(2, .implicitVRLittleEndian, asSCU: true),
        ]
        #expect(Self.way(.explicitVRLittleEndian, contexts) == .converted(contextID(2), to: .implicitVRLittleEndian))
        #expect(Self.isImpossible(Self.way(.explicitVRLittleEndian, [contexts[0]])))
    }

    @Test func `of several that fit the first is taken`() {
        let contexts = [2, 5, 7].map { context($0, .explicitVRLittleEndian) }
        #expect(Self.way(.explicitVRLittleEndian, contexts) == .asStored(contextID(2)))
        #expect(Self.way(.implicitVRLittleEndian, contexts) == .converted(contextID(2), to: .explicitVRLittleEndian))
    }
}
