"""The archives under test: what a machine runs to store with each, to be asked, and to be sure that all is well."""

import os

from programs import BIN, Broken

CALLED = "ARCHIVE"
QUERY_PORT, STORAGE_PORT = 11112, 11114
SENDERS_AND_MORE = 40


class Fileroom:
    name = "fileroom"
    promises = True
    # A disk sees several cuts: what was acknowledged before the first is still there after the last.
    cuts_of_disk = 5
    ports = {"store": STORAGE_PORT, "check": QUERY_PORT}

    def __init__(self, folder, area, arguments):
        self.files = area / "instances"
        self.config = folder / "fileroom.cfg"
        self.config.write_text(
            f"ListenAddress = 127.0.0.1\nNetworkTCPPort = {QUERY_PORT}\nStorageTCPPort = {STORAGE_PORT}\nMaxAssociations = {SENDERS_AND_MORE}\nDurability = {arguments.durability}\n"
            f"HostTable BEGIN\nHostTable END\nVendorTable BEGIN\nVendorTable END\nAETable BEGIN\n{CALLED} {area} RW (0, 0) ANY\nAETable END\n")
        missing = [name for name in ("fileroom-stored", "fileroom-qrd", "fileroom-index") if not os.access(BIN / name, os.X_OK)]
        if missing:
            raise Broken(f"{BIN} has no {', '.join(missing)}: swift build -c release --static-swift-stdlib")

    def daemon(self, mode):
        return [str(BIN / {"store": "fileroom-stored", "check": "fileroom-qrd"}[mode]), "-c", str(self.config)]

    def checks(self):
        """Programs that end with 0 where all is well."""
        return [[str(BIN / "fileroom-index"), "verify", "--files", "-c", str(self.config)]]


class Dcmqrscp:
    name = "dcmqrscp"
    promises = False
    # It does not go on well over what a cut has left.
    cuts_of_disk = 1
    ports = {"store": QUERY_PORT, "check": QUERY_PORT}

    def __init__(self, folder, area, arguments):
        self.files = area
        self.config = folder / "dcmqrscp.cfg"
        self.config.write_text(
            f"MaxPDUSize = 131072\nMaxAssociations = {SENDERS_AND_MORE}\nHostTable BEGIN\nHostTable END\nVendorTable BEGIN\nVendorTable END\n"
            f"AETable BEGIN\n{CALLED} {area} RW (1000, 100gb) ANY\nAETable END\n")

    def daemon(self, mode):
        return ["/usr/bin/env", "TCP_NODELAY=1", "dcmqrscp", "--bit-preserving", "-c", str(self.config), str(QUERY_PORT)]

    def checks(self):
        return []


SUBJECTS = {subject.name: subject for subject in (Fileroom, Dcmqrscp)}
