// A DIMSE message (PS3.7 §6.3): a command set, and a data set where the command announces one.

import DICOM
import UpperLayer

/// One message as it arrived. The data set is the bytes as received, in the transfer syntax of its presentation context.
package struct Message: Equatable, Sendable {
    package let contextID: PresentationContextID
    package let command: CommandSet
    /// Nil where the command announces none, or where a sink took it as it arrived.
    package let dataSet: [UInt8]?

    package init(contextID: PresentationContextID, command: CommandSet, dataSet: [UInt8]? = nil) {
        self.contextID = contextID
        self.command = command
        self.dataSet = dataSet
    }
}
