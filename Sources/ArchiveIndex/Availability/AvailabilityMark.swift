// What a retrieval found out about an instance's file: gone or changed, or there again. A hint that nothing depends on.

import DICOM

/// An instance whose file could not be sent as it was indexed, or could be again.
package struct AvailabilityMark: Hashable, Sendable {
    /// An instance of a series of a study: each level is asked for availability by its own.
    package struct Instance: Hashable, Sendable {
        package let study: UID
        package let series: UID
        package let instance: UID
    }

    package let instance: Instance
    /// A CRC-32C of the places where it was looked for. With other places, or another state of them, the mark means nothing.
    package let places: UInt32
    package let isUnavailable: Bool

    init(_ instance: Instance, places: UInt32, isUnavailable: Bool) {
        self.instance = instance
        self.places = places
        self.isUnavailable = isUnavailable
    }

    package init(_ reference: InstanceReference, isUnavailable: Bool) {
        self.init(
            Instance(
                study: reference.studyInstanceUID, series: reference.seriesInstanceUID,
                instance: reference.sopInstanceUID),
            places: Self.fingerprint(of: reference.places), isUnavailable: isUnavailable)
    }

    /// The mark that takes this one back.
    package var withdrawn: AvailabilityMark { AvailabilityMark(instance, places: places, isUnavailable: false) }

    /// Of places in the order of `InstanceContent.places`.
    static func fingerprint(of places: [Place]) -> UInt32 {
        var bytes: [UInt8] = []
        for place in places {
            bytes.appendVarint(UInt64(place.root))
            bytes.appendPrefixed(place.path)
            bytes.appendVarint(UInt64(place.sizeBytes))
            bytes.appendVarint(zigzag(place.modificationNs))
            bytes.appendVarint(place.inode)
        }
        return checksum(bytes)
    }
}

extension AvailabilityMark: CustomStringConvertible {
    /// For a dump: `unavailable: instance 1.2.3.4 of series 1.2.3 of study 1.2`.
    package var description: String {
        "\(isUnavailable ? "unavailable" : "available again"): instance \(instance.instance) of series \(instance.series)"
            + " of study \(instance.study)"
    }
}
