// Watching folders for changes: inotify. It tells of changes that this host makes, not of those by other hosts on a network
// file system, and a watch is of one folder, not of those in it.

import CPlatform

/// Watches of folders, and the queue of their events. Any thread may add and take away; one reads.
package final class FolderWatch: Sendable {
    /// A watch: never that of another folder while this value lives, but one number where a folder is reached by two paths.
    package struct Number: Hashable, Sendable {
        private let rawValue: Int32
        init(_ rawValue: Int32) { self.rawValue = rawValue }
        var value: Int32 { rawValue }
    }

    /// For `Poller`; readable while events wait. This value stays its owner.
    package let descriptor: Int32

    /// Bytes read at once: some hundred events with long names, some thousand with short ones.
    private static let readBytes = 64 << 10

    private static let wanted: InotifyMask = [
        .created, .closedAfterWrite, .attributes, .deleted, .movedOut, .movedIn, .movedItself, .onlyFolders,
        .withoutUnlinked,
    ]

    /// - Throws: EMFILE when this user has as many queues as `fs.inotify.max_user_instances` allows.
    package init() throws(Errno) { descriptor = try checked(fr_watch_descriptor()) }

    deinit { _ = fr_close(descriptor) }

    /// Watches the folder at `path`; the last component is followed where it is a link only if told to. Watching it again
    /// gives the same number.
    ///
    /// - Throws: `.noSpace` at the limit of watches of this user, `fs.inotify.max_user_watches`.
    package func add(_ path: Path, followingLink: Bool = false) throws(FileFault) -> Number {
        var mask = Self.wanted
        if !followingLink { mask.insert(.noLink) }
        do throws(Errno) {
            return Number(
                try checked(unsafe path.withTerminated { unsafe fr_watch_add(descriptor, $0, mask.rawValue) }))
        } catch {
            throw FileFault(.watch, path, error)
        }
    }

    /// Takes a watch away; `gone` comes for it. One that is gone already is passed over.
    package func remove(_ watch: Number) { _ = fr_watch_remove(descriptor, watch.value) }

    /// Appends the events that wait, up to some number of them.
    ///
    /// - Returns: false when none waited.
    package func read(into events: inout [FolderEvent]) throws(Errno) -> Bool {
        var buffer = [UInt8](repeating: 0, count: Self.readBytes)
        let result = unsafe buffer.withUnsafeMutableBytes { room in
            unsafe fr_read(descriptor, room.baseAddress!, room.count)  // it isn't empty
        }
        let got: Int
        do throws(Errno) { got = Int(try checked(result)) } catch {
            if error == .wouldBlock { return false }
            throw error
        }
        FolderEvent.append(unsafe buffer.span.bytes.extracting(first: got), to: &events)  // bytes have no padding
        return got > 0
    }
}
