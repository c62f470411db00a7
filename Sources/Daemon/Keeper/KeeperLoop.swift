// One thread of the keeper: does its work again and again, and complains once of what is in its way.

import Archive
import Platform

/// Repeats a task until the process ends.
struct KeeperLoop {
    private static let pauseSeconds = 0.5
    /// The same complaint isn't repeated sooner.
    private static let complaintSeconds = 600.0

    /// What can't be done, in words, when it can't.
    let name: String
    let log: Logger

    /// Doesn't return: the process ends, whatever is being done.
    func run(_ task: () throws(StoreFault) -> Void) {
        guard let pause = try? WakeDescriptor() else {
            log.error("\(name): no descriptor")
            Program.exit(1)
        }
        var complaint = ""
        var nextComplaint = Deadline(afterSeconds: 0)
        while true {
            do throws(StoreFault) {
                try task()
                complaint = ""
            } catch {
                let words = "\(error)"
                if words != complaint || nextComplaint.hasPassed {
                    log.error("\(name): \(words)")
                    nextComplaint = Deadline(afterSeconds: Self.complaintSeconds)
                }
                complaint = words
            }
            pause.wait(until: Deadline(afterSeconds: Self.pauseSeconds))
        }
    }
}
