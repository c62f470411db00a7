// The head of a file: preamble, prefix and File Meta Information (PS3.10 §7.1), or what real files have in their place.

/// What a file's first bytes say of it.
package enum FileRecognition: Equatable, Sendable {
    case dicom(PartTenHeader)
    case notDICOM
    /// It may be DICOM, but `bytes` from its start are needed to say so.
    case needsMore(bytes: Int)
    /// It says DICM, but what follows can't be read.
    case damaged(DecodingFault)
    /// It doesn't name its transfer syntax, and its data set is like none.
    case withoutTransferSyntax
}

/// Where a file's data set begins, and how it is coded.
package struct PartTenHeader: Equatable, Sendable {
    package var transferSyntaxUID: UID
    package var mediaStorageSOPClassUID: UID?
    package var mediaStorageSOPInstanceUID: UID?
    package var sourceApplicationEntityTitle: AETitle?
    /// The first byte of the data set, from the start of the file.
    package var dataSetOffset: Int
    /// 128 bytes stand before the prefix `DICM`.
    package var hasPreamble: Bool
    /// There is no File Meta Information, or it is wrong: the transfer syntax was guessed from the elements.
    package var isSniffed: Bool
    /// It is wrong: it names another uncompressed transfer syntax than the data set is in.
    package var isMislabelled = false

    /// A DICOMDIR: an index of files, no instance (PS3.10 §8).
    package var isDirectory: Bool { mediaStorageSOPClassUID == SOPClass.mediaStorageDirectory }

    /// File Meta Information is a few hundred bytes; more than this isn't looked for.
    package static let maximumBytes = 1 << 20

    /// Recognises a file by its first bytes; `isWhole` says that there are no more.
    package static func recognise(_ bytes: RawSpan, isWhole: Bool) -> FileRecognition {
        for start in [128, 0] where isPrefix(bytes, at: start) {
            return meta(bytes, from: start + 4, hasPreamble: start == 128, isWhole: isWhole)
        }
        if bytes.byteCount < 132, !isWhole { return .needsMore(bytes: 132) }
        if let first = try? ElementHeader(in: bytes, at: 0, as: .explicitLittle), first.tag.group == 0x0002,
            first.tag.element <= 0x0102, VR(bytes.byte(at: 4), bytes.byte(at: 5)) != nil
        {
            return meta(bytes, from: 0, hasPreamble: false, isWhole: isWhole)
        }
        return sniff(bytes)
    }

    private static func isPrefix(_ bytes: RawSpan, at offset: Int) -> Bool {
        guard bytes.byteCount >= offset + 4 else { return false }
        return bytes.byte(at: offset) == 0x44 && bytes.byte(at: offset + 1) == 0x49
            && bytes.byte(at: offset + 2) == 0x43 && bytes.byte(at: offset + 3) == 0x4D
    }

    /// Reads group 0002, always in Explicit VR Little Endian, to its last element: its length (0002,0000) may be wrong.
    private static func meta(_ bytes: RawSpan, from start: Int, hasPreamble: Bool, isWhole: Bool) -> FileRecognition {
        var header = PartTenHeader(
            transferSyntaxUID: TransferSyntax.implicitVRLittleEndian.uid, dataSetOffset: start,
            hasPreamble: hasPreamble, isSniffed: true)
        var cursor = ElementCursor(as: .explicitLittle, at: start)
        do throws(DecodingFault) {
            while true {
                let at = cursor.offset
                if bytes.byteCount - at < 8, !isWhole { return .needsMore(bytes: bytes.byteCount + 4_096) }
                guard bytes.byteCount - at >= 8 else { break }
                guard try bytes.littleEndian(UInt16.self, at: at) == 0x0002 else { break }
                guard let element = try cursor.next(in: bytes) else { break }
                let end = try cursor.end(of: element, in: bytes)
                let value = [UInt8](copying: try bytes.part(at: element.valueOffset, length: end - element.valueOffset))
                try cursor.skip(element, in: bytes)
                switch element.tag {
                case .transferSyntaxUID:
                    if let uid = UID(stored: value) {
                        header.transferSyntaxUID = uid
                        header.isSniffed = false
                    }
                case .mediaStorageSOPClassUID: header.mediaStorageSOPClassUID = UID(stored: value)
                case .mediaStorageSOPInstanceUID: header.mediaStorageSOPInstanceUID = UID(stored: value)
                case .sourceApplicationEntityTitle: header.sourceApplicationEntityTitle = AETitle(stored: value)
                default: break
                }
            }
        } catch {
            let isShort = if case .truncated = error { true } else { false }
            if isShort, !isWhole, bytes.byteCount < maximumBytes {
                return .needsMore(bytes: bytes.byteCount + 16_384)
            }
            return .damaged(error)
        }
        header.dataSetOffset = cursor.offset
        let set = bytes.extracting(droppingFirst: cursor.offset)
        if !header.isSniffed {
            guard let named = TransferSyntax.named(header.transferSyntaxUID), !named.isEncapsulated, !named.isDeflated,
                contradicts(set, named.encoding), let encoding = plausibleEncoding(of: set), encoding != named.encoding
            else { return .dicom(header) }
            header.transferSyntaxUID = transferSyntax(of: encoding)
            header.isSniffed = true
            header.isMislabelled = true
            return .dicom(header)
        }
        guard let encoding = plausibleEncoding(of: set) else { return .withoutTransferSyntax }
        header.transferSyntaxUID = transferSyntax(of: encoding)
        return .dicom(header)
    }

    /// Whether the first element looks as if it were coded in another way.
    private static func contradicts(_ set: RawSpan, _ encoding: Encoding) -> Bool {
        guard set.byteCount >= 8 else { return false }
        let group = UInt16(set.byte(at: 0)) << 8 | UInt16(set.byte(at: 1))
        if (encoding.byteOrder == .big) != (group == 0x0008) { return group == 0x0008 || group == 0x0800 }
        return encoding.isExplicitVR != (VR(set.byte(at: 4), set.byte(at: 5)) != nil)
    }

    /// A bare data set: no preamble, no prefix, no meta.
    private static func sniff(_ bytes: RawSpan) -> FileRecognition {
        guard let encoding = plausibleEncoding(of: bytes) else { return .notDICOM }
        return .dicom(
            PartTenHeader(
                transferSyntaxUID: transferSyntax(of: encoding), dataSetOffset: 0, hasPreamble: false, isSniffed: true))
    }

    private static func transferSyntax(of encoding: Encoding) -> UID {
        switch encoding {
        case .explicitLittle: TransferSyntax.explicitVRLittleEndian.uid
        case .explicitBig: TransferSyntax.explicitVRBigEndian.uid
        default: TransferSyntax.implicitVRLittleEndian.uid
        }
    }

    /// The encoding in which the first elements make sense: they begin at group 0008, ascend, are known, and end inside.
    /// Three such elements, or all there are, are enough: foreign files don't have them by chance.
    private static func plausibleEncoding(of bytes: RawSpan) -> Encoding? {
        for encoding in [Encoding.implicitLittle, .explicitLittle, .explicitBig] {
            var cursor = ElementCursor(as: encoding)
            var previous: Tag?
            var known = 0
            while known < 3 {
                let at = cursor.offset
                guard let header = try? cursor.next(in: bytes) else { break }
                if previous == nil, header.tag.group != 0x0008 { break }
                if let previous, header.tag <= previous {
                    known = 0
                    break
                }
                if encoding.isExplicitVR, VR(bytes.byte(at: at + 4), bytes.byte(at: at + 5)) == nil { break }
                guard header.tag.isPrivate || header.tag.isGroupLength || DataDictionary.entry(for: header.tag) != nil
                else { break }
                previous = header.tag
                guard (try? cursor.skip(header, in: bytes)) != nil else { break }
                known += 1
            }
            if known == 3 || known > 0 && cursor.offset == bytes.byteCount { return encoding }
        }
        return nil
    }
}
