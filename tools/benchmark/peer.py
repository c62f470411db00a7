"""The archives of others that we stand beside: how they are started over a folder, as AE title BENCH."""

import json
import os
import shutil
import socket
import subprocess
import time

from programs import Holdable

FILES_A_CALL = 100


def is_installed():
    return bool(shutil.which("dcmqrscp") and shutil.which("dcmqridx"))


class Listener(Holdable):
    """A running server that says nothing when it is ready, so it is asked; `words` are its command line at a port.

    Its answers wait for the client's ACK, some 40 ms each, unless DCMTK's TCP_NODELAY=1 spares it Nagle's algorithm."""

    def __init__(self, words, no_delay=False):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        line = [str(word) for word in words(self.port)]
        environment = {**os.environ, "TCP_NODELAY": "1"} if no_delay else None
        self.process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, start_new_session=True)
        until = time.monotonic() + 20
        while time.monotonic() < until and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.01)
        raise SystemExit(f"{line[0]} did not become ready")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


class Peer(Listener):
    """A running dcmqrscp that serves `area`, whose files it indexes first; `destinations` are ports of this host by AE title."""

    def __init__(self, scratch, area, no_delay=False, destinations={}):
        files = sorted(str(path) for path in area.rglob("*") if path.is_file())
        for at in range(0, len(files), FILES_A_CALL):
            subprocess.run(["dcmqridx", str(area), *files[at:at + FILES_A_CALL]], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        config = scratch / f"dcmqrscp-{area.name}.cfg"
        hosts = "".join(f"{title.lower()} = ({title}, 127.0.0.1, {port})\n" for title, port in destinations.items())
        config.write_text(f"MaxPDUSize = 131072\nMaxAssociations = 16\nHostTable BEGIN\n{hosts}HostTable END\nVendorTable BEGIN\nVendorTable END\nAETable BEGIN\nBENCH {area} RW (1000, 100gb) ANY\nAETable END\n")
        super().__init__(lambda port: ["dcmqrscp", "-c", config, port], no_delay)


def storescp(area):
    """A process for each association; the data sets are written as they come, which is its fastest."""
    return Listener(lambda port: ["storescp", "--fork", "+B", "-pdu", "131072", "-od", area, port], no_delay=True)


def orthanc(scratch, area, destinations={}):
    """As it comes, but that it takes an instance again, knows longer PDUs and asks nobody who they are."""
    config = scratch / f"orthanc-{area.name}.json"

    def words(port):
        config.write_text(json.dumps({
            "Name": "bench", "HttpServerEnabled": False, "DicomAet": "BENCH", "DicomPort": port, "DicomCheckCalledAet": False,
            "StorageDirectory": str(area), "IndexDirectory": str(area), "OverwriteInstances": True, "MaximumPduLength": 131072, "Plugins": [],
            "DicomAlwaysAllowGet": True, "DicomAlwaysAllowMove": True, "DicomAlwaysAllowFind": True,
            "DicomModalities": {title: [title, "127.0.0.1", number] for title, number in destinations.items()}}))
        return ["Orthanc", config]

    return Listener(words, no_delay=True)
