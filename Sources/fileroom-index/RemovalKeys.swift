// The keys of fileroom-index remove: which instances are meant.

import ArchiveIndex
import DICOM
import Daemon

/// What the command line names: UIDs of one level, or one patient.
struct RemovalKeys {
    private enum Keys {
        case uids([Removal])
        /// Without an issuer: whichever issuer the one patient of this ID has.
        case patient(id: [UInt8], issuer: [UInt8]?)
    }

    private let keys: Keys
    /// As they were given, for messages.
    let words: String

    init(_ operands: [String]) throws(UsageFault) {
        guard !operands.isEmpty else {
            throw UsageFault("what is to be removed? for example StudyInstanceUID=1.2.3, or --root FOLDER")
        }
        words = operands.joined(separator: " ")
        var uids: [Removal] = []
        var patientID: [UInt8]?
        var issuer: [UInt8]?
        for operand in operands {
            let parts = operand.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else { throw UsageFault("\(operand) is no KEY=VALUE") }
            let value = Array(parts[1].utf8)
            switch parts[0] {
            case "PatientID":
                guard patientID == nil, !value.trimmingPadding().isEmpty else {
                    throw UsageFault("one PatientID, and not an empty one; without an ID, remove the study")
                }
                patientID = Array(value.trimmingPadding())
            case "IssuerOfPatientID": issuer = Array(value.trimmingPadding())
            case "StudyInstanceUID": uids += try Self.uids(parts) { .study($0) }
            case "SeriesInstanceUID": uids += try Self.uids(parts) { .series($0) }
            case "SOPInstanceUID": uids += try Self.uids(parts) { .instance($0) }
            default:
                throw UsageFault(
                    "\(parts[0]) is none of StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, PatientID and "
                        + "IssuerOfPatientID")
            }
        }
        guard Set(uids.map(\.level)).count + (patientID == nil ? 0 : 1) == 1 else {
            throw UsageFault("one level at a time: a patient, or studies, or series, or instances")
        }
        guard issuer == nil || patientID != nil else { throw UsageFault("IssuerOfPatientID goes with PatientID") }
        keys = patientID.map { .patient(id: $0, issuer: issuer) } ?? .uids(uids)
    }

    private static func uids(_ parts: [String], _ removal: (UID) -> Removal) throws(UsageFault) -> [Removal] {
        var found: [Removal] = []
        for value in parts[1].split(separator: "\\", omittingEmptySubsequences: false) {
            guard let uid = UID(value), !value.contains("*"), !value.contains("?") else {
                throw UsageFault("\(parts[0])=\(value): a whole UID is needed")
            }
            found.append(removal(uid))
        }
        return found
    }

    /// What is to be removed. A patient with an issuer takes along what was sent without one, where it is the only one of its
    /// ID; but where the issuer is named.
    func removals(in index: IndexFolder) throws -> [Removal] {
        switch keys {
        case .uids(let removals): return removals
        case .patient(let id, let issuer?): return [.patient(id: id, issuer: issuer)]
        case .patient(let id, nil):
            let patients = try index.snapshot().patients(id: id)
            guard patients.count <= 1 else {
                let issuers = patients.map { "IssuerOfPatientID='\(String(decoding: $0.key.issuer, as: UTF8.self))'" }
                throw CommandFault("several patients have that ID; name one: \(issuers.joined(separator: " or "))")
            }
            guard let patient = patients.first else { return noted(in: try index.removals(), orElse: id) }
            return patient.memberKeys.map { .patient(id: $0.patientID, issuer: $0.issuer) }
        }
    }

    /// The removals that are noted and meant.
    func noted(in known: Removals) -> [Removal] {
        switch keys {
        case .uids(let removals): removals.filter { known.throughNs[$0] != nil }
        case .patient(let id, let issuer):
            known.throughNs.keys.filter { removal in
                guard case .patient(id, let known) = removal else { return false }
                return issuer == nil || issuer == known
            }.sorted()
        }
    }

    private func noted(in known: Removals, orElse id: [UInt8]) -> [Removal] {
        let found = noted(in: known)
        return found.isEmpty ? [.patient(id: id, issuer: [])] : found
    }
}
