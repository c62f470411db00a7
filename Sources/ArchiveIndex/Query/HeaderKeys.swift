// Keys that the index doesn't hold, but the files' headers do: any attribute may be asked for (PS3.4 §C.3.1, §C.6.1.1).

import DICOM

/// Which keys are answered from headers.
enum HeaderKeys {
    /// Whether headers are read for a key: an attribute of the standard that no level of the index holds, stands before the
    /// pixel data, and is no bulk data. Unknown private keys may be ignored (PS3.4 §C.4.1.1.3.2), and are.
    static func contains(_ tag: Tag) -> Bool {
        guard tag.group < 0x7FE0, !notInFiles.contains(tag), SupportedKeys.level(of: tag) == nil,
            let entry = DataDictionary.entry(for: tag)
        else { return false }
        switch entry.vr {
        case .OB, .OD, .OF, .OL, .OV, .OW, .UN: return false
        default: return true
        }
    }

    /// They belong to queries alone, and say nothing of instances: Query/Retrieve View (0008,0053) is a matter of negotiation,
    /// Storage Media File-Set ID (0088,0130) and UID (0088,0140) stand in for the title to retrieve from.
    private static let notInFiles: Set<Tag> = [
        Tag(0x0008, 0x0053), Tag(0x0088, 0x0130), Tag(0x0088, 0x0140),
    ]
}
