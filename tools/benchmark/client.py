"""A DICOM client of a few lines: PDUs made once, sent over a plain socket, so that its own cost is some 30 microseconds a request."""

import socket
import statistics
import struct
import time

PATIENT_ROOT_FIND = b"1.2.840.10008.5.1.4.1.2.1.1"
STUDY_ROOT_FIND = b"1.2.840.10008.5.1.4.1.2.2.1"
PATIENT_ROOT_MOVE = b"1.2.840.10008.5.1.4.1.2.1.2"
VERIFICATION = b"1.2.840.10008.1.1"
CT_STORAGE = b"1.2.840.10008.5.1.4.1.1.2"
IMPLICIT, EXPLICIT = b"1.2.840.10008.1.2", b"1.2.840.10008.1.2.1"
# SOP class and transfer syntax of each presentation context.
CONTEXTS = {1: (VERIFICATION, IMPLICIT), 3: (STUDY_ROOT_FIND, IMPLICIT), 5: (PATIENT_ROOT_FIND, IMPLICIT), 7: (CT_STORAGE, EXPLICIT), 9: (PATIENT_ROOT_MOVE, IMPLICIT)}
STATUS = struct.pack("<HHI", 0x0000, 0x0900, 2)


def item(kind, body):
    return struct.pack(">BBH", kind, 0, len(body)) + body


def element(tag, value, pad=b"\0"):
    if len(value) % 2:
        value += pad
    return struct.pack("<HHI", tag >> 16, tag & 0xFFFF, len(value)) + value


def explicit_element(tag, vr, value):
    """In Explicit VR Little Endian, of a short length; the value is padded."""
    value += (b"\0" if vr == b"UI" else b" ") * (len(value) % 2)
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value


def command(field, number, sop_class, has_data, instance=None, destination=None):
    body = element(0x00000002, sop_class) + element(0x00000100, struct.pack("<H", field)) + element(0x00000110, struct.pack("<H", number))
    if destination:
        body += element(0x00000600, destination, b" ")
    if has_data:
        body += element(0x00000700, struct.pack("<H", 0))
    body += element(0x00000800, struct.pack("<H", 0 if has_data else 0x0101))
    if instance:
        body += element(0x00001000, instance)
    return element(0x00000000, struct.pack("<I", len(body))) + body


def pdata(context, control, body):
    value = struct.pack(">IBB", len(body) + 2, context, control) + body
    return struct.pack(">BBI", 4, 0, len(value)) + value


def echo_request():
    return pdata(1, 3, command(0x30, 1, VERIFICATION, False))


def find_request(level, keys):
    """A C-FIND-RQ in Implicit VR Little Endian; at PATIENT level in the Patient Root model, else in the Study Root one."""
    context = 5 if level == "PATIENT" else 3
    body = b"".join(element(tag, value.encode(), b" ") for tag, value in sorted({**keys, 0x00080052: level}.items()))
    return pdata(context, 3, command(0x20, 1, CONTEXTS[context][0], True)) + pdata(context, 2, body)


def cancel_request(context):
    """The C-CANCEL-RQ of message 1."""
    body = element(0x00000100, struct.pack("<H", 0x0FFF)) + element(0x00000120, struct.pack("<H", 1)) + element(0x00000800, struct.pack("<H", 0x0101))
    return pdata(context, 3, element(0x00000000, struct.pack("<I", len(body))) + body)


def move_request(patient, destination):
    """A C-MOVE-RQ in Implicit VR Little Endian for all that is of a patient."""
    body = b"".join(element(tag, value.encode(), b" ") for tag, value in ((0x00080052, "PATIENT"), (0x00100020, patient)))
    return pdata(9, 3, command(0x21, 1, PATIENT_ROOT_MOVE, True, destination=destination.encode())) + pdata(9, 2, body)


def store_requests(number, size):
    """The PDUs of a C-STORE-RQ, of 128 KiB each: a CT whose pixel data takes `size` bytes."""
    instance, series = b"2.25.1.1.%d" % number, b"2.25.1.1"
    yield pdata(7, 3, command(0x01, number, CT_STORAGE, True, instance))
    head = explicit_element(0x00080016, b"UI", CT_STORAGE) + explicit_element(0x00080018, b"UI", instance) + explicit_element(0x00080060, b"CS", b"CT")
    head += explicit_element(0x00100010, b"PN", b"Bench") + explicit_element(0x00100020, b"LO", b"BENCH")
    head += explicit_element(0x0020000D, b"UI", b"2.25.1") + explicit_element(0x0020000E, b"UI", series)
    yield pdata(7, 0, head + struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OW", 0, size))
    whole = 131072 - 6
    fragment = pdata(7, 0, bytes(whole))
    for _ in range((size - 1) // whole):
        yield fragment
    yield pdata(7, 2, bytes((size - 1) % whole + 1))


class Client:
    """One held association."""

    def __init__(self, port, called):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        items = item(0x10, b"1.2.840.10008.3.1.1.1")
        for number, (sop_class, syntax) in CONTEXTS.items():
            items += item(0x20, struct.pack("BBBB", number, 0, 0, 0) + item(0x30, sop_class) + item(0x40, syntax))
        items += item(0x50, item(0x51, struct.pack(">I", 131072)) + item(0x52, b"2.25.1"))
        body = struct.pack(">HH", 1, 0) + called.encode().ljust(16) + b"BENCH".ljust(16) + bytes(32) + items
        self.socket.sendall(struct.pack(">BBI", 1, 0, len(body)) + body)
        self.buffer = b""
        self.at = 0
        kind, _, _ = self.pdu()
        if kind != 2:
            raise SystemExit(f"association not accepted: PDU type {kind}")

    def close(self):
        """Ends the association: a daemon that is told to stop waits for those it has."""
        self.socket.sendall(bytes([7, 0, 0, 0, 0, 4, 0, 0, 0, 0]))
        self.socket.close()

    def pdu(self):
        """The next PDU: its type, and where its body stands in `buffer`."""
        while True:
            available = len(self.buffer) - self.at
            if available >= 6:
                length = int.from_bytes(self.buffer[self.at + 2:self.at + 6], "big")
                if available >= 6 + length:
                    start = self.at + 6
                    self.at = start + length
                    return self.buffer[start - 6], start, self.at
            more = self.socket.recv(1 << 20)
            if not more:
                raise SystemExit("the server closed the association")
            self.buffer = self.buffer[self.at:] + more
            self.at = 0

    def ask(self, request):
        """Sends a request and takes all answers.

        The number of pending responses, the seconds to the first one (to the final one where there is none) and to the end."""
        started = time.perf_counter()
        self.socket.sendall(request)
        count, first = 0, None
        while True:
            kind, at, end = self.pdu()
            first = first or time.perf_counter() - started
            if kind != 4:
                raise SystemExit(f"unexpected PDU type {kind}")
            while at < end:
                length = int.from_bytes(self.buffer[at:at + 4], "big")
                if self.buffer[at + 5] & 1:
                    where = self.buffer.index(STATUS, at, end) + 8
                    status = int.from_bytes(self.buffer[where:where + 2], "little")
                    if status not in (0xFF00, 0xFF01):
                        if status != 0:
                            raise SystemExit(f"status {status:04X}H")
                        return count, first, time.perf_counter() - started
                    count += 1
                at += 4 + length

    def cancel(self, request, seconds=0.05):
        """Sends a request and, so many seconds later, its C-CANCEL: the final status, and the seconds from one to the other."""
        self.socket.sendall(request)
        time.sleep(seconds)
        started = time.perf_counter()
        self.socket.sendall(cancel_request(request[10]))
        while True:
            _, at, end = self.pdu()
            while at < end:
                length = int.from_bytes(self.buffer[at:at + 4], "big")
                if self.buffer[at + 5] & 1:
                    where = self.buffer.index(STATUS, at, end) + 8
                    status = int.from_bytes(self.buffer[where:where + 2], "little")
                    if status not in (0xFF00, 0xFF01):
                        return status, time.perf_counter() - started
                at += 4 + length

    def time(self, requests, seconds=1.5, least=5):
        """Sends the requests in turn; milliseconds and answers of each."""
        samples = []
        until = time.perf_counter() + seconds
        while len(samples) < max(least, len(requests)) or time.perf_counter() < until:
            count, _, took = self.ask(requests[len(samples) % len(requests)])
            samples.append((took * 1000, count))
        return samples


def median_ms(samples):
    return statistics.median(ms for ms, _ in samples)
