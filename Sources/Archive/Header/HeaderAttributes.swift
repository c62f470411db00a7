// Single attributes from the header of an instance's file, for queries that ask for what the index doesn't hold.

import ArchiveIndex
import DICOM
import Platform

/// Reads attributes from headers, no further into a file than the last that is asked for, and never into its pixel data.
package enum HeaderAttributes {
    /// A longer value is not given: a response would carry it to whoever only asked what there is.
    package static let valueMaximumBytes = 1 << 20

    /// Attributes of the instance whose file is at `path`.
    ///
    /// - Parameter tags: ascending.
    /// - Returns: nil where there is no such file, it has no header that can be read, or it is another instance's.
    package static func read(_ tags: [Tag], of instance: UID, at path: Path) -> ReadHeader? {
        guard let file = try? File.open(path), let status = try? file.status(), status.kind == .file else { return nil }
        var buffer = ReadBuffer(capacity: InstanceHeader.firstBytes)
        var wanted = InstanceHeader.firstBytes
        while true {
            let count = min(wanted, status.sizeBytes)
            guard let got = try? file.read(at: 0, count: count, into: &buffer) else { return nil }
            let isLast = got >= status.sizeBytes || got < count || wanted >= InstanceHeader.maximumBytes
            switch read(tags, of: instance, in: buffer.bytes, isWhole: isLast) {
            case .header(let header): return header
            case .needsMore(let bytes) where !isLast:
                wanted = min(max(bytes, wanted * 4), InstanceHeader.maximumBytes)
            case .needsMore, .unreadable: return nil
            }
        }
    }

    /// What the first bytes of a file tell.
    enum Outcome {
        case header(ReadHeader)
        case needsMore(bytes: Int)
        case unreadable
    }

    /// The same from the first bytes of a file; `isWhole` says that there are no more, or none that will be read.
    static func read(_ tags: [Tag], of instance: UID, in bytes: RawSpan, isWhole: Bool) -> Outcome {
        guard case .dicom(let file) = PartTenHeader.recognise(bytes, isWhole: isWhole) else {
            return isWhole ? .unreadable : .needsMore(bytes: bytes.byteCount * 4)
        }
        let syntax = TransferSyntax.named(file.transferSyntaxUID)
        let dataSet = bytes.extracting(droppingFirst: file.dataSetOffset)
        let outcome: Outcome
        if syntax?.isDeflated == true {
            guard
                let inflated = try? Deflate.inflate(
                    dataSet, maximumBytes: 2 * InstanceHeader.maximumBytes,
                    wantedBytes: isWhole ? InstanceHeader.maximumBytes : 256 << 10)
            else { return .unreadable }
            outcome = walk(
                inflated.bytes.rawSpan, tags, instance, .explicitLittle, isWhole: inflated.isWhole || isWhole)
        } else {
            outcome = walk(dataSet, tags, instance, syntax?.encoding ?? .explicitLittle, isWhole: isWhole)
        }
        if case .needsMore = outcome { return .needsMore(bytes: bytes.byteCount * 4) }
        return outcome
    }

    private static func walk(
        _ set: RawSpan, _ tags: [Tag], _ instance: UID, _ encoding: Encoding, isWhole: Bool
    ) -> Outcome {
        // What says how to read the others, and whose they are.
        let helpers: [Tag] = [
            .specificCharacterSet, .sopInstanceUID, .timezoneOffsetFromUTC, .pixelRepresentation,
        ]
        let needsSigns = !encoding.isExplicitVR && tags.contains { DataDictionary.isUnsignedOrSigned($0) }
        let last = max(tags.last ?? .sopInstanceUID, needsSigns ? .pixelRepresentation : .timezoneOffsetFromUTC)
        var cursor = ElementCursor(as: encoding)
        var elements: [DataElement] = []
        var unread: Set<Tag> = []
        var reached: Tag?
        do throws(DecodingFault) {
            while let header = try cursor.next(in: set), header.tag <= last, header.tag.group < 0x7FE0 {
                let end = try cursor.end(of: header, in: set)
                if tags.contains(header.tag) || helpers.contains(header.tag) {
                    if end - header.valueOffset > valueMaximumBytes {
                        unread.insert(header.tag)
                    } else {
                        let isSequence = DataDictionary.vr(of: header.tag) == .SQ
                        elements.append(
                            try InstanceHeader.element(header, isSequence: isSequence, end: end, set, encoding))
                    }
                }
                try cursor.skip(header, in: set)
                reached = header.tag
            }
            // It may go on behind what was read of it.
            if !isWhole, cursor.offset >= set.byteCount - 8 { return .needsMore(bytes: set.byteCount) }
        } catch {
            if case .truncated = error, !isWhole { return .needsMore(bytes: set.byteCount) }
            // What stands behind the damage is not known.
            unread.formUnion(tags.filter { tag in reached.map { $0 < tag } ?? true })
        }
        let attributes = DataSet(elements)
        guard attributes.uid(.sopInstanceUID) == instance else { return .unreadable }
        return .header(
            ReadHeader(attributes: needsSigns ? attributes.withSignsResolved() : attributes, unread: unread))
    }
}
