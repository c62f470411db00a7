// Command sets as bytes (PS3.7 §6.3.1, Annex E): group 0000, always Implicit VR Little Endian, group length first.

import DICOM

extension CommandSet {
    /// Command Data Set Type of a message without data set (PS3.7 §E.1); every other value announces one.
    static let noDataSet: UInt16 = 0x0101

    /// From the bytes of a command set. Elements may stand in any order, the group length is not relied on, unknown
    /// elements are passed over; a value that its VR excludes is listed in `malformedElements`.
    ///
    ///     offset  size  field of an element, little-endian
    ///          0     2  group, 0000H
    ///          2     2  element
    ///          4     4  length
    ///          8     n  value
    ///
    /// - Throws: when an element passes the end, is of another group or stands twice, and when Command Field, Command
    ///   Data Set Type or the Message ID is missing: then nobody could answer.
    package init(decoding bytes: RawSpan) throws(DecodingFault) {
        var values: [Tag: Range<Int>] = [:]
        var offset = 0
        while offset < bytes.byteCount {
            let group = try bytes.littleEndian(UInt16.self, at: offset)
            let tag = Tag(group, try bytes.littleEndian(UInt16.self, at: offset + 2))
            guard group == 0 else { throw .invalid("command group", value: UInt64(group), offset: offset) }
            let length = Int(try bytes.littleEndian(UInt32.self, at: offset + 4))
            let start = offset + 8
            guard length <= bytes.byteCount - start else {
                throw .truncated(offset: start, neededBytes: length, availableBytes: bytes.byteCount - start)
            }
            guard values.updateValue(start..<(start + length), forKey: tag) == nil else {
                throw .invalid("repeated command element", value: UInt64(tag.element), offset: offset)
            }
            offset = start + length
        }
        var reader = CommandReader(bytes: bytes, values: values)
        field = CommandField(rawValue: try reader.required(.commandField, "Command Field"))
        messageID =
            field.refersToRequest
            ? try reader.required(.messageIDBeingRespondedTo, "Message ID Being Responded To")
            : try reader.required(.messageID, "Message ID")
        hasDataSet = try reader.required(.commandDataSetType, "Command Data Set Type") != Self.noDataSet
        if field.isResponse { status = Status(rawValue: try reader.required(.status, "Status")) }
        affectedSOPClassUID = reader.uid(.affectedSOPClassUID)
        requestedSOPClassUID = reader.uid(.requestedSOPClassUID)
        affectedSOPInstanceUID = reader.uid(.affectedSOPInstanceUID)
        requestedSOPInstanceUID = reader.uid(.requestedSOPInstanceUID)
        priority = reader.number(.priority)
        moveDestination = reader.title(.moveDestination)
        moveOriginator = reader.title(.moveOriginatorApplicationEntityTitle)
        moveOriginatorMessageID = reader.number(.moveOriginatorMessageID)
        remaining = reader.number(.numberOfRemainingSuboperations)
        completed = reader.number(.numberOfCompletedSuboperations)
        failed = reader.number(.numberOfFailedSuboperations)
        warning = reader.number(.numberOfWarningSuboperations)
        offendingElements = reader.tags(.offendingElement)
        errorComment = reader.comment(.errorComment)
        errorID = reader.number(.errorID)
        eventTypeID = reader.number(.eventTypeID)
        actionTypeID = reader.number(.actionTypeID)
        attributeIdentifiers = reader.tags(.attributeIdentifierList)
        malformedElements = reader.malformed
    }

    /// The bytes: group length first, tags ascending.
    package func encoded() -> [UInt8] {
        var writer = CommandWriter()
        writer.append(.affectedSOPClassUID, affectedSOPClassUID)
        writer.append(.requestedSOPClassUID, requestedSOPClassUID)
        writer.append(.commandField, field.rawValue)
        writer.append(
            field.refersToRequest ? .messageIDBeingRespondedTo : .messageID, messageID)
        writer.append(.moveDestination, moveDestination)
        writer.append(.priority, priority)
        writer.append(.commandDataSetType, hasDataSet ? 0x0000 : Self.noDataSet)
        if field.isResponse { writer.append(.status, status.rawValue) }
        writer.append(.offendingElement, offendingElements)
        writer.append(.errorComment, errorComment.map(Self.comment))
        writer.append(.errorID, errorID)
        writer.append(.affectedSOPInstanceUID, affectedSOPInstanceUID)
        writer.append(.requestedSOPInstanceUID, requestedSOPInstanceUID)
        writer.append(.eventTypeID, eventTypeID)
        writer.append(.attributeIdentifierList, attributeIdentifiers)
        writer.append(.actionTypeID, actionTypeID)
        writer.append(.numberOfRemainingSuboperations, remaining)
        writer.append(.numberOfCompletedSuboperations, completed)
        writer.append(.numberOfFailedSuboperations, failed)
        writer.append(.numberOfWarningSuboperations, warning)
        writer.append(.moveOriginatorApplicationEntityTitle, moveOriginator)
        writer.append(.moveOriginatorMessageID, moveOriginatorMessageID)
        return writer.finished()
    }

    /// An Error Comment as LO allows it: 64 characters of the default repertoire, no backslash.
    static func comment(_ text: String) -> [UInt8] {
        text.unicodeScalars.prefix(64).map { scalar in
            (0x20...0x7E).contains(scalar.value) && scalar.value != 0x5C ? UInt8(scalar.value) : 0x3F
        }
    }
}

/// Reads values of a command set whose elements were found.
private struct CommandReader: ~Escapable {
    private let bytes: RawSpan
    private let values: [Tag: Range<Int>]
    private(set) var malformed: [Tag] = []

    @_lifetime(copy bytes)
    init(bytes: RawSpan, values: [Tag: Range<Int>]) {
        self.bytes = bytes
        self.values = values
    }

    private func value(_ tag: Tag) -> [UInt8]? {
        guard let range = values[tag], !range.isEmpty else { return nil }
        return [UInt8](copying: bytes.extracting(range))
    }

    func required(_ tag: Tag, _ name: String) throws(DecodingFault) -> UInt16 {
        guard let range = values[tag] else {
            throw .invalid("count of \(name)", value: 0, offset: bytes.byteCount)
        }
        guard range.count == 2 else {
            throw .invalid("length of \(name)", value: UInt64(range.count), offset: range.lowerBound)
        }
        return try bytes.littleEndian(UInt16.self, at: range.lowerBound)
    }

    mutating func number(_ tag: Tag) -> UInt16? {
        guard let value = value(tag) else { return nil }
        guard value.count == 2 else { return reject(tag) }
        return UInt16(value[0]) | UInt16(value[1]) << 8
    }

    mutating func uid(_ tag: Tag) -> UID? {
        guard let value = value(tag), !value.trimmingPadding().isEmpty else { return nil }
        return UID(stored: value) ?? reject(tag)
    }

    mutating func title(_ tag: Tag) -> AETitle? {
        guard let value = value(tag), !value.trimmingPadding().isEmpty else { return nil }
        return AETitle(stored: value) ?? reject(tag)
    }

    mutating func tags(_ tag: Tag) -> [Tag] {
        guard let value = value(tag) else { return [] }
        guard value.count % 4 == 0 else {
            malformed.append(tag)
            return []
        }
        return stride(from: 0, to: value.count, by: 4).map { start in
            let group = UInt16(value[start]) | UInt16(value[start + 1]) << 8
            let element = UInt16(value[start + 2]) | UInt16(value[start + 3]) << 8
            return Tag(group, element)
        }
    }

    /// Printable whatever the peer sent: it goes to a log.
    func comment(_ tag: Tag) -> String? {
        guard let value = value(tag) else { return nil }
        let printable = value.trimmingPadding().map { (0x20...0x7E).contains($0) ? $0 : 0x3F }
        return printable.isEmpty ? nil : String(decoding: printable, as: UTF8.self)
    }

    private mutating func reject<T>(_ tag: Tag) -> T? {
        malformed.append(tag)
        return nil
    }
}

/// Writes elements in Implicit VR Little Endian; the caller gives them in ascending order.
private struct CommandWriter {
    private var body: [UInt8] = []

    mutating func append(_ tag: Tag, _ value: UInt16?) {
        guard let value else { return }
        append(tag, bytes: [UInt8(truncatingIfNeeded: value), UInt8(value >> 8)], padding: 0)
    }

    mutating func append(_ tag: Tag, _ uid: UID?) {
        guard let uid else { return }
        append(tag, bytes: uid.bytes, padding: 0x00)
    }

    mutating func append(_ tag: Tag, _ title: AETitle?) {
        guard let title else { return }
        append(tag, bytes: Array(title.text.utf8), padding: 0x20)
    }

    mutating func append(_ tag: Tag, _ text: [UInt8]?) {
        guard let text else { return }
        append(tag, bytes: text, padding: 0x20)
    }

    mutating func append(_ tag: Tag, _ tags: [Tag]) {
        guard !tags.isEmpty else { return }
        append(tag, bytes: tags.flatMap { Self.bytes($0) }, padding: 0)
    }

    private static func bytes(_ tag: Tag) -> [UInt8] {
        [
            UInt8(truncatingIfNeeded: tag.group), UInt8(tag.group >> 8), UInt8(truncatingIfNeeded: tag.element),
            UInt8(tag.element >> 8),
        ]
    }

    private static func bytes(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(8 * $0)) }
    }

    private mutating func append(_ tag: Tag, bytes value: [UInt8], padding: UInt8) {
        body += Self.bytes(tag)
        body += Self.bytes(UInt32(value.count + value.count % 2))
        body += value
        if value.count % 2 == 1 { body.append(padding) }
    }

    func finished() -> [UInt8] {
        Self.bytes(Tag.commandGroupLength) + Self.bytes(UInt32(4)) + Self.bytes(UInt32(body.count)) + body
    }
}
