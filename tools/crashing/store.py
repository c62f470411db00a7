"""Kills the storage daemon's processes at random moments under eight senders, and looks whether anything acknowledged is ever lost.

fileroom-stored and fileroom-qrd run on one area. Eight senders store generated instances (1 KiB to 1 MiB), and note which were
acknowledged; one in three of those that were not they never send again. One process of fileroom-stored after the other gets
SIGKILL (N in all, default 500; at most T seconds, where given): a worker, the keeper, the supervisor, or all at once; a
supervisor is started again at once, beside the workers that the old one has left. A reader asks fileroom-qrd meanwhile, and
holds what it finds and gets against what had been acknowledged. After every 50 kills all is brought to rest and the daemon
started anew. Then

  each instance that was acknowledged is found by C-FIND and brought by C-GET as it was sent,
  nothing is served that isn't as it was sent, and no file of the area holds half an instance,
  fileroom-index verify --files finds nothing, and nothing is left in instances/.incoming.

Exit status: 0 all that held, 1 it did not, or an instance was refused, or a process ended that nobody killed.
The seed fixes what is sent and the order of kills; how they meet in time is the machine's.
"""

import multiprocessing
import os
import random
import re
import signal
import socket
import struct
import subprocess
import time
import traceback
from pathlib import Path

import dicom
import instances
import rounds
from programs import BIN, Broken

SENDERS = 8
CALLED = "ARCHIVE"
START_SECONDS, REST_SECONDS, SWEEP_SECONDS = 20, 120, 10
# Of ten kills; the rest are of workers.
KEEPER_KILLS, STANDBY_KILLS, SUPERVISOR_KILLS, WHOLE_KILLS = 1, 1, 2, 1
FAULTS = (OSError, dicom.Fault, struct.error, KeyError)
PROCESSES = multiprocessing.get_context("fork")


class Daemon:
    """One of the programs, in a process group of its own."""

    def __init__(self, name, config, log):
        self.name, self.log = name, log
        self.words = [str(BIN / name), "-c", str(config)]
        self.process = None

    def start(self):
        """Starts it, once more as long as the one before still has the port."""
        until = time.monotonic() + START_SECONDS
        while True:
            before = self.log.stat().st_size if self.log.exists() else 0
            with open(self.log, "a") as log:
                self.process = subprocess.Popen(self.words, stderr=log, stdout=subprocess.DEVNULL)
            while time.monotonic() < until and self.process.poll() is None:
                if f"{self.name}: ready on" in self.said(before):
                    return
                time.sleep(0.005)
            if "is in use" not in self.said(before) or time.monotonic() > until:
                raise Broken(f"{self.name} did not start: {self.said(before).strip()}")
            time.sleep(0.01)

    def said(self, since):
        with open(self.log) as log:
            log.seek(since)
            return log.read()

    def children(self):
        """The numbers of the processes that it has started."""
        try:
            return [int(number) for number in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()]
        except OSError:
            return []

    def end(self):
        """Ends it as an operator does."""
        self.check()
        self.process.terminate()
        try:
            code = self.process.wait(REST_SECONDS)
        except subprocess.TimeoutExpired:
            raise Broken(f"{self.name} did not end at SIGTERM") from None
        if code != 0:
            raise Broken(f"{self.name} ended with {code} at SIGTERM")

    def check(self):
        """It doesn't end by itself."""
        if self.process.poll() is not None:
            raise Broken(f"{self.name} ended with {self.process.returncode}, and nobody killed it")


def is_of(number, role, config):
    """Whether a process is a worker or a keeper of our daemon: numbers are used again."""
    try:
        words = Path(f"/proc/{number}/cmdline").read_bytes().decode().split("\0")
    except OSError:
        return False
    return len(words) > 1 and role in words[1] and str(config) in words


class Sender:
    """A process that stores instance after instance, and notes each that was acknowledged."""

    def __init__(self, test, number):
        self.test, self.number = test, number
        self.acknowledged = test.folder / f"acknowledged-{number}"
        self.acknowledged.touch()
        self.process = PROCESSES.Process(target=self.run, daemon=True)

    def run(self):
        try:
            chance = random.Random(f"{self.test.seed} {self.number}")
            with open(self.acknowledged, "ab", buffering=0) as note:
                self.send(note, chance)
        except BaseException:
            self.test.faults.put(f"sender {self.number}: {traceback.format_exc()}")

    def send(self, note, chance):
        number, is_planted = 0, self.test.arguments.acknowledge_early
        association = None
        while True:
            if not self.test.working.is_set():
                association = self.leave(association)
                self.test.resting.release()
                self.test.working.wait()
            instance = instances.Instance(self.test.seed, 0, self.number, number)
            if is_planted:
                note.write(instance.uid().encode() + b"\n")
            try:
                association = association or dicom.Association(self.test.storage_port, CALLED, [dicom.STORE])
                status = association.store(instance)
            except FAULTS:
                # Somebody was killed. That may also have happened behind the last step, so that it is there.
                if association:
                    association.close()
                association = None
                number += is_planted or chance.random() < 0.33
                time.sleep(0.01)
                continue
            if status != dicom.SUCCESS:
                self.test.faults.put(f"{instance.uid()} was refused: {status:04X}H")
            elif not is_planted:
                note.write(instance.uid().encode() + b"\n")
            number += 1
            if chance.random() < 0.02:
                association = self.leave(association)

    @staticmethod
    def leave(association):
        """Ends an association, unless somebody was killed who had it."""
        if association:
            try:
                association.release()
            except FAULTS:
                association.close()


class Reader:
    """A process that asks fileroom-qrd without end for what was acknowledged."""

    def __init__(self, test):
        self.test = test
        self.asked = PROCESSES.Value("L", 0)
        self.process = PROCESSES.Process(target=self.run, daemon=True)

    def run(self):
        chance = random.Random(f"{self.test.seed} reader")
        try:
            while True:
                acknowledged = self.test.acknowledged(chance.randrange(SENDERS))
                if acknowledged:
                    study = chance.choice(acknowledged).uid(instances.STUDY)
                    look(self.test.query_port, [one for one in acknowledged if one.uid(instances.STUDY) == study])
                    self.asked.value += 1
                time.sleep(0.02)
        except BaseException:
            self.test.faults.put(f"reader: {traceback.format_exc()}")


def look(port, acknowledged):
    """Asks for studies; `acknowledged` is all that is known of them, or less."""
    series, studies = {}, {}
    for one in acknowledged:
        series.setdefault((one.uid(instances.STUDY), one.uid(instances.SERIES)), set()).add(one.uid())
        studies.setdefault(one.uid(instances.STUDY), set()).add(one.uid())
    association = dicom.Association(port, CALLED, [dicom.FIND])
    for key, uids in series.items():
        missing = uids.difference(association.find_instances(*key))
        if missing:
            raise Broken(f"C-FIND of series {key[1]} doesn't find {len(missing)} that were acknowledged: {min(missing)}")
    association.release()
    association = dicom.Association(port, CALLED, [dicom.GET, dicom.STORE])
    for study, uids in studies.items():
        got = set()
        for uid, data_set in association.get_study(study):
            instance = instances.Instance.of(uid)
            if not instance or instance.data_set() != data_set:
                raise Broken(f"C-GET brings {uid} otherwise than it was sent")
            got.add(uid)
        missing = uids - got
        if missing:
            raise Broken(f"C-GET of study {study} doesn't bring {len(missing)} that were acknowledged: {min(missing)}")
    association.release()


class StoreTest(rounds.Killing):
    SECONDS_BETWEEN_KILLS = (0.01, 0.2)

    def __init__(self, folder, arguments):
        super().__init__(folder, arguments)
        self.area = folder / "area"
        self.area.mkdir()
        self.storage_port, self.query_port = free_ports(2)
        self.config = folder / "fileroom.cfg"
        self.config.write_text(
            f"ListenAddress = 127.0.0.1\nNetworkTCPPort = {self.query_port}\nStorageTCPPort = {self.storage_port}\nWorkers = 3\nMinimumFreeSpace = 0\n"
            f"HostTable BEGIN\nHostTable END\nVendorTable BEGIN\nVendorTable END\nAETable BEGIN\n{CALLED} {self.area} RW (0, 0) ANY\nAETable END\n")
        self.stored = Daemon("fileroom-stored", self.config, folder / "stored.log")
        self.qrd = Daemon("fileroom-qrd", self.config, folder / "qrd.log")
        self.working, self.resting, self.faults = PROCESSES.Event(), PROCESSES.Semaphore(0), PROCESSES.SimpleQueue()
        self.senders = [Sender(self, number) for number in range(SENDERS)]
        self.reader = Reader(self)
        self.orphans = []
        self.kills = {"worker": 0, "standby": 0, "keeper": 0, "supervisor": 0, "all": 0}
        self.checked = [0] * SENDERS

    def acknowledged(self, sender, since=0):
        """What a sender saw acknowledged, from the `since`th on."""
        lines = (self.folder / f"acknowledged-{sender}").read_bytes().split(b"\n")[since:-1]
        return [instances.Instance.of(line.decode()) for line in lines]

    def begin(self):
        if self.killed == 0:
            self.stored.start()
            self.qrd.start()
            for process in [sender.process for sender in self.senders] + [self.reader.process]:
                process.start()
        self.working.set()

    def rest(self):
        self.working.clear()
        for _ in self.senders:
            if not self.resting.acquire(timeout=REST_SECONDS):
                raise Broken(f"a sender did not come to rest in {REST_SECONDS} s")
        self.check()
        self.stored.end()
        self.stored.start()
        self.look()

    def check(self):
        """Nobody ends by itself, and nobody has found something."""
        for daemon in (self.stored, self.qrd):
            daemon.check()
        if not self.faults.empty():
            raise Broken(self.faults.get())

    def kill(self):
        """One process of the daemon, or all of them."""
        dice = self.random.randrange(10)
        if dice < WHOLE_KILLS:
            self.kill_supervisor("all", self.stored.children())
        elif dice < WHOLE_KILLS + SUPERVISOR_KILLS:
            self.kill_supervisor("supervisor", [])
        else:
            dice -= WHOLE_KILLS + SUPERVISOR_KILLS
            role = "keeper" if dice < KEEPER_KILLS else "standby" if dice < KEEPER_KILLS + STANDBY_KILLS else "worker"
            chosen = self.random.random()
            until = time.monotonic() + START_SECONDS
            # Where many died the supervisor takes a breath.
            while not (processes := [number for number in self.stored.children() + self.orphans if is_of(number, role, self.config)]):
                self.check()
                if time.monotonic() > until:
                    raise Broken(f"the supervisor started no {role} in {START_SECONDS} s")
                time.sleep(0.005)
            os.kill(processes[int(chosen * len(processes))], signal.SIGKILL)
            self.kills[role] += 1

    def kill_supervisor(self, what, more):
        # Those that live on may be killed later.
        self.orphans = [number for number in self.orphans if is_of(number, "", self.config)] + self.stored.children()
        self.stored.process.kill()
        for number in more:
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.stored.process.wait()
        self.kills[what] += 1
        self.stored.start()

    def look(self):
        """All at rest: is there what has to be?"""
        until = time.monotonic() + SWEEP_SECONDS
        incoming = self.area / "instances" / ".incoming"
        # What a supervisor left goes when its last instance has come.
        while left := list(incoming.iterdir()):
            if time.monotonic() > until:
                raise Broken(f"{len(left)} files are left in {incoming}")
            time.sleep(0.02)
        new = [one for sender in range(SENDERS) for one in self.acknowledged(sender, self.checked[sender])]
        look(self.query_port, new)
        self.checked = [len(self.acknowledged(sender)) for sender in range(SENDERS)]
        done = subprocess.run([str(BIN / "fileroom-index"), "verify", "--files", "-c", str(self.config)], capture_output=True, text=True)
        if done.returncode != 0:
            raise Broken(f"fileroom-index verify --files: {(done.stdout + done.stderr).strip()[-2_000:]}")
        died = len(re.findall("worker died|keeper died", self.stored.log.read_text()))
        if died > self.killed:
            raise Broken(f"{died} processes died, and {self.kills} were killed")
        print(f"{self.killed} kills ({', '.join(f'{count} {what}' for what, count in self.kills.items())}): {sum(self.checked):,} acknowledged, of which "
              f"{len(new):,} were found and got anew; {self.reader.asked.value} studies were got meanwhile", flush=True)

    def conclude(self):
        more = self.look_at_files()
        if min(self.checked) == 0 or self.reader.asked.value == 0:
            raise Broken(f"not everybody has done something: {self.checked}, {self.reader.asked.value}")
        return f"all {sum(self.checked):,} that were acknowledged are found and got as they were sent; {more:,} files nobody was told of are whole"

    def look_at_files(self):
        """No file holds half an instance, and what was acknowledged before is there still."""
        whole = set()
        for folder, _, names in os.walk(self.area / "instances"):
            for name in names:
                instance = instances.of_file(Path(folder, name).read_bytes())
                if not instance:
                    raise Broken(f"{folder}/{name} holds no instance as it was sent")
                whole.add(instance)
        acknowledged = {one for sender in range(SENDERS) for one in self.acknowledged(sender)}
        if acknowledged - whole:
            raise Broken(f"{len(acknowledged - whole)} that were acknowledged are in no file")
        return len(whole - acknowledged)

    def end(self):
        for process in [sender.process for sender in self.senders] + [self.reader.process]:
            if process.pid:
                process.kill()
                process.join()
        for daemon in (self.stored, self.qrd):
            if daemon.process and daemon.process.poll() is None:
                # Who is told in this way takes his own with him.
                daemon.process.terminate()
                daemon.process.wait(REST_SECONDS)


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def options(parser):
    rounds.options(parser, 500, "senders note before they send")


def test(arguments):
    return rounds.test(StoreTest, arguments)
