// What a C-GET or C-MOVE sends: looked up once, so that stores meanwhile change neither counts nor contents.

import ArchiveIndex
import DICOM
import DIMSE
import Platform
import UpperLayer

/// The instances of a retrieval and their files. It holds all that sending needs: the index's own files may be superseded and
/// removed meanwhile.
struct RetrieveSet {
    let instances: [InstanceReference]
    let files: InstanceFiles

    /// Looks the instances up, with an eye on the requester.
    ///
    /// - Returns: nil when a C-CANCEL came first.
    /// - Throws: `.refusal`; `.association` when the requester's association ended first.
    static func plan(
        _ request: Message, model: InformationModel, area: ServedArea, rules: RetrieveRules,
        over association: Association
    ) throws(PlanningFault) -> RetrieveSet? {
        let keys: RetrieveKeys
        do throws(RequestRefusal) {
            keys = try self.keys(request, model: model, rules: rules, over: association)
        } catch {
            throw .refusal(error)
        }
        var lost: AssociationFault?
        let watch = SearchWatch {
            do throws(AssociationFault) { return try association.isCancelled(request.command.messageID) } catch {
                lost = error
                return true
            }
        }
        do throws(IndexFault) {
            let snapshot = try area.snapshot()
            let found = try snapshot.instances(for: keys, watch: watch)
            let files = InstanceFiles(roots: try area.rootFolders(), area: area, marked: snapshot.unavailable)
            return RetrieveSet(instances: found, files: files)
        } catch {
            if let lost { throw .association(lost) }
            // Whoever was told to stop knows why.
            if case .stopped = error { return nil }
            throw .refusal(RequestRefusal(error))
        }
    }

    private static func keys(
        _ request: Message, model: InformationModel, rules: RetrieveRules, over association: Association
    ) throws(RequestRefusal) -> RetrieveKeys {
        let identifier = rules.characterSet.naming(try RequestRefusal.identifier(of: request, over: association))
        do throws(QueryFault) {
            let sopClass = association.context(request.contextID)?.abstractSyntax
            return try RetrieveKeys(
                identifier: identifier, model: model, isStrict: rules.isStrict,
                isRelational: sopClass.map(rules.relationalClasses.contains) ?? false)
        } catch {
            throw RequestRefusal(error, overLimit: .unableToCalculateMatches)
        }
    }
}

/// Why a retrieval has no set of instances.
enum PlanningFault: Error {
    case refusal(RequestRefusal)
    case association(AssociationFault)
}
