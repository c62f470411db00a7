"""The disk of the machine whose power is cut: an ext4 image, which holds what has reached it.

Three ways to use it. Plain, it keeps all that the machine's kernel has given it, in that order (User Mode Linux 6.1 hands no
flush on, and none is needed). Cached, it is a file of this host that the machine has a loop device over: what is written stands
in the machine's page cache until a flush, or until it is written out early, page by page, and goes with the power. Aside, what
is written goes to a file beside it: to look at it and leave it as it is."""

import os
import shutil
import subprocess

DISK_BYTES = 2 << 30


class Disk:
    def __init__(self, folder):
        self.image, self.aside = folder / "disk", folder / "aside"

    def words(self, use):
        """User Mode Linux's words for a disk that is `plain`, `cached` or `aside`."""
        self.aside.unlink(missing_ok=True)
        return {"plain": [f"ubda={self.image}"], "cached": [], "aside": [f"ubda={self.aside},{self.image}"]}[use]

    def format(self):
        """A new, empty file system with ext4's defaults."""
        self.image.unlink(missing_ok=True)
        with open(self.image, "wb") as image:
            image.truncate(DISK_BYTES)
        mke2fs = shutil.which("mkfs.ext4", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
        subprocess.run([mke2fs, "-q", "-F", self.image], check=True, stdout=subprocess.DEVNULL)
