// workbench keys: what studies of a synthetic index can be asked for by, chosen at random.

import ArchiveIndex
import DICOM
import Daemon
import Platform

enum KeysCommand: WorkbenchCommand {
    static let name = "keys"
    static let summary = "prints keys of studies of a synthesized index: a line each, separated by tabs"
    static let options =
        SynthesisOptions.all + [CommandLineOption(nil, "count", value: "C", help: "how many studies (50)")]

    static func run(_ path: Path, _ arguments: CommandLineArguments) throws -> Int32 {
        let wanted = try SynthesisOptions(arguments)
        let index = try IndexFolder.open(at: path)
        let archive = try wanted.synthesizer(for: index).archive
        let snapshot = try index.snapshot()
        var dice = Dice(7, wanted.instances)
        var output = BufferedOutput()
        var left = try arguments.count("count", otherwise: 50)
        var studies = wanted.instances
        while left > 0 {
            let study = archive.study(dice.number(0...studies - 1))
            guard try snapshot.study(study.uid) != nil else {
                // Past the end: there are fewer studies than instances.
                studies = max(1, studies * 9 / 10)
                continue
            }
            // The largest series, and only names that every character set can carry.
            let name = Self.text(study.patient, .patientName)
            guard let series = study.series.max(by: { $0.instanceCount < $1.instanceCount }),
                name.utf8.allSatisfy({ (0x20..<0x7F).contains($0) && $0 != 0x3D })
            else { continue }
            let fields = [
                study.uid.text, study.patientID, Self.text(study.study, .accessionNumber),
                Self.text(study.study, .studyDate), Self.text(study.patient, .patientBirthDate), name, series.uid.text,
                "\(series.instanceCount)",
            ]
            output.write(Array((fields.joined(separator: "\t") + "\n").utf8))
            left -= 1
        }
        return output.finish() ? 0 : 2
    }

    private static func text(_ set: AttributeSet, _ tag: Tag) -> String {
        String(decoding: set.value(tag)?.bytes ?? [], as: UTF8.self)
    }
}
