// The Command Field (0000,0100): which operation a message asks for or answers (PS3.7 §E.1-1).

import DICOM

/// A Command Field value. A response is its request with the highest bit set; unknown values pass through, to be answered 0211H.
package struct CommandField: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let storeRequest = CommandField(rawValue: 0x0001)
    package static let getRequest = CommandField(rawValue: 0x0010)
    package static let findRequest = CommandField(rawValue: 0x0020)
    package static let moveRequest = CommandField(rawValue: 0x0021)
    package static let echoRequest = CommandField(rawValue: 0x0030)
    package static let eventReportRequest = CommandField(rawValue: 0x0100)
    package static let attributesGetRequest = CommandField(rawValue: 0x0110)
    package static let setRequest = CommandField(rawValue: 0x0120)
    package static let actionRequest = CommandField(rawValue: 0x0130)
    package static let createRequest = CommandField(rawValue: 0x0140)
    package static let deleteRequest = CommandField(rawValue: 0x0150)
    /// C-CANCEL-RQ: it has no response of its own (PS3.7 §9.3.2.3).
    package static let cancelRequest = CommandField(rawValue: 0x0FFF)

    package static let storeResponse = storeRequest.response
    package static let getResponse = getRequest.response
    package static let findResponse = findRequest.response
    package static let moveResponse = moveRequest.response
    package static let echoResponse = echoRequest.response

    /// The highest bit is set.
    package var isResponse: Bool { rawValue & 0x8000 != 0 }
    /// The field of the response to this request.
    package var response: CommandField { CommandField(rawValue: rawValue | 0x8000) }
    /// The field carries Message ID Being Responded To (0000,0120) instead of Message ID (0000,0110).
    var refersToRequest: Bool { isResponse || self == .cancelRequest }
}

extension CommandField: CustomStringConvertible {
    /// As the standard names the message: `C-FIND-RQ`.
    package var description: String {
        if self == .cancelRequest { return "C-CANCEL-RQ" }
        let operation: String? =
            switch rawValue & 0x7FFF {
            case 0x0001: "C-STORE"
            case 0x0010: "C-GET"
            case 0x0020: "C-FIND"
            case 0x0021: "C-MOVE"
            case 0x0030: "C-ECHO"
            case 0x0100: "N-EVENT-REPORT"
            case 0x0110: "N-GET"
            case 0x0120: "N-SET"
            case 0x0130: "N-ACTION"
            case 0x0140: "N-CREATE"
            case 0x0150: "N-DELETE"
            default: nil
            }
        guard let operation else { return "command \(hexadecimal(rawValue))" }
        return operation + (isResponse ? "-RSP" : "-RQ")
    }
}
