// The names in a folder, read from an open descriptor with as little work as the kernel allows: crawling starts here.

import CPlatform

/// The entries of one folder, packed; kept and filled again, it allocates nothing in the long run.
package struct FolderListing: Sendable {
    private var names: [UInt8] = []
    private var slots: [Slot] = []
    private var buffer: [UInt8] = []

    private struct Slot {
        let start: Int
        let length: Int
        let inode: UInt64
        let kind: FileKind
    }

    package init() {}

    package var count: Int { slots.count }
    /// The name of an entry as the file system has it. O(1); copies nothing.
    package func name(_ index: Int) -> ArraySlice<UInt8> {
        names[slots[index].start..<(slots[index].start + slots[index].length)]
    }
    /// What an entry is; `.unknown` where the file system doesn't say, links are themselves.
    package func kind(_ index: Int) -> FileKind { slots[index].kind }
    package func entry(_ index: Int) -> FolderEntry {
        FolderEntry(name: Array(name(index)), kind: slots[index].kind, inode: slots[index].inode)
    }

    /// Sorts the entries by name, bytewise.
    package mutating func sortByName() {
        slots.sort { [names] in
            names[$0.start..<($0.start + $0.length)].lexicographicallyPrecedes(names[$1.start..<($1.start + $1.length)])
        }
    }

    /// Reads all entries of the folder that `descriptor` has open, from where it stands; `.` and `..` are left out.
    ///
    ///     offset  size  field of struct linux_dirent64
    ///          0     8  inode
    ///          8     8  position
    ///         16     2  length of this entry
    ///         18     1  kind (DT_*)
    ///         19     n  name, NUL
    mutating func fill(from descriptor: Int32) throws(Errno) {
        names.removeAll(keepingCapacity: true)
        slots.removeAll(keepingCapacity: true)
        if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: 1 << 16) }
        while true {
            let got = Int(
                try checked(
                    unsafe buffer.withUnsafeMutableBytes {
                        unsafe fr_folder_entries(descriptor, $0.baseAddress!, $0.count)
                    }))
            if got == 0 { return }
            Self.add(buffer, got, to: &names, &slots)
        }
    }

    /// The kernel's entries are trusted as to layout, and still read with checks.
    private static func add(_ buffer: [UInt8], _ got: Int, to names: inout [UInt8], _ slots: inout [Slot]) {
        let bytes = unsafe buffer.span.bytes.extracting(first: got)  // bytes have no padding
        var offset = 0
        while offset <= bytes.byteCount - 20 {
            let length = Int(unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset + 16, as: UInt16.self))
            guard length >= 20, length <= bytes.byteCount - offset else { return }
            let start = names.count
            for at in (offset + 19)..<(offset + length) {
                let byte = unsafe bytes.unsafeLoad(fromByteOffset: at, as: UInt8.self)
                if byte == 0 { break }
                names.append(byte)
            }
            if isReal(names[start...]) {
                slots.append(
                    Slot(
                        start: start, length: names.count - start,
                        inode: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self),
                        kind: kind(unsafe bytes.unsafeLoad(fromByteOffset: offset + 18, as: UInt8.self))))
            } else {
                names.removeSubrange(start...)
            }
            offset += length
        }
    }

    /// Not `.`, not `..`.
    private static func isReal(_ name: ArraySlice<UInt8>) -> Bool {
        guard name.count <= 2 else { return true }
        return !name.allSatisfy { $0 == UInt8(ascii: ".") }
    }

    private static func kind(_ code: UInt8) -> FileKind {
        switch code {
        case 0: .unknown
        case 4: .folder
        case 8: .file
        case 10: .link
        default: .other
        }
    }
}
