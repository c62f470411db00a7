// What is wrong with a path template: what stands there, and what would be right.

/// Why a text is no path template.
package enum PathTemplateFault: Error, Equatable, Sendable {
    /// Nothing at all.
    case empty
    case tooLong(characters: Int)
    case tooManyComponents(Int)
    case tooManyParts(component: String, count: Int)
    /// A `/` at the beginning, at the end, or two in a row.
    case emptyComponent
    /// A character of the text itself that no name may have, or may not begin or end with.
    case unsafeLiteral(Unicode.Scalar, component: String)
    /// A `{` without its `}`, or the reverse.
    case unpairedBrace(component: String)
    /// What stands after the colon is no width.
    case invalidWidth(String, field: String)
    /// No keyword of the data dictionary, no tag and no field of the date.
    case unknownField(String)
    /// Known, but of the command, the file meta information, or the framing of a data set.
    case notOfDataSet(String)
    /// A sequence, pixels or text without limits.
    case notNameable(String, vr: VR)
    /// A text without any field that is no layout's name.
    case unknownLayout(String)

    /// What stands there, in words.
    package var found: String {
        switch self {
        case .empty: "an empty template"
        case .tooLong(let characters): "a template of \(characters) characters"
        case .tooManyComponents(let count): "a template of \(count) components"
        case .tooManyParts(let component, let count): "\(count) parts in the component \(shown(component))"
        case .emptyComponent: "a template with a component that is empty"
        case .unsafeLiteral(let scalar, let component): "\(name(of: scalar)) in the component \(shown(component))"
        case .unpairedBrace(let component): "a brace without the other in the component \(shown(component))"
        case .invalidWidth(let width, let field): "\(shown(width)) as width of {\(printable(field, maximumBytes: 64))}"
        case .unknownField(let field): "{\(printable(field, maximumBytes: 64))}, which the data dictionary doesn't have"
        case .notOfDataSet(let field): "{\(field)}, which is no attribute of an instance's data set"
        case .notNameable(let field, let vr): "{\(field)}, whose VR is \(vr)"
        case .unknownLayout(let text): "\(shown(text)), which names no layout and has no field"
        }
    }

    /// What would be right, in words.
    package var expected: String {
        switch self {
        case .empty: "components such as {PatientID}/{StudyInstanceUID}"
        case .tooLong: "at most \(PathTemplate.maximumCharacters) characters"
        case .tooManyComponents: "at most \(PathTemplate.maximumComponents) components"
        case .tooManyParts: "at most \(PathTemplate.maximumParts) parts in a component"
        case .emptyComponent: "a relative path: one / between two components, none at its ends"
        case .unsafeLiteral(".", _): "a component of one's own text begins and ends with something else"
        case .unsafeLiteral(" ", _): "a component of one's own text begins and ends with something else"
        case .unsafeLiteral: "letters, digits and such signs as - _ . + between the fields"
        case .unpairedBrace: "{Name}, {Name:N} or {Name:0N}"
        case .invalidWidth:
            "N to cut at N characters, 0N to pad a number with zeros to N digits, N from 1 to \(PathTemplate.maximumWidth)"
        case .unknownField:
            "a keyword such as PatientID, a tag such as 0010,0020, or one of YYYY, MM, DD for the date of receipt"
        case .notOfDataSet, .notNameable: "an attribute with a short value, such as PatientID or SeriesNumber"
        case .unknownLayout:
            "one of \(FileLayout.names.joined(separator: ", ")), or a template such as {PatientID}/{StudyInstanceUID}"
        }
    }
}

private func shown(_ text: String) -> String { "\"\(printable(text, maximumBytes: 64))\"" }

private func name(of scalar: Unicode.Scalar) -> String {
    switch scalar {
    case " ": "a blank at the beginning or the end"
    case ".": "a dot at the beginning or the end"
    case "!"..."~": "\"\(scalar)\""
    default: "the character U+\(hexadecimal(scalar.value).dropLast())"
    }
}
