// Stored dates and times as the requester's clock shows them, where that was agreed on (PS3.4 §C.2.2.2, §C.5.1.1).

import DICOM

/// Puts values into the zone that Timezone Offset From UTC (0008,0201) of a request names. What was stored with an offset of its
/// own is shifted; what was stored without one is taken to be in the requester's zone. A date goes with its time and stays
/// where it has none; a date-time that carries its offset stays. A patient's birth date is a day of the calendar in every
/// zone, or it would identify nobody.
struct ZoneAdjustment: Hashable, Sendable {
    let target: UTCOffset

    /// Days by which a date may change: offsets reach from -1400 to +1400.
    static let daysMaximum: Int64 = 2

    /// A value in the target zone.
    ///
    /// - Parameter partner: of a date its time, of a time its date, as they are stored.
    func adjusted(_ tag: Tag, _ value: ResolvedValue, partner: ResolvedValue?) -> ResolvedValue {
        guard let stored = value.timezoneOffset.flatMap({ UTCOffset(stored: $0) }), stored != target,
            tag != .patientBirthDate, tag != .patientBirthTime
        else { return value }
        let shift = Int64(target.minutes - stored.minutes)
        let bytes: [UInt8]
        switch value.vr {
        case .DA:
            guard let partner, partner.timezoneOffset == value.timezoneOffset else { return value }
            bytes = Self.shiftedPairs(value.bytes, partner.bytes, shift).dates
        case .TM:
            let dates = partner?.timezoneOffset == value.timezoneOffset ? partner?.bytes : nil
            bytes = Self.shiftedPairs(dates ?? [], value.bytes, shift).times
        case .DT: bytes = Self.joined(Self.values(value.bytes).map { Self.shiftedDateTime($0, shift) })
        case .SQ:
            guard let items = try? DataSet.items(inSequence: value.bytes) else { return value }
            bytes = HeldSets.coded(items.map { self.item($0, shift) })
        default: return value
        }
        return ResolvedValue(vr: value.vr, bytes: bytes, characterSet: value.characterSet, timezoneOffset: nil)
    }

    private func item(_ item: DataSet, _ shift: Int64) -> DataSet {
        DataSet(
            item.elements.map { element in
                var element = element
                switch element.value {
                case .items(let items): element.value = .items(items.map { self.item($0, shift) })
                case .bytes(let bytes):
                    let partner = DateTimePairs.partner(of: element.tag).flatMap { item.bytes($0) }
                    switch element.vr {
                    case .DA:
                        if let partner { element.value = .bytes(Self.shiftedPairs(bytes, partner, shift).dates) }
                    case .TM: element.value = .bytes(Self.shiftedPairs(partner ?? [], bytes, shift).times)
                    case .DT:
                        element.value = .bytes(Self.joined(Self.values(bytes).map { Self.shiftedDateTime($0, shift) }))
                    default: break
                    }
                case .fragments: break
                }
                return element
            })
    }

    // MARK: Text

    private static let minuteUs: Int64 = 60_000_000

    private static func values(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.split(separator: 0x5C, omittingEmptySubsequences: false)
    }

    private static func joined(_ values: [[UInt8]]) -> [UInt8] { Array(values.joined(separator: [0x5C])) }

    /// The nth date goes with the nth time; without one it stays as it is.
    private static func shiftedPairs(
        _ dates: [UInt8], _ times: [UInt8], _ shift: Int64
    ) -> (dates: [UInt8], times: [UInt8]) {
        let (days, hours) = (values(dates), values(times))
        var newDates = days.map { Array($0) }
        var newTimes = hours.map { Array($0) }
        for index in hours.indices {
            let day = index < days.count ? days[index] : []
            guard let (date, time) = shifted(date: day, time: hours[index], shift) else { continue }
            newTimes[index] = time
            if let date { newDates[index] = date }
        }
        return (joined(newDates), joined(newTimes))
    }

    /// Nil where it is no time, or where the date would leave the years that dates are written in. A time without date goes
    /// round the clock.
    private static func shifted(
        date: ArraySlice<UInt8>, time: ArraySlice<UInt8>, _ shift: Int64
    ) -> (date: [UInt8]?, time: [UInt8])? {
        guard let value = TimeValue(stored: time) else { return nil }
        let day = DateValue(stored: date)?.day
        let minutes = (day ?? 0) * 1_440 + value.interval.lowerBound / minuteUs + shift
        let newDay = (minutes >= 0 ? minutes : minutes - 1_439) / 1_440
        let newDate = day == nil ? nil : StudySource.dateText(newDay)
        guard day == nil || newDate != nil else { return nil }
        let minuteOfDay = minutes - newDay * 1_440
        // Offsets have whole minutes: what follows those stays as it is.
        let digits = time.trimmingPadding().filter { $0 != 0x3A }
        var text = twoDigits(minuteOfDay / 60)
        if value.precision > .hour || shift % 60 != 0 { text += twoDigits(minuteOfDay % 60) }
        text += digits.dropFirst(4)
        return (newDate, text)
    }

    /// A date-time with an offset of its own, or without hours, stays.
    private static func shiftedDateTime(_ value: ArraySlice<UInt8>, _ shift: Int64) -> [UInt8] {
        let text = value.trimmingPadding()
        guard let known = DateTimeValue(stored: text), known.offset == nil, known.precision >= .hour,
            let new = shifted(date: text.prefix(8), time: text.dropFirst(8), shift), let date = new.date
        else { return Array(value) }
        return date + new.time
    }

    private static func twoDigits(_ number: Int64) -> [UInt8] {
        [UInt8(0x30 + number / 10), UInt8(0x30 + number % 10)]
    }
}
