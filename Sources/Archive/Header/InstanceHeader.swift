// The header of an instance: everything before its pixel data that the index holds, read from as few bytes as will do.

import ArchiveIndex
import DICOM

/// What a file's header says.
package struct InstanceHeader: Equatable, Sendable {
    package let transferSyntaxUID: UID
    package let sopClassUID: UID
    package let studyInstanceUID: UID
    package let seriesInstanceUID: UID
    package let sopInstanceUID: UID
    /// Bytes from the start of the file to the data set.
    package let dataSetOffset: Int
    /// The held attributes, of all levels.
    package let attributes: DataSet
    /// A hash of the data set up to its pixel data.
    package let fingerprint: UInt64
    /// Where the pixel data ends, in bytes from the start of the file, by its length field; nil where it has none, or undefined
    /// length, or is deflated.
    package let pixelDataEnd: Int?
    /// Where the elements end that were read, in bytes from the start of the file: there the pixel data begins, or what else wasn't
    /// looked at; nil where the data set is deflated.
    package let elementsEnd: Int?
    /// The data set has a SOP Class UID of its own.
    package let namesSOPClass: Bool
    /// Why not all before the pixel data could be read: what follows isn't in `attributes`.
    package let ending: DecodingFault?
    /// Its File Meta Information names another transfer syntax than it is in.
    package let isMislabelled: Bool

    /// The most that is read of a file before its pixel data; more is indexed by what was read.
    package static let maximumBytes = 16 << 20

    /// How much of the pixel data lies behind the end of a file of that length.
    package func missingBytes(ofFileBytes count: Int) -> Int { max(0, (pixelDataEnd ?? 0) - count) }

    /// What the first bytes of a file tell.
    package enum Outcome: Equatable, Sendable {
        case header(InstanceHeader)
        case refused(Refusal)
        /// More of the file is needed to tell.
        case needsMore(bytes: Int)
    }

    /// Reads a header from the first bytes of a file.
    ///
    /// - Parameters:
    ///   - isWhole: there is no more, or no more will be read.
    package static func read(_ bytes: RawSpan, isWhole: Bool) -> Outcome {
        switch PartTenHeader.recognise(bytes, isWhole: isWhole) {
        case .notDICOM: return .refused(.notDICOM)
        case .needsMore(let count): return .needsMore(bytes: count)
        case .damaged(let fault): return .refused(.damaged(fault))
        case .withoutTransferSyntax: return .refused(.withoutTransferSyntax)
        case .dicom(let file): return read(bytes, file, isWhole: isWhole)
        }
    }

    private static func read(_ bytes: RawSpan, _ file: PartTenHeader, isWhole: Bool) -> Outcome {
        if file.isDirectory { return .refused(.directory) }
        // A private or future syntax is encapsulated, so its elements are in Explicit VR Little Endian (PS3.5 §A.4).
        let syntax = TransferSyntax.named(file.transferSyntaxUID)
        let encoding = syntax?.encoding ?? .explicitLittle
        let dataSet = bytes.extracting(droppingFirst: file.dataSetOffset)
        guard syntax?.isDeflated == true else {
            return walk(dataSet, file, encoding, isWhole: isWhole, isDeflated: false)
        }
        do throws(DeflateFault) {
            let inflated = try Deflate.inflate(
                dataSet, maximumBytes: 2 * maximumBytes, wantedBytes: isWhole ? maximumBytes : 256 << 10)
            let isAll = inflated.isWhole || isWhole
            let outcome = walk(inflated.bytes.rawSpan, file, encoding, isWhole: isAll, isDeflated: true)
            if case .needsMore = outcome { return .needsMore(bytes: bytes.byteCount * 4) }
            return outcome
        } catch {
            return .refused(.deflate(error))
        }
    }

    /// Walks the elements up to the pixel data; what can't be read behind the UIDs ends the walk, not the instance.
    private static func walk(
        _ set: RawSpan, _ file: PartTenHeader, _ encoding: Encoding, isWhole: Bool, isDeflated: Bool
    ) -> Outcome {
        var cursor = ElementCursor(as: encoding)
        var elements: [DataElement] = []
        var uids = FoundUIDs()
        var heldTags = HeldTagCursor()
        var end = 0
        var isAtPixelData = false
        var pixelDataEnd: Int?
        var ending: DecodingFault?
        do throws(DecodingFault) {
            while let header = try cursor.next(in: set) {
                if header.tag.group >= 0x7FE0, header.tag.group != 0xFFFC {
                    isAtPixelData = true
                    if !isDeflated { pixelDataEnd = header.length.map { file.dataSetOffset + header.valueOffset + $0 } }
                    break
                }
                let valueEnd = try cursor.end(of: header, in: set)
                if !uids.take(header, set), let held = heldTags.held(header.tag) {
                    elements.append(
                        try element(header, isSequence: held.isSequence, end: valueEnd, set, encoding))
                }
                try cursor.skip(header, in: set)
                end = cursor.offset
            }
        } catch {
            if case .truncated = error, !isWhole, set.byteCount < maximumBytes {
                return .needsMore(bytes: neededBytes(error, file.dataSetOffset, set.byteCount))
            }
            // Inflated bytes are nowhere in the file.
            ending = isDeflated ? error : error.moved(by: file.dataSetOffset)
        }
        // A rest too short for the head of an element may be the beginning of one, even where it is zeros.
        if !isWhole, !isAtPixelData, set.byteCount - cursor.offset < 8, set.byteCount < maximumBytes {
            return .needsMore(bytes: file.dataSetOffset + set.byteCount * 4)
        }
        let sopClass = uids.sopClass ?? file.mediaStorageSOPClassUID
        if sopClass == SOPClass.mediaStorageDirectory { return .refused(.directory) }
        guard let sopClass, let study = uids.study, let series = uids.series, let instance = uids.instance else {
            let found: [(RequiredUID, UID?)] = [
                (.sopClass, sopClass), (.study, uids.study), (.series, uids.series), (.instance, uids.instance),
            ]
            let missing = found.first { $0.1 == nil }?.0 ?? .instance
            if uids.invalid.contains(missing.tag) { return .refused(.invalid(missing)) }
            return .refused(ending.map { .damaged($0) } ?? .missing(missing))
        }
        return .header(
            InstanceHeader(
                transferSyntaxUID: file.transferSyntaxUID, sopClassUID: sopClass, studyInstanceUID: study,
                seriesInstanceUID: series, sopInstanceUID: instance, dataSetOffset: file.dataSetOffset,
                attributes: DataSet(elements), fingerprint: hash(set.extracting(0..<min(end, set.byteCount))),
                pixelDataEnd: pixelDataEnd, elementsEnd: isDeflated ? nil : file.dataSetOffset + end,
                namesSOPClass: uids.sopClass != nil, ending: ending,
                isMislabelled: file.isMislabelled))
    }

    /// As much more as the element that was cut needs, at least four times what there is, at most the limit.
    private static func neededBytes(_ fault: DecodingFault, _ dataSetOffset: Int, _ available: Int) -> Int {
        guard case .truncated(let offset, let needed, _) = fault else { return available * 4 }
        let end = min(offset, maximumBytes) + min(needed, maximumBytes)
        return min(dataSetOffset + max(end + 4_096, available * 4), maximumBytes + dataSetOffset)
    }

    /// The element whose value ends at `end`, read into memory.
    ///
    /// - Parameter isSequence: it is one, whatever VR the file says.
    static func element(
        _ header: ElementHeader, isSequence: Bool, end: Int, _ set: RawSpan, _ encoding: Encoding
    ) throws(DecodingFault) -> DataElement {
        let isSequence = isSequence || header.vr == .SQ || header.length == nil
        if !isSequence, encoding.byteOrder == .little || header.vr.wordBytes == 1 {
            let value = try set.part(at: header.valueOffset, length: end - header.valueOffset)
            return DataElement(header.tag, header.vr, .bytes([UInt8](copying: value)))
        }
        // Sequences and big-endian numbers: one decoder reads them all.
        let part = try set.part(at: header.headerOffset, length: end - header.headerOffset)
        let decoded = try DataSet(decoding: part, as: encoding)
        return decoded[header.tag] ?? DataElement(header.tag, header.vr, .bytes([]))
    }

    /// 64 bits of a multiplicative hash over 8-byte words: fast, stable, and no secret.
    private static func hash(_ bytes: RawSpan) -> UInt64 {
        var hash: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(bytes.byteCount)
        var offset = 0
        while offset + 8 <= bytes.byteCount {
            guard let word = try? bytes.littleEndian(UInt64.self, at: offset) else { break }
            hash = (hash ^ word) &* 0xFF51_AFD7_ED55_8CCD
            hash ^= hash >> 32
            offset += 8
        }
        while offset < bytes.byteCount {
            hash = (hash ^ UInt64(bytes.byte(at: offset))) &* 0xC4CE_B9FE_1A85_EC53
            hash ^= hash >> 29
            offset += 1
        }
        return hash
    }
}

/// The four UIDs of an instance as they are met.
private struct FoundUIDs {
    var sopClass: UID?
    var study: UID?
    var series: UID?
    var instance: UID?
    /// Those whose value is something, and no UID.
    var invalid: Set<Tag> = []

    /// Takes the value when the element is one of the four.
    mutating func take(_ header: ElementHeader, _ set: RawSpan) -> Bool {
        switch header.tag {
        case .sopClassUID: sopClass = uid(header, set)
        case .studyInstanceUID: study = uid(header, set)
        case .seriesInstanceUID: series = uid(header, set)
        case .sopInstanceUID: instance = uid(header, set)
        default: return false
        }
        return true
    }

    private mutating func uid(_ header: ElementHeader, _ set: RawSpan) -> UID? {
        guard let length = header.length, let value = try? set.part(at: header.valueOffset, length: length) else {
            return nil
        }
        let bytes = [UInt8](copying: value)
        if let uid = UID(stored: bytes) { return uid }
        if !bytes.trimmingPadding().isEmpty { invalid.insert(header.tag) }
        return nil
    }
}

extension InstanceHeader {
    /// As the index takes it, for a file at `place`.
    package func entry(at place: Place) -> InstanceEntry {
        var place = place
        place.dataSetOffset = dataSetOffset
        let sets = HeldSets(of: attributes)
        return InstanceEntry(
            patientID: attributes.bytes(.patientID) ?? [], issuer: attributes.bytes(.issuerOfPatientID) ?? [],
            studyInstanceUID: studyInstanceUID, seriesInstanceUID: seriesInstanceUID, sopInstanceUID: sopInstanceUID,
            sopClassUID: sopClassUID, transferSyntaxUID: transferSyntaxUID,
            patient: sets.patient, study: sets.study, series: sets.series, image: sets.image,
            headerFingerprint: fingerprint, place: place)
    }
}
