// DIMSE statuses (PS3.7 Annex C): the number that ends every operation. The same number means different things in
// different services, so some numbers have several names here.

import DICOM

/// The Status (0000,0900) of a response.
package struct Status: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The five classes of statuses (PS3.7 §C): all that a peer's private number tells us.
    package enum Kind: Hashable, Sendable { case success, warning, pending, cancel, failure }

    /// The class of the number; a failure where the standard doesn't say (PS3.7 §C).
    package var kind: Kind {
        switch rawValue {
        case 0x0000: .success
        case 0x0001, 0x0107, 0x0116, 0xB000...0xBFFF: .warning
        case 0xFF00, 0xFF01: .pending
        case 0xFE00: .cancel
        default: .failure
        }
    }
}

extension Status {
    package static let success = Status(rawValue: 0x0000)
    package static let pending = Status(rawValue: 0xFF00)
    /// Pending, one or more optional keys were not supported (PS3.4 §C.4.1.1.4).
    package static let pendingWithUnsupportedKeys = Status(rawValue: 0xFF01)
    package static let cancel = Status(rawValue: 0xFE00)

    // General statuses, PS3.7 Annex C.
    package static let noSuchAttribute = Status(rawValue: 0x0105)
    package static let invalidAttributeValue = Status(rawValue: 0x0106)
    package static let attributeListWarning = Status(rawValue: 0x0107)
    package static let processingFailure = Status(rawValue: 0x0110)
    package static let duplicateSOPInstance = Status(rawValue: 0x0111)
    package static let noSuchSOPInstance = Status(rawValue: 0x0112)
    package static let noSuchEventType = Status(rawValue: 0x0113)
    package static let noSuchArgument = Status(rawValue: 0x0114)
    package static let invalidArgumentValue = Status(rawValue: 0x0115)
    package static let attributeValueOutOfRange = Status(rawValue: 0x0116)
    package static let invalidSOPInstance = Status(rawValue: 0x0117)
    package static let noSuchSOPClass = Status(rawValue: 0x0118)
    package static let classInstanceConflict = Status(rawValue: 0x0119)
    package static let missingAttribute = Status(rawValue: 0x0120)
    package static let missingAttributeValue = Status(rawValue: 0x0121)
    package static let sopClassNotSupported = Status(rawValue: 0x0122)
    package static let noSuchActionType = Status(rawValue: 0x0123)
    package static let notAuthorised = Status(rawValue: 0x0124)
    package static let duplicateInvocation = Status(rawValue: 0x0210)
    package static let unrecognisedOperation = Status(rawValue: 0x0211)
    package static let mistypedArgument = Status(rawValue: 0x0212)
    package static let resourceLimitation = Status(rawValue: 0x0213)

    // Storage (PS3.4 §B.2.3) and Query/Retrieve (PS3.4 §C.4).
    package static let outOfResources = Status(rawValue: 0xA700)
    package static let unableToCalculateMatches = Status(rawValue: 0xA701)
    package static let unableToPerformSubOperations = Status(rawValue: 0xA702)
    package static let moveDestinationUnknown = Status(rawValue: 0xA801)
    /// C-STORE: the data set is not of the command's SOP class (PS3.4 §B.2.3).
    package static let dataSetDoesNotMatchSOPClass = Status(rawValue: 0xA900)
    /// C-FIND, C-MOVE, C-GET: the identifier is not one of this SOP class (PS3.4 §C.4).
    package static let identifierDoesNotMatchSOPClass = Status(rawValue: 0xA900)
    /// C-MOVE, C-GET at FRAME level (PS3.4 Table Y.4-1, Table Y.4-2).
    package static let unableToExtractFrames = Status(rawValue: 0xAA02)
    package static let invalidFrameRequest = Status(rawValue: 0xAA04)
    package static let coercionOfDataElements = Status(rawValue: 0xB000)
    /// C-MOVE, C-GET: some sub-operations failed or warned (PS3.4 §C.4.2.1.5).
    package static let subOperationsCompleteWithFailures = Status(rawValue: 0xB000)
    package static let elementsDiscarded = Status(rawValue: 0xB006)
    package static let storedButDoesNotMatchSOPClass = Status(rawValue: 0xB007)
    package static let unableToProcess = Status(rawValue: 0xC000)
}

extension Status: CustomStringConvertible {
    /// As the standard writes it, with the words of PS3.7 Annex C where the number means one thing everywhere: `0122H SOP class not supported`.
    package var description: String {
        let number = hexadecimal(rawValue)
        return words.map { "\(number) \($0)" } ?? number
    }

    private var words: String? {
        switch rawValue {
        case 0x0000: "success"
        case 0x0105: "no such attribute"
        case 0x0106: "invalid attribute value"
        case 0x0107: "attribute list warning"
        case 0x0110: "processing failure"
        case 0x0111: "duplicate SOP instance"
        case 0x0112: "no such SOP instance"
        case 0x0113: "no such event type"
        case 0x0114: "no such argument"
        case 0x0115: "invalid argument value"
        case 0x0116: "attribute value out of range"
        case 0x0117: "invalid SOP instance"
        case 0x0118: "no such SOP class"
        case 0x0119: "class-instance conflict"
        case 0x0120: "missing attribute"
        case 0x0121: "missing attribute value"
        case 0x0122: "SOP class not supported"
        case 0x0123: "no such action type"
        case 0x0124: "not authorised"
        case 0x0210: "duplicate invocation"
        case 0x0211: "unrecognised operation"
        case 0x0212: "mistyped argument"
        case 0x0213: "resource limitation"
        case 0xA700: "out of resources"
        case 0xA701: "unable to calculate number of matches"
        case 0xA702: "unable to perform sub-operations"
        case 0xA801: "move destination unknown"
        case 0xFE00: "cancelled"
        case 0xFF00, 0xFF01: "pending"
        default: nil
        }
    }
}
