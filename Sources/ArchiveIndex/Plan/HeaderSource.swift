// Where the headers of instances come from: the index knows where files lie, and somebody else reads them.

import DICOM

/// Reads headers for one query.
package struct HeaderSource {
    /// Files that one query may open; with 0, the keys that the index doesn't hold are not supported.
    package let filesMaximum: Int
    /// The header of the file at a place; nil where it can't be read, or is another instance's.
    ///
    /// - Parameter tags: what is asked for, ascending.
    package let read: (_ instance: UID, _ place: Place, _ tags: [Tag]) -> ReadHeader?

    package init(filesMaximum: Int, read: @escaping (UID, Place, [Tag]) -> ReadHeader?) {
        self.filesMaximum = filesMaximum
        self.read = read
    }

    /// The same with text that names no character set as the index takes it.
    func assuming(_ fallback: FallbackCharacterSet) -> HeaderSource {
        guard fallback != .standard else { return self }
        return HeaderSource(filesMaximum: filesMaximum) { [read] instance, place, tags in
            read(instance, place, tags).map {
                ReadHeader(attributes: $0.attributes.assuming(fallback), unread: $0.unread)
            }
        }
    }

    /// Of nobody who has files.
    package static var none: HeaderSource { HeaderSource(filesMaximum: 0) { _, _, _ in nil } }
}
