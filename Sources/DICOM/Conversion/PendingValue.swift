// A value on its way: copied a piece at a time, its words turned around where the byte order changes (PS3.5 §7.3).

/// What is left of the value of one element.
struct PendingValue {
    private var bytes = 0
    /// What makes the value even.
    private var padding: UInt8?
    /// The words it is read in and written in, where these are big-endian; else 1.
    private var wordsIn = 1
    private var wordsOut = 1

    init() {}

    init(bytes: Int, padding: UInt8?, wordsIn: Int, wordsOut: Int) {
        self.bytes = bytes
        self.padding = padding
        // From big to big nothing changes.
        (self.wordsIn, self.wordsOut) = wordsIn == wordsOut ? (1, 1) : (wordsIn, wordsOut)
    }

    var isLeft: Bool { bytes > 0 || padding != nil }

    /// Copies a piece of it, from `offset` on.
    ///
    /// - Parameter piece: longest, a multiple of 8.
    mutating func append(
        to out: inout [UInt8], from offset: inout Int, piece: Int, _ window: inout InputWindow, _ read: DataSetReading
    ) throws(ConversionFault) {
        let count = min(bytes, piece)
        let start = out.count
        try window.append(to: &out, from: offset, count: count, read)
        out.swapWords(of: wordsIn, from: start)
        out.swapWords(of: wordsOut, from: start)
        offset += count
        bytes -= count
        if bytes == 0, let padding {
            out.append(padding)
            self.padding = nil
        }
    }
}
