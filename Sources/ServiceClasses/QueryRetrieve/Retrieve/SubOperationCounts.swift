// The counts of sub-operations, and the final status that follows from them (PS3.4 §C.4.2.1.5, §C.4.3.1.4).

import DICOM
import DIMSE

/// How far a retrieval has come. Every instance ends in exactly one of completed, failed and warning.
struct SubOperationCounts: Equatable {
    /// A UI value has a 16-bit length in Explicit VR (PS3.5 §7.1.2), and an even one.
    static let failedListMaximumBytes = 65_534

    /// The first of those that failed, as many as the Failed SOP Instance UID List holds.
    private(set) var failedInstances: [UID] = []
    private var failedListBytes = 0
    private var failures = FailureReasons()
    private var warnings = FailureReasons()
    let total: Int
    private(set) var completed = 0
    private(set) var failed = 0
    private(set) var warning = 0

    init(total: Int) { self.total = total }

    var remaining: Int { total - completed - failed - warning }

    /// Why most of those failed that did, else why most were stored with a warning; for the Error Comment and the log.
    var reason: String? { failures.foremost ?? warnings.foremost }

    /// Records the outcome of one C-STORE by the class of its response (PS3.7 §C).
    mutating func record(_ status: Status, of instance: UID) {
        switch status.kind {
        case .success: completed += 1
        case .warning:
            warning += 1
            warnings.note("stored with a warning: \(status)")
        default: fail(instance, because: "the destination answered \(status)")
        }
    }

    /// Records an instance that could not be sent.
    mutating func fail(_ instance: UID, because reason: String) {
        failed += 1
        failures.note(reason)
        let addedBytes = instance.text.utf8.count + (failedInstances.isEmpty ? 0 : 1)
        guard addedBytes <= Self.failedListMaximumBytes - failedListBytes else {
            // The list ends here: shorter UIDs that follow would make gaps in it.
            failedListBytes = Self.failedListMaximumBytes
            return
        }
        failedListBytes += addedBytes
        failedInstances.append(instance)
    }

    /// The status of the final response: success when all completed, failure when all failed, else a warning.
    /// `wasCancelled` wins over all while something remains.
    func finalStatus(wasCancelled: Bool) -> Status {
        if wasCancelled, remaining > 0 { return .cancel }
        if failed == 0 && warning == 0 { return .success }
        return failed == total ? .unableToPerformSubOperations : .subOperationsCompleteWithFailures
    }

    /// A count as its US field holds it: the field ends at 65,535, the work does not.
    static func saturated(_ count: Int) -> UInt16 { UInt16(clamping: count) }

    /// The Failed SOP Instance UID List (0008,0058) as a data set, nil when nothing failed: then there is no data set at all.
    /// It stops at the last UID that fits; the count goes on.
    var failedInstanceList: DataSet? {
        guard !failedInstances.isEmpty else { return nil }
        var list = DataSet()
        list.set(.failedSOPInstanceUIDList, .UI, bytes: Array(failedInstances.map(\.bytes).joined(separator: [0x5C])))
        return list
    }
}
