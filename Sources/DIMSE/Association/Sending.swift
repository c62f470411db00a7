// Messages to the peer: command set and data set cut into P-DATA-TFs, many of them in one system call.

import DICOM
import Platform
import UpperLayer

extension Association {
    /// Sends a message; whether a data set follows is put into the command set here.
    ///
    /// - Throws: `.unknownContext` before anything is sent; else the association is over.
    package func send(
        _ command: CommandSet, dataSet: [UInt8]? = nil, in id: PresentationContextID
    ) throws(AssociationFault) {
        var command = command
        command.hasDataSet = dataSet != nil
        try beginSending(command, dataSet: dataSet, in: id)
        var pdus: [UInt8] = []
        fragmentation.append(command.encoded(), in: id, isCommand: true, to: &pdus)
        guard let dataSet else {
            try link.send([pdus], [GatherPiece(buffer: 0, range: 0..<pdus.count)])
            return
        }
        if dataSet.count <= Self.gatheredBytes {
            fragmentation.append(dataSet, in: id, isCommand: false, to: &pdus)
            try link.send([pdus], [GatherPiece(buffer: 0, range: 0..<pdus.count)])
            return
        }
        // A long data set goes out from where it lies, between headers.
        var pieces = [GatherPiece(buffer: 0, range: 0..<pdus.count)]
        for range in fragmentation.ranges(of: dataSet.count) {
            appendFragment(range, isLast: range.upperBound == dataSet.count, in: id, to: &pdus, &pieces)
        }
        try link.send([pdus, dataSet], pieces)
    }

    /// The same for a message that may wait for those behind it, about a millisecond: many short ones go out in one system call.
    /// What is sent otherwise, and waiting for the peer, brings it out.
    package func sendSoon(
        _ command: CommandSet, dataSet: [UInt8], in id: PresentationContextID
    ) throws(AssociationFault) {
        guard dataSet.count <= Self.gatheredBytes else { return try send(command, dataSet: dataSet, in: id) }
        var command = command
        command.hasDataSet = true
        try beginSending(command, dataSet: dataSet, in: id)
        var pdus: [UInt8] = []
        fragmentation.append(command.encoded(), in: id, isCommand: true, to: &pdus)
        fragmentation.append(dataSet, in: id, isCommand: false, to: &pdus)
        try link.hold(pdus)
    }

    /// To be called now and then by who may send nothing for a while.
    package func sendWhatIsDue() throws(AssociationFault) { try link.sendHeldWhereDue() }

    /// What is copied behind its headers rather than gathered.
    static let gatheredBytes = 65_536

    /// Checks that a message may be sent now, in this context, and asks the machine (Evt9).
    func beginSending(
        _ command: CommandSet, dataSet: [UInt8]?, in id: PresentationContextID
    ) throws(AssociationFault) {
        guard let context = context(id) else { throw .unknownContext(id) }
        guard try link.handle(.dataRequested).contains(.sendData) else { throw .notEstablished }
        if link.tracer.hook != nil { link.tracer.sent(command, dataSet: dataSet, in: context) }
    }

    /// Adds the headers of one data set fragment to `headers`, and both to `pieces`: headers are buffer 0, content is 1.
    func appendFragment(
        _ range: Range<Int>, isLast: Bool, in id: PresentationContextID, to headers: inout [UInt8],
        _ pieces: inout [GatherPiece]
    ) {
        let start = headers.count
        Fragmentation.appendHeader(
            id, isCommand: false, isLast: isLast, fragmentBytes: range.count, to: &headers)
        pieces.append(GatherPiece(buffer: 0, range: start..<headers.count))
        pieces.append(GatherPiece(buffer: 1, range: range))
    }
}
