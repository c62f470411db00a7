// What a C-GET or C-MOVE sends: looked up once, so that stores meanwhile change neither counts nor contents.

import ArchiveIndex
import DICOM
import DIMSE
import Platform
import UpperLayer

/// How identifiers of retrievals are read, and their instances sent.
package struct RetrieveRules: Sendable {
    /// They keep to the hierarchical search (PS3.4 §C.4.2.2.1).
    package var isStrict = false
    /// SOP classes for which relational retrieval was negotiated (PS3.4 §C.5.2.1).
    package var relationalClasses: Set<UID> = []
    /// Of requests that name none.
    package var characterSet = RequestCharacterSet()

    /// C-STOREs of a C-MOVE that may be outstanding at once, where the destination agrees.
    package var moveWindow = 8

    package init() {}
}

/// The instances of a retrieval and their files.
struct RetrieveSet {
    let instances: [InstanceReference]
    let files: InstanceFiles

    init(
        _ request: Message, model: InformationModel, area: ServedArea, rules: RetrieveRules,
        over association: Association
    ) throws(RequestRefusal) {
        let identifier = rules.characterSet.naming(try RequestRefusal.identifier(of: request, over: association))
        let keys: RetrieveKeys
        do throws(QueryFault) {
            let sopClass = association.context(request.contextID)?.abstractSyntax
            keys = try RetrieveKeys(
                identifier: identifier, model: model, isStrict: rules.isStrict,
                isRelational: sopClass.map(rules.relationalClasses.contains) ?? false)
        } catch {
            throw RequestRefusal(error, overLimit: .unableToCalculateMatches)
        }
        do throws(IndexFault) {
            let snapshot = try area.snapshot()
            instances = try snapshot.instances(for: keys)
            files = InstanceFiles(roots: try area.rootFolders(), area: area, marked: snapshot.unavailable)
        } catch {
            throw RequestRefusal(error)
        }
    }
}
