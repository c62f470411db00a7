// What runs hold, run by run in its order, as far as it can be read; and several runs as one.

/// The entries of a run.
struct ReadableEntries {
    private var reader: EntryReader
    private var pairs: TableCursor
    private var files: TableCursor
    private let faults: DumpFaults

    init(_ run: Run, _ faults: DumpFaults) {
        reader = EntryReader(run)
        pairs = run.cursor(.instanceFiles)
        files = run.cursor(.files)
        self.faults = faults
    }

    /// The next entry that can be read; nil at the end.
    mutating func next() -> OrderedEntry? {
        while pairs.advance(telling: faults) {
            do throws(IndexFault) {
                let file = try files.row(pairs.row.int(1))
                return try reader.entry(
                    instance: pairs.row.int(0), place: try file.place(),
                    isRemoval: file.number(Column.Files.removal) != 0)
            } catch {
                faults.note(error)
            }
        }
        return nil
    }
}

/// The foreign files of a run.
struct ReadableForeignFiles {
    private var files: TableCursor
    private let faults: DumpFaults

    init(_ run: Run, _ faults: DumpFaults) {
        files = run.cursor(.files)
        self.faults = faults
    }

    mutating func next() -> SignedForeignFile? {
        while files.advance(telling: faults) {
            do throws(IndexFault) { if let file = try files.row.foreign() { return file } } catch { faults.note(error) }
        }
        return nil
    }
}

/// Several ascending streams as one, the elements of one key together. Memory: an element for each stream, and those of a key.
struct GroupedStreams<Element> {
    private var heads: [(element: Element, next: () -> Element?)] = []
    private let precedes: (Element, Element) -> Bool

    init(_ streams: [() -> Element?], by precedes: @escaping (Element, Element) -> Bool) {
        self.precedes = precedes
        for next in streams {
            if let element = next() { heads.append((element, next)) }
        }
    }

    /// All elements with the next key; none at the end.
    mutating func next() -> [Element] {
        guard var least = heads.first?.element else { return [] }
        for head in heads.dropFirst() where precedes(head.element, least) { least = head.element }
        var group: [Element] = []
        var index = 0
        while index < heads.count {
            var isOver = false
            while !precedes(least, heads[index].element) {
                group.append(heads[index].element)
                guard let next = heads[index].next() else {
                    isOver = true
                    break
                }
                heads[index].element = next
            }
            if isOver { heads.remove(at: index) } else { index += 1 }
        }
        return group
    }
}

extension OrderedEntry {
    /// By study, series and instance alone.
    static func instancePrecedes(_ left: OrderedEntry, _ right: OrderedEntry) -> Bool {
        if left.study != right.study { return left.study.lexicographicallyPrecedes(right.study) }
        if left.series != right.series { return left.series.lexicographicallyPrecedes(right.series) }
        return left.instance != right.instance && left.instance.lexicographicallyPrecedes(right.instance)
    }
}

extension SignedForeignFile {
    /// By root and path alone.
    static func pathPrecedes(_ left: SignedForeignFile, _ right: SignedForeignFile) -> Bool {
        if left.file.place.root != right.file.place.root { return left.file.place.root < right.file.place.root }
        return left.file.place.path.lexicographicallyPrecedes(right.file.place.path)
    }
}

/// What is left of `group` when each removal has taken back what is equal to it.
func remaining<Signed, Value: Hashable>(
    _ group: [Signed], _ value: (Signed) -> Value, _ isRemoval: (Signed) -> Bool
) -> [Value] {
    guard group.contains(where: isRemoval) else { return group.map(value) }
    var counts: [Value: Int] = [:]
    for signed in group { counts[value(signed), default: 0] += isRemoval(signed) ? -1 : 1 }
    var left: [Value] = []
    for signed in group where !isRemoval(signed) {
        let value = value(signed)
        guard let count = counts[value], count > 0 else { continue }
        counts[value] = count - 1
        left.append(value)
    }
    return left
}
