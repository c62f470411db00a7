// What a C-GET or C-MOVE sends: looked up once, so that stores meanwhile change neither counts nor contents.

import ArchiveIndex
import DICOM
import DIMSE
import Platform

/// The instances of a retrieval and the folders that their files lie in.
struct RetrieveSet {
    let instances: [InstanceReference]
    let roots: [Int: Path]

    init(
        _ request: Message, model: InformationModel, area: ServedArea, over association: Association
    ) throws(RequestRefusal) {
        let identifier = try RequestRefusal.identifier(of: request, over: association)
        let keys: RetrieveKeys
        do throws(QueryFault) {
            keys = try RetrieveKeys(identifier: identifier, model: model)
        } catch {
            throw RequestRefusal(error, overLimit: .unableToCalculateMatches)
        }
        do throws(IndexFault) {
            instances = try area.snapshot().instances(for: keys)
            roots = try area.rootFolders()
        } catch {
            throw RequestRefusal(error)
        }
    }
}
