// A stored instance that goes out otherwise than it is stored: in another transfer syntax, or without its bulk data.

import DICOM
import DIMSE
import Platform
import UpperLayer

extension StoredInstance {
    /// A conversion of the data set that was checked from end to end: what can't go out whole is known before its first byte does.
    ///
    /// - Parameter isStopped: asked at each read of the check, which may take its time.
    func conversion(
        to target: TransferSyntax?, withoutBulkData: Bool = false, isStopped: () -> Bool = { false }
    ) throws(StoredInstanceFault) -> DataSetConversion {
        do throws(ConversionFault) {
            return try DataSetConversion(
                from: TransferSyntax.named(transferSyntaxUID), to: target, withoutBulkData: withoutBulkData,
                byteCount: dataSetBytes
            ) { (offset, count, buffer, index) throws(ConversionFault) -> Int in
                if isStopped() { throw .unreadable("stopped while it was checked") }
                return try read(at: offset, count: count, into: &buffer, from: index)
            }
        } catch {
            throw .notConvertible(error)
        }
    }

    /// Sends the data set as `conversion` gives it.
    func send(
        _ conversion: consuming DataSetConversion, _ command: CommandSet, over association: Association,
        in id: PresentationContextID
    ) throws(AssociationFault) {
        var conversion = conversion
        try association.send(command, in: id) { (bytes, wanted) throws(ConversionFault) -> Bool in
            try produce(&conversion, into: &bytes, until: wanted)
        }
    }

    /// The next bytes of the data set as `conversion` gives it; false behind the last.
    func produce(
        _ conversion: inout DataSetConversion, into bytes: inout [UInt8], until wanted: Int
    ) throws(ConversionFault) -> Bool {
        try conversion.produce(into: &bytes, until: wanted) {
            (offset, count, buffer, index) throws(ConversionFault) -> Int in
            try read(at: offset, count: count, into: &buffer, from: index)
        }
    }

    /// Reads of the data set, and nothing behind it.
    private func read(
        at offset: Int, count: Int, into buffer: inout [UInt8], from index: Int
    ) throws(ConversionFault) -> Int {
        let wanted = max(0, min(count, dataSetBytes - offset))
        do throws(FileFault) {
            return try file.read(at: dataSetOffset + offset, into: &buffer, from: index, count: wanted)
        } catch {
            throw .unreadable("file: \(error.cause)")
        }
    }
}
