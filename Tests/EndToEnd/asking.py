"""A requester of C-FIND and C-GET over a plain socket: quick, in both VR codings, and it hides nothing that comes back."""

import functools
import socket
import struct

from pydicom.datadict import dictionary_VR

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
MODELS = {"patient": "1.2.840.10008.5.1.4.1.2.1", "study": "1.2.840.10008.5.1.4.1.2.2", "only": "1.2.840.10008.5.1.4.1.2.3"}
FIND, GET = 1, 3
LONG = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}
PDU_BYTES = 131_072
SECONDS = 60
RESPONSE = 0x8000
C_STORE, C_GET, C_FIND = 0x0001, 0x0010, 0x0020


class Broken(Exception):
    """The association was rejected, aborted or closed."""


@functools.cache
def vr_of(tag):
    try:
        return dictionary_VR(tag)[:2]
    except KeyError:
        return "UN"


def encoded(elements, syntax):
    """A data set: value and VR by tag, where the value of a sequence is a list of such."""
    pieces = []
    for tag, (vr, value) in sorted(elements.items()):
        if vr == "SQ":
            value = b"".join(struct.pack("<HHI", 0xFFFE, 0xE000, len(item)) + item for item in (encoded(one, syntax) for one in value))
        elif len(value) % 2:
            value += b"\0" if vr in ("UI", "OB", "UN") else b" "
        group, number = tag >> 16, tag & 0xFFFF
        if syntax == IMPLICIT:
            pieces.append(struct.pack("<HHI", group, number, len(value)))
        elif vr in LONG:
            pieces.append(struct.pack("<HH2sHI", group, number, vr.encode(), 0, len(value)))
        else:
            pieces.append(struct.pack("<HH2sH", group, number, vr.encode(), len(value)))
        pieces.append(value)
    return b"".join(pieces)


def decoded(body, syntax):
    """The reverse of `encoded`; lengths are defined in what Fileroom sends."""
    found, at, last = {}, 0, -1
    while at < len(body):
        group, number = struct.unpack_from("<HH", body, at)
        tag = group << 16 | number
        if syntax == IMPLICIT:
            vr, (length,), at = vr_of(tag), struct.unpack_from("<I", body, at + 4), at + 8
        else:
            vr = body[at + 4:at + 6].decode()
            (length,), at = (struct.unpack_from("<I", body, at + 8), at + 12) if vr in LONG else (struct.unpack_from("<H", body, at + 6), at + 8)
        if tag <= last or length % 2 or at + length > len(body):
            raise AssertionError(f"{tag:08X} is out of order, or its length {length} is wrong")
        value, last, at = body[at:at + length], tag, at + length
        found[tag] = (vr, items_of(value, syntax) if vr == "SQ" else value)
    return found


def items_of(body, syntax):
    items, at = [], 0
    while at < len(body):
        group, number, length = struct.unpack_from("<HHI", body, at)
        if (group, number) != (0xFFFE, 0xE000) or at + 8 + length > len(body):
            raise AssertionError("no item")
        items.append(decoded(body[at + 8:at + 8 + length], syntax))
        at += 8 + length
    return items


def item(kind, body):
    return struct.pack(">BBH", kind, 0, len(body)) + body


class Association:
    """`extensions` are the bytes offered for C-FIND (PS3.4 C.5.1.1), `get_extensions` those for C-GET (C.5.2.1)."""

    def __init__(self, port, model, syntax=IMPLICIT, extensions=None, get_extensions=None, storage=(), called="ARCHIVE"):
        self.model, self.syntax, self.messages = model, syntax, 0
        self.socket = socket.create_connection(("127.0.0.1", port), SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.socket.makefile("rb", 1 << 18)
        find, get = MODELS[model] + ".1", MODELS[model] + ".3"
        contexts = [(FIND, find, syntax), (GET, get, syntax)] + [(5 + 2 * index, *pair) for index, pair in enumerate(storage)]
        user = item(0x51, struct.pack(">I", PDU_BYTES)) + item(0x52, b"2.25.1")
        for sop_class in sorted({sop_class for sop_class, _ in storage}):
            user += item(0x54, struct.pack(">H", len(sop_class)) + sop_class.encode() + b"\0\1")
        for sop_class, offered in ((find, extensions), (get, get_extensions)):
            if offered is not None:
                user += item(0x56, struct.pack(">H", len(sop_class)) + sop_class.encode() + bytes(offered))
        body = struct.pack(">HH", 1, 0) + called.encode().ljust(16) + b"ASKING".ljust(16) + bytes(32) + item(0x10, b"1.2.840.10008.3.1.1.1")
        for number, abstract, one in contexts:
            body += item(0x20, bytes([number, 0, 0, 0]) + item(0x30, abstract.encode()) + item(0x40, one.encode()))
        body += item(0x50, user)
        self.socket.sendall(struct.pack(">BBI", 1, 0, len(body)) + body)
        kind, body = self.pdu()
        if kind != 2:
            raise Broken(kind, body)
        self.agreed = {}
        at = 68
        while at < len(body):
            kind, _, length = struct.unpack_from(">BBH", body, at)
            inner, at = body[at + 4:at + 4 + length], at + 4 + length
            if kind == 0x21 and inner[2]:
                raise Broken(f"context {inner[0]} was refused with {inner[2]}")
            while kind == 0x50 and inner:
                sub, _, length = struct.unpack_from(">BBH", inner)
                if sub == 0x56:
                    (of,) = struct.unpack_from(">H", inner, 4)
                    self.agreed[inner[6:6 + of].decode()] = inner[6 + of:4 + length]
                inner = inner[4 + length:]
        self.find_agreed, self.get_agreed = self.agreed.get(find), self.agreed.get(get)

    def pdu(self):
        head = self.stream.read(6)
        if len(head) < 6:
            raise Broken("closed")
        return head[0], self.stream.read(int.from_bytes(head[2:], "big"))

    def send(self, context, command, data=None):
        command = {tag: ("UN", value) for tag, value in command.items()} | {0x00000800: ("US", struct.pack("<H", 0x0101 if data is None else 1))}
        body = encoded(command, IMPLICIT)
        wire = bytearray()
        for part, control in ((encoded({0: ("UL", struct.pack("<I", len(body)))}, IMPLICIT) + body, 3), (data, 2)):
            if part is not None:
                # An identifier is much shorter than what a PDU takes.
                wire += struct.pack(">BBIIBB", 4, 0, len(part) + 6, len(part) + 2, context, control) + part
        self.socket.sendall(wire)

    def message(self):
        """The context, the elements of the command, the data set's bytes or None."""
        command, data = bytearray(), bytearray()
        while True:
            kind, body = self.pdu()
            if kind != 4:
                raise Broken(kind, body)
            at = 0
            while at < len(body):
                length, context, control = struct.unpack_from(">IBB", body, at)
                (command if control & 1 else data).extend(memoryview(body)[at + 6:at + 4 + length])
                at += 4 + length
                if control & 2:
                    elements = raw(command)
                    has_data = elements[0x00000800] != b"\1\1"
                    if not control & 1 or not has_data:
                        return context, elements, bytes(data) if has_data else None

    def ask(self, context, field, identifier):
        self.messages = self.messages % 65_535 + 1
        command = {
            0x00000002: (MODELS[self.model] + (".1" if context == FIND else ".3")).encode(), 0x00000100: struct.pack("<H", field),
            0x00000110: struct.pack("<H", self.messages), 0x00000700: b"\0\0"}
        self.send(context, command, encoded(identifier, self.syntax))

    def find(self, identifier):
        """The pending responses as status and identifier's bytes, and the command of the final one."""
        self.ask(FIND, C_FIND, identifier)
        found = []
        while True:
            _, command, data = self.message()
            status = number(command, 0x00000900)
            if number(command, 0x00000120) != self.messages or number(command, 0x00000100) != C_FIND | RESPONSE:
                raise AssertionError(f"a response to another request: {command}")
            if status not in (0xFF00, 0xFF01):
                if data is not None:
                    raise AssertionError("a final response with an identifier")
                return found, command
            found.append((status, data))

    def get(self, identifier):
        """SOP Instance UIDs and data sets that came, and the command of the final response."""
        self.ask(GET, C_GET, identifier)
        came = []
        while True:
            context, command, data = self.message()
            if number(command, 0x00000100) == C_STORE:
                came.append((command[0x00001000].rstrip(b"\0 ").decode(), data))
                answer = {tag: command[tag] for tag in (0x00000002, 0x00001000)}
                self.send(context, answer | {0x00000100: struct.pack("<H", C_STORE | RESPONSE), 0x00000120: command[0x00000110], 0x00000900: b"\0\0"})
            elif number(command, 0x00000900) != 0xFF00:
                # Remaining is of a cancelled one alone, the list of what failed of one that failed (C.4.3.1.3).
                failed = number(command, 0x00001022) if 0x00001022 in command else 0
                if 0x00001020 in command or (data is not None) != (failed > 0):
                    raise AssertionError(f"a final response of {sorted(map(hex, command))} with {data}")
                return came, command
            elif data is not None or not {0x00001020, 0x00001021, 0x00001022, 0x00001023} <= set(command):
                raise AssertionError("a pending response without all counts, or with a data set")

    def close(self):
        try:
            self.socket.sendall(bytes([5, 0, 0, 0, 0, 4, 0, 0, 0, 0]))
            self.pdu()
        except (OSError, Broken):
            pass
        self.stream.close()
        self.socket.close()


def raw(body):
    found, at = {}, 0
    while at + 8 <= len(body):
        group, element, length = struct.unpack_from("<HHI", body, at)
        found[group << 16 | element] = bytes(body[at + 8:at + 8 + length])
        at += 8 + length
    return found


def number(elements, tag):
    return int.from_bytes(elements[tag], "little")
