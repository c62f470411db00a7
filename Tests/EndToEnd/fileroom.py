"""An archive under test: a folder of files, a configuration, the programs, and the clients that talk to them."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

BIN = pathlib.Path(os.environ["FILEROOM_BIN"])
CT = "1.2.840.10008.5.1.4.1.1.2"
MR = "1.2.840.10008.5.1.4.1.1.4"
CR = "1.2.840.10008.5.1.4.1.1.1"
SECONDS = 60


def run(*words, timeout=SECONDS, check=None, **more):
    """Runs a program to its end; `check` is the exit code that is expected."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, errors="replace", timeout=timeout, **more)
    if check is not None and done.returncode != check:
        raise AssertionError(f"{' '.join(map(str, words))}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def make_instance(study="1.2.3.1", series="1.2.3.1.1", instance="1.2.3.1.1.1", sop_class=CT, syntax=ExplicitVRLittleEndian, pixels=512, **values):
    """A small instance; keywords set further attributes, None removes one."""
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = sop_class, instance
    ds.StudyInstanceUID, ds.SeriesInstanceUID = study, series
    ds.PatientName, ds.PatientID = "Doe^John", "P1"
    ds.PatientBirthDate, ds.PatientSex = "19700101", "M"
    ds.StudyDate, ds.StudyTime, ds.AccessionNumber, ds.StudyID = "20200102", "101112", "A1", "S1"
    ds.StudyDescription, ds.ReferringPhysicianName = "Head", "Ref^Phys"
    ds.Modality, ds.SeriesNumber, ds.SeriesDescription = "CT", "1", "axial"
    ds.InstanceNumber = "1"
    ds.Rows, ds.Columns, ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, pixels // 32, 16, 12, 11
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PixelRepresentation = 1, "MONOCHROME2", 0
    ds.PixelData = bytes(index & 0xFF for index in range(16 * (pixels // 32) * 2))
    ds["PixelData"].VR = "OW"
    for keyword, value in values.items():
        if value is None:
            if keyword in ds:
                delattr(ds, keyword)
        else:
            setattr(ds, keyword, value)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop_class, instance
    meta.TransferSyntaxUID, meta.ImplementationClassUID = syntax, "1.2.3.4"
    whole = FileDataset(None, ds, file_meta=meta, preamble=b"\0" * 128)
    whole.file_meta = meta
    return whole


def save(ds, path):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    ds.save_as(str(path), enforce_file_format=True)
    return path


def associate_rq(called=b"ARCHIVE", calling=b"HOSTILE", context=b"1.2.840.10008.1.1"):
    """An A-ASSOCIATE-RQ with one presentation context, as bytes."""
    application = b"1.2.840.10008.3.1.1.1"
    syntax = b"1.2.840.10008.1.2"
    items = b"\x10\0" + struct.pack(">H", len(application)) + application
    sub = b"\x30\0" + struct.pack(">H", len(context)) + context + b"\x40\0" + struct.pack(">H", len(syntax)) + syntax
    items += b"\x20\0" + struct.pack(">H", len(sub) + 4) + b"\x01\0\0\0" + sub
    user = b"\x51\0\0\x04" + struct.pack(">I", 16384) + b"\x52\0\0\x07" + b"1.2.3.4"
    items += b"\x50\0" + struct.pack(">H", len(user)) + user
    body = struct.pack(">HH", 1, 0) + called.ljust(16) + calling.ljust(16) + b"\0" * 32 + items
    return b"\x01\0" + struct.pack(">I", len(body)) + body


class Daemon:
    """A running daemon, started as careless launchers do: SIGCHLD ignored. Its standard error is kept in `log`."""

    def __init__(self, config, *words, program="fileroom-qrd"):
        self.program = program
        self.log = []
        self.port = None
        self.process = subprocess.Popen(["env", "--ignore-signal=CHLD", str(BIN / program), "-c", str(config), *words], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, errors="replace")
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._follow, daemon=True)
        self.thread.start()
        if not self.ready.wait(20) or self.port is None:
            self.process.kill()
            raise AssertionError(f"{program} did not become ready:\n" + "".join(self.log))

    def _follow(self):
        for line in self.process.stderr:
            self.log.append(line)
            found = re.search(r"ready on .*:(\d+)\s*$", line)
            if found and self.port is None:
                self.port = int(found.group(1))
                self.ready.set()
        self.ready.set()

    @property
    def text(self):
        return "".join(self.log)

    @property
    def children(self):
        """The process numbers of its own: workers, and the keeper."""
        return [int(number) for number in pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()]

    @property
    def workers(self):
        def serves(number):
            words = pathlib.Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
            return b"--worker" in words or b"--standby" in words

        return [number for number in self.children if serves(number)]

    def wait_for(self, pattern, seconds=20):
        """Waits until the log holds `pattern`."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if re.search(pattern, self.text):
                return True
            time.sleep(0.02)
        raise AssertionError(f"{pattern!r} is not in the log:\n{self.text}")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"{self.program} did not end at SIGTERM:\n" + self.text)
        self.thread.join(5)
        self.process.stderr.close()
        return code


class ArchiveTest(unittest.TestCase):
    """A scratch folder with one storage area ARCHIVE; `serve` indexes it and starts the daemon."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fileroom-test-"))
        self.area = self.folder / "area"
        self.area.mkdir()
        self.daemons = []
        self.closing = []

    def close_first(self, close):
        """Closes a client before the daemons are told to end, which wait for those that don't close themselves."""
        self.closing.append(close)

    def tearDown(self):
        for close in self.closing:
            close()
        codes = [daemon.stop() for daemon in self.daemons]
        shutil.rmtree(self.folder, ignore_errors=True)
        for daemon, code in zip(self.daemons, codes):
            self.assertEqual(code, 0, daemon.text)

    def configure(self, parameters="", peers="ANY", hosts="", vendors="", areas=None, name="fileroom.cfg", area_table=None):
        areas = areas or f"ARCHIVE {self.area} RW (0, 0) {peers}"
        path = self.folder / name
        tail = "" if area_table is None else f"AreaTable BEGIN\n{area_table}\nAreaTable END\n"
        path.write_text(
            f"ListenAddress = 127.0.0.1\nNetworkTCPPort = 0\n{parameters}\nHostTable BEGIN\n{hosts}\nHostTable END\n"
            f"VendorTable BEGIN\n{vendors}\nVendorTable END\nAETable BEGIN\n{areas}\nAETable END\n{tail}")
        return path

    def index(self, config, *words, check=0, ae=True):
        titled = ["--ae", "ARCHIVE"] if ae else []
        return run(BIN / "fileroom-index", words[0], "-c", config, *titled, *words[1:], check=check)

    def serve(self, config, *words, program="fileroom-qrd"):
        daemon = Daemon(config, *words, program=program)
        self.daemons.append(daemon)
        return daemon

    def open_archive(self, parameters="", **more):
        """Imports the area's own folder and serves it."""
        config = self.configure(parameters, **more)
        self.index(config, "import")
        self.config = config
        self.daemon = self.serve(config)
        self.port = self.daemon.port
        return self.daemon

    # DCMTK's tools

    def dcmtk(self, tool, *words, called="ARCHIVE", calling="TESTSCU", check=0, port=None):
        return run(tool, "-aet", calling, "-aec", called, *words, "127.0.0.1", port or self.port, check=check)

    def findscu(self, level, *keys, model="-S", check=0, **more):
        """The responses' identifiers, as pydicom data sets."""
        from pydicom import dcmread

        out = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        words = [model, "-k", f"QueryRetrieveLevel={level}"]
        for key in keys:
            words += ["-k", key]
        run("findscu", "-aet", more.get("calling", "TESTSCU"), "-aec", more.get("called", "ARCHIVE"), *words, "-X", "-od", out, "127.0.0.1", self.port, check=check)
        return [dcmread(path, force=True) for path in sorted(out.iterdir())]

    def free_port(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]


class StoreSCP:
    """DCMTK's storescp on a port of its own, writing into `folder`."""

    def __init__(self, folder, port, *words, title="DEST"):
        self.folder, self.port = pathlib.Path(folder), port
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(["storescp", "-aet", title, "-od", str(self.folder), *words, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 15
        while time.monotonic() < until:
            if run("echoscu", "127.0.0.1", port).returncode == 0:
                return
            time.sleep(0.05)
        raise AssertionError("storescp did not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)

    @property
    def files(self):
        return sorted(path for path in self.folder.iterdir() if path.is_file())


def elements(ds):
    """A data set as comparable nested lists: tag, VR, value; group lengths and the file meta left out."""
    rows = []
    for element in ds:
        if element.tag.element == 0 or element.tag == (0xFFFC, 0xFFFC):
            continue
        if element.VR == "SQ":
            rows.append((int(element.tag), "SQ", [elements(item) for item in element.value]))
        else:
            rows.append((int(element.tag), element.VR, element.value))
    return rows


def listing(done):
    """The rows of a --json answer."""
    return json.loads(done.stdout)
