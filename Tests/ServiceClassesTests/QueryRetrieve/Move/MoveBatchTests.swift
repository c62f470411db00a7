// What a C-MOVE proposes: just what its instances need, at most 128 presentation contexts an association.

import ArchiveIndex
import DICOM
import DIMSE
import Support
import Testing
import UpperLayer

@testable import ServiceClasses

@Suite("Associations of a C-MOVE, PS3.8 §9.3.2.2") struct MoveBatchTests {
    /// A SOP class that no standard has; any number of them.
    static func sopClass(_ number: Int) -> UID { Sample.uid("1.2.826.0.1.3680043.8.498.5.\(number)") }

    /// Whether each instance is in one batch, and each batch carries all of its instances as they are stored, and the
    /// uncompressed ones to any peer.
    static func check(_ batches: [MoveBatch], _ instances: [InstanceReference]) {
        #expect(batches.flatMap(\.instances).count == instances.count)
        #expect(Set(batches.flatMap(\.instances)) == Set(instances))
        for batch in batches {
            #expect((1...128).contains(batch.contexts.count) && !batch.instances.isEmpty)
            let proposed = Set(batch.contexts.map { [$0.abstractSyntax] + $0.transferSyntaxes })
            for instance in batch.instances {
                #expect(proposed.contains([instance.sopClassUID, instance.transferSyntaxUID]))
                guard Sample.syntaxes.contains(where: { $0.uid == instance.transferSyntaxUID }) else { continue }
                // A peer that takes one uncompressed syntax alone, whichever, gets the instance.
                for only in [TransferSyntax.implicitVRLittleEndian, .explicitVRLittleEndian] {
                    #expect(
                        batch.contexts.contains {
                            $0.abstractSyntax == instance.sopClassUID && $0.transferSyntaxes.contains(only.uid)
                        })
                }
            }
            let needed = Set(batch.instances.map(\.sopClassUID))
            #expect(batch.contexts.allSatisfy { needed.contains($0.abstractSyntax) }, "nothing that isn't needed")
            #expect(batch.contexts.allSatisfy { $0.asSCU && !$0.asSCP })
        }
    }

    @Test func `nothing to send needs no association`() { #expect(MoveBatch.batches(of: []).isEmpty) }

    @Test func `a compressed class needs one context, an uncompressed one two`() throws {
        let jpeg = Sample.reference(1, transferSyntax: Sample.jpeg)
        #expect(
            MoveBatch.batches(of: [jpeg]).map(\.contexts) == [
                [ProposedContext(abstractSyntax: Sample.ctImage, transferSyntaxes: [Sample.jpeg])]
            ])
        let explicit = TransferSyntax.explicitVRLittleEndian.uid
        let implicit = TransferSyntax.implicitVRLittleEndian.uid
        let big = TransferSyntax.explicitVRBigEndian.uid
        #expect(
            MoveBatch.batches(of: [Sample.reference(1, transferSyntax: implicit)]).map(\.contexts) == [
                [
                    ProposedContext(abstractSyntax: Sample.ctImage, transferSyntaxes: [implicit]),
                    ProposedContext(abstractSyntax: Sample.ctImage, transferSyntaxes: [explicit]),
                ]
            ])
        #expect(
            MoveBatch.batches(of: [Sample.reference(1, transferSyntax: big)]).map(\.contexts) == [
                [
                    ProposedContext(abstractSyntax: Sample.ctImage, transferSyntaxes: [big]),
                    ProposedContext(abstractSyntax: Sample.ctImage, transferSyntaxes: [explicit, implicit]),
                ]
            ])
    }

    @Test func `instances of one kind share their contexts, in their order`() {
        let instances = (1...1_000).map { number in
            Sample.reference(
                number, sopClass: number % 2 == 0 ? Sample.ctImage : Sample.mrImage,
                transferSyntax: number % 3 == 0 ? Sample.jpeg : TransferSyntax.explicitVRLittleEndian.uid)
        }
        let batches = MoveBatch.batches(of: instances)
        #expect(batches.count == 1 && batches.first?.instances == instances)
        #expect(batches.first?.contexts.count == 6)
        Self.check(batches, instances)
    }

    @Test(arguments: [(64, 1), (65, 2), (128, 2), (129, 3), (1_000, 16)])
    func `past 128 contexts another association follows`(classes: Int, associations: Int) {
        let instances = (1...(classes * 3)).map { number in
            Sample.reference(
                number, sopClass: Self.sopClass(number % classes),
                transferSyntax: TransferSyntax.explicitVRLittleEndian.uid)
        }
        let batches = MoveBatch.batches(of: instances)
        #expect(batches.count == associations)
        Self.check(batches, instances)
    }

    @Test func `128 compressed classes fit, a pair of contexts is never torn`() {
        let compressed = (1...127).map {
            Sample.reference($0, sopClass: Self.sopClass($0), transferSyntax: Sample.jpeg)
        }
        let one = Sample.reference(128, sopClass: Self.sopClass(128), transferSyntax: Sample.jpeg)
        #expect(MoveBatch.batches(of: compressed + [one]).map(\.contexts.count) == [128])
        let pair = Sample.reference(
            129, sopClass: Self.sopClass(129), transferSyntax: TransferSyntax.implicitVRLittleEndian.uid)
        let batches = MoveBatch.batches(of: compressed + [pair])
        #expect(batches.map(\.contexts.count) == [127, 2])
        Self.check(batches, compressed + [pair])
    }

    @Test func `any set of instances is divided so that each is sent once`() {
        var generator = SeededGenerator.fresh()
        let syntaxes = TransferSyntax.all.map(\.uid) + [Sample.uid("1.2.826.0.1.3680043.8.498.99")]
        for _ in 0..<30 {
            let classes = Int.random(in: 1...200, using: &generator)
            let instances = (1...Int.random(in: 1...600, using: &generator)).map { number in
                Sample.reference(
                    number, sopClass: Self.sopClass(Int.random(in: 0..<classes, using: &generator)),
                    transferSyntax: syntaxes.randomElement(using: &generator) ?? Sample.jpeg)
            }
            Self.check(MoveBatch.batches(of: instances), instances)
        }
    }

    @Test func `a batch's contexts all get an ID`() throws {
        let instances = (1...300).map {
            Sample.reference($0, sopClass: Self.sopClass($0), transferSyntax: TransferSyntax.explicitVRLittleEndian.uid)
        }
        for batch in MoveBatch.batches(of: instances) {
            #expect(PresentationContextID(index: batch.contexts.count - 1) != nil)
        }
    }
}
