"""A move destination over a raw socket, which does what no decent one would, at a point that the test chooses."""

import socket
import struct
import threading

IMPLICIT = b"1.2.840.10008.1.2"


def items(data):
    """The items of a variable field: type and content."""
    while data:
        kind, length = data[0], struct.unpack(">H", data[2:4])[0]
        yield kind, data[4:4 + length]
        data = data[4 + length:]


class Peer:
    """One association as its acceptor has it, PDU by PDU."""

    def __init__(self, connection, number):
        self.connection, self.number = connection, number
        self.contexts = {}
        self.stores = 0

    def read(self, count):
        data = b""
        while len(data) < count:
            piece = self.connection.recv(count - len(data))
            if not piece:
                raise ConnectionError("closed")
            data += piece
        return data

    def pdu(self):
        head = self.read(6)
        return head[0], self.read(struct.unpack(">I", head[2:])[0])

    def send(self, kind, body):
        self.connection.sendall(struct.pack(">BBI", kind, 0, len(body)) + body)

    def request(self):
        """Reads the A-ASSOCIATE-RQ: contexts as (abstract syntax, transfer syntaxes)."""
        kind, self.rq = self.pdu()
        assert kind == 1
        for kind, item in items(self.rq[68:]):
            if kind == 0x20:
                parts = list(items(item[4:]))
                self.contexts[item[0]] = (parts[0][1], [syntax for kind, syntax in parts if kind == 0x40])

    def accept(self, takes=lambda abstract, syntaxes: True):
        """Answers with an A-ASSOCIATE-AC; of each context that it takes, the first transfer syntax."""
        self.request()
        body = b"\x10\0" + struct.pack(">H", 21) + b"1.2.840.10008.3.1.1.1"
        for number, (abstract, syntaxes) in self.contexts.items():
            result = 0 if takes(abstract.decode(), [s.decode() for s in syntaxes]) else 3
            syntax = b"\x40\0" + struct.pack(">H", len(syntaxes[0])) + syntaxes[0]
            body += b"\x21\0" + struct.pack(">H", 4 + len(syntax)) + bytes([number, 0, result, 0]) + syntax
        user = b"\x51\0\0\x04" + struct.pack(">I", 16384) + b"\x52\0\0\x07" + b"1.2.3.4"
        body += b"\x50\0" + struct.pack(">H", len(user)) + user
        self.send(2, self.rq[:68] + body)

    def reject(self, result, source, reason):
        self.request()
        self.send(3, bytes([0, result, source, reason]))

    def abort(self, source=0, reason=0):
        self.send(7, bytes([0, 0, source, reason]))

    def store(self, upTo=None):
        """Reads one C-STORE-RQ with its data set, or only `upTo` PDVs of it: its elements by number, and the context."""
        command, pdvs, isCommand = b"", 0, True
        while True:
            kind, body = self.pdu()
            if kind != 4:
                raise ConnectionError(f"PDU {kind}")
            while body:
                length = struct.unpack(">I", body[:4])[0]
                context, flags, fragment, body = body[4], body[5], body[6:4 + length], body[4 + length:]
                pdvs += 1
                if flags & 1:
                    command += fragment
                if upTo is not None and pdvs >= upTo or flags == 2:
                    self.stores += 1
                    return self.elements(command), context

    @staticmethod
    def elements(data):
        found = {}
        while data:
            group, element, length = struct.unpack("<HHI", data[:8])
            found[element] = data[8:8 + length]
            data = data[8 + length:]
        return found

    def respond(self, stored, status=0, message=None):
        request, context = stored
        uid = request[0x1000]
        number = request[0x0110] if message is None else struct.pack("<H", message)
        elements = [(0x0002, request[0x0002]), (0x0100, b"\x01\x80"), (0x0120, number), (0x0800, b"\x01\x01"), (0x0900, struct.pack("<H", status)), (0x1000, uid)]
        body = b"".join(struct.pack("<HHI", 0, element, len(value)) + value for element, value in elements)
        self.command(struct.pack("<HHII", 0, 0, 4, len(body)) + body, context)

    def command(self, data, context):
        self.send(4, struct.pack(">IBB", len(data) + 2, context, 3) + data)

    def serve(self, statuses=(0,), count=None):
        """Stores until the release, or `count` instances."""
        while count is None or self.stores < count:
            try:
                stored = self.store()
            except ConnectionError:
                # Released: a bare A-RELEASE-RP is what is due.
                try:
                    self.send(6, bytes(4))
                except OSError:
                    pass
                return
            self.respond(stored, statuses[(self.stores - 1) % len(statuses)])

    def reset(self):
        """Closes so that the other side gets a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


class Destination:
    """Listens; each association is `script(peer)`, and over when that returns."""

    def __init__(self, script=None):
        self.script = script
        self.peers = []
        self.ended = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def begin(self, script):
        """Another script, and counting from the start."""
        self.peers = []
        self.script = script

    def _run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            peer = Peer(connection, len(self.peers) + 1)
            self.peers.append(peer)
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer):
        try:
            self.script(peer)
        except (OSError, ConnectionError):
            pass
        finally:
            peer.connection.close()

    def stall(self, peer):
        """Says nothing more."""
        self.ended.wait(60)

    @property
    def stores(self):
        return sum(peer.stores for peer in self.peers)

    def close(self):
        self.ended.set()
        # A blocked accept keeps its descriptor alive past close.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
