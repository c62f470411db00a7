// Available Transfer Syntax UID (0008,3002): what an instance can be sent in (PS3.4 §C.6.1.1.5.2).

import DICOM

extension TransferSyntax {
    /// What retrievals can send an instance in, none of which loses anything of what is stored: as it is stored first, then what
    /// native pixel data, and such as RLE Lossless is decoded to, is converted to. What can't be converted is sent as it is alone.
    package static func available(for stored: UID) -> [UID] {
        guard named(stored)?.isConvertible == true else { return [stored] }
        return [stored] + conversionTargets.map(\.uid).filter { $0 != stored }
    }
}
