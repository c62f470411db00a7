// How deep a walk is in sequences and items of undefined length (PS3.5 §7.5.1), in constant memory.

/// The nesting of a value of undefined length, a bit a level: no memory is allocated for depth.
struct NestedLevels {
    private var isSequence: (UInt64, UInt64) = (0, 0)
    private var depth = 0
    private var sequences = 0
    /// The level at which Implicit VR began, 0 for nowhere.
    private var implicitFrom = 0
    private let limit: Int

    init(limit: Int) { self.limit = min(limit, 64) }

    var isEmpty: Bool { depth == 0 }
    var isImplicit: Bool { implicitFrom > 0 }

    mutating func enterSequence(isImplicit: Bool, at offset: Int) throws(DecodingFault) {
        guard sequences < limit else { throw .overLimit("sequence depth", limit: limit, offset: offset) }
        push(true)
        sequences += 1
        if isImplicit, implicitFrom == 0 { implicitFrom = depth }
    }

    mutating func enterItem(at offset: Int) throws(DecodingFault) {
        guard depth < 128 else { throw .overLimit("sequence depth", limit: limit, offset: offset) }
        push(false)
    }

    /// A sequence's delimiter also ends an item whose own is missing.
    mutating func leaveSequence() {
        while depth > 0 {
            if pop() { return }
        }
    }

    /// An item's delimiter where no item is open is passed over.
    mutating func leaveItem() {
        guard depth > 0, !isInSequence else { return }
        _ = pop()
    }

    /// The innermost level is a sequence, where items and nothing else may stand.
    var isInSequence: Bool { depth > 0 && bit(depth - 1) }

    private func bit(_ index: Int) -> Bool {
        index < 64 ? isSequence.0 >> UInt64(index) & 1 == 1 : isSequence.1 >> UInt64(index - 64) & 1 == 1
    }

    private mutating func push(_ value: Bool) {
        let index = depth
        if index < 64 {
            isSequence.0 = isSequence.0 & ~(1 << UInt64(index)) | (value ? 1 << UInt64(index) : 0)
        } else {
            isSequence.1 = isSequence.1 & ~(1 << UInt64(index - 64)) | (value ? 1 << UInt64(index - 64) : 0)
        }
        depth += 1
    }

    /// Leaves the top level: whether it was a sequence.
    private mutating func pop() -> Bool {
        depth -= 1
        let was = bit(depth)
        if was { sequences -= 1 }
        if implicitFrom > depth { implicitFrom = 0 }
        return was
    }
}
