// The next number of each folder, for `FileName = sequential`.

import Platform

/// Numbers of file names. Shared by threads; where other processes number as well, a taken name tells.
final class FolderSequences: Sendable {
    private let kernel: any Kernel
    private let nextNumbers = Guarded<[Path: Int]>([:])
    private static let foldersMaximum = 4_096
    /// A longer number is none that was counted.
    private static let digitsMaximum = 15

    init(kernel: any Kernel) { self.kernel = kernel }

    /// The first number that may be free: behind the largest that the folder's names have.
    func next(in folder: Path) -> Int {
        if let known = nextNumbers.withLock({ $0[folder] }) { return known }
        let names = (try? Folder.entries(of: folder, kernel: kernel)) ?? []
        let largest = names.lazy.compactMap { entry in
            let stem = entry.name.prefix { $0 != UInt8(ascii: ".") }
            return stem.count <= Self.digitsMaximum ? Int(String(decoding: stem, as: UTF8.self)) : nil
        }.max()
        return max(0, largest ?? 0) + 1
    }

    /// A number was taken.
    func took(_ number: Int, in folder: Path) {
        nextNumbers.withLock { numbers in
            if numbers.count >= Self.foldersMaximum { numbers = [:] }
            numbers[folder] = max(numbers[folder] ?? 0, number + 1)
        }
    }
}
