// What is sent to an assembler in tests, and what comes out of it.

import DICOM
import Testing
import UpperLayer

enum Fragments {
    static func value(
        _ fragment: [UInt8], command: Bool = true, last: Bool = true, in id: PresentationContextID = Samples.one
    ) -> PresentationDataValue {
        PresentationDataValue(contextID: id, isCommand: command, isLast: last, fragment: fragment)
    }

    /// The body of a P-DATA-TF with these values.
    static func body(_ values: [PresentationDataValue]) -> [UInt8] {
        var body: [UInt8] = []
        DataTransfer(values).encode(into: &body)
        return body
    }

    /// The bodies of the P-DATA-TFs that a command and a data set are cut into for a peer that takes `maximum` bytes.
    static func bodies(_ command: [UInt8], _ dataSet: [UInt8], cutTo maximum: UInt32) throws -> [[UInt8]] {
        let cut = Fragmentation(peerMaximumLength: maximum)!
        var pdus: [UInt8] = []
        cut.append(command, in: Samples.one, isCommand: true, to: &pdus)
        cut.append(dataSet, in: Samples.one, isCommand: false, to: &pdus)
        var bodies: [[UInt8]] = []
        var start = 0
        while start < pdus.count {
            let header = try PDUHeader(decoding: pdus.rawSpan.part(at: start, length: 6))
            #expect(header.kind == .dataTransfer)
            #expect(maximum == 0 || header.bodyBytes <= Int(maximum))
            bodies.append(Array(pdus[(start + 6)..<(start + 6 + header.bodyBytes)]))
            start += 6 + header.bodyBytes
        }
        return bodies
    }

    static func assembler(commandLimit: Int = 65_536) -> PDataAssembler {
        PDataAssembler(contexts: [Samples.one, Samples.three], commandLimitBytes: commandLimit)
    }

    /// Takes a body; `command` says with each command what becomes of the data set behind it.
    static func pieces(
        _ assembler: inout PDataAssembler, _ body: [UInt8],
        command: (inout PDataAssembler, [UInt8]) -> Void = { _, _ in }
    ) throws -> [PDataAssembler.Piece] {
        var offset = 0
        var pieces: [PDataAssembler.Piece] = []
        while let piece = try assembler.taken(body, from: &offset) {
            pieces.append(piece)
            if case .command(_, let bytes) = piece { command(&assembler, bytes) }
        }
        return pieces
    }
}
