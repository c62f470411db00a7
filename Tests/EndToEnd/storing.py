"""An archive that is stored to: both daemons on one area, and a sender of raw bytes, which knows what goes over the wire."""

import contextlib
import os
import pathlib
import socket
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "tools" / "crashing"))

import dicom
from dicom import implicit, implicit_elements, item, short
from fileroom import CT, ArchiveTest

IMPLICIT, EXPLICIT, BIG_ENDIAN, DEFLATED = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"
VERIFICATION = "1.2.840.10008.1.1"
LONG_VRS = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}
# Of the daemon's, unless the configuration says otherwise.
PDU_MAXIMUM = 131_072
RELEASE_RQ, ABORT = bytes([5, 0, 0, 0, 0, 4, 0, 0, 0, 0]), bytes([7, 0, 0, 0, 0, 4, 0, 0, 0, 0])


def element(tag, vr, value=b"", length=None):
    """A data element, Explicit VR Little Endian (PS3.5 7.1.2); `length` is one that is not the value's."""
    value = value.encode() if isinstance(value, str) else value
    value += (b"\0" if vr in ("UI", "OB", "UN") else b" ") * (len(value) % 2)
    length = len(value) if length is None else length
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode()
    return head + (struct.pack("<HI", 0, length) if vr in LONG_VRS else struct.pack("<H", length)) + value


def data_set(instance="1.2.3.1.1.1", study="1.2.3.1", series="1.2.3.1.1", sop_class=CT, pixels=b"\1\2" * 256, more=None):
    """A small data set, Explicit VR Little Endian; `more` are further elements by tag, None leaves one out."""
    elements = {
        0x00080016: ("UI", sop_class), 0x00080018: ("UI", instance), 0x00080060: ("CS", "CT"), 0x00100010: ("PN", "Doe^John"), 0x00100020: ("LO", "P1"),
        0x0020000D: ("UI", study), 0x0020000E: ("UI", series), 0x00200011: ("IS", "1"), 0x00200013: ("IS", "1"), 0x7FE00010: ("OW", pixels)}
    elements.update(more or {})
    return b"".join(element(tag, *one) for tag, one in sorted(elements.items()) if one is not None)


def size(path):
    """The bytes of a file; 0 where it went meanwhile."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


class Refused(Exception):
    """The association was rejected or aborted, or its connection closed."""


class Response:
    """A C-STORE-RSP."""

    def __init__(self, elements):
        self.elements = elements
        (self.status,) = struct.unpack("<H", elements[0x00000900])
        self.comment = elements.get(0x00000902, b"").decode("ascii").rstrip(" ")
        offending = elements.get(0x00000901, b"")
        self.offending = [group << 16 | number for group, number in struct.iter_unpack("<HH", offending)]

    def __repr__(self):
        return f"{self.status:04X}H {self.comment!r} {[f'{tag:08X}' for tag in self.offending]}"


class Sender:
    """The requester of one association, over a plain socket."""

    def __init__(self, port, contexts=((CT, [EXPLICIT]),), called="ARCHIVE", calling="SENDER", user=b"", seconds=30, pdu_bytes=PDU_MAXIMUM):
        self.socket = socket.create_connection(("127.0.0.1", port), seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.socket.makefile("rb")
        self.messages = 0
        offered = b""
        for index, (abstract, syntaxes) in enumerate(contexts):
            inner = item(0x30, abstract.encode()) + b"".join(item(0x40, syntax.encode()) for syntax in syntaxes)
            offered += item(0x20, struct.pack("BBBB", 2 * index + 1, 0, 0, 0) + inner)
        user = item(0x51, struct.pack(">I", PDU_MAXIMUM)) + item(0x52, b"2.25.1") + user
        body = struct.pack(">HH", 1, 0) + called.encode().ljust(16) + calling.encode().ljust(16) + bytes(32)
        body += item(0x10, b"1.2.840.10008.3.1.1.1") + offered + item(0x50, user)
        self.send(struct.pack(">BBI", 1, 0, len(body)) + body)
        kind, body = self.pdu()
        if kind != 2:
            raise Refused(kind, body)
        # Result and transfer syntax of each context; items of the user information.
        self.contexts, self.user, self.pdu_bytes = {}, [], pdu_bytes
        for kind, value in items(body[68:]):
            if kind == 0x21:
                self.contexts[value[0]] = (value[2], value[8:].decode() if value[2] == 0 else None)
            if kind == 0x50:
                self.user = list(items(value))

    def send(self, wire):
        self.socket.sendall(wire)

    def pdu(self):
        head = self.stream.read(6)
        if len(head) < 6:
            raise Refused("closed")
        return head[0], self.stream.read(int.from_bytes(head[2:], "big"))

    def request(self, sop_class=CT, instance="1.2.3.1.1.1", context=1, has_data=True):
        """A C-STORE-RQ as PDUs, without its data set; None leaves a UID out."""
        self.messages += 1
        body = b"" if sop_class is None else implicit(0x00000002, sop_class)
        body += short(0x00000100, 0x0001) + short(0x00000110, self.messages % 65_536) + short(0x00000700, 0) + short(0x00000800, 1 if has_data else 0x0101)
        body += b"" if instance is None else implicit(0x00001000, instance)
        return self.part(implicit(0x00000000, struct.pack("<I", len(body))) + body, 3, context)

    def part(self, body, control, context=1):
        """One P-DATA-TF with one fragment."""
        return struct.pack(">BBIIBB", 4, 0, len(body) + 6, len(body) + 2, context, control) + body

    def parts(self, data, context=1):
        step = self.pdu_bytes - 6
        return b"".join(self.part(data[at:at + step], 2 if at + step >= len(data) else 0, context) for at in range(0, max(1, len(data)), step))

    def store(self, data, sop_class=CT, instance="1.2.3.1.1.1", context=1):
        """Sends an instance; the response. Data set None sends none."""
        self.send(self.request(sop_class, instance, context, data is not None) + (self.parts(data, context) if data is not None else b""))
        return self.answer()

    def answer(self):
        kind, body = self.pdu()
        if kind != 4:
            raise Refused(kind, body)
        return Response(implicit_elements(body[6:]))

    def release(self):
        self.send(RELEASE_RQ)
        kind, _ = self.pdu()
        self.close()
        return kind == 6

    def close(self):
        self.stream.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.close() if kind else self.release()


def items(body):
    at = 0
    while at + 4 <= len(body):
        kind, _, length = struct.unpack_from(">BBH", body, at)
        yield kind, body[at + 4:at + 4 + length]
        at += 4 + length


def data_set_of(path):
    """The bytes behind the File Meta Information of a Part 10 file (PS3.10 7.1)."""
    content = pathlib.Path(path).read_bytes()
    if content[128:132] != b"DICM":
        raise AssertionError(f"{path} is no Part 10 file")
    return content[144 + struct.unpack_from("<I", content, 140)[0]:]


def status_of(process, field):
    """A line of /proc/PROCESS/status: a number, in KiB where it is memory."""
    for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    raise AssertionError(f"process {process} has no {field}")


class StoreTest(ArchiveTest):
    """`open_store` starts fileroom-stored and fileroom-qrd on the area; the clients of ArchiveTest ask the latter."""

    # The machine that tests run on may be nearly full.
    ROOM = "MinimumFreeSpace = 0"

    def open_store(self, parameters="", **more):
        self.config = self.configure(f"StorageTCPPort = 0\n{self.ROOM}\n{parameters}", **more)
        self.stored = self.serve(self.config, program="fileroom-stored")
        self.storage_port = self.stored.port
        self.daemon = self.serve(self.config)
        self.port = self.daemon.port

    @contextlib.contextmanager
    def case(self, **named):
        """One of several cases of a test, with a scratch folder and daemons of its own."""
        kept = self.folder, self.area, self.daemons
        with self.subTest(**named):
            self.setUp()
            try:
                yield
            finally:
                self.tearDown()
                self.folder, self.area, self.daemons = kept

    def sender(self, *contexts, **more):
        return Sender(self.storage_port, contexts or ((CT, [EXPLICIT]),), **more)

    @property
    def instances(self):
        return self.area / "instances"

    @property
    def incoming(self):
        return self.instances / ".incoming"

    def files(self, folder=None):
        """All files that were stored, or those of another folder."""
        folder = folder or self.instances
        paths = folder.rglob("*") if folder.exists() else []
        return sorted(path for path in paths if path.is_file() and (folder == self.incoming or path.parent != self.incoming))

    def wait_until_nothing_arrives(self):
        """A sender has its answer before what it no longer needs is removed; an empty file waits for its next instance."""
        self.wait_until(lambda: not any(size(path) for path in self.files(self.incoming)))

    def one_file(self):
        [path] = self.files()
        return path

    def found(self, study="1.2.3.1", series="1.2.3.1.1"):
        """The SOP Instance UIDs of a series, by C-FIND of fileroom-qrd."""
        responses = self.findscu("IMAGE", f"StudyInstanceUID={study}", f"SeriesInstanceUID={series}", "SOPInstanceUID")
        return sorted(response.SOPInstanceUID for response in responses)

    def assert_empty(self):
        """No file, no folder, no instance."""
        self.wait_until_nothing_arrives()
        left = [path for path in self.instances.rglob("*") if path != self.incoming] if self.instances.exists() else []
        self.assertEqual(left, [])
        self.assertEqual(self.findscu("STUDY", "StudyInstanceUID"), [])

    def wait_until(self, holds, seconds=20):
        until = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > until:
                raise AssertionError("it did not come about")
            time.sleep(0.02)

    def descriptors(self, process):
        return len(os.listdir(f"/proc/{process}/fd"))
