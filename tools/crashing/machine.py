"""A machine whose power can be cut: User Mode Linux over this host's files, which it only reads, and a disk of its own."""

import collections
import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from programs import Broken

MEMORY_BYTES = 512 << 20
CONSOLE_SHOWN = 2_000
PR_SET_CHILD_SUBREAPER = 36


def memory_folder(folder):
    """Where the machine's memory lies: in this host's, where there is room for it and code may run; else in `folder`."""
    shared = "/dev/shm"
    if os.path.isdir(shared):
        room = os.statvfs(shared)
        if room.f_bavail * room.f_frsize > 2 * MEMORY_BYTES and not room.f_flag & os.ST_NOEXEC:
            return shared
    return str(folder)


class Machine:
    """A running User Mode Linux, whose first process is guest.py with `plan`; the disk is inserted for `use`.

    What the guest says comes through its second console, a pipe: a write there returns when the pipe has it, whatever becomes
    of the guest. Where the pipe were full a line would come late, or never: then what was acknowledged counts as not so, and
    the test asks too little, never too much."""

    def __init__(self, folder, disk, use, plan):
        # The processes that stand for the guest's outlive the kernel's; as their reaper we know when all have gone.
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        (folder / "plan").write_text(json.dumps(plan))
        init = folder / "init"
        init.write_text(f"#!/bin/sh\nexec {sys.executable} -B -E -s -S {Path(__file__).with_name('guest.py')} {folder / 'plan'}\n")
        init.chmod(0o755)
        self.console = folder / "console"
        self.said = collections.defaultdict(set)
        self.heard = threading.Condition()
        self.ended = False
        source, sink = os.pipe()
        disk_words, disk_environment = disk.insert(use)
        words = ["linux.uml", f"mem={MEMORY_BYTES}", "rootfstype=hostfs", "rootflags=/", "ro", "quiet", f"init={init}", *disk_words,
                 "con=null", "con0=null,fd:1", f"con1=null,fd:{sink}", f"uml_dir={folder / 'uml'}"]
        with open(self.console, "wb") as console:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=console, stderr=console, pass_fds=[sink],
                                            start_new_session=True, env={**os.environ, "TMPDIR": memory_folder(folder), **disk_environment})
        os.close(sink)
        self.reader = threading.Thread(target=self.read, args=(source,), daemon=True)
        self.reader.start()

    def read(self, source):
        with open(source, encoding="utf-8", errors="replace", newline="\n") as lines:
            for line in lines:
                with self.heard:
                    # The power may go in the middle of a line.
                    if line.endswith("\n"):
                        kind, _, rest = line.rstrip("\n").partition(" ")
                        self.said[kind].add(rest)
                    self.heard.notify_all()
        with self.heard:
            self.ended = True
            self.heard.notify_all()

    def wait(self, kind, seconds):
        """Until the guest has said a line of this kind."""
        with self.heard:
            self.heard.wait_for(lambda: self.ended or self.said.keys() & {kind, "broken"}, seconds)
            if kind not in self.said or "broken" in self.said:
                what = self.said["broken"].pop() if "broken" in self.said else "went" if self.ended else f"is silent for {seconds} s"
                raise Broken(f"the machine was not {kind}: {what}; its console: {self.console.read_text(errors='replace')[-CONSOLE_SHOWN:]}")

    def off(self, seconds):
        """Until the machine has switched itself off."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Broken(f"the machine did not go off in {seconds} s") from None

    def cut(self):
        """Cuts the power; what the guest has said, as sets of lines by kind."""
        # The group is gone where the machine has switched itself off.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        # Until no process is left that could still write to the disk.
        with contextlib.suppress(ChildProcessError):
            while True:
                os.waitpid(-self.process.pid, 0)
        self.reader.join()
        return self.said
