// What the text of a request is in where its identifier names no character set: real clients send their own host's.

import DICOM

/// The character set of requests that name none.
package struct RequestCharacterSet: Sendable {
    /// What is known of the peer. Its requests are taken as if they named it, so that responses go out in it too, and name it,
    /// where ISO 646 doesn't do and it carries them.
    package var ofPeer: FallbackCharacterSet?
    /// How the area reads text; responses don't depend on it unless the request has such text.
    package var ofArea = FallbackCharacterSet.standard

    package init() {}

    /// The identifier with the character set that it is taken to be in.
    func naming(_ identifier: DataSet) -> DataSet {
        guard let ofPeer else { return identifier.assuming(ofArea) }
        guard SpecificCharacterSet(stored: identifier.bytes(.specificCharacterSet)).isSilent else { return identifier }
        var named = identifier
        named.set(.specificCharacterSet, .CS, bytes: ofPeer.storedValue)
        return named
    }
}
