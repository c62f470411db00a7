// File layouts: in which folders the storage daemon files an instance, and under which name.

/// Folders and file name of instances below an area's folder of instances.
///
/// It is one of the named layouts, or a template of one's own. Such a template names the file too if its last component
/// ends in an extension (`.` and 1 to 8 ASCII letters or digits of its own text at the very end, as `.dcm`) or contains
/// `{SOPInstanceUID}`; otherwise all its components are folders, and the naming names the file.
///
/// Two instances may get one path; the writer tells them apart.
package struct FileLayout: Equatable, Sendable {
    /// The folders; may be none.
    package let folders: PathTemplate
    /// The file name where the template gives it, one component; nil where `naming` does.
    package let fileName: PathTemplate?
    package var naming: FileNaming

    /// `study-series` and `sop-uid`.
    package static let standard: FileLayout = {
        guard let layout = try? FileLayout("study-series", naming: .sopUID) else {
            preconditionFailure("a layout of our own")
        }
        return layout
    }()

    /// What each named layout stands for; `flat` is no folders.
    private static let named: [(name: String, template: String?)] = [
        ("study-series", "{StudyInstanceUID}/{SeriesInstanceUID}"),
        ("flat", nil),
        ("patient", "{PatientID}"),
        ("study", "{StudyInstanceUID}"),
        ("series", "{PatientID}/{StudyInstanceUID}/{SeriesInstanceUID}"),
        ("date", "{YYYY}/{MM}/{DD}"),
    ]

    /// The names of the named layouts.
    package static var names: [String] { named.map(\.name) }

    /// From a layout's name, in any letter case, or a template.
    package init(_ text: String, naming: FileNaming) throws(PathTemplateFault) {
        self.naming = naming
        if let known = Self.named.first(where: { $0.name == text.lowercased() }) {
            folders =
                try known.template.map { template throws(PathTemplateFault) in
                    try PathTemplate(parsing: template)
                } ?? PathTemplate([])
            fileName = nil
            return
        }
        let template = try PathTemplate(parsing: text)
        // A text without a field is a misspelt name rather than one folder for everything.
        guard text.contains("{") else { throw .unknownLayout(text) }
        folders = template.namesFile ? PathTemplate(template.parsed.dropLast()) : template
        fileName = template.namesFile ? PathTemplate(template.parsed.suffix(1)) : nil
    }

    /// The moment of receipt stands in folders or file name.
    package var namesReceipt: Bool {
        folders.namesDate || fileName?.namesDate ?? (naming == .timestamp)
    }

    /// The attributes that folders and file name are made of, each once.
    package var tags: [Tag] {
        var tags = folders.tags
        let more = fileName?.tags ?? naming.tags
        for tag in more where !tags.contains(tag) { tags.append(tag) }
        return tags
    }

    /// The file's name in its folder, a safe component.
    ///
    /// - Parameters:
    ///   - attributes: those of `tags` that the instance has.
    ///   - date: of receipt, for a template that names the file by it.
    ///   - timestamp: of receipt, such as 20261121T101112.123456, for `FileNaming.timestamp`.
    ///   - sequence: the next number, for `FileNaming.sequential`; padded to 8 digits.
    package func fileName(
        of attributes: DataSet, receivedOn date: ReceiptDate, timestamp: String, sequence: Int
    ) -> [UInt8] {
        if let name = fileName?.components(of: attributes, receivedOn: date).first { return name }
        return SafeComponent(
            [.value(naming.stem(attributes, timestamp: timestamp, sequence: sequence))], suffix: ".dcm"
        ).bytes
    }
}

extension FileNaming {
    fileprivate var tags: [Tag] {
        switch self {
        case .sopUID: [.sopInstanceUID]
        case .instanceNumber: [.instanceNumber, .sopInstanceUID]
        case .timestamp, .sequential: []
        }
    }

    /// The name before its extension, not yet safe.
    fileprivate func stem(_ attributes: DataSet, timestamp: String, sequence: Int) -> String {
        func text(_ tag: Tag) -> String { attributes.firstValueText(tag, .defaultRepertoire) }
        switch self {
        case .sopUID: return text(.sopInstanceUID)
        case .instanceNumber:
            let number = text(.instanceNumber)
            return isInteger(number) ? zeroPadded(number, digits: 8) : text(.sopInstanceUID)
        case .timestamp: return timestamp
        case .sequential: return zeroPadded(String(sequence), digits: 8)
        }
    }
}
