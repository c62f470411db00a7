// Marks of availability as the payload of a journal frame of kind 128, which a reader may pass over.

import DICOM

/// A varint count, then each mark:
///
///     1 byte flags: 1 unavailable, 2 of the study before, 4 of the series before
///     prefixed packed study UID, unless it is that before; prefixed packed series UID, the same; prefixed packed instance UID
///     varint fingerprint of the places
enum AvailabilityCoding {
    /// In one frame at most: 204 bytes each at worst, and a frame's payload has 4 MiB.
    static let marksMaximum = 16_384

    static func encode(_ marks: some Collection<AvailabilityMark>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendVarint(UInt64(marks.count))
        var last: AvailabilityMark.Instance?
        for mark in marks {
            let isSameStudy = last?.study == mark.instance.study
            let isSameSeries = isSameStudy && last?.series == mark.instance.series
            bytes.append((mark.isUnavailable ? 1 : 0) | (isSameStudy ? 2 : 0) | (isSameSeries ? 4 : 0))
            if !isSameStudy { bytes.appendPrefixed(mark.instance.study.packed) }
            if !isSameSeries { bytes.appendPrefixed(mark.instance.series.packed) }
            bytes.appendPrefixed(mark.instance.instance.packed)
            bytes.appendVarint(UInt64(mark.places))
            last = mark.instance
        }
        return bytes
    }

    static func decode(_ payload: [UInt8], file: String, base: Int) throws(IndexFault) -> [AvailabilityMark] {
        var reader = ByteReader(payload, file: file, base: base)
        // A mark has more than 3 bytes: no count makes more than what is there.
        let count = try reader.count(maximum: payload.count / 4 + 1)
        var marks: [AvailabilityMark] = []
        var last: AvailabilityMark.Instance?
        for _ in 0..<count {
            let start = reader.offset
            let flags = try reader.byte()
            guard flags < 8, flags & 4 == 0 || flags & 2 != 0, flags & 2 == 0 || last != nil else {
                throw reader.fault("a mark's flags", at: start)
            }
            let study = flags & 2 != 0 ? last?.study : try uid(&reader)
            let series = flags & 4 != 0 ? last?.series : try uid(&reader)
            guard let study, let series else { throw reader.fault("a mark's flags", at: start) }
            let named = AvailabilityMark.Instance(study: study, series: series, instance: try uid(&reader))
            let places = try reader.count(maximum: Int(UInt32.max))
            marks.append(AvailabilityMark(named, places: UInt32(places), isUnavailable: flags & 1 != 0))
            last = named
        }
        guard reader.isAtEnd else { throw reader.fault("there are bytes behind the last mark") }
        return marks
    }

    private static func uid(_ reader: inout ByteReader) throws(IndexFault) -> UID {
        let start = reader.offset
        guard let uid = UID(packed: try reader.prefixedArray()) else {
            throw reader.fault("a UID isn't one", at: start)
        }
        return uid
    }
}
