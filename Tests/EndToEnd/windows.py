"""A client of raw bytes that offers an asynchronous operations window (PS3.7 D.3.3.3): any message at any time, both ways."""

import select
import socket
import struct
import threading

from fileroom import CT
from storing import EXPLICIT, IMPLICIT, RELEASE_RQ, VERIFICATION, Sender, implicit, implicit_elements, item, items, short

FIND, GET, MOVE = (f"1.2.840.10008.5.1.4.1.2.2.{number}" for number in (1, 3, 2))
# Their places among the presentation contexts.
CONTEXTS = ((VERIFICATION, [IMPLICIT]), (FIND, [IMPLICIT]), (GET, [IMPLICIT]), (MOVE, [IMPLICIT]), (CT, [EXPLICIT]))
ECHO_ID, FIND_ID, GET_ID, MOVE_ID, STORE_ID = 1, 3, 5, 7, 9
MEDIUM, HIGH, LOW = 0, 1, 2
WINDOW_ITEM = 0x53


def window_item(invoked, performed):
    return item(WINDOW_ITEM, struct.pack(">HH", invoked, performed))


def identifier(level, **keys):
    tags = {"StudyInstanceUID": 0x0020000D, "SeriesInstanceUID": 0x0020000E, "SOPInstanceUID": 0x00080018, "PatientName": 0x00100010}
    rows = [(0x00080052, level, b" ")] + [(tags[key], value, b" " if key == "PatientName" else b"\0") for key, value in keys.items()]
    return b"".join(implicit(*row) for row in sorted(rows))


class Message:
    """A command and its data set, as they came, and the context that they came in."""

    def __init__(self, elements, data, context):
        self.elements, self.data, self.context = elements, data, context
        self.field = self.number(0x00000100)
        self.id = self.number(0x00000120 if self.field & 0x8000 else 0x00000110)
        self.status = self.number(0x00000900)
        self.priority = self.number(0x00000700)
        self.instance = elements.get(0x00001000, b"").rstrip(b"\0").decode()

    def number(self, tag):
        return struct.unpack("<H", elements)[0] if (elements := self.elements.get(tag)) else None

    @property
    def counts(self):
        """Remaining, completed, failed, warning."""
        return tuple(self.number(0x00001020 + index) for index in range(4))

    def __repr__(self):
        return f"{self.field:04X}({self.id}) {self.status if self.status is None else hex(self.status)}"


class Messages:
    """Whole messages out of P-DATA-TFs, over a socket that is there; `end` is the PDU type that came instead."""

    def __init__(self, peer):
        self.peer, self.buffer, self.end = peer, bytearray(), None

    def has_more(self, seconds=0):
        """Whether something comes within so long, the peer's close included."""
        return bool(self.buffer or select.select([self.peer], [], [], seconds)[0])

    def _take(self, count):
        while len(self.buffer) < count:
            more = self.peer.recv(1 << 18)
            if not more:
                return b""
            self.buffer += more
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        return taken

    def pdu(self):
        head = self._take(6)
        return (head[0], self._take(int.from_bytes(head[2:], "big"))) if head else (None, b"")

    def read(self):
        """The next message; None where the peer released, aborted or closed."""
        command, data = bytearray(), bytearray()
        while True:
            kind, body = self.pdu()
            if kind != 4:
                self.end = kind
                return None
            at = 0
            while at < len(body):
                length, context, control = struct.unpack_from(">IBB", body, at)
                (command if control & 1 else data).extend(body[at + 6:at + 4 + length])
                at += 4 + length
                if control & 2:
                    elements = implicit_elements(command)
                    if not control & 1 or struct.unpack("<H", elements[0x00000800])[0] == 0x0101:
                        return Message(elements, bytes(data), context)


def pdv(body, control, context):
    return struct.pack(">BBIIBB", 4, 0, len(body) + 6, len(body) + 2, context, control) + body


def message(context, field, number, data=b"", priority=None, status=None, sop_class=None, more=b""):
    """A message as PDUs; the sum of its elements is left to the reader."""
    body = implicit(0x00000002, sop_class) if sop_class else b""
    body += short(0x00000100, field) + short(0x00000120 if field & 0x8000 or field == 0x0FFF else 0x00000110, number)
    body += more + (b"" if priority is None else short(0x00000700, priority)) + short(0x00000800, 1 if data else 0x0101)
    body += b"" if status is None else short(0x00000900, status)
    wire = pdv(implicit(0x00000000, struct.pack("<I", len(body))) + body, 3, context)
    return wire + (pdv(data, 2, context) if data else b"")


class WindowClient(Sender):
    """A requester with a window; nil offers none. It is SCP of CT images as well."""

    def __init__(self, port, window=(8, 8), called="ARCHIVE"):
        user = item(0x54, struct.pack(">H", len(CT)) + CT.encode() + b"\0\1") + (window_item(*window) if window else b"")
        super().__init__(port, CONTEXTS, called=called, user=user)
        # Nothing comes before we ask for something, so nothing was read ahead.
        self.messages_in = Messages(self.socket)

    @property
    def answered_window(self):
        """What the acceptor answered, None without an item."""
        return next((struct.unpack(">HH", value) for kind, value in self.user if kind == WINDOW_ITEM), None)

    def echo(self, number):
        return message(ECHO_ID, 0x0030, number, sop_class=VERIFICATION)

    def find(self, number, priority=MEDIUM, keys=None):
        return message(FIND_ID, 0x0020, number, keys or identifier("STUDY", StudyInstanceUID=""), priority, sop_class=FIND)

    def get(self, number, priority=MEDIUM, study="1.2.3.1"):
        return message(GET_ID, 0x0010, number, identifier("STUDY", StudyInstanceUID=study), priority, sop_class=GET)

    def move(self, number, destination, priority=MEDIUM, study="1.2.3.1"):
        more = implicit(0x00000600, destination, b" ")
        return message(MOVE_ID, 0x0021, number, identifier("STUDY", StudyInstanceUID=study), priority, sop_class=MOVE, more=more)

    def cancel(self, number, context=FIND_ID):
        return message(context, 0x0FFF, number)

    def stored(self, request, status=0):
        return message(STORE_ID, 0x8001, request.id, status=status, sop_class=CT)

    def read(self):
        return self.messages_in.read()

    def is_quiet(self, seconds):
        """Whether nothing comes for so long."""
        return not self.messages_in.has_more(seconds)

    def release(self):
        self.send(RELEASE_RQ)
        kind, _ = self.messages_in.pdu()
        self.close()
        return kind == 6


class Destination:
    """A move destination: accepts what is proposed, with `window` where one is offered, and leaves the association to
    `serve(self, messages, connection)`; where one is offered and `refuse_item` is there, to `refuse_item(connection)`."""

    def __init__(self, window, serve, refuse_item=None):
        self.window, self.serve, self.refuse_item = window, serve, refuse_item
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.offers, self.requests = [], []
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def _accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            with peer:
                self._associate(peer)

    def _associate(self, peer):
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        messages = Messages(peer)
        kind, body = messages.pdu()
        if kind != 1:
            return
        contexts, offer, out = [], None, b""
        for kind, value in items(body[68:]):
            if kind == 0x20:
                syntax = next(inner for number, inner in items(value[4:]) if number == 0x40)
                out += item(0x21, struct.pack("BBBB", value[0], 0, 0, 0) + item(0x40, syntax))
            if kind == 0x50:
                offer = next((struct.unpack(">HH", inner) for number, inner in items(value) if number == WINDOW_ITEM), None)
        self.offers.append(offer)
        if offer and self.refuse_item:
            self.refuse_item(peer)
            return
        user = item(0x51, struct.pack(">I", 131_072)) + item(0x52, b"2.25.2")
        if offer and self.window:
            user += window_item(*self.window)
        body = body[:68] + item(0x10, b"1.2.840.10008.3.1.1.1") + out + item(0x50, user)
        peer.sendall(struct.pack(">BBI", 2, 0, len(body)) + body)
        self.serve(self, messages, peer)

    def answer(self, peer, request, status=0):
        peer.sendall(message(request.context, 0x8001, request.id, status=status, sop_class=CT))

    def close(self):
        self.listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
