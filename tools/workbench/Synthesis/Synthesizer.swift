// The entries of a synthetic archive, one after the other: the same shape, size and seed give the same.

import ArchiveIndex
import DICOM

/// The kinds of archives that can be made.
enum Shape: String, CaseIterable {
    case ct
    case ctRandom = "ct-random"
    case cr
    case mixed

    /// - Parameter instances: how many it is to have; a `mixed` one spreads them over ten years.
    func archive(instances: Int, seed: UInt64) -> any SyntheticArchive {
        switch self {
        case .ct: ComputedTomography(seed: seed, isRandom: false)
        case .ctRandom: ComputedTomography(seed: seed, isRandom: true)
        case .cr: ComputedRadiography(seed: seed)
        case .mixed: MixedDepartment(seed: seed, instances: instances)
        }
    }
}

/// Makes entries.
struct Synthesizer {
    let archive: any SyntheticArchive
    let root: Int
    let seed: UInt64

    /// Calls `body` with the entries `range` of the archive, in order. What comes before is counted, not made.
    func forEach<Failure: Error>(
        in range: Range<Int>, _ body: (InstanceEntry) throws(Failure) -> Void
    ) throws(Failure) {
        var file = 0
        var number = 0
        while file < range.upperBound {
            let study = archive.study(number)
            number += 1
            guard file + study.instanceCount > range.lowerBound else {
                file += study.instanceCount
                continue
            }
            for series in study.series {
                for index in 0..<series.instanceCount {
                    if range.contains(file) {
                        try body(study.entry(series, index, file: file, root: root, seed: seed))
                    }
                    file += 1
                }
            }
        }
    }
}
