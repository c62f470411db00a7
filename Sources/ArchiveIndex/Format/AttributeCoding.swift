// An attribute set as what differs from the set of the row before: most instances of a series differ in a number or two.

import DICOM

/// Operations over the attributes of the set before, in order. Each begins with a varint whose two low bits say which:
///
///     0 keep    n in the upper bits: the next n attributes stay; n = 0 ends the set, what is left of the old one goes
///     1 change  the next attribute has a new value: prefix kept in the upper bits, varint suffix kept, varint length, bytes
///     2 drop    the next n attributes go
///     3 insert  a new attribute: VR in the upper bits; tag as varint, varint length, bytes
enum AttributeCoding {
    private static let keep: UInt64 = 0
    private static let change: UInt64 = 1
    private static let drop: UInt64 = 2
    private static let insert: UInt64 = 3

    static func append(_ new: AttributeSet, after old: AttributeSet, to bytes: inout [UInt8]) {
        var oldAt = 0
        var newAt = 0
        var kept: UInt64 = 0
        func flush(_ bytes: inout [UInt8]) {
            if kept > 0 { bytes.appendVarint(kept << 2 | keep) }
            kept = 0
        }
        while let attribute = new.attribute(at: newAt) {
            let before = old.attribute(at: oldAt)
            if let before, before.tag < attribute.tag {
                flush(&bytes)
                bytes.appendVarint(1 << 2 | drop)
                oldAt = before.value.upperBound
                continue
            }
            newAt = attribute.value.upperBound
            let value = new.bytes[attribute.value]
            guard let before, before.tag == attribute.tag else {
                flush(&bytes)
                appendInsert(attribute, value, to: &bytes)
                continue
            }
            oldAt = before.value.upperBound
            if before.vr != attribute.vr {
                flush(&bytes)
                bytes.appendVarint(1 << 2 | drop)
                appendInsert(attribute, value, to: &bytes)
            } else if old.bytes[before.value] == value {
                kept += 1
            } else {
                flush(&bytes)
                let (prefix, suffix) = RowCoding.shared(value, old.bytes[before.value])
                bytes.appendVarint(UInt64(prefix) << 2 | change)
                bytes.appendVarint(UInt64(suffix))
                bytes.appendPrefixed(value.dropFirst(prefix).dropLast(suffix))
            }
        }
        flush(&bytes)
        bytes.appendVarint(keep)
    }

    private static func appendInsert(
        _ attribute: AttributeSet.Attribute, _ value: ArraySlice<UInt8>, to bytes: inout [UInt8]
    ) {
        bytes.appendVarint(UInt64(attribute.vr.rawValue) << 2 | insert)
        bytes.appendVarint(UInt64(attribute.tag.rawValue))
        bytes.appendPrefixed(value)
    }

    /// Decodes a set; checks that tags ascend and that each VR is one.
    static func read(after old: AttributeSet, from reader: inout ByteReader) throws(IndexFault) -> AttributeSet {
        var new = AttributeSet.empty
        try read(into: &new, after: old, from: &reader)
        return new
    }

    /// The same into a set whose memory is used again: rows are passed over by the thousand.
    static func read(
        into new: inout AttributeSet, after old: AttributeSet, from reader: inout ByteReader
    ) throws(IndexFault) {
        new.removeAll()
        var oldAt = 0
        var last: Tag?
        while true {
            let start = reader.offset
            let operation = try reader.varint()
            let argument = operation >> 2
            switch operation & 3 {
            case keep where argument == 0: return
            case keep:
                let keptFrom = oldAt
                for _ in 0..<argument {
                    guard let before = old.attribute(at: oldAt) else {
                        throw reader.fault("no attribute to keep", at: start)
                    }
                    try check(before.tag, after: &last, reader, start)
                    oldAt = before.value.upperBound
                }
                new.append(canonical: old.bytes[keptFrom..<oldAt])
            case change:
                guard let before = old.attribute(at: oldAt), argument <= UInt64(before.value.count) else {
                    throw reader.fault("no attribute to change", at: start)
                }
                let prefix = before.value.prefix(Int(argument))
                let suffix = before.value.suffix(try reader.count(maximum: before.value.count - prefix.count))
                let middle = try reader.prefixedRange()
                try check(before.tag, after: &last, reader, start)
                new.append(
                    before.tag, before.vr, old.bytes[prefix], reader.bytes[middle], old.bytes[suffix])
                oldAt = before.value.upperBound
            case drop:
                guard argument > 0 else { throw reader.fault("nothing is dropped", at: start) }
                for _ in 0..<argument {
                    guard let before = old.attribute(at: oldAt) else {
                        throw reader.fault("no attribute to drop", at: start)
                    }
                    oldAt = before.value.upperBound
                }
            default:
                guard let code = UInt16(exactly: argument), let vr = VR(rawValue: code) else {
                    throw reader.fault("no VR", at: start)
                }
                let raw = try reader.varint()
                guard let number = UInt32(exactly: raw) else { throw reader.fault("no tag", at: start) }
                let value = try reader.prefixedRange()
                try check(Tag(rawValue: number), after: &last, reader, start)
                new.append(Tag(rawValue: number), vr, reader.bytes[value])
            }
        }
    }

    private static func check(
        _ tag: Tag, after last: inout Tag?, _ reader: ByteReader, _ start: Int
    ) throws(IndexFault) {
        if let last, tag <= last { throw reader.fault("attributes are not in order", at: start) }
        last = tag
    }
}
