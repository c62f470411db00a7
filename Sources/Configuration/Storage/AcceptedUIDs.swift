// The parameters `StorageSOPClasses` and `TransferSyntaxes`: lists of UIDs, named by their keywords or as they are.

import DICOM

/// Reads such lists; nil is all.
enum AcceptedUIDs {
    static func sopClasses(_ value: ParameterValue) throws(ValueFault) -> Set<UID>? {
        try list(value, of: "storage SOP classes", example: "CTImageStorage", sopClassOfKeyword) { uid in
            // What the standard gives to another service is never stored; what it doesn't know may be.
            SOPClass.named(uid)?.isStorage ?? true
        }
    }

    static func transferSyntaxes(_ value: ParameterValue) throws(ValueFault) -> Set<UID>? {
        try list(value, of: "transfer syntaxes", example: "ExplicitVRLittleEndian", transferSyntaxOfKeyword) { uid in
            // Of a transfer syntax that nobody has described, no data set can be read.
            TransferSyntax.named(uid)?.isStorable ?? false
        }
    }

    private static let sopClassOfKeyword = Dictionary(
        SOPClass.all.filter(\.isStorage).map { ($0.keyword, $0.uid) }, uniquingKeysWith: { first, _ in first })
    private static let transferSyntaxOfKeyword = Dictionary(
        TransferSyntax.all.filter(\.isStorable).map { ($0.keyword, $0.uid) }, uniquingKeysWith: { first, _ in first })

    private static func list(
        _ value: ParameterValue, of what: String, example: String, _ uidOfKeyword: [String: UID],
        isAllowed: (UID) -> Bool
    ) throws(ValueFault) -> Set<UID>? {
        let what =
            value.parameter == StorageParameter.transferSyntaxes.rawValue ? "transfer syntaxes" : "storage SOP classes"
        let expected = "all, or keywords or UIDs of \(what), such as \(example)"
        let first = try value.text(expected: expected)
        if first.lowercased() == "all", value.words.count == 1 { return nil }
        var uids: Set<UID> = []
        for word in value.words {
            if let uid = uidOfKeyword[word.text] {
                uids.insert(uid)
            } else if let uid = UID(word.text), uid.isValid, isAllowed(uid) {
                uids.insert(uid)
            } else {
                let hint = nearestName(to: word.text, among: uidOfKeyword.keys.sorted()).map { " (\($0)?)" } ?? ""
                throw ValueFault(found: "\(value.parameter) = \(word.text.quoted)", expected: expected + hint)
            }
        }
        return uids
    }
}
