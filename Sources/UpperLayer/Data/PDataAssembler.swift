// Puts the fragments of P-DATA-TFs together again (PS3.8 Annex E): any number of PDVs in a PDU, of any length.
// Memory grows only with bytes that arrived, and not past the limits.

import DICOM

/// What is wrong with presentation data, each with the A-ABORT that it deserves.
package enum PDataFault: Error, Equatable, Sendable {
    case malformed(DecodingFault)
    /// A P-DATA-TF without a single PDV.
    case empty
    /// The presentation context was not accepted.
    case unknownContext(PresentationContextID)
    /// A fragment on another context than the message's first (PS3.8 Annex E.2).
    case contextChanged(from: PresentationContextID, to: PresentationContextID)
    /// A data set fragment although no command announced a data set.
    case unannouncedDataSet
    /// A command fragment while a data set is announced and not complete.
    case missingDataSet
    case commandTooLong(limitBytes: Int)
    /// More bytes passed over of an over-long data set than we read for nothing.
    case dataSetTooLong(limitBytes: Int)

    /// What the peer is told (PS3.8 §9.3.8, Table 9-26).
    package var abort: Abort {
        switch self {
        case .malformed, .empty, .unknownContext, .commandTooLong, .dataSetTooLong: .invalidParameterValue
        case .contextChanged, .unannouncedDataSet, .missingDataSet: .unexpectedParameter
        }
    }
}

extension PDataFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let fault): "malformed P-DATA-TF: \(fault)"
        case .empty: "P-DATA-TF without a presentation data value"
        case .unknownContext(let id): "data on presentation context \(id), which was not accepted"
        case .contextChanged(let first, let second):
            "a message began on presentation context \(first) and went on on \(second)"
        case .unannouncedDataSet: "a data set that no command announced"
        case .missingDataSet: "a command where the rest of a data set was due"
        case .commandTooLong(let limit): "a command set exceeds the limit of \(limit) bytes"
        case .dataSetTooLong(let limit): "a data set exceeds the limit of \(limit) bytes"
        }
    }
}

/// Assembles command sets and data sets. The driver tells, after each command, whether a data set follows: only DIMSE knows.
package struct PDataAssembler: Sendable {
    /// A whole command set or data set.
    package enum Piece: Equatable, Sendable {
        case command(PresentationContextID, [UInt8])
        case dataSet(PresentationContextID, [UInt8])
        /// It passed the limit; its bytes were read over.
        case dataSetOverLimit(PresentationContextID)
        /// The next bytes of a data set that is passed on as it arrives: a range of the body, which may be empty.
        case fragment(PresentationContextID, Range<Int>, isLast: Bool)
    }

    private enum Expectation: Sendable { case command, restOfCommand, dataSet }

    private let contexts: Set<PresentationContextID>
    private let commandLimitBytes: Int
    /// How far an over-long data set is read over before the peer is stopped.
    package static let passedOverBytes = 1 << 30
    private var expectation = Expectation.command
    private var contextID: PresentationContextID?
    private var bytes: [UInt8] = []
    private var dataSetLimitBytes = 0
    private var passedOver = 0
    private var isPassedOn = false

    /// - Parameters:
    ///   - contexts: those accepted; data on any other is a fault.
    ///   - commandLimitBytes: the longest command set; a longer one is a fault.
    package init(contexts: Set<PresentationContextID>, commandLimitBytes: Int) {
        self.contexts = contexts
        self.commandLimitBytes = commandLimitBytes
    }

    /// No message has begun, or the last one is complete.
    package var isBetweenMessages: Bool {
        if case .command = expectation { true } else { false }
    }

    /// The command just returned announced a data set.
    package mutating func expectDataSet(limitBytes: Int) {
        expectation = .dataSet
        dataSetLimitBytes = limitBytes
    }

    /// The same for a data set that is passed on piece by piece, of whatever length.
    package mutating func passOnDataSet() {
        expectation = .dataSet
        isPassedOn = true
    }

    /// Takes PDVs of a P-DATA-TF's body from `offset` on until a piece is whole, and moves `offset` behind them.
    ///
    /// - Returns: nil at the end of the body.
    package mutating func take(_ body: RawSpan, from offset: inout Int) throws(PDataFault) -> Piece? {
        guard body.byteCount > 0 else { throw .empty }
        while let value = try Self.header(in: body, at: offset) {
            try check(value)
            contextID = value.contextID
            if isPassedOn, !value.isCommand {
                offset = value.fragment.upperBound
                if value.isLast { finishPassingOn() }
                return .fragment(value.contextID, value.fragment, isLast: value.isLast)
            }
            try append(body, value.fragment, isCommand: value.isCommand)
            offset = value.fragment.upperBound
            guard value.isLast else { continue }
            return finish(value)
        }
        return nil
    }

    private static func header(in body: RawSpan, at offset: Int) throws(PDataFault) -> PresentationDataValueHeader? {
        do throws(DecodingFault) {
            return try PresentationDataValueHeader(decoding: body, at: offset)
        } catch {
            throw .malformed(error)
        }
    }

    private mutating func check(_ value: PresentationDataValueHeader) throws(PDataFault) {
        guard contexts.contains(value.contextID) else { throw .unknownContext(value.contextID) }
        switch (expectation, value.isCommand) {
        case (.command, true): expectation = .restOfCommand
        case (.restOfCommand, true), (.dataSet, false):
            if let contextID, contextID != value.contextID {
                throw .contextChanged(from: contextID, to: value.contextID)
            }
        case (.command, false), (.restOfCommand, false): throw .unannouncedDataSet
        case (.dataSet, true): throw .missingDataSet
        }
    }

    private mutating func append(_ body: RawSpan, _ fragment: Range<Int>, isCommand: Bool) throws(PDataFault) {
        let limit = isCommand ? commandLimitBytes : dataSetLimitBytes
        if passedOver == 0, fragment.count <= limit - bytes.count {
            bytes += [UInt8](copying: body.extracting(fragment))
            return
        }
        if isCommand { throw .commandTooLong(limitBytes: limit) }
        passedOver += bytes.count + fragment.count
        bytes = []
        guard passedOver <= Self.passedOverBytes else { throw .dataSetTooLong(limitBytes: limit) }
    }

    private mutating func finishPassingOn() {
        isPassedOn = false
        expectation = .command
        contextID = nil
    }

    private mutating func finish(_ value: PresentationDataValueHeader) -> Piece {
        let whole = bytes
        let wasOverLimit = passedOver > 0
        bytes = []
        passedOver = 0
        expectation = .command
        if value.isCommand { return .command(value.contextID, whole) }
        contextID = nil
        return wasOverLimit ? .dataSetOverLimit(value.contextID) : .dataSet(value.contextID, whole)
    }
}
