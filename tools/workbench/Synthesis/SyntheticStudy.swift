// A study of a synthetic archive: what its instances have in common, before there is one of them.

import ArchiveIndex
import DICOM

/// A study that its instances are made from.
struct SyntheticStudy {
    var patientID: String
    var uid: UID
    var patient: AttributeSet
    var study: AttributeSet
    var series: [SyntheticSeries]

    var instanceCount: Int { series.reduce(0) { $0 + $1.instanceCount } }
}

/// A series that its instances are made from.
struct SyntheticSeries {
    var uid: UID
    var attributes: AttributeSet
    var sopClass: UID
    var transferSyntax: UID
    var instanceCount: Int
    /// Makes one, counting from 0.
    var instance: (Int) -> SyntheticInstance
}

/// What an instance has of its own.
struct SyntheticInstance {
    var uid: UID
    var attributes: AttributeSet
    /// Relative to the root.
    var path: String
    var sizeBytes: Int
    /// When its file was written.
    var modificationNs: Int64
}

/// A kind of archive. Studies are numbered in the order in which they were made.
protocol SyntheticArchive {
    func study(_ number: Int) -> SyntheticStudy
}

extension SyntheticStudy {
    /// The entry of one instance.
    ///
    /// - Parameters:
    ///   - file: the file's number in the whole archive.
    ///   - seed: what the fingerprint depends on, beside that number.
    func entry(_ series: SyntheticSeries, _ number: Int, file: Int, root: Int, seed: UInt64) -> InstanceEntry {
        let instance = series.instance(number)
        var dice = Dice(seed, file)
        return InstanceEntry(
            patientID: Array(patientID.utf8), issuer: [], studyInstanceUID: uid, seriesInstanceUID: series.uid,
            sopInstanceUID: instance.uid, sopClassUID: series.sopClass, transferSyntaxUID: series.transferSyntax,
            patient: patient, study: study, series: series.attributes, image: instance.attributes,
            headerFingerprint: dice.bits(),
            place: Place(
                root: root, path: Array(instance.path.utf8), sizeBytes: instance.sizeBytes,
                modificationNs: instance.modificationNs, inode: Self.inode(file), isTrusted: true,
                // Preamble and File Meta Information: both SOP UIDs are in it, padded.
                dataSetOffset: 306 + evenLength(series.sopClass) + evenLength(instance.uid)
                    + evenLength(series.transferSyntax)))
    }

    private func evenLength(_ uid: UID) -> Int { (uid.text.utf8.count + 1) / 2 * 2 }

    /// As ext4 gives them to files that are written one after the other: in a row, from group to group.
    private static func inode(_ file: Int) -> UInt64 { UInt64(131_075 + file / 8_000 * 8_192 + file % 8_000) }
}
