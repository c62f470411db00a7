// A system call's error number, with its words: errors are told apart by number, never by text.

import CPlatform
import Glibc

/// Why a system call failed (errno).
package struct Errno: Error, Hashable, Sendable {
    /// As <errno.h> has it, positive.
    package let code: Int32

    package init(code: Int32) { self.code = code }

    package static let notPermitted = Errno(code: EPERM)
    package static let noEntry = Errno(code: ENOENT)
    package static let interrupted = Errno(code: EINTR)
    package static let inputOutput = Errno(code: EIO)
    package static let badDescriptor = Errno(code: EBADF)
    package static let wouldBlock = Errno(code: EAGAIN)
    package static let accessDenied = Errno(code: EACCES)
    package static let exists = Errno(code: EEXIST)
    package static let notAFolder = Errno(code: ENOTDIR)
    package static let isAFolder = Errno(code: EISDIR)
    package static let invalidArgument = Errno(code: EINVAL)
    package static let fileTooLarge = Errno(code: EFBIG)
    package static let noSpace = Errno(code: ENOSPC)
    package static let readOnlyFileSystem = Errno(code: EROFS)
    package static let brokenPipe = Errno(code: EPIPE)
    package static let nameTooLong = Errno(code: ENAMETOOLONG)
    package static let folderNotEmpty = Errno(code: ENOTEMPTY)
    package static let tooManyLinks = Errno(code: ELOOP)
    package static let notSupported = Errno(code: EOPNOTSUPP)
    package static let noSuchProcess = Errno(code: ESRCH)
    package static let staleHandle = Errno(code: ESTALE)
    package static let timedOut = Errno(code: ETIMEDOUT)
    package static let addressInUse = Errno(code: EADDRINUSE)
    package static let addressNotAvailable = Errno(code: EADDRNOTAVAIL)
    package static let notConnected = Errno(code: ENOTCONN)
    package static let connectionRefused = Errno(code: ECONNREFUSED)
    package static let connectionReset = Errno(code: ECONNRESET)
    package static let connectionAborted = Errno(code: ECONNABORTED)
    package static let addressFamilyNotSupported = Errno(code: EAFNOSUPPORT)
    package static let networkDown = Errno(code: ENETDOWN)
    package static let networkUnreachable = Errno(code: ENETUNREACH)
    package static let protocolError = Errno(code: EPROTO)
    package static let hostUnreachable = Errno(code: EHOSTUNREACH)

    /// The name of the number: `ENOENT`.
    package var symbolicName: String {
        guard let name = unsafe fr_errno_name(code) else { return "errno \(code)" }
        return unsafe String(cString: name)  // glibc's names are constants
    }

    /// The system's words: `No such file or directory`.
    package var words: String {
        guard let words = unsafe fr_errno_words(code) else { return "unknown error" }
        return unsafe String(cString: words)
    }

    /// What people can do about it, where the number alone tells; nil elsewhere.
    package var remedy: String? {
        switch code {
        case ENOSPC, EDQUOT: "make room on that disk, and try again"
        case EROFS: "that disk is mounted read-only: mount it for writing, or look why it was made so (dmesg)"
        case EACCES, EPERM: "see whose it is and who may use it (ls -ld), or try as that user"
        case EIO: "the disk may be failing: look into the kernel's log (dmesg)"
        case EMFILE: "this process needs more open files: raise its limit (ulimit -n)"
        case ENFILE: "the system has no more open files: raise its limit (sysctl fs.file-max)"
        default: nil
        }
    }
}

extension Errno: CustomStringConvertible {
    package var description: String { "\(words) (\(symbolicName))" }
}

/// The result of a CPlatform function, which is -errno when it failed.
@inline(__always)
func checked<Number: FixedWidthInteger & SignedInteger>(_ result: Number) throws(Errno) -> Number {
    guard result >= 0 else { throw Errno(code: Int32(truncatingIfNeeded: -result)) }
    return result
}
