// Strings as C takes lists of them.

/// Strings as C's argument vectors want them: pointers to NUL-terminated copies, and a null pointer at the end.
@safe
final class CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        unsafe pointers = .allocate(capacity: count + 1)
        for (index, string) in strings.enumerated() {
            let text = UnsafeMutableBufferPointer<CChar>.allocate(capacity: string.utf8.count + 1)
            _ = unsafe text.initialize(from: string.utf8.map { CChar(bitPattern: $0) } + [0])
            unsafe (pointers + index).initialize(to: text.baseAddress)
        }
        unsafe (pointers + count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count { unsafe pointers[index]?.deallocate() }
        unsafe pointers.deallocate()
    }
}
