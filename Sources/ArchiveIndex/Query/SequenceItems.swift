// The items of a sequence whose bytes the index or a file's header gave.

import DICOM

extension DataSet {
    /// The items of a sequence held as Explicit VR Little Endian items of defined length.
    package static func items(inSequence bytes: [UInt8]) throws(DecodingFault) -> [DataSet] {
        // As the sequence of a data set, so that one decoder reads all.
        var whole: [UInt8] = [0x40, 0x00, 0x75, 0x02, 0x53, 0x51, 0, 0]
        for shift in [0, 8, 16, 24] { whole.append(UInt8(truncatingIfNeeded: bytes.count >> shift)) }
        let set = try DataSet(decoding: (whole + bytes).rawSpan, as: .explicitLittle)
        return set.items(.requestAttributesSequence) ?? []
    }
}
