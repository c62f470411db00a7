"""A DICOM client of a few lines that stores, finds and gets: it starts at once, and sees every byte that comes back."""

import socket
import struct

import instances

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
STUDY_ROOT_FIND, STUDY_ROOT_GET = "1.2.840.10008.5.1.4.1.2.2.1", "1.2.840.10008.5.1.4.1.2.2.3"
# Presentation contexts: what we store, what we ask in.
STORE, FIND, GET = 1, 3, 5
CONTEXTS = {STORE: (instances.CT_IMAGE_STORAGE, instances.EXPLICIT_LITTLE), FIND: (STUDY_ROOT_FIND, IMPLICIT_LITTLE), GET: (STUDY_ROOT_GET, IMPLICIT_LITTLE)}
PDU_BYTES = 131_072
PATIENCE_SECONDS = 60
SUCCESS, PENDING = 0x0000, (0xFF00, 0xFF01)


class Fault(Exception):
    """The peer did not answer as it should."""


def item(kind, body):
    return struct.pack(">BBH", kind, 0, len(body)) + body


def implicit(tag, value, pad=b"\0"):
    value = value.encode() if isinstance(value, str) else value
    value += pad * (len(value) % 2)
    return struct.pack("<HHI", tag >> 16, tag & 0xFFFF, len(value)) + value


def short(tag, value):
    return implicit(tag, struct.pack("<H", value))


def implicit_elements(body):
    """Tag and Value Field of each element of a command or an identifier, Implicit VR Little Endian."""
    found, at = {}, 0
    while at + 8 <= len(body):
        group, number, length = struct.unpack_from("<HHI", body, at)
        found[group << 16 | number] = body[at + 8:at + 8 + length]
        at += 8 + length
    return found


class Association:
    def __init__(self, port, called, contexts):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.socket.makefile("rb", 1 << 18)
        self.messages = 0
        offered = b"".join(
            item(0x20, struct.pack("BBBB", number, 0, 0, 0) + item(0x30, CONTEXTS[number][0].encode()) + item(0x40, CONTEXTS[number][1].encode()))
            for number in contexts)
        user = item(0x51, struct.pack(">I", PDU_BYTES)) + item(0x52, b"2.25.1")
        if GET in contexts:
            # We are the SCP of the C-STORE that a C-GET brings (PS3.7 D.3.3.4).
            sop_class = CONTEXTS[STORE][0].encode()
            user += item(0x54, struct.pack(">H", len(sop_class)) + sop_class + b"\0\1")
        body = struct.pack(">HH", 1, 0) + called.encode().ljust(16) + b"CRASHTEST".ljust(16) + bytes(32) + item(0x10, b"1.2.840.10008.3.1.1.1") + offered + item(0x50, user)
        self.socket.sendall(struct.pack(">BBI", 1, 0, len(body)) + body)
        kind, body = self.pdu()
        if kind != 2:
            raise Fault(f"association not accepted: PDU type {kind}")
        self.peer_pdu_bytes = self.accepted(body, contexts)

    def accepted(self, body, contexts):
        """Checks that every context was accepted; what the peer takes in a PDU."""
        at, taken, most = 68, set(), 0
        while at < len(body):
            kind, _, length = struct.unpack_from(">BBH", body, at)
            if kind == 0x21 and body[at + 6] == 0:
                taken.add(body[at + 4])
            if kind == 0x50 and body[at + 4] == 0x51:
                most = struct.unpack_from(">I", body, at + 8)[0]
            at += 4 + length
        if not taken.issuperset(contexts):
            raise Fault(f"contexts {sorted(set(contexts) - taken)} not accepted")
        return most or PDU_BYTES

    def pdu(self):
        head = self.stream.read(6)
        if len(head) < 6:
            raise Fault("the peer closed the association")
        return head[0], self.stream.read(int.from_bytes(head[2:], "big"))

    def send(self, context, command, data=b""):
        """A message (PS3.8 E.2): what of its command stands before and after (0000,0800), its data set."""
        before, after = command
        command = before + short(0x00000800, 1 if data else 0x0101) + after
        command = implicit(0x00000000, struct.pack("<I", len(command))) + command
        wire = bytearray()
        for body, kind in ((command, 1), (data, 0)):
            step = self.peer_pdu_bytes - 6
            for at in range(0, len(body), step):
                part = body[at:at + step]
                wire += struct.pack(">BBIIBB", 4, 0, len(part) + 6, len(part) + 2, context, kind | (2 if at + step >= len(body) else 0)) + part
        self.socket.sendall(wire)

    def receive(self):
        """A message: the context, the elements of its command, its data set."""
        command, data = bytearray(), bytearray()
        while True:
            kind, body = self.pdu()
            if kind != 4:
                raise Fault(f"unexpected PDU type {kind}")
            at = 0
            while at < len(body):
                length, context, control = struct.unpack_from(">IBB", body, at)
                (command if control & 1 else data).extend(body[at + 6:at + 4 + length])
                at += 4 + length
                if control & 2:
                    elements = implicit_elements(command)
                    if not control & 1 or number_in(elements, 0x00000800) == 0x0101:
                        return context, elements, bytes(data)

    def store(self, instance):
        """The status of the C-STORE response (PS3.7 9.3.1)."""
        self.messages += 1
        head = implicit(0x00000002, instances.CT_IMAGE_STORAGE) + short(0x00000100, 0x0001) + short(0x00000110, self.messages % 65_536) + short(0x00000700, 0)
        self.send(STORE, (head, implicit(0x00001000, instance.uid())), instance.data_set())
        return number_in(self.receive()[1], 0x00000900)

    def ask(self, context, field, keys):
        """Sends a C-FIND or C-GET request, whose identifier is `keys` and nothing else."""
        self.messages += 1
        head = implicit(0x00000002, CONTEXTS[context][0]) + short(0x00000100, field) + short(0x00000110, self.messages % 65_536) + short(0x00000700, 0)
        self.send(context, (head, b""), b"".join(implicit(tag, value, b" " if tag == 0x00080052 else b"\0") for tag, value in sorted(keys.items())))

    def find_instances(self, study, series):
        """The SOP Instance UIDs that the peer has in a series."""
        self.ask(FIND, 0x0020, {0x00080018: "", 0x00080052: "IMAGE", 0x0020000D: study, 0x0020000E: series})
        found = []
        while True:
            _, command, data = self.receive()
            status = number_in(command, 0x00000900)
            if status not in PENDING:
                return found if status == SUCCESS else fail(f"C-FIND ended with {status:04X}H")
            found.append(implicit_elements(data)[0x00080018].rstrip(b"\0 ").decode())

    def get_study(self, study):
        """SOP Instance UID and data set of each instance that comes by C-GET."""
        self.ask(GET, 0x0010, {0x00080052: "STUDY", 0x0020000D: study})
        while True:
            context, command, data = self.receive()
            if number_in(command, 0x00000100) == 0x0001:
                uid = command[0x00001000].rstrip(b"\0 ")
                yield uid.decode(), data
                head = implicit(0x00000002, instances.CT_IMAGE_STORAGE) + short(0x00000100, 0x8001) + short(0x00000120, number_in(command, 0x00000110))
                self.send(context, (head, short(0x00000900, SUCCESS) + implicit(0x00001000, uid)))
                continue
            status = number_in(command, 0x00000900)
            if status not in PENDING:
                # Warnings and failures of single instances show in what did not come.
                return

    def release(self):
        self.socket.sendall(bytes([5, 0, 0, 0, 0, 4, 0, 0, 0, 0]))
        self.pdu()
        self.close()

    def close(self):
        self.stream.close()
        self.socket.close()


def number_in(elements, tag):
    return struct.unpack("<H", elements[tag])[0]


def fail(text):
    raise Fault(text)
