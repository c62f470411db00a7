// How messages are cut into P-DATA-TFs for a peer (PS3.8 Annex D.1 and E): its maximum length, and not past ours.

import DICOM

/// The cut for one peer: one PDV in each P-DATA-TF, fragments of even length except that nothing is padded at the end.
package struct Fragmentation: Equatable, Sendable {
    /// Longest PDU body that we send, to a peer without limit also.
    package static let longestPDUBytes = 131_072
    /// PDU header and PDV header: what stands before each fragment.
    package static let headerBytes = PDUHeader.bytes + PresentationDataValue.headerBytes

    /// Longest fragment: even, because some peers refuse odd ones.
    package let fragmentBytes: Int

    /// Nil for a maximum of 1–7 bytes, which leaves no room for two bytes of data.
    ///
    /// - Parameter peerMaximumLength: of the peer's user information; 0 is no limit.
    package init?(peerMaximumLength: UInt32) {
        let stated = peerMaximumLength == 0 ? Self.longestPDUBytes : Int(peerMaximumLength)
        let pduBytes = min(stated, Self.longestPDUBytes)
        let fragment = (pduBytes - PresentationDataValue.headerBytes) & ~1
        guard fragment >= 2 else { return nil }
        fragmentBytes = fragment
    }

    /// How many P-DATA-TFs `length` bytes take; an empty command or data set still takes one.
    package func count(for length: Int) -> Int {
        max(1, length / fragmentBytes + (length % fragmentBytes == 0 ? 0 : 1))
    }

    /// The byte ranges of the fragments of `length` bytes, in order.
    package func ranges(of length: Int) -> some RandomAccessCollection<Range<Int>> {
        (0..<count(for: length)).lazy.map { index in
            let start = index * fragmentBytes
            return start..<min(length, start + fragmentBytes)
        }
    }

    /// Appends the PDU header and PDV header that stand before a fragment.
    package static func appendHeader(
        _ id: PresentationContextID, isCommand: Bool, isLast: Bool, fragmentBytes: Int, to pdus: inout [UInt8]
    ) {
        pdus.append(PDU.Kind.dataTransfer.rawValue)
        pdus.append(0)
        pdus.append(bigEndian: UInt32(fragmentBytes + PresentationDataValue.headerBytes))
        PresentationDataValueHeader.encode(
            id, isCommand: isCommand, isLast: isLast, fragmentBytes: fragmentBytes, into: &pdus)
    }

    /// Appends whole P-DATA-TFs that carry `content`.
    package func append(
        _ content: [UInt8], in id: PresentationContextID, isCommand: Bool, to pdus: inout [UInt8]
    ) {
        pdus.reserveCapacity(pdus.count + content.count + count(for: content.count) * Self.headerBytes)
        for range in ranges(of: content.count) {
            Self.appendHeader(
                id, isCommand: isCommand, isLast: range.upperBound == content.count, fragmentBytes: range.count,
                to: &pdus)
            pdus += content[range]
        }
    }
}

extension Fragmentation {
    /// The largest multiple of a fragment up to `bytes`, but one fragment at least: data read in such chunks are cut
    /// as they would be in one piece.
    package func chunkBytes(upTo bytes: Int) -> Int { max(fragmentBytes, bytes / fragmentBytes * fragmentBytes) }
}
