// The day on which an instance was received, as path templates name it.

/// A local date of receipt: what `{YYYY}`, `{MM}` and `{DD}` stand for.
package struct ReceiptDate: Hashable, Sendable {
    package let year: Int
    package let month: Int
    package let day: Int

    package init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }
}
