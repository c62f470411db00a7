// A thread with a name and a stack of a size that is said. One thread serves one association.

import CPlatform
import Glibc

/// A running thread. Joined, or left to itself when this value ends.
@safe
package struct Thread: ~Copyable, @unchecked Sendable {
    private let handle: pthread_t

    /// What a thread starts with: taken by it, once.
    private final class Start {
        let name: String
        let body: () -> Void

        init(name: String, body: @escaping () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Starts `body` on a thread of its own.
    ///
    /// - Throws: `.wouldBlock` when there are no more threads or no memory.
    package init(
        named name: String = "fileroom", stackBytes: Int = 512 << 10, _ body: @escaping @Sendable () -> Void
    ) throws(Errno) {
        try self.init(Start(name: name, body: body), stackBytes: stackBytes)
    }

    /// Starts `body` with a value that goes over to the thread: `Thread(giving: consume socket) { socket in … }`.
    /// When no thread can be had, the value ends with the error.
    package init<Resource: ~Copyable>(
        named name: String = "fileroom", stackBytes: Int = 512 << 10, giving resource: consuming sending Resource,
        _ body: @escaping @Sendable (consuming sending Resource) -> Void
    ) throws(Errno) {
        let parcel = Parcel(resource)
        try self.init(Start(name: name) { body(parcel.take()) }, stackBytes: stackBytes)
    }

    private init(_ start: Start, stackBytes: Int) throws(Errno) {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        let page = 4096
        let size = (max(stackBytes, 64 << 10) + page - 1) / page * page
        unsafe pthread_attr_setstacksize(&attributes, size)
        // The thread takes the one reference that is retained here.
        let given = unsafe Unmanaged.passRetained(start)
        var created = pthread_t()
        let result = unsafe pthread_create(
            &created, &attributes,
            { given in
                let start = unsafe Unmanaged<Start>.fromOpaque(given!).takeRetainedValue()
                // The kernel takes 15 bytes of a name.
                let name = String(decoding: start.name.utf8.prefix(15), as: UTF8.self)
                unsafe fr_name_thread(name)
                start.body()
                return nil
            }, given.toOpaque())
        guard result == 0 else {
            unsafe given.release()
            throw Errno(code: result)
        }
        handle = created
    }

    /// Waits until the thread has ended.
    package consuming func join() {
        pthread_join(handle, nil)
        discard self
    }

    deinit { pthread_detach(handle) }
}
