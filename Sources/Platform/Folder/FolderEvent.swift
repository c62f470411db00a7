// What the kernel tells of watched folders: struct inotify_event, as values.

/// An event of a watch.
package enum FolderEvent: Equatable, Sendable {
    /// What happened to an entry of a folder.
    package enum Change: Equatable, Sendable {
        /// Made, or given another name as a link; it may still be written to.
        case created
        /// Closed by one who could write to it.
        case written
        /// Its permissions, times, owner or number of links.
        case attributes
        case deleted
        case movedOut
        case movedIn
    }

    case entry(FolderWatch.Number, name: [UInt8], Change, isFolder: Bool)
    /// The watch is gone: the folder is, or its file system, or it was taken away; nothing more comes of it.
    case gone(FolderWatch.Number)
    /// The folder itself got another name or another parent; it is still watched.
    case moved(FolderWatch.Number)
    /// The folder's file system was unmounted; `gone` follows.
    case unmounted(FolderWatch.Number)
    /// The kernel's queue was full: whatever was to be told is lost.
    case overflow

    /// Appends what stands in `bytes`, whole events as the kernel gives them, in the host's byte order.
    ///
    ///     offset  size  field of struct inotify_event
    ///          0     4  watch; -1 with an overflow
    ///          4     4  mask
    ///          8     4  cookie, which joins the two halves of a move: not used, the halves count alone
    ///         12     4  length of the name with its padding
    ///         16     n  name, NULs
    static func append(_ bytes: RawSpan, to events: inout [FolderEvent]) {
        var offset = 0
        while offset <= bytes.byteCount - 16 {
            // Any bits are a valid integer; 16 bytes are there.
            let watch = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Int32.self)
            let mask = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
            let length = Int(unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
            guard length <= bytes.byteCount - offset - 16 else { return }
            var name: [UInt8] = []
            for index in 0..<length {
                let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset + 16 + index, as: UInt8.self)
                if byte == 0 { break }
                name.append(byte)
            }
            if let event = event(FolderWatch.Number(watch), InotifyMask(rawValue: mask), name) { events.append(event) }
            offset += 16 + length
        }
    }

    private static func event(_ watch: FolderWatch.Number, _ mask: InotifyMask, _ name: [UInt8]) -> FolderEvent? {
        if mask.contains(.overflow) { return .overflow }
        if mask.contains(.ignored) { return .gone(watch) }
        if mask.contains(.unmounted) { return .unmounted(watch) }
        if mask.contains(.movedItself) { return .moved(watch) }
        // Without a name it is told of the folder itself; its parent's watch tells it with one.
        guard !name.isEmpty else { return nil }
        let changes: [(InotifyMask, Change)] = [
            (.created, .created), (.closedAfterWrite, .written), (.attributes, .attributes), (.deleted, .deleted),
            (.movedOut, .movedOut), (.movedIn, .movedIn),
        ]
        guard let change = changes.first(where: { mask.contains($0.0) })?.1 else { return nil }
        return .entry(watch, name: name, change, isFolder: mask.contains(.isFolder))
    }
}

/// The bits of <sys/inotify.h> that are used.
struct InotifyMask: OptionSet {
    let rawValue: UInt32

    static let attributes = InotifyMask(rawValue: 0x4)
    static let closedAfterWrite = InotifyMask(rawValue: 0x8)
    static let movedOut = InotifyMask(rawValue: 0x40)
    static let movedIn = InotifyMask(rawValue: 0x80)
    static let created = InotifyMask(rawValue: 0x100)
    static let deleted = InotifyMask(rawValue: 0x200)
    static let movedItself = InotifyMask(rawValue: 0x800)
    static let unmounted = InotifyMask(rawValue: 0x2000)
    static let overflow = InotifyMask(rawValue: 0x4000)
    static let ignored = InotifyMask(rawValue: 0x8000)
    static let onlyFolders = InotifyMask(rawValue: 0x0100_0000)
    static let noLink = InotifyMask(rawValue: 0x0200_0000)
    /// Nothing of files that have no name any more.
    static let withoutUnlinked = InotifyMask(rawValue: 0x0400_0000)
    static let isFolder = InotifyMask(rawValue: 0x4000_0000)
}
