// A data set in memory: elements in ascending tag order (PS3.5 §7.1). For commands, identifiers and headers, never for pixels.

/// One data element and its value.
package struct DataElement: Equatable, Sendable {
    package var tag: Tag
    package var vr: VR
    package var value: ElementValue

    package init(_ tag: Tag, _ vr: VR, _ value: ElementValue) {
        self.tag = tag
        self.vr = vr
        self.value = value
    }
}

/// What stands in a Value Field.
package enum ElementValue: Equatable, Sendable {
    /// The value's bytes, numbers little-endian whatever the stream's byte order was, padding included.
    case bytes([UInt8])
    /// The items of a sequence (PS3.5 §7.5).
    case items([DataSet])
    /// The fragments of encapsulated pixel data, the Basic Offset Table first (PS3.5 §A.4).
    case fragments([[UInt8]])
}

/// A data set: elements, each tag at most once, ascending. A value type.
package struct DataSet: Equatable, Sendable {
    package private(set) var elements: [DataElement] = []

    package init() {}

    /// From elements in any order; of several with one tag the last one counts. O(n log n), O(n) where they ascend.
    package init(_ elements: [DataElement]) {
        if zip(elements, elements.dropFirst()).allSatisfy({ $0.tag < $1.tag }) {
            self.elements = elements
            return
        }
        let order = elements.indices.sorted { (elements[$0].tag, $0) < (elements[$1].tag, $1) }
        for (position, index) in order.enumerated() {
            let isLast = position + 1 == order.count || elements[order[position + 1]].tag != elements[index].tag
            if isLast { self.elements.append(elements[index]) }
        }
    }

    package var isEmpty: Bool { elements.isEmpty }

    /// Where `tag` is or would be. O(log n).
    private func position(of tag: Tag) -> Int {
        var low = 0
        var high = elements.count
        while low < high {
            let middle = (low + high) / 2
            if elements[middle].tag < tag { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The element with `tag`. Reading is O(log n), writing O(n).
    package subscript(tag: Tag) -> DataElement? {
        get {
            let index = position(of: tag)
            return index < elements.count && elements[index].tag == tag ? elements[index] : nil
        }
        set {
            let index = position(of: tag)
            let isThere = index < elements.count && elements[index].tag == tag
            switch (newValue, isThere) {
            case (let element?, true): elements[index] = element
            case (let element?, false): elements.insert(element, at: index)
            case (nil, true): elements.remove(at: index)
            case (nil, false): break
            }
        }
    }

    /// The value's bytes as stored; nil when absent or a sequence.
    package func bytes(_ tag: Tag) -> [UInt8]? {
        guard case .bytes(let bytes)? = self[tag]?.value else { return nil }
        return bytes
    }

    /// The items of a sequence; nil when absent or not a sequence.
    package func items(_ tag: Tag) -> [DataSet]? {
        guard case .items(let items)? = self[tag]?.value else { return nil }
        return items
    }

    /// The value as text of the default repertoire, outer spaces and trailing NULs removed; nil when absent or a sequence.
    package func text(_ tag: Tag) -> String? {
        bytes(tag).map { String(decoding: $0.trimmingPadding(), as: UTF8.self) }
    }

    /// The first UID of the value; nil when absent, empty or no UID at all.
    package func uid(_ tag: Tag) -> UID? {
        guard let bytes = bytes(tag) else { return nil }
        return UID(stored: Array(bytes.prefix { $0 != 0x5C }))
    }

    /// The first number of a US value; nil when absent or too short.
    package func unsignedShort(_ tag: Tag) -> UInt16? {
        guard let bytes = bytes(tag), bytes.count >= 2 else { return nil }
        return UInt16(bytes[0]) | UInt16(bytes[1]) << 8
    }

    /// Sets a text value and pads it to even length with what `vr` pads with.
    package mutating func set(_ tag: Tag, _ vr: VR, text: some StringProtocol) {
        set(tag, vr, bytes: Array(text.utf8))
    }

    /// Sets a value, padded to even length with what `vr` pads with (PS3.5 §6.2).
    package mutating func set(_ tag: Tag, _ vr: VR, bytes: [UInt8]) {
        var padded = bytes
        if padded.count % 2 == 1 { padded.append(vr.padding) }
        self[tag] = DataElement(tag, vr, .bytes(padded))
    }

    /// Sets a UI value of one UID.
    package mutating func set(_ tag: Tag, uid: UID) {
        set(tag, .UI, bytes: uid.bytes)
    }

    /// Sets a US value of one number.
    package mutating func set(_ tag: Tag, unsignedShort value: UInt16) {
        set(tag, .US, bytes: [UInt8(truncatingIfNeeded: value), UInt8(value >> 8)])
    }
}

extension Sequence<UInt8> {
    /// Without leading spaces and trailing spaces and NULs: what no VR of short text counts as content (PS3.5 §6.2).
    package func trimmingPadding() -> ArraySlice<UInt8> {
        var slice = ArraySlice(self)
        while let last = slice.last, last == 0x20 || last == 0x00 { slice.removeLast() }
        while slice.first == 0x20 { slice.removeFirst() }
        return slice
    }
}
