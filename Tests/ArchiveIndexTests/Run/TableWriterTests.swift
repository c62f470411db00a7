// Tables being written: what no reader would take is refused.

import Testing

@testable import ArchiveIndex

@Suite("Tables being written, FORMAT.md") struct TableWriterTests {
    @Test func `a page that readers just take is written, and a longer one is refused`() throws {
        var sink = RunSink(nil)
        var writer = TableWriter(.sopClasses)
        let most = RunLayout.pageMaximumBytes - 100
        try writer.append(Row(texts: [[UInt8](repeating: 0xA5, count: most)]), to: &sink)
        try writer.close(&sink)
        let written = sink.byteCount
        #expect(written > most && written <= RunLayout.pageMaximumBytes)
        try writer.append(
            Row(texts: [[UInt8](repeating: 0xA5, count: RunLayout.pageMaximumBytes)]), to: &sink)
        do throws(IndexFault) {
            try writer.close(&sink)
            Issue.record("it was written")
        } catch {
            #expect("\(error)".contains("a page of the table sopClasses"))
        }
        #expect(sink.byteCount == written)
    }
}
