// What a power cut may leave of a disk: any part of what no sync confirmed, in any order, and all of what one did.

/// How the unconfirmed fares.
package enum PowerCut: Hashable, Sendable {
    case losesAll
    case keepsAll
    /// Each change by chance: kept, lost, or torn at a byte or by sectors.
    case byChance(seed: UInt64)

    /// Both extremes and `count` seeds.
    package static func some(_ count: Int, from seed: UInt64 = 1) -> [PowerCut] {
        [.losesAll, .keepsAll] + (0..<UInt64(count)).map { .byChance(seed: seed &+ $0) }
    }
}

extension DiskState {
    private static let sectorBytes = 512

    /// The disk as it is found afterwards. Everything on it is durable.
    func after(_ cut: PowerCut) -> DiskState {
        var generator = SeededGenerator(seed: 0)
        if case .byChance(let seed) = cut { generator = SeededGenerator(seed: seed) }
        var result = self
        for key in inodes.keys.sorted() {
            guard var inode = inodes[key] else { continue }
            var content = inode.durable
            for write in inode.writes {
                switch cut {
                case .losesAll: break
                case .keepsAll: Inode.put(write.bytes, at: write.offset, into: &content)
                case .byChance: Self.tear(write, into: &content, &generator)
                }
            }
            inode.content = content
            inode.durable = content
            inode.writes = []
            inode.entries = inode.durableEntries
            result.inodes[key] = inode
        }
        for change in names {
            let isKept =
                switch cut {
                case .losesAll: false
                case .keepsAll: true
                case .byChance: Bool.random(using: &generator)
                }
            guard isKept else { continue }
            for part in change.parts {
                result.inodes[part.folder]?.entries[part.name] = part.inode
                result.inodes[part.folder]?.durableEntries[part.name] = part.inode
            }
        }
        result.names = []
        return result
    }

    private static func tear(_ write: PendingWrite, into content: inout [UInt8], _ generator: inout SeededGenerator) {
        let count = write.bytes.count
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: break
        case 1, 2: Inode.put(write.bytes, at: write.offset, into: &content)
        case 3:  // its beginning
            let kept = Int.random(in: 0...count, using: &generator)
            Inode.put(write.bytes.prefix(kept), at: write.offset, into: &content)
        case 4:  // the length, and not the bytes
            let end = write.offset + count
            if content.count < end { content.append(contentsOf: repeatElement(0, count: end - content.count)) }
        default:  // some sectors
            var start = write.offset
            while start < write.offset + count {
                let end = min(write.offset + count, (start / sectorBytes + 1) * sectorBytes)
                if Bool.random(using: &generator) {
                    Inode.put(write.bytes[(start - write.offset)..<(end - write.offset)], at: start, into: &content)
                }
                start = end
            }
        }
    }
}
