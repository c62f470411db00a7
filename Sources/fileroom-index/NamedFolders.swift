// The folders of a command line and of an area, which must be there before anything is done with them.

import Configuration
import Daemon
import Platform

extension CommandContext {
    /// The folders of the command line as absolute paths; one that isn't there ends the command.
    func namedFolders() throws -> [Path] {
        try arguments.operands.map { operand in
            do {
                let path = try Path(operand).resolved()
                guard try File.status(of: path).kind == .folder else {
                    throw CommandFault("\(operand) is no folder; name the folder that holds the files")
                }
                return path
            } catch let fault as FileFault {
                throw CommandFault("\(fault)")
            }
        }
    }

    /// An area whose folder isn't there is misspelt, or its disk isn't mounted: nothing is made in its place.
    func requireAreaFolder() throws(CommandFault) {
        let area = try area()
        let what: String
        do throws(FileFault) {
            if try File.status(of: Path(area.folder)).kind == .folder { return }
            what = "it is no folder"
        } catch {
            what = error.cause.words
        }
        throw CommandFault(
            "\(area.folder), the folder of the area \(area.aeTitle), can't be used: \(what); "
                + "make it, mount it, or mend its row of the AETable")
    }
}
