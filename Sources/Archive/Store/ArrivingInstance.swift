// An instance on its way from the wire to its file: the header is read once while it arrives, the rest goes straight to the disk,
// and is followed only from element to element.

import ArchiveIndex
import DICOM
import Platform

/// What the request says of an instance, before its data set arrives.
package struct AnnouncedInstance: Sendable {
    package let sopClassUID: UID
    package let sopInstanceUID: UID
    package let transferSyntaxUID: UID
    /// Who sends it.
    package let source: AETitle
    /// What stands before the data set in the file: preamble, prefix and File Meta Information (PS3.10 §7.1).
    package let fileHead: [UInt8]

    package init(
        sopClassUID: UID, sopInstanceUID: UID, transferSyntaxUID: UID, source: AETitle, fileHead: [UInt8]
    ) {
        self.sopClassUID = sopClassUID
        self.sopInstanceUID = sopInstanceUID
        self.transferSyntaxUID = transferSyntaxUID
        self.source = source
        self.fileHead = fileHead
    }
}

/// An instance that arrives. Used by one thread; memory doesn't grow with it once its header is read.
package final class ArrivingInstance {
    package let announced: AnnouncedInstance
    private let store: InstanceStore
    private let reserve: IncomingReserve
    /// The file's first bytes, until its header is read.
    private var head: [UInt8]
    /// So many bytes are there to be tried for a header next.
    private var wantedBytes: Int
    private var header: InstanceHeader?
    private let headerRoom = HeaderRoom()
    /// What follows the header, pixel data first; of a deflated data set all of it.
    private var elements: StreamedElements?
    private var inflating: InflatingStream?
    private var name: StoredName?
    private var file: IncomingFile?
    private var fault: StoreFault?
    /// Of the data set.
    package private(set) var byteCount = 0
    /// Why it isn't kept in the folder for what was refused, where that is to be said.
    package private(set) var notKept: String?

    /// Why it isn't worth reading on; nil as long as it may be stored, or its sender be told why not.
    package var endlessness: String? {
        guard byteCount > StorePolicy.readOverMaximumBytes, let fault else { return nil }
        return "refused (\(fault)), and \(byteCount) bytes read over"
    }

    /// Bytes that are in memory, for tests.
    var heldBytes: Int { head.count + (file?.pendingBytes ?? 0) }

    private static let firstBytes = 16 << 10

    init(_ announced: AnnouncedInstance, in store: InstanceStore, from reserve: IncomingReserve) {
        self.announced = announced
        self.store = store
        self.reserve = reserve
        head = announced.fileHead
        wantedBytes = head.count + Self.firstBytes
        do throws(StoreFault) { try store.checkRoom() } catch { fault = error }
    }

    /// Takes the next bytes of the data set. What goes wrong is told by `finish`.
    package func take(_ bytes: RawSpan) {
        byteCount += bytes.byteCount
        if fault == nil, byteCount > StorePolicy.instanceMaximumBytes {
            fault = .tooLarge(limitBytes: StorePolicy.instanceMaximumBytes)
            file = nil
        }
        guard fault == nil || file != nil else { return }
        do throws(StoreFault) {
            if let file {
                try storing { () throws(FileFault) in try file.append(bytes) }
                return try follow(bytes)
            }
            head.append(copying: bytes)
            if head.count >= wantedBytes { try readHeader(isWhole: false) }
        } catch {
            note(error)
        }
    }

    /// What is refused for what it says is kept where the policy asks for that; what couldn't be written is gone.
    private func note(_ error: StoreFault) {
        fault = fault ?? error
        guard error.isOfDataSet, store.rejected != nil else {
            file = nil
            head = []
            return
        }
        guard file == nil else { return }
        do throws(StoreFault) { try startFile() } catch { head = [] }
    }

    private func readHeader(isWhole: Bool) throws(StoreFault) {
        let isAtLimit = head.count >= InstanceHeader.maximumBytes
        let bytes = head
        let part = bytes.rawSpan.extracting(0..<min(bytes.count, InstanceHeader.maximumBytes))
        switch InstanceHeader.read(part, isWhole: isWhole || isAtLimit) {
        case .needsMore(let count):
            guard !isWhole, !isAtLimit else {
                throw .unreadable(.damaged(.overLimit("header", limit: InstanceHeader.maximumBytes, offset: 0)))
            }
            wantedBytes = min(max(count, head.count * 2), InstanceHeader.maximumBytes)
            guard headerRoom.take(wantedBytes) else { throw .headersTooLarge(limitBytes: HeaderRoom.maximumBytes) }
        case .refused(let refusal): throw .unreadable(refusal)
        case .header(let found):
            try check(found, isAtLimit: isAtLimit)
            header = found
            name = StoredName(of: found, head: part, by: store.policy.layout, at: WallClock.now())
            let syntax = TransferSyntax.named(found.transferSyntaxUID)
            let start = found.elementsEnd ?? found.dataSetOffset
            if syntax?.isDeflated == true {
                do throws(DeflateFault) {
                    inflating = try InflatingStream(maximumBytes: StorePolicy.instanceMaximumBytes)
                } catch {
                    throw .unreadable(.deflate(error))
                }
            }
            // Of a deflated data set offsets are those of what it inflates to.
            elements = StreamedElements(as: syntax?.encoding ?? .explicitLittle, at: inflating == nil ? start : 0)
            try follow(bytes.rawSpan.extracting(droppingFirst: start))
            try startFile()
        }
    }

    /// Sees to it that what follows the header are elements.
    private func follow(_ bytes: RawSpan) throws(StoreFault) {
        guard fault == nil else { return }
        guard let inflating else {
            do throws(DecodingFault) { try elements?.take(bytes) } catch { throw .unreadable(.damaged(error)) }
            return
        }
        var damage: DecodingFault?
        do throws(DeflateFault) {
            try inflating.take(bytes) { inflated in
                guard damage == nil else { return }
                do throws(DecodingFault) { try elements?.take(inflated) } catch { damage = error }
            }
        } catch {
            throw .unreadable(.deflate(error))
        }
        if let damage { throw .unreadable(.damaged(damage)) }
    }

    /// All of it has arrived: it must end where an element does.
    private func checkEnd(_ header: InstanceHeader, _ file: IncomingFile) throws(StoreFault) {
        let missing = header.missingBytes(ofFileBytes: file.byteCount)
        if missing > 0 { throw .truncated(missingBytes: missing) }
        if let inflating, !inflating.isAtEnd { throw .unreadable(.deflate(.truncated)) }
        do throws(DecodingFault) { try elements?.finish() } catch { throw .unreadable(.damaged(error)) }
    }

    private func check(_ found: InstanceHeader, isAtLimit: Bool) throws(StoreFault) {
        guard found.namesSOPClass else { throw .unreadable(.missing(.sopClass)) }
        if found.sopInstanceUID != announced.sopInstanceUID {
            throw .contradicts(.instance, announced: announced.sopInstanceUID, found: found.sopInstanceUID)
        }
        if found.sopClassUID != announced.sopClassUID {
            throw .contradicts(.sopClass, announced: announced.sopClassUID, found: found.sopClassUID)
        }
        // A header longer than what is read of one is indexed by that.
        if let ending = found.ending, !isAtLimit { throw .unreadable(.damaged(ending)) }
    }

    private func startFile() throws(StoreFault) {
        let bytes = head
        head = []
        defer { headerRoom.giveBack() }
        let file = try reserve.take()
        try storing { () throws(FileFault) in try file.append(bytes.rawSpan) }
        self.file = file
    }

    /// All has arrived.
    ///
    /// - Returns: what is to be stored.
    /// - Throws: why it can't be; nothing of it is left but in the folder for what was refused.
    package func finish() throws(StoreFault) -> ArrivedInstance {
        if fault == nil, header == nil {
            do throws(StoreFault) { try readHeader(isWhole: true) } catch { note(error) }
        }
        if fault == nil, let header, let file {
            do throws(StoreFault) { try checkEnd(header, file) } catch { note(error) }
        }
        if let fault {
            if let file, let rejected = store.rejected { notKept = rejected.keep(file, announced).map { "\($0)" } }
            file = nil
            throw fault
        }
        guard let header, let name, let file else { throw .unreadable(.notDICOM) }
        return ArrivedInstance(announced: announced, header: header, name: name, file: file)
    }
}

extension StoreFault {
    /// The data set is to blame, and nothing else.
    fileprivate var isOfDataSet: Bool {
        switch self {
        case .unreadable, .truncated, .contradicts: true
        case .file, .index, .overQuota, .tooLarge, .headersTooLarge, .attributesTooLarge, .duplicate, .notAFolder: false
        }
    }
}

/// An instance of which all bytes are there, in a file that nobody reads yet.
package struct ArrivedInstance {
    package let announced: AnnouncedInstance
    package let header: InstanceHeader
    let name: StoredName
    let file: IncomingFile

    /// Bytes of the file.
    package var byteCount: Int { file.byteCount }
}
