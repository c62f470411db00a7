// Paths that are made of the UIDs of what lies there: most layouts write these out once more.

/// Codes a path: each UID in it is two bytes, 00 and which one. No path has a 00 of its own.
enum PathCoding {
    /// What stands behind the 00.
    enum Reference: UInt8 {
        case instance = 1
        case series = 2
        case study = 3
    }

    static func encode(_ path: [UInt8], instance: [UInt8], series: [UInt8], study: [UInt8]) -> [UInt8] {
        // The longest is likely to have the others as its begin.
        var coded = replace(instance, by: .instance, in: path)
        coded = replace(series, by: .series, in: coded)
        return replace(study, by: .study, in: coded)
    }

    private static func replace(_ uid: [UInt8], by reference: Reference, in path: [UInt8]) -> [UInt8] {
        guard uid.count > 2, path.count >= uid.count else { return path }
        var coded: [UInt8] = []
        var at = 0
        var copied = 0
        while at <= path.count - uid.count {
            if path[at] == uid[0], path[(at + 1)..<(at + uid.count)] == uid[1...] {
                coded += path[copied..<at]
                coded += [0, reference.rawValue]
                at += uid.count
                copied = at
            } else {
                at += 1
            }
        }
        return copied == 0 ? path : coded + path[copied...]
    }

    /// - Parameter uid: the text of a UID; nil stands for a reference that there isn't.
    static func decode(
        _ coded: [UInt8], _ uid: (Reference?) throws(IndexFault) -> [UInt8]
    ) throws(IndexFault) -> [UInt8] {
        var path: [UInt8] = []
        path.reserveCapacity(coded.count + 128)
        var at = 0
        while at < coded.count {
            if coded[at] != 0 {
                path.append(coded[at])
                at += 1
            } else {
                path += try uid(at + 1 < coded.count ? Reference(rawValue: coded[at + 1]) : nil)
                at += 2
            }
        }
        return path
    }
}
