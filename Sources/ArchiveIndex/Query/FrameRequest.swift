// Retrievals of frames (PS3.4 §Y.3.2, §Y.6.1.1.3): told apart, so that who asks for some frames isn't sent all of them.

import DICOM

/// A FRAME level identifier of Composite Instance Root Retrieve. What it asks for is a new instance of some frames, with a UID
/// and attributes of its own; nothing here makes instances.
enum FrameRequest {
    private static let levelName = "FRAME"
    private static let keys: [Tag] = [.simpleFrameList, .calculatedFrameList, .timeRange]

    /// - Throws: where frames are asked for, by the level or, without one, by a key: AA04H where the request isn't one that
    ///   anybody could answer, else AA02H.
    static func refuse(_ identifier: DataSet) throws(QueryFault) {
        let level = identifier.text(.queryRetrieveLevel) ?? ""
        let present = keys.filter { identifier[$0] != nil }
        guard level == levelName || level.isEmpty && !present.isEmpty else { return }
        guard present.count == 1, identifier.bytes(present[0])?.isEmpty == false else {
            throw QueryFault(
                .invalidFrameRequest, present, "FRAME needs one of frame list, calculated list, time range")
        }
        let instances = (identifier.bytes(.sopInstanceUID) ?? []).split(separator: 0x5C)
        guard instances.count == 1, UID(stored: instances[0]) != nil, !instances[0].contains(0x2A),
            !instances[0].contains(0x3F)
        else {
            throw QueryFault(.invalidFrameRequest, [.sopInstanceUID], "FRAME needs one SOP Instance UID")
        }
        throw QueryFault(.framesNotExtracted, [], "frames are not extracted here; ask for level IMAGE")
    }
}
