// Who asked may not want the answer any more (C-CANCEL, PS3.4 §C.4.1.2.3): loops over many rows look whether that is so.

/// Counts what a search passes over, and asks after so many rows whether to go on. For one search, on one thread.
package final class SearchWatch {
    /// Rows between two looks, at a fraction of a microsecond each.
    static let rowsBetweenLooks = 1_024
    /// What an entity counts that is put together from its rows and looked at: as many as take that long.
    static let rowsOfEntity = 16
    /// A file that may have to come from a slow disk.
    static let rowsOfFile = rowsBetweenLooks

    private let shouldStop: () -> Bool
    private var left = 0

    /// - Parameter shouldStop: whether nobody waits for the answer any more.
    package init(_ shouldStop: @escaping () -> Bool) { self.shouldStop = shouldStop }

    /// To be called for each row that is passed over.
    ///
    /// - Throws: `.stopped` when it is time to look and nobody waits.
    func pass(rows: Int = 1) throws(IndexFault) {
        left -= rows
        if left > 0 { return }
        left = Self.rowsBetweenLooks
        if shouldStop() { throw .stopped }
    }

    /// The same for an entity.
    func passEntity() throws(IndexFault) { try pass(rows: Self.rowsOfEntity) }
}
