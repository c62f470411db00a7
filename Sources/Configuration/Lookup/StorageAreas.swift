// From a called AE title to its storage area, and from an area to where its index lies.

import DICOM

extension Settings {
    /// The row of exactly this title.
    package func area(called title: AETitle) -> StorageAreaEntry? {
        areas.first { $0.aeTitle == title }
    }

    /// The row that serves associations called `title`: its own, or else the default's.
    package func areaServing(called title: AETitle?) -> StorageAreaEntry? {
        title.flatMap { area(called: $0) } ?? defaultAETitle.flatMap { area(called: $0) }
    }

    /// One row for each storage area: the first of those with its folder.
    package var distinctAreas: [StorageAreaEntry] {
        var folders: Set<String> = []
        return areas.filter { folders.insert($0.folder).inserted }
    }

    /// How the area of a row stores.
    package func storage(of area: StorageAreaEntry) -> StorageSettings { storageOfFolder[area.folder] ?? storage }

    /// Where the index of an area's row lies, an absolute path: rows with one folder share it.
    ///
    /// Under `IndexDirectory` its name is the AE title of the area's first row; what a file name can't hold, or would make
    /// it `.` or `..` or a hidden file, is written as % and two hexadecimal digits.
    package func indexFolder(of area: StorageAreaEntry) -> String {
        guard let indexDirectory else { return absolutePath("index", from: area.folder) }
        let first = areas.first { $0.folder == area.folder } ?? area
        var name = ""
        for (index, scalar) in first.aeTitle.text.unicodeScalars.enumerated() {
            switch scalar {
            case "/": name += "%2F"
            case "%": name += "%25"
            case "." where index == 0: name += "%2E"
            default: name.unicodeScalars.append(scalar)
            }
        }
        return absolutePath(name, from: indexDirectory)
    }
}
