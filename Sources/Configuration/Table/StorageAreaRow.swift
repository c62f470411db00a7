// A row of the AETable as it is read.

import DICOM

/// A row of the AETable before its symbolic names are looked up; nil peers are ANY.
struct StorageAreaRow {
    let aeTitle: AETitle
    let folder: String
    let access: Access
    let quota: Quota
    let peers: PeerList?
    let line: Int
    let remarks: [String]
}

extension StorageAreaRow {
    static let form = "AETitle StorageArea Access (maxStudies, maxBytesPerStudy) Peers"

    init(_ words: [Word], line: Int, folder base: String) throws(ValueFault) {
        guard words.count >= 5 else {
            let missing = ["an AE title", "a storage area", "an access right", "a quota", "peers"][words.count]
            throw ValueFault(found: "a row without \(missing)", expected: Self.form)
        }
        guard let title = AETitle(words[0].text) else {
            throw ValueFault(
                found: "\(words[0].text.quoted) as AE title",
                expected: "an AE title: 1 to 16 characters of ASCII without backslash")
        }
        guard !words[1].text.isEmpty else {
            throw ValueFault(found: "an empty storage area", expected: "a folder")
        }
        guard let access = Access(rawValue: words[2].text) else {
            throw ValueFault(
                found: "\(words[2].text.quoted) as access right",
                expected: "R, W or RW (after a folder that is in quotation marks if it contains blanks)")
        }
        aeTitle = title
        folder = absolutePath(words[1].text, from: base)
        self.access = access
        quota = try Quota(words[3])
        self.line = line
        if words[4].text == "ANY" {
            peers = nil
            remarks = words.count > 5 ? ["what follows ANY is not read: everyone may call \(title)"] : []
        } else {
            let list = try PeerList(words[4...])
            peers = list
            remarks = list.remarks
        }
    }
}
