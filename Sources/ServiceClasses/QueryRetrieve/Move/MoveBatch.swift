// What a C-MOVE proposes to its destination: just the SOP classes and transfer syntaxes that it will need.

import ArchiveIndex
import DICOM
import DIMSE

/// Instances that can share one association: at most 128 presentation contexts (PS3.8 §9.3.2.2).
struct MoveBatch {
    static let contextsMaximum = 128

    private(set) var contexts: [ProposedContext] = []
    private(set) var instances: [InstanceReference] = []

    /// Divides `instances` so that each batch's contexts fit; the order is kept where one batch holds all.
    static func batches(of instances: [InstanceReference]) -> [MoveBatch] {
        var batches: [MoveBatch] = []
        var batchOfKind: [Kind: Int] = [:]
        for reference in instances {
            let kind = Kind(sopClass: reference.sopClassUID, transferSyntax: reference.transferSyntaxUID)
            if let batch = batchOfKind[kind] {
                batches[batch].instances.append(reference)
                continue
            }
            let contexts = kind.contexts
            if batches.isEmpty || batches[batches.count - 1].contexts.count + contexts.count > contextsMaximum {
                batches.append(MoveBatch())
            }
            batches[batches.count - 1].contexts += contexts
            batches[batches.count - 1].instances.append(reference)
            batchOfKind[kind] = batches.count - 1
        }
        return batches
    }
}

/// A SOP class as it is stored.
private struct Kind: Hashable {
    let sopClass: UID
    let transferSyntax: UID

    /// The stored syntax alone in one context, because the acceptor picks one of several and might pick another;
    /// where it can be converted, the uncompressed ones in a second.
    var contexts: [ProposedContext] {
        let stored = ProposedContext(abstractSyntax: sopClass, transferSyntaxes: [transferSyntax])
        guard TransferSyntax.named(transferSyntax)?.isConvertible == true else { return [stored] }
        let others = [TransferSyntax.explicitVRLittleEndian, .implicitVRLittleEndian].map(\.uid)
        let converted = others.filter { $0 != transferSyntax }
        return [stored, ProposedContext(abstractSyntax: sopClass, transferSyntaxes: converted)]
    }
}
