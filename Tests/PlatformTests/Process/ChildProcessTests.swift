// Children: they get what they are given and nothing else, and tell how they ended.

import Glibc
import Platform
import Support
import Testing

@Suite("ChildProcess, hardening T4") struct ChildProcessTests {
    @Test func `a child has only the descriptors it was given`() throws {
        let folder = try TemporaryFolder()
        let kept = try File.open(folder.write([1], to: "not-inherited"))
        let (first, second) = try Socket.pair()
        let listing = try ClientProcess.run("ls", ["/proc/self/fd"])
        // 0, 1, 2, and the one that ls reads the folder with.
        #expect(listing.output.split(separator: "\n") == ["0", "1", "2", "3"])
        #expect(kept.descriptor > 2)
        _ = (first, second)
    }

    @Test func `descriptors arrive under their numbers, even crosswise`() throws {
        let folder = try TemporaryFolder()
        let output = try File.open(folder.appending("output"), .creating)
        let one = try File.open(folder.write(Array("one".utf8), to: "1"))
        let two = try File.open(folder.write(Array("two".utf8), to: "2"))
        let child = try ChildProcess.spawn(
            "/bin/sh", arguments: ["sh", "-c", "cat /proc/self/fd/\(two.descriptor) /proc/self/fd/\(one.descriptor)"],
            inheriting: [
                Inheritance(output.descriptor, as: 1), Inheritance(one.descriptor, as: two.descriptor),
                Inheritance(two.descriptor, as: one.descriptor),
            ])
        #expect(try child.wait() == .exited(0))
        #expect(try output.readAll() == Array("onetwo".utf8))
    }

    @Test func `says how it ended`() throws {
        let exited = try ChildProcess.spawn("/bin/sh", arguments: ["sh", "-c", "exit 7"])
        #expect(try Poller.wait(for: exited.descriptor, until: Deadline(afterSeconds: 30)))
        #expect(try exited.ended() == .exited(7))
        let lifeline = try Lifeline()
        let waiting = try ChildProcess.spawn(
            "/bin/sh", arguments: ["sh", "-c", "cat <&5"], inheriting: [Inheritance(lifeline.watched.number, as: 5)])
        #expect(try waiting.ended() == nil)
        waiting.send(.terminate)
        let status = try waiting.wait()
        #expect(status == .killed(.terminate))
        #expect(status.description == "killed by SIGTERM")
        #expect(throws: Errno.noEntry) { _ = try ChildProcess.spawn("/no/such/program", arguments: ["none"]) }
    }

    @Test func `a lifeline ends with its holder`() throws {
        let child: ChildProcess
        do {
            let lifeline = try Lifeline()
            child = try ChildProcess.spawn(
                "/bin/sh", arguments: ["sh", "-c", "cat <&5"], inheriting: [Inheritance(lifeline.watched.number, as: 5)]
            )
            #expect(try child.ended() == nil)
        }
        #expect(try child.wait(until: Deadline(afterSeconds: 30)) == .exited(0))
    }

    @Test func `a shared table is one table, by whatever descriptor`() throws {
        let table = try SharedTable(count: 4)
        #expect((0..<table.count).allSatisfy { table[$0] == 0 })
        let copy = try File.open(Path("/proc/self/fd/\(table.descriptor)"), .writing)
        let number = copy.descriptor
        let again = try ChildProcess.spawn(
            "/bin/sh", arguments: ["sh", "-c", "printf 'AAAAAAAA' 1<>/proc/self/fd/5 >&5"],
            inheriting: [Inheritance(number, as: 5)])
        #expect(try again.wait() == .exited(0))
        #expect(table[0] == 0x4141_4141_4141_4141)
        #expect(table.exchange(1, from: 0, to: 5))
        #expect(!table.exchange(1, from: 0, to: 6))
        #expect(table[1] == 5)
    }

    @Test func `a client program is run, caught, and killed at its deadline`() throws {
        let result = try ClientProcess.run(
            "sh", ["-c", "echo out; echo $GREETING >&2; exit 3"], environment: ["GREETING=hi"])
        #expect(result.output == "out\n" && result.error == "hi\n" && result.status == .exited(3) && !result.isSuccess)
        let stuck = try ClientProcess.run("cat", ["/dev/zero"], timeoutSeconds: 0)
        #expect(stuck.wasKilled && !stuck.isSuccess)
        #expect(throws: FileFault.self) { try ClientProcess.run("no-such-program", []) }
    }

    @Test func `users and groups are found by name`() throws {
        #expect(try #require(User.named("root")).id == 0)
        #expect(Group.named("root")?.id == 0)
        #expect(User.named("no such user") == nil && Group.named("no such group") == nil)
    }

    @Test(.enabled(if: Privileges.isRoot && User.named("nobody") != nil, "needs root and the user nobody"))
    func `dropping privileges leaves no way back`() async throws {
        await #expect(processExitsWith: .exitCode(0)) {
            guard let user = User.named("nobody") else { Program.exit(2) }
            do throws(Errno) { try Privileges.drop(to: user) } catch { Program.exit(3) }
            Program.exit(Privileges.userID == user.id && (try? File.open("/etc/shadow").status()) == nil ? 0 : 1)
        }
    }

    @Test func `signals that are blocked are read from a descriptor`() async throws {
        await #expect(processExitsWith: .exitCode(0)) {
            do throws(Errno) {
                let signals = try SignalDescriptor(blocking: [.terminate, .hangUp])
                if signals.next() != nil { Program.exit(1) }
                // To this thread: the testing library's own threads were there before, and don't block them.
                raise(Signal.hangUp.number)
                raise(Signal.terminate.number)
                guard try Poller.wait(for: signals.descriptor, until: Deadline(afterSeconds: 30)) else {
                    Program.exit(4)
                }
                Program.exit(signals.next() == .hangUp && signals.next() == .terminate && signals.next() == nil ? 0 : 2)
            } catch {
                Program.exit(3)
            }
        }
    }
}
