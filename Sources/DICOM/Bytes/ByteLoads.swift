// Checked loads of integers and ranges from borrowed bytes: the only way bytes from outside become numbers.

extension [UInt8] {
    /// The elements as a raw span. `Span.bytes` is unsafe only for types with padding or invalid patterns; bytes have neither.
    @inlinable
    package var rawSpan: RawSpan {
        @_lifetime(borrow self)
        get { unsafe self.span.bytes }
    }

    /// Appends a copy of the bytes of `span`. O(n).
    @inlinable
    package mutating func append(copying span: RawSpan) {
        unsafe span.withUnsafeBytes { source in unsafe append(contentsOf: source) }
    }

    /// Moves the bytes of `range` to the start; what they don't cover stays as it is. O(n).
    package mutating func moveToStart(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "no such bytes")
        unsafe withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe start.copyMemory(from: start + range.lowerBound, byteCount: range.count)  // which may overlap
        }
    }

    /// A copy of the bytes of `span`. O(n).
    @inlinable
    package init(copying span: RawSpan) {
        unsafe self.init(unsafeUninitializedCapacity: span.byteCount) { buffer, count in
            unsafe span.withUnsafeBytes { source in
                unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: source)
            }
            count = span.byteCount
        }
    }
}

extension RawSpan {
    /// The little-endian integer at byte `offset`. O(1).
    ///
    /// - Throws: `.truncated` when it would pass the end, or `offset` is negative.
    @inlinable
    package func littleEndian<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type, at offset: Int
    ) throws(DecodingFault) -> T {
        let size = MemoryLayout<T>.size
        guard offset >= 0, offset <= byteCount, size <= byteCount - offset else {
            throw .truncated(offset: offset, neededBytes: size, availableBytes: Swift.max(0, byteCount - offset))
        }
        // In bounds by the line above; any bit pattern is a valid integer.
        return T(littleEndian: unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: T.self))
    }

    /// The big-endian integer at byte `offset`. O(1).
    ///
    /// - Throws: `.truncated` when it would pass the end, or `offset` is negative.
    @inlinable
    package func bigEndian<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type, at offset: Int
    ) throws(DecodingFault) -> T {
        T(bigEndian: T(littleEndian: try littleEndian(type, at: offset)))
    }

    /// The byte at `offset`, which the caller has checked: traps when out of bounds. O(1).
    @inlinable
    package func byte(at offset: Int) -> UInt8 {
        precondition(offset >= 0 && offset < byteCount, "byte offset out of bounds")
        return unsafe unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
    }

    /// The `length` bytes from `offset`, for a nested structure that must not see past its parent. O(1).
    ///
    /// - Throws: `.truncated` when they would pass the end, or either number is negative.
    @inlinable
    @_lifetime(copy self)
    package func part(at offset: Int, length: Int) throws(DecodingFault) -> RawSpan {
        guard offset >= 0, length >= 0, offset <= byteCount, length <= byteCount - offset else {
            throw .truncated(offset: offset, neededBytes: length, availableBytes: Swift.max(0, byteCount - offset))
        }
        return extracting(offset..<(offset + length))
    }

    /// Whether both are the same bytes. O(n).
    package func isEqual(to other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        return unsafe withUnsafeBytes { own in
            unsafe other.withUnsafeBytes { unsafe own.elementsEqual($0) }
        }
    }
}
