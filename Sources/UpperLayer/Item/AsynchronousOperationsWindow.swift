// Asynchronous Operations Window (53H, PS3.7 §D.3.3.3): how many operations may be outstanding.

import DICOM

/// Largest numbers of outstanding operations; 0 is without limit. Without the item: 1 and 1.
///
///     offset  size  field (after the item header)
///          0     2  maximum number of operations invoked by the sender of the item
///          2     2  maximum number of operations performed by it
package struct AsynchronousOperationsWindow: Hashable, Sendable {
    static let itemType: UInt8 = 0x53

    package let invoked: UInt16
    package let performed: UInt16

    package init(invoked: UInt16, performed: UInt16) {
        self.invoked = invoked
        self.performed = performed
    }

    /// One operation at a time: what holds without the item.
    package static let synchronous = AsynchronousOperationsWindow(invoked: 1, performed: 1)

    /// The smaller of each number, where 0 is the largest: an answer never passes an offer.
    package func narrowed(to other: AsynchronousOperationsWindow) -> AsynchronousOperationsWindow {
        AsynchronousOperationsWindow(
            invoked: Self.smaller(invoked, other.invoked), performed: Self.smaller(performed, other.performed))
    }

    /// The same window as the other side sees it.
    package var mirrored: AsynchronousOperationsWindow {
        AsynchronousOperationsWindow(invoked: performed, performed: invoked)
    }

    private static func smaller(_ one: UInt16, _ other: UInt16) -> UInt16 {
        one == 0 || other == 0 ? max(one, other) : min(one, other)
    }

    init(decoding body: RawSpan) throws(DecodingFault) {
        invoked = try body.bigEndian(UInt16.self, at: 0)
        performed = try body.bigEndian(UInt16.self, at: 2)
    }

    func encode(into pdu: inout [UInt8]) {
        pdu.appendItem(Self.itemType) { pdu in
            pdu.append(bigEndian: invoked)
            pdu.append(bigEndian: performed)
        }
    }
}
