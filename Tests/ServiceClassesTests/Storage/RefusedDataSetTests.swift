// The data sets of requests that are refused: read over, and not for ever.

import Archive
import DICOM
import DIMSE
import Testing

@testable import ServiceClasses

@Suite("Data sets of refused requests, hardening T13") struct RefusedDataSetTests {
    @Test func `is read over as long as it may have been an instance, and no longer`() {
        let refused = RefusedDataSet(StoreRefusal(.invalidSOPInstance, "no UID"))
        let piece = [UInt8](repeating: 0, count: 1 << 28)
        for _ in 0..<(StorePolicy.readOverMaximumBytes / piece.count) {
            refused.take(piece.rawSpan)
            #expect(refused.endlessness == nil)
        }
        refused.take([0].rawSpan)
        #expect(refused.endlessness?.contains("no UID") == true)
    }
}
