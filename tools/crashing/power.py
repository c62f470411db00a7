"""Cuts the power of a machine that 16 senders store to, and looks whether what it acknowledged is there.

The machine is User Mode Linux: a kernel that runs as a process, with an ext4 image as its disk. The archive runs in it on a
fresh area, 16 senders store generated instances (1 KiB to 1 MiB) one after the other, and 2 to 8 s after the first was
acknowledged the kernel is killed with SIGKILL: what stood only in its page cache is gone. Half of the machines write out early
of themselves, so that files are cut in the middle. Then the machine boots anew on that disk, and each instance that a sender
saw acknowledged

  lost          is in no file of the area with the data set as it was sent
  unfindable    is not found by C-FIND, or not brought by C-GET as it was sent

None may be either. Told beside: files that hold no instance whole (half), instances that C-GET brings otherwise than sent
(wrong), what was refused before the cut, and what else is unwell: fileroom-index verify --files, a daemon that doesn't start or
answer. With --subject dcmqrscp the same is done to DCMTK's archive, to show what the test finds; there a run that loses nothing
fails.

Half of the disks keep all that the kernel has given them. The others have a cache: what was written since the last flush is lost
sector by sector, by a chance that is drawn for each cut. Five cuts of fileroom share a disk: each time all that was acknowledged
since it was made is looked for, and that look leaves the disk as the cut did.
The seed fixes what is sent, when the power goes and how each machine writes out; how these meet is the machine's.
Exit status: 0 all was there, 1 it was not: the first cut that finds something ends the run and leaves its disk.
Installs user-mode-linux, e2fsprogs and dcmtk where they are missing. Takes no root after that.
"""

import collections
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from disk import Disk
from machine import Machine
from programs import TOP, Broken
from subjects import CALLED, SUBJECTS

SENDERS = 16
SECONDS_BEFORE_CUT = (2, 8)
BOOT_SECONDS, FIRST_SECONDS, CHECK_SECONDS = 120, 60, 600
OFF_SECONDS = 60
USES = ["plain", "cached"]
SHOWN = 5
EARLY_WRITE_OUT = {"vm/dirty_writeback_centisecs": 10, "vm/dirty_expire_centisecs": 30}


def options(parser):
    parser.add_argument("--cuts", type=int, default=20)
    parser.add_argument("--subject", choices=SUBJECTS, default="fileroom")
    parser.add_argument("--durability", choices=("instance", "association", "none"), default="instance",
                        help="fileroom's Durability; with another than instance it may lose: that must be found")


class PowerTest:
    def __init__(self, folder, arguments):
        self.folder, self.arguments = folder, arguments
        self.mounted, self.host = folder / "mounted", folder / "host"
        self.mounted.mkdir()
        self.host.mkdir()
        self.area = self.mounted / "archive"
        self.subject = SUBJECTS[arguments.subject](folder, self.area, arguments)
        self.disk = Disk(folder)
        self.acknowledged, self.lost, self.unfindable = set(), set(), set()
        self.amiss = collections.Counter()
        self.cuts = 0

    def boot(self, mode, use, **more):
        return Machine(self.folder, self.disk, use, {
            "mode": mode, "mounted": str(self.mounted), "cached": use == "cached", "image": str(self.disk.image), "host": str(self.host), "area": str(self.area),
            "files": str(self.subject.files), "called": CALLED, "port": self.subject.ports[mode], "daemon": self.subject.daemon(mode), "kernel": {}, **more})

    def cut(self):
        """A power cut, and what is there after it."""
        started = time.monotonic()
        if self.cuts % self.subject.cuts_of_disk == 0:
            self.disk.format()
            self.of_disk = set()
        # One for each cut: how much there is to forget, and so what is drawn for it, is not the seed's.
        chance = random.Random(f"{self.arguments.seed} {self.cuts}")
        seconds, early, use, loses = chance.uniform(*SECONDS_BEFORE_CUT), chance.random() < 0.5, chance.choice(USES), chance.random()
        said = self.store(seconds, use, EARLY_WRITE_OUT if early else {})
        forgotten, unflushed = self.disk.forget(chance, loses)
        self.cuts += 1
        self.of_disk |= said["stored"]
        self.acknowledged |= said["stored"]
        found = self.look()
        lost, unfindable = self.of_disk - found["file"], self.of_disk - (found["found"] & found["got"])
        self.lost |= lost
        self.unfindable |= unfindable
        amiss = {"half": len(found["half"]), "wrong": len(found["wrong"]), "refused": len(said["refused"]), "unwell": len(found["unwell"])}
        self.amiss.update(amiss)
        print(f"cut {self.cuts}: {seconds:.1f} s after the first {len(said['stored']):,} were acknowledged, write-out {'early' if early else 'late'}, "
              f"{f'{forgotten:,} of {unflushed:,} unflushed sectors lost' if use == 'cached' else 'disk without a cache'}; "
              f"of {counted(self.of_disk, lost, unfindable, amiss)}; {time.monotonic() - started:.0f} s", flush=True)
        for kind, texts in (("refused", said["refused"]), *((kind, found[kind]) for kind in ("half", "wrong", "unwell"))):
            for text in sorted(texts)[:SHOWN]:
                print(f"    {kind} {text}", flush=True)

    def store(self, seconds, use, kernel):
        """Lets the senders store, and cuts the power `seconds` after the first instance was acknowledged; what was said."""
        machine = self.boot("store", use, senders=SENDERS, seed=self.arguments.seed, cut=self.cuts, kernel=kernel)
        try:
            machine.wait("ready", BOOT_SECONDS)
            machine.wait("stored", FIRST_SECONDS)
            time.sleep(seconds)
        finally:
            said = machine.cut()
        if said["broken"]:
            raise Broken(f"before the power was cut: {said['broken'].pop()}")
        return said

    def look(self):
        """Boots on what the cut has left; what was said."""
        acknowledged = self.folder / "acknowledged"
        acknowledged.write_text("\n".join(sorted(self.of_disk)))
        machine = self.boot("check", "aside", checks=self.subject.checks(), acknowledged=str(acknowledged))
        try:
            machine.wait("done", CHECK_SECONDS)
            machine.off(OFF_SECONDS)
        finally:
            said = machine.cut()
        return said

    def held(self):
        """Whether what was promised held; of dcmqrscp, whether the test found what it is known to lose."""
        if self.subject.promises:
            return not self.lost and not self.unfindable and not +self.amiss
        return bool(self.lost)


def counted(acknowledged, lost, unfindable, amiss):
    def part(some):
        return f"{len(some):,} ({len(some) / max(1, len(acknowledged)):.1%})"
    return f"{len(acknowledged):,} acknowledged {part(lost)} lost, {part(unfindable)} unfindable; " + ", ".join(f"{count:,} {kind}" for kind, count in amiss.items())


def test(arguments):
    if Path(arguments.scratch).resolve().is_relative_to("/dev"):
        print("--scratch: the machine has a /dev of its own", file=sys.stderr)
        return 1
    packages = ["user-mode-linux=linux.uml", "e2fsprogs=/sbin/mkfs.ext4"] + (["dcmtk=dcmqrscp"] if arguments.subject == "dcmqrscp" else [])
    if subprocess.run([TOP / "tools" / "install-packages", *packages]).returncode != 0:
        return 1
    folder = Path(tempfile.mkdtemp(prefix="fileroom-power-", dir=arguments.scratch)).resolve()
    power = None
    try:
        power = PowerTest(folder, arguments)
        while power.cuts < arguments.cuts:
            power.cut()
            if power.subject.promises and not power.held():
                raise Broken("what was acknowledged is not as it should be")
    except Broken as fault:
        print(f"after {power.cuts} cuts: {fault}\nwhat is left of it: {folder}" if power else fault, file=sys.stderr)
        if not power:
            shutil.rmtree(folder)
        return 1
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)
    print(f"{power.cuts} cuts of {power.subject.name}: of {counted(power.acknowledged, power.lost, power.unfindable, power.amiss)}")
    if not power.held():
        print("dcmqrscp lost nothing: this test finds nothing", file=sys.stderr)
    return 0 if power.held() else 1
