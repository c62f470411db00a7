// The AreaTable: what is stored otherwise in one area than in all.

import DICOM

/// A row of the AreaTable: `AETitle Parameter = value`. It holds for the area, and so for all titles of its folder.
struct AreaRow {
    let aeTitle: AETitle
    let parameter: StorageParameter
    let setting: StorageSetting
    let line: Int
}

extension AreaRow {
    static let form = "AETitle Parameter = value"

    init(_ words: [Word], line: Int, folder: String) throws(ValueFault) {
        guard let title = AETitle(words[0].text) else {
            throw ValueFault(
                found: "\(words[0].text.quoted) as AE title",
                expected: "an AE title: 1 to 16 characters of ASCII without backslash")
        }
        guard words.count > 1 else { throw ValueFault(found: "a row without a parameter", expected: Self.form) }
        let name = words[1].text
        let names = StorageParameter.allCases.map(\.rawValue)
        guard let parameter = StorageParameter(rawValue: name) else {
            guard Parameter(rawValue: name) == nil else {
                throw ValueFault(
                    found: "\(name), which is the same for all areas",
                    expected: "\(name) outside the tables; here one of \(names.joined(separator: ", "))")
            }
            throw ValueFault(
                found: "the unknown parameter \(name.quoted)",
                expected: nearestName(to: name, among: names) ?? "one of " + names.joined(separator: ", "))
        }
        aeTitle = title
        self.parameter = parameter
        setting = try StorageSetting(
            parameter, ParameterValue(parameter: name, words: Array(words.dropFirst(2)), folder: folder))
        self.line = line
    }
}
