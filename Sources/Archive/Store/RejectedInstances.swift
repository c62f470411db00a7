// The folder for what was refused, so that people can see what a sender sends: `KeepRejected`.

import DICOM
import Platform

extension InstanceStore {
    private static let copiedBytes = 262_144

    /// Copies what arrived to the folder for refused instances, which may be on another disk. Where that fails, it is gone: its
    /// sender has it.
    func keepRejected(_ file: IncomingFile, _ announced: AnnouncedInstance) {
        guard let folder = policy.rejectedFolder else { return }
        let moment = WallClock.now()
        let name = SafeComponent(
            "\(moment.localName)-\(announced.source)-\(announced.sopInstanceUID.text).dcm")
        let path = folder.appending(Path(bytes: name.bytes))
        do throws(FileFault) { try copy(file, to: path) } catch {
            guard error.cause == .noEntry, (try? Folder.make(folder, parents: true, kernel: kernel)) != nil else {
                return
            }
            try? copy(file, to: path)
        }
    }

    private func copy(_ file: IncomingFile, to path: Path) throws(FileFault) {
        let copy = try File.open(path, .creating, kernel: kernel)
        do throws(FileFault) {
            var buffer = ReadBuffer(capacity: Self.copiedBytes)
            var offset = 0
            while try file.read(at: offset, count: Self.copiedBytes, into: &buffer) > 0 {
                try copy.write(buffer.bytes, at: offset)
                offset += buffer.bytes.byteCount
            }
        } catch {
            try? File.remove(path, kernel: kernel)
            throw error
        }
    }
}
