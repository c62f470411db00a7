"""The disk of the machine whose power is cut: an ext4 image, which holds what the machine's kernel has written to it.

It is a disk that keeps all it was given, in the order in which it was given. A flush changes nothing there, and User Mode Linux
6.1 hands none on: that a program never asked for a file to be written is seen here, that a kernel did not flush is not."""

import os
import shutil
import subprocess

DISK_BYTES = 2 << 30


class Disk:
    def __init__(self, folder):
        self.image, self.aside = folder / "disk", folder / "aside"

    def device(self, keep):
        """User Mode Linux's words for the disk; with `keep` what is written goes aside, and the disk stays as it is."""
        self.aside.unlink(missing_ok=True)
        return f"ubda={self.aside},{self.image}" if keep else f"ubda={self.image}"

    def format(self):
        """A new, empty file system with ext4's defaults."""
        self.image.unlink(missing_ok=True)
        with open(self.image, "wb") as image:
            image.truncate(DISK_BYTES)
        mke2fs = shutil.which("mkfs.ext4", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
        subprocess.run([mke2fs, "-q", "-F", self.image], check=True, stdout=subprocess.DEVNULL)
