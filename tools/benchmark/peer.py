"""dcmqrscp over a tree of files: what we stand beside."""

import shutil
import socket
import subprocess
import time

FILES_A_CALL = 100


def is_installed():
    return bool(shutil.which("dcmqrscp") and shutil.which("dcmqridx"))


class Peer:
    """A running dcmqrscp that serves `area`, whose files it indexes first, as AE title BENCH."""

    def __init__(self, scratch, area):
        files = sorted(str(path) for path in area.rglob("*") if path.is_file())
        for at in range(0, len(files), FILES_A_CALL):
            subprocess.run(["dcmqridx", str(area), *files[at:at + FILES_A_CALL]], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        config = scratch / f"dcmqrscp-{area.name}.cfg"
        config.write_text(f"MaxPDUSize = 131072\nMaxAssociations = 16\nHostTable BEGIN\nHostTable END\nVendorTable BEGIN\nVendorTable END\nAETable BEGIN\nBENCH {area} RW (1000, 100gb) ANY\nAETable END\n")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(["dcmqrscp", "-c", str(config), str(self.port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.01)
        raise SystemExit("dcmqrscp did not become ready")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
