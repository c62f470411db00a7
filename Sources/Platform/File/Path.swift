// A path as the file system has it: bytes, because names from other systems are not always UTF-8.

import CPlatform

/// An absolute or relative path: bytes without NUL, `/` between components. The empty path names nothing.
package struct Path: Hashable, Sendable {
    /// Without a NUL, in whatever character set the names are.
    package let bytes: [UInt8]

    /// The path in UTF-8. What follows a NUL is cut off, as every system call would.
    package init(_ text: String) { self.init(bytes: Array(text.utf8)) }

    /// The path as bytes. What follows a NUL is cut off.
    package init(bytes: [UInt8]) {
        if let end = bytes.firstIndex(of: 0) { self.bytes = Array(bytes[..<end]) } else { self.bytes = bytes }
    }

    private static let slash = UInt8(ascii: "/")

    package var isAbsolute: Bool { bytes.first == Self.slash }

    /// This path with `path` below it; an absolute `path` stands for itself.
    package func appending(_ path: Path) -> Path {
        if bytes.isEmpty || path.isAbsolute { return path }
        if path.bytes.isEmpty { return self }
        return Path(bytes: bytes.last == Self.slash ? bytes + path.bytes : bytes + [Self.slash] + path.bytes)
    }

    /// This path with the component, or relative path, `name` below it.
    package func appending(_ name: String) -> Path { appending(Path(name)) }

    /// This path with `suffix` at the end of its last component.
    package func adding(suffix: String) -> Path { Path(bytes: bytes + Array(suffix.utf8)) }

    /// The components, without empty ones: `/a//b` has `a` and `b`.
    package var components: [ArraySlice<UInt8>] { bytes.split(separator: Self.slash) }

    /// The bytes of the last component; empty for `/` and the empty path.
    package var lastComponent: [UInt8] { components.last.map { Array($0) } ?? [] }

    /// The folder that holds this path: `/` for what lies in the root and the root itself, `.` for a plain name.
    package var parent: Path {
        var end = bytes.count
        while end > 1, bytes[end - 1] == Self.slash { end -= 1 }
        while end > 0, bytes[end - 1] != Self.slash { end -= 1 }
        while end > 1, bytes[end - 1] == Self.slash { end -= 1 }
        return end == 0 ? Path(".") : Path(bytes: Array(bytes[..<end]))
    }

    /// `.` and `..` and empty components worked out by text alone; `..` at the root goes away.
    package var normalized: Path {
        var kept: [ArraySlice<UInt8>] = []
        for component in components where component != [UInt8(ascii: ".")] {
            if component == [UInt8(ascii: "."), UInt8(ascii: ".")] {
                if let last = kept.last, last != component {
                    kept.removeLast()
                    continue
                }
                if isAbsolute { continue }
            }
            kept.append(component)
        }
        let joined = Array(kept.joined(separator: [Self.slash]))
        if isAbsolute { return Path(bytes: [Self.slash] + joined) }
        return Path(bytes: joined.isEmpty ? [UInt8(ascii: ".")] : joined)
    }

    /// The rest of this path below `folder`, by components; nil when it doesn't lie there, empty when it is the folder.
    package func relative(to folder: Path) -> Path? {
        let own = components
        let outer = folder.components
        guard isAbsolute == folder.isAbsolute, own.starts(with: outer) else { return nil }
        return Path(bytes: Array(own.dropFirst(outer.count).joined(separator: [Self.slash])))
    }
}

extension Path: Comparable {
    /// By bytes.
    package static func < (left: Path, right: Path) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }
}

extension Path: CustomStringConvertible {
    /// For people: what isn't UTF-8 shows as U+FFFD.
    package var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension Path: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) { self.init(text) }
}

extension Path {
    /// The longest path that the kernel takes, NUL included (PATH_MAX).
    static let maximumBytes = 4096

    /// The folder that relative paths start from.
    package static func currentFolder() throws(FileFault) -> Path {
        do throws(Errno) {
            return unsafe try Path(bytes: text { unsafe fr_current_folder($0, $1) })
        } catch {
            throw FileFault(.resolve, ".", error)
        }
    }

    /// The absolute path with every symbolic link followed (realpath).
    package func resolved() throws(FileFault) -> Path {
        do throws(Errno) {
            return unsafe try Path(
                bytes: Path.text { buffer, count in
                    unsafe withTerminated { path in unsafe fr_resolve(path, buffer, count) }
                })
        } catch {
            throw FileFault(.resolve, self, error)
        }
    }

    /// What a call writes into a buffer of `maximumBytes`, given back with its length or -errno.
    private static func text(_ call: (UnsafeMutablePointer<CChar>, Int) -> Int64) throws(Errno) -> [UInt8] {
        var bytes: [UInt8] = []
        let length = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: maximumBytes) { buffer in
            let length = unsafe call(buffer.baseAddress!, maximumBytes)
            if length > 0 { bytes = unsafe buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) } }
            return length
        }
        _ = try checked(length)
        return bytes
    }

    /// Calls `body` with the path as a C string that lives for the call. Paths up to 1 KiB are on the stack.
    @inline(__always)
    func withTerminated<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes.count + 1) { buffer in
            // The buffer has room for the bytes and the NUL.
            let end = unsafe buffer.update(fromContentsOf: bytes)
            unsafe buffer[end] = 0
            return unsafe buffer.withMemoryRebound(to: CChar.self) { unsafe body($0.baseAddress!) }
        }
    }
}
