"""Peers that send garbage, half a PDU or nothing (hardening: T5, T11, T13): aborted or timed out, and delaying nobody."""

import random
import socket
import struct
import time

from fileroom import ArchiveTest, associate_rq, make_instance, run, save


def hear_out(peer):
    """Says no more, and reads what comes until the close."""
    peer.shutdown(socket.SHUT_WR)
    try:
        while peer.recv(4096):
            pass
    except ConnectionResetError:
        pass


class HostileTests(ArchiveTest):
    def setUp(self):
        super().setUp()
        save(make_instance(), self.area / "one")
        self.open_archive("ACSETimeout = 2\nDIMSETimeout = 2\nIdleTimeout = 2")

    def say(self, data, seconds=10):
        """Sends bytes and returns what comes back until the close."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as peer:
            if data:
                peer.sendall(data)
            answer = b""
            while True:
                try:
                    more = peer.recv(65536)
                except ConnectionResetError:
                    return answer
                if not more:
                    return answer
                answer += more

    def alive(self):
        started = time.monotonic()
        self.dcmtk("echoscu")
        return time.monotonic() - started

    def test_garbage_is_aborted(self):
        for data in (b"GET / HTTP/1.1\r\n\r\n", b"\x09" * 100, b"\x04\0\0\0\0\x00", b"\x01\0\xff\xff\xff\xff" + b"x" * 100):
            answer = self.say(data)
            self.assertEqual(answer[:1], b"\x07", data[:16])
        self.alive()

    def test_silence_and_half_a_pdu_are_timed_out_and_delay_nobody(self):
        silent = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(20)]
        half = socket.create_connection(("127.0.0.1", self.port))
        half.sendall(associate_rq()[:50])
        self.assertLess(self.alive(), 1.5)
        half.settimeout(10)
        while half.recv(4096):
            pass
        for peer in silent:
            peer.settimeout(10)
            while peer.recv(4096):
                pass
            peer.close()
        half.close()

    def test_an_idle_association_is_aborted(self):
        answer = self.say(associate_rq())
        self.assertEqual(answer[:1], b"\x02")
        self.assertIn(b"\x07\0\0\0\0\x04", answer)

    def test_every_mutation_of_a_request_is_answered_or_closed(self):
        dice = random.Random(3)
        whole = associate_rq()
        for number in range(150):
            data = bytearray(whole)
            for _ in range(dice.randrange(1, 4)):
                data[dice.randrange(6, len(data))] = dice.randrange(256)
            with socket.create_connection(("127.0.0.1", self.port), timeout=10) as peer:
                peer.sendall(data)
                hear_out(peer)
        self.alive()
        self.assertIsNone(self.daemon.process.poll())
        self.assertNotRegex(self.daemon.text, "worker.*(died|killed)")

    def test_mutated_commands_are_answered_or_aborted(self):
        dice = random.Random(5)
        uid = b"1.2.840.10008.1.1\0"
        command = struct.pack("<HHI", 0, 2, len(uid)) + uid + struct.pack("<HHIH", 0, 0x100, 2, 0x30) + struct.pack("<HHIH", 0, 0x110, 2, 1) + struct.pack("<HHIH", 0, 0x800, 2, 0x101)
        command = struct.pack("<HHII", 0, 0, 4, len(command)) + command
        for number in range(150):
            data = bytearray(command)
            for _ in range(dice.randrange(1, 3)):
                data[dice.randrange(len(data))] = dice.randrange(256)
            pdv = struct.pack(">I", len(data) + 2) + b"\x01\x03" + bytes(data)
            pdu = b"\x04\0" + struct.pack(">I", len(pdv)) + pdv
            with socket.create_connection(("127.0.0.1", self.port), timeout=10) as peer:
                peer.sendall(associate_rq())
                peer.recv(4096)
                peer.sendall(pdu)
                hear_out(peer)
        self.alive()
        self.assertNotRegex(self.daemon.text, "worker.*(died|killed)")
