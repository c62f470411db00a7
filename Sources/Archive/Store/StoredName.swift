// The folders and the name that a layout gives an instance.

import DICOM
import Platform

/// Where an instance is to lie, as its layout says.
struct StoredName: Sendable {
    /// Safe components, outermost first.
    let folders: [[UInt8]]
    private let layout: FileLayout
    private let attributes: DataSet
    private let date: ReceiptDate
    private let timestamp: String

    /// - Parameter head: the file up to the end of its header: layouts may name attributes that the index doesn't hold.
    init(of header: InstanceHeader, head: RawSpan, by layout: FileLayout, at moment: WallTime) {
        self.layout = layout
        attributes = Self.attributes(layout.tags, of: header, head: head)
        let isDated = layout.namesReceipt
        let day = isDated ? moment.localDay : (year: 0, month: 0, day: 0)
        date = ReceiptDate(year: day.year, month: day.month, day: day.day)
        timestamp = isDated ? moment.localName : ""
        folders = layout.folders.components(of: attributes, receivedOn: date)
    }

    /// The folders as one path.
    var relativeFolder: Path { folders.reduce(Path(bytes: [])) { $0.appending(Path(bytes: $1)) } }

    /// Its name is a number that counts on in its folder.
    var isSequential: Bool { layout.fileName == nil && layout.naming == .sequential }

    /// The file's name; `sequence` counts for sequential ones alone.
    func file(sequence: Int) -> [UInt8] {
        layout.fileName(of: attributes, receivedOn: date, timestamp: timestamp, sequence: sequence)
    }

    /// The name with a mark that tells it from others: before its extension, and so that it follows the plain one in order.
    func file(marked mark: String) -> [UInt8] {
        let plain = file(sequence: 1)
        let dot = plain.lastIndex(of: UInt8(ascii: ".")) ?? plain.endIndex
        let end = plain.endIndex - dot <= 9 && dot > 0 ? dot : plain.endIndex
        return plain[..<end] + Array("_\(mark)".utf8) + plain[end...]
    }

    private static func attributes(_ tags: [Tag], of header: InstanceHeader, head: RawSpan) -> DataSet {
        var set = DataSet()
        set.set(.sopClassUID, uid: header.sopClassUID)
        set.set(.sopInstanceUID, uid: header.sopInstanceUID)
        set.set(.studyInstanceUID, uid: header.studyInstanceUID)
        set.set(.seriesInstanceUID, uid: header.seriesInstanceUID)
        var missing: Set<Tag> = []
        for tag in tags where set[tag] == nil {
            if let held = header.attributes[tag] { set[tag] = held } else { missing.insert(tag) }
        }
        guard !missing.isEmpty else { return set }
        // Few layouts name what the index doesn't hold, and few instances lack what it does.
        let syntax = TransferSyntax.named(header.transferSyntaxUID)
        guard syntax?.isDeflated != true else { return set }
        let encoding = syntax?.encoding ?? .explicitLittle
        let dataSet = head.extracting(droppingFirst: header.dataSetOffset)
        var cursor = ElementCursor(as: encoding)
        while let element = try? cursor.next(in: dataSet), let last = missing.max(), element.tag <= last {
            guard (try? cursor.skip(element, in: dataSet)) != nil else { break }
            guard missing.remove(element.tag) != nil else { continue }
            let bytes = dataSet.extracting(element.headerOffset..<cursor.offset)
            set[element.tag] = (try? DataSet(decoding: bytes, as: encoding))?[element.tag]
        }
        return set
    }
}
