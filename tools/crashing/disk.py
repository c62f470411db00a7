"""The disk of the machine whose power is cut: an ext4 image, which holds what has reached it.

Three ways to use it. Plain, it keeps all that the machine's kernel has given it, in that order; flushes change nothing, and User
Mode Linux 6.1 hands none on. Cached, the machine has a loop device over it, which does hand them on, and a power cut takes back
what was written since the last flush (device.c). Aside, what is written goes to a file beside it: to look and leave it as it is."""

import os
import shutil
import struct
import subprocess
from pathlib import Path

from programs import Broken

DISK_BYTES = 2 << 30
# What a disk writes whole or not at all.
SECTOR_BYTES = 4096
HEAD = struct.Struct("=QQ")


class Disk:
    def __init__(self, folder):
        self.image, self.aside, self.notes, self.library = (folder / name for name in ("disk", "aside", "unflushed", "device.so"))
        compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
        if not compiler:
            raise Broken("device.c takes a C compiler")
        subprocess.run([compiler, "-O2", "-Wall", "-shared", "-fPIC", "-o", self.library, Path(__file__).with_name("device.c")], check=True)

    def format(self):
        """A new, empty file system with ext4's defaults."""
        self.image.unlink(missing_ok=True)
        with open(self.image, "wb") as image:
            image.truncate(DISK_BYTES)
        mke2fs = shutil.which("mkfs.ext4", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
        subprocess.run([mke2fs, "-q", "-F", self.image], check=True, stdout=subprocess.DEVNULL)

    def insert(self, use):
        """User Mode Linux's words and environment for a disk that is `plain`, `cached` or `aside`."""
        self.aside.unlink(missing_ok=True)
        self.notes.unlink(missing_ok=True)
        if use == "cached":
            return [], {"LD_PRELOAD": str(self.library), "CRASH_DISK": str(self.image), "CRASH_LOG": str(self.notes)}
        return [f"ubda={self.aside},{self.image}" if use == "aside" else f"ubda={self.image}"], {}

    def unflushed(self):
        """(offset, before, written) of each write since the last flush, in order; one whose note isn't whole was never made."""
        content = self.notes.read_bytes() if self.notes.exists() else b""
        at = 0
        while at + HEAD.size <= len(content):
            offset, length = HEAD.unpack_from(content, at)
            at += HEAD.size
            if at + 2 * length > len(content):
                return
            yield offset, content[at:at + length], content[at + length:at + 2 * length]
            at += 2 * length

    def forget(self, chance, loses):
        """The power is cut: each sector that was written since the last flush is lost with the chance `loses`.

        Returns how many were lost, and of how many."""
        writes = list(self.unflushed())
        sectors = lost = 0
        with open(self.image, "r+b") as image:
            for offset, before, _ in reversed(writes):
                os.pwrite(image.fileno(), before, offset)
            for offset, _, written in writes:
                for at in range(0, len(written), SECTOR_BYTES):
                    sectors += 1
                    if chance.random() < loses:
                        lost += 1
                    else:
                        os.pwrite(image.fileno(), written[at:at + SECTOR_BYTES], offset + at)
        return lost, sectors
