// workbench dump: all that the index holds, a line an instance, so that its size can be set beside what xz makes of it.

import ArchiveIndex
import DICOM
import Daemon
import Platform

enum DumpCommand: WorkbenchCommand {
    static let name = "dump"
    static let summary = "prints every instance with all values and its file, separated by tabs, a line each"
    static let options: [CommandLineOption] = []

    static func run(_ path: Path, _ arguments: CommandLineArguments) throws -> Int32 {
        let snapshot = try IndexFolder.open(at: path).snapshot()
        var output = BufferedOutput()
        var studies = try snapshot.studies()
        while let study = try studies.next() {
            var head: [UInt8] = []
            if let patient = try study.patient() {
                head.appendField(patient.key.patientID)
                head.appendField(patient.key.issuer)
                head.appendFields(.patient, try patient.attributes())
            }
            head.appendField(study.studyInstanceUID.bytes)
            head.appendFields(.study, try study.attributes())
            var allSeries = try study.series()
            while let series = try allSeries.next() {
                var line = head
                line.appendField(series.seriesInstanceUID.bytes)
                line.appendFields(.series, try series.attributes())
                var instances = try series.instances()
                while let instance = try instances.next() { try append(instance, after: line, to: &output) }
            }
        }
        return output.finish() ? 0 : 2
    }

    private static func append(
        _ instance: InstanceEntity, after head: [UInt8], to output: inout BufferedOutput
    ) throws(IndexFault) {
        for content in try instance.contents() {
            let image = ResolvedAttributes([Variant(attributes: content.attributes, count: 1)])
            for place in content.places {
                var line = head
                line.appendField(instance.sopInstanceUID.bytes)
                line.appendField(content.sopClassUID.bytes)
                line.appendField(content.transferSyntaxUID.bytes)
                line.appendFields(.image, image)
                line.appendField(Array(String(content.headerFingerprint, radix: 16).utf8))
                line.appendField(Array("\(place.root)".utf8))
                line.appendField(place.path)
                for number in [place.sizeBytes, Int(place.modificationNs), Int(place.inode), place.dataSetOffset] {
                    line.appendField(Array("\(number)".utf8))
                }
                line[line.count - 1] = UInt8(ascii: "\n")
                output.write(line)
            }
        }
    }
}

/// Standard output, written in large pieces.
struct BufferedOutput {
    private var waiting: [UInt8] = []
    private var isBroken = false

    mutating func write(_ bytes: [UInt8]) {
        waiting += bytes
        if waiting.count > 1 << 16 { flush() }
    }

    private mutating func flush() {
        if !StandardStream.output.write(waiting) { isBroken = true }
        waiting.removeAll(keepingCapacity: true)
    }

    /// Writes what is left; false where not all could be written.
    mutating func finish() -> Bool {
        flush()
        return !isBroken
    }
}

extension [UInt8] {
    /// Adds a value and a tab; a tab or a line's end within it becomes a space.
    fileprivate mutating func appendField(_ value: some Sequence<UInt8>) {
        for byte in value { append(byte == 0x09 || byte == 0x0A ? 0x20 : byte) }
        append(0x09)
    }

    /// Adds a field for each attribute that is held at `level`.
    fileprivate mutating func appendFields(_ level: Level, _ attributes: ResolvedAttributes) {
        for tag in HeldAttributes.tags(at: level) + HeldAttributes.everywhere {
            guard let value = attributes.value(tag) else {
                appendField([])
                continue
            }
            guard value.vr == .US, value.bytes.count == 2 else {
                appendField(value.bytes)
                continue
            }
            appendField("\(UInt16(value.bytes[0]) | UInt16(value.bytes[1]) << 8)".utf8)
        }
    }
}
