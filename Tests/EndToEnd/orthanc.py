"""Orthanc (Debian's package) as a peer: with a storage of its own in a temporary folder, without plugins."""

import json
import pathlib
import shutil
import subprocess
import time
import urllib.request


class Orthanc:
    """Orthanc with a storage of its own, told what to do by its REST interface."""

    def __init__(self, folder, port, modalities):
        self.http = None
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.program = shutil.which("Orthanc", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
        if not self.program:
            raise AssertionError("Orthanc is missing: install the package orthanc")
        self.port, self.modalities = port, modalities

    def start(self, http, encoding="Latin1"):
        """`encoding` is what it asks and shows names in."""
        config = self.folder / "orthanc.json"
        config.write_text(json.dumps({
            "StorageDirectory": str(self.folder / "db"), "IndexDirectory": str(self.folder / "db"), "HttpPort": http, "RemoteAccessAllowed": False, "DicomPort": self.port,
            "DicomAet": "ORTHANC", "DicomModalities": self.modalities, "Plugins": [], "DicomAlwaysAllowStore": True, "AuthenticationEnabled": False,
            "DicomCheckCalledAet": False, "OverwriteInstances": True, "DefaultEncoding": encoding}))
        self.http = http
        self.log = open(self.folder / "log", "w")
        self.process = subprocess.Popen([self.program, str(config)], stdout=self.log, stderr=self.log)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                self.ask("/system")
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
        raise AssertionError("Orthanc did not start:\n" + (self.folder / "log").read_text())

    def ask(self, path, body=None, method=None, raw=False):
        data = None if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            content = answer.read()
        return content if raw else json.loads(content or "null")

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        self.log.close()
