// Where a data set goes that is too long to be held: it is passed on as it arrives.

/// Takes the bytes of one data set. Whoever gave it out hears of its end by the message; where the association ends first, by
/// that.
package protocol DataSetSink: AnyObject {
    /// The next bytes, in the transfer syntax of the presentation context. Doesn't wait for the peer, and keeps to itself what
    /// goes wrong: the message can be answered with it.
    func take(_ bytes: RawSpan)
    /// Why no more of the data set is worth reading, in words for the log: the association is aborted. Nil as long as it is.
    var endlessness: String? { get }
}

extension DataSetSink {
    package var endlessness: String? { nil }
}
