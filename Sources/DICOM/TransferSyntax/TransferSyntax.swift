// Transfer syntaxes (PS3.5 §10, Annex A): how a data set's elements and its pixel data are coded.

/// A transfer syntax of the standard.
package struct TransferSyntax: Hashable, Sendable {
    package let uid: UID
    package let keyword: String
    package let name: String
    package let encoding: Encoding
    /// Pixel data stands in fragments (PS3.5 §A.4).
    package let isEncapsulated: Bool
    /// The whole data set is deflated (PS3.5 §A.5).
    package let isDeflated: Bool
    /// What is decoded can differ from what was encoded.
    package let mayBeLossy: Bool
    package let isRetired: Bool
    /// A data set in it can arrive in a C-STORE: it is itself, not a reference to what a server streams (JPIP, SMPTE ST
    /// 2110), and no other encoding around it (MIME, XML).
    package let isStorable: Bool

    package static let implicitVRLittleEndian = known("1.2.840.10008.1.2")
    package static let explicitVRLittleEndian = known("1.2.840.10008.1.2.1")
    package static let deflatedExplicitVRLittleEndian = known("1.2.840.10008.1.2.1.99")
    package static let explicitVRBigEndian = known("1.2.840.10008.1.2.2")

    /// All of the standard's, in its order.
    package static let all: [TransferSyntax] = {
        var all: [TransferSyntax] = []
        let rows = TransferSyntaxData.rows.rawSpan
        rows.forEachLine { at in
            all.append(TransferSyntax(rows.fields(at: at)))
            return true
        }
        return all
    }()

    private static let byUID = Dictionary(uniqueKeysWithValues: all.map { ($0.uid, $0) })

    /// The one with this UID; nil when the standard has none.
    package static func named(_ uid: UID) -> TransferSyntax? { byUID[uid] }

    private init(_ fields: [String]) {
        guard fields.count == 9, let uid = UID(fields[0]) else { preconditionFailure("a row of the generated table") }
        self.uid = uid
        keyword = fields[1]
        name = fields[2]
        encoding = Encoding(isExplicitVR: fields[3] == "Y", byteOrder: fields[4] == "BE" ? .big : .little)
        isEncapsulated = fields[5] == "Y"
        isDeflated = fields[6].hasSuffix("deflate-dataset")
        mayBeLossy = fields[7] != "N"
        isRetired = fields[8] == "retired"
        let compression = fields[6]
        isStorable =
            !compression.hasPrefix("jpip") && !compression.hasPrefix("smpte") && compression != "encapsulation-only"
    }

    private static func known(_ uid: StaticString) -> TransferSyntax {
        guard let found = named(UID(literal: uid)) else { preconditionFailure("\(uid) is in the generated table") }
        return found
    }
}
