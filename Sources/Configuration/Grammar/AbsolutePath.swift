// Relative paths of a configuration file: relative to the folder it lies in.

/// `path` seen from `folder`, with empty and `.` components left out, so that one folder has one spelling.
///
/// `..` stays: what it means depends on symbolic links.
func absolutePath(_ path: String, from folder: String) -> String {
    let whole = path.hasPrefix("/") ? path : folder + "/" + path
    let components = whole.split(separator: "/", omittingEmptySubsequences: true).filter { $0 != "." }
    let joined = components.joined(separator: "/")
    return whole.hasPrefix("/") || components.isEmpty ? "/" + joined : joined
}
