// All lines of a configuration file that say how to store, put together area by area.

import DICOM

/// What a file's lines say of storing, global and of areas.
struct StorageLines {
    /// A parameter's value and where it stands.
    private struct Given {
        let setting: StorageSetting
        let line: Int
    }

    private var common: [StorageParameter: Given] = [:]
    private var rows: [AreaRow] = []

    mutating func set(_ parameter: StorageParameter, _ setting: StorageSetting, line: Int) {
        common[parameter] = Given(setting: setting, line: line)
    }

    mutating func add(_ row: AreaRow) { rows.append(row) }

    /// The settings, and what is wrong or odd with them.
    struct Resolved {
        var common = StorageSettings()
        /// Of the areas that differ, by their folders.
        var ofFolder: [String: StorageSettings] = [:]
        var faults: [LineFault] = []
        var remarks: [(line: Int, text: String)] = []
    }

    func resolved(for areas: [StorageAreaEntry]) -> Resolved {
        var resolved = Resolved()
        for given in common.values { given.setting.apply(to: &resolved.common) }
        let ofFolder = overrides(areas, &resolved.faults)
        for (folder, overrides) in ofFolder {
            var settings = resolved.common
            for given in overrides.values { given.setting.apply(to: &settings) }
            resolved.ofFolder[folder] = settings
        }
        remark(ofFolder, areas, &resolved)
        return resolved
    }

    /// The rows by area; of two that differ the later is a fault.
    private func overrides(
        _ areas: [StorageAreaEntry], _ faults: inout [LineFault]
    ) -> [String: [StorageParameter: Given]] {
        var ofFolder: [String: [StorageParameter: Given]] = [:]
        for row in rows {
            guard let area = areas.first(where: { $0.aeTitle == row.aeTitle }) else {
                faults.append(unknownArea(row, areas))
                continue
            }
            let earlier = ofFolder[area.folder]?[row.parameter]
            if let earlier, earlier.setting != row.setting {
                faults.append(
                    LineFault(
                        line: row.line,
                        fault: ValueFault(
                            found:
                                "another \(row.parameter.rawValue) of the area \(area.folder) than in line \(earlier.line)",
                            expected: "one value for an area, whichever of its AE titles the row names")))
            } else {
                ofFolder[area.folder, default: [:]][row.parameter] = Given(setting: row.setting, line: row.line)
            }
        }
        return ofFolder
    }

    private func unknownArea(_ row: AreaRow, _ areas: [StorageAreaEntry]) -> LineFault {
        let known = areas.map(\.aeTitle.text)
        let nearest = nearestName(to: row.aeTitle.text, among: known).map { " (\($0)?)" } ?? ""
        return LineFault(
            line: row.line,
            fault: ValueFault(
                found: "the AE title \(row.aeTitle.text.quoted), which the AETable doesn't have",
                expected: known.isEmpty
                    ? "an AETable with that title" : "one of its titles: \(known.joined(separator: ", "))\(nearest)"))
    }

    /// Says what works and can't be meant.
    private func remark(
        _ ofFolder: [String: [StorageParameter: Given]], _ areas: [StorageAreaEntry], _ resolved: inout Resolved
    ) {
        var remarks: [(line: Int, text: String)] = []
        // A default that is spelt out, as in the sample file, is no misunderstanding.
        func remarkOfName(_ settings: StorageSettings, _ given: Given?) {
            guard settings.fileLayout.fileName != nil, let given,
                given.setting != .fileNaming(FileLayout.standard.naming)
            else { return }
            remarks.append((given.line, "FileName has no effect: the template of FileLayout names the file"))
        }
        func remarkOfRetention(_ given: Given?) {
            guard let given, given.setting != .retentionDays(StorageSettings().retentionDays) else { return }
            remarks.append((given.line, "RetentionDays has no effect without QuotaAction = delete-oldest"))
        }
        remarkOfName(resolved.common, common[.fileName])
        let all = [resolved.common] + resolved.ofFolder.values
        if !all.contains(where: { $0.quotaAction == .deleteOldest }) { remarkOfRetention(common[.retentionDays]) }
        for (folder, overrides) in ofFolder {
            let settings = resolved.ofFolder[folder] ?? resolved.common
            remarkOfName(settings, overrides[.fileName])
            if settings.quotaAction == .refuse { remarkOfRetention(overrides[.retentionDays]) }
        }
        var seen: Set<String> = []
        for area in areas where seen.insert(area.folder).inserted {
            let titles = areas.filter { $0.folder == area.folder }
            let settings = resolved.ofFolder[area.folder] ?? resolved.common
            guard settings.quotaAction == .deleteOldest, settings.maximumBytes == nil,
                titles.contains(where: \.access.allowsWriting),
                !titles.contains(where: { $0.quota.studiesMaximum > 0 }),
                let given = ofFolder[area.folder]?[.quotaAction] ?? common[.quotaAction]
            else { continue }
            remarks.append(
                (
                    given.line,
                    "\(area.aeTitle) has no limit that delete-oldest could keep: neither MaxBytes nor a number of studies"
                ))
        }
        resolved.remarks += remarks.sorted { ($0.line, $0.text) < ($1.line, $1.text) }
    }
}
