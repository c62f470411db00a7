// fileroom-index verify: every byte of the index is read again, and with --files every file is looked for.

import Archive
import ArchiveIndex
import Daemon
import Platform

enum VerifyCommand: IndexCommand {
    static let name = "verify"
    static let takesOperands = false
    static let options = [
        CommandLineOption(
            nil, "files", help: "look also whether every file is there, with the size it was indexed with")
    ]

    static let help = """
        fileroom-index verify [--files] [OPTION…]

        Reads everything in the index again: checksums, the order of its tables, all references and counts.
        With --files it also asks the file system for every file: is it there, with the size that was indexed?
        Nothing is changed.

        What helps is said behind the findings, with --json in each. A damaged index is made anew from the files,
        while it is used: fileroom-index rebuild; where its file `roots` is damaged, with every FOLDER that was
        imported. Where files are not as indexed: fileroom-index import, with --prune to take out those that are
        gone.

        Examples:
          fileroom-index verify -c fileroom.cfg
          fileroom-index verify -c fileroom.cfg --files --json | jq '.findings, .files'

        Exit status: 0 sound, 1 something is wrong (each finding is a line), 2 it could not be verified.
        """

    static func run(_ context: CommandContext) throws -> Int32 {
        let paths = try context.paths()
        let kernel = try context.kernel()
        let found: [IndexFinding]
        do throws(IndexFault) {
            found = try IndexFolder.verify(at: paths.index, instancesFolder: paths.instances, kernel: kernel)
        } catch {
            // Where there is none, that says how one is made.
            _ = try context.index()
            throw CommandFault("\(paths.index): \(error)")
        }
        let findings = found.filter { !$0.isRemark }
        // What an unsound index says about files, or about itself, can't be trusted.
        var files: [FileFinding] = []
        var fileCount: Int?
        let index = findings.isEmpty ? try context.index() : nil
        if context.arguments.has("files"), let index {
            let check = try FileCheck(index)
            files = check.findings
            fileCount = check.fileCount
        }
        let isSound = findings.isEmpty && files.isEmpty
        if context.wantsJSON {
            IndexProgram.print(
                JSON.object([
                    ("sound", .boolean(isSound)),
                    ("index", .string("\(paths.index)")),
                    ("findings", .array(found.map(json))),
                    (
                        "files",
                        .array(files.map { .object(JSON.path("file", $0.path) + [("what", .string($0.what))]) })
                    ),
                    ("filesChecked", fileCount.map { .integer($0) } ?? .null),
                ]).text)
            return isSound ? 0 : 1
        }
        for finding in found { IndexProgram.print("\(finding)".onOneLine) }
        for file in files { IndexProgram.print("\(file.path): \(file.what)".onOneLine) }
        if !findings.isEmpty {
            IndexProgram.print("\(paths.index) is not sound; \(IndexFinding.remedy(for: findings)).")
        } else if !files.isEmpty {
            IndexProgram.print(
                "The index is sound; \(files.count) of \(fileCount ?? 0) files are not as indexed: import again, "
                    + "with --prune to take out those that are gone.")
        } else {
            let checked = fileCount.map { ", and its \($0) files are there" } ?? ""
            IndexProgram.print("\(paths.index) is sound\(checked).")
        }
        return isSound ? 0 : 1
    }

    private static func json(_ finding: IndexFinding) -> JSON {
        .object([
            ("file", .string(finding.file)), ("byte", .integer(finding.byte)), ("what", .string(finding.what)),
            ("remark", .boolean(finding.isRemark)), ("remedy", finding.remedy.map { .string($0) } ?? .null),
        ])
    }
}
