// What is said of the areas at start-up.

import Configuration
import ServiceClasses
import Testing

@testable import Daemon

@Suite("Served areas") struct ServedAreasTests {
    private let areas = "AETable BEGIN\nA /a RW (9, 1gb) ANY\nB /b RW (0, 1gb) ANY\nAETable END\n"

    @Test func `of titles of one folder each is a Retrieve AE Title, PS3_4 §C_4_1_1_3_2`() throws {
        let rows = "AETable BEGIN\nA /a RW (9, 1gb) ANY\nB /a R (9, 1gb) ANY\nAETable END\n"
        let areas = ServedAreas.all(try settings(rows))
        #expect(areas.count == 2)
        for (title, area) in areas { #expect(area.title == title) }
        #expect(Set(areas.values.map(\.indexPath)).count == 1)
    }

    @Test func `say what quotas do`() throws {
        let words = { (text: String) in ServedAreas.wordsOfQuotas(try settings(text)) }
        #expect(try words(areas)?.hasSuffix("Fileroom deletes nothing") == true)
        #expect(try words("AETable BEGIN\nA /a RW (0, 1gb) ANY\nB /b R (9, 1gb) ANY\nAETable END") == nil)
        let one = try words(areas + "AreaTable BEGIN\nB QuotaAction = delete-oldest\nB MaxBytes = 1tb\nAreaTable END")
        #expect(one?.contains("in B the studies stored first are deleted") == true)
        #expect(try words("QuotaAction = delete-oldest\n" + areas)?.contains("in A, B the studies") == true)
    }
}
