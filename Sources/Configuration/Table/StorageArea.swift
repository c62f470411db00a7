// The AETable: which AE titles we answer to, where their files lie, and who may do what there.

import DICOM

/// A row of the AETable: an AE title of ours.
package struct StorageAreaEntry: Equatable, Sendable {
    package let aeTitle: AETitle
    /// The area's folder, an absolute path. Rows with one folder are one area.
    package let folder: String
    package let access: Access
    package let quota: Quota
    /// Who may call the AE title.
    package internal(set) var peers: PeerRule
}

/// What peers may do with an area.
package enum Access: String, CaseIterable, Sendable {
    case read = "R"
    case write = "W"
    case readWrite = "RW"

    package var allowsWriting: Bool { self != .read }
}

/// How much an area takes. dcmqrscp deletes what is older beyond it; Fileroom refuses what is newer, and deletes nothing.
package struct Quota: Equatable, Sendable {
    /// Studies that the area holds at most.
    package let studiesMaximum: Int
    /// Nil is no limit.
    package let studyMaximumBytes: Int?
}

/// Who may call an area.
package enum PeerRule: Equatable, Sendable {
    case any
    case listed([Peer])

    package var peers: [Peer] {
        switch self {
        case .any: []
        case .listed(let peers): peers
        }
    }
}

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

extension Quota {
    init(_ word: Word) throws(ValueFault) {
        let expected = "a quota: (maxStudies, maxBytesPerStudy) such as (10, 1024mb)"
        guard word.form != .bare, (2...3).contains(word.members.count) else {
            throw ValueFault(found: word.text.quoted, expected: expected)
        }
        guard let studies = Int(word.members[0]), studies >= 0 else {
            throw ValueFault(found: "\(word.members[0].quoted) as number of studies", expected: expected)
        }
        studiesMaximum = studies
        // Without its unit at its end it is no limit, a detached unit included: so dcmqrscp has it.
        let size = word.members[1]
        if let bytes = ByteSize(size)?.bytes {
            studyMaximumBytes = bytes
        } else if !size.isEmpty, size.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            studyMaximumBytes = nil
        } else {
            throw ValueFault(
                found: "\(size.quoted) as size of a study",
                expected: "digits, then b, kb, mb or gb; without them, no limit")
        }
    }
}
