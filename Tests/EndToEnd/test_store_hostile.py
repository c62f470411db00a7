"""Senders that break off, stop, or send what is none (hardening: T5, T12, T13): no file, and no leak of descriptors, threads or memory.

FILEROOM_BROKEN is how many associations break off (default 2,000; before a release 10,000), FILEROOM_LARGE_GIB a size to store
besides the 300 MiB that are always stored (before a release 4).
"""

import os
import random
import select
import socket
import struct
import threading
import time
import unittest

from fileroom import CT
from storing import ABORT, PDU_MAXIMUM, Sender, StoreTest, data_set, data_set_of, element, status_of

BROKEN = int(os.environ.get("FILEROOM_BROKEN", "2000"))
LARGE_GIB = int(os.environ.get("FILEROOM_LARGE_GIB", "0"))
WARM_UP = 400
GROWTH_KIB = 1_024
# What an association may need while an instance of any size goes through it.
PASSING_KIB = 16 * 1_024
MIB = 1 << 20


class ByteSender(Sender):
    """Sends each byte in a TCP segment of its own."""

    PAUSE_SECONDS = 0.0005

    def send(self, wire):
        for at in range(len(wire)):
            self.socket.sendall(wire[at:at + 1])
            # The other side has read it, most often.
            time.sleep(self.PAUSE_SECONDS)


class HostileTests(StoreTest):
    def usage(self):
        """Of each of the daemon's processes: descriptors, threads, resident memory in KiB."""
        return {process: (self.descriptors(process), status_of(process, "Threads"), status_of(process, "VmRSS")) for process in self.stored.children}

    def break_off(self, number, dice):
        """One association that ends before its instance does."""
        data = data_set(instance=f"1.2.3.1.1.{number}", pixels=bytes(dice.choice((100, 30_000, 200_000))))
        kind = number % 8
        if kind == 0:
            # Connects, and says half of a request.
            with socket.create_connection(("127.0.0.1", self.storage_port)) as peer:
                peer.sendall(b"\1\0\0\0\1\0" + bytes(dice.randrange(200)))
            return
        sender = self.sender(seconds=20)
        wire = sender.request(instance=f"1.2.3.1.1.{number}") + sender.parts(data)
        cut = dice.randrange(1, len(wire) - 1)
        try:
            if kind == 1:
                sender.socket.sendall(wire[:cut])
            elif kind == 2:
                sender.socket.sendall(wire[:cut])
                sender.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif kind == 3:
                sender.socket.sendall(sender.request() + sender.part(data[:50], 0) + ABORT)
            elif kind == 4:
                # The data set goes on in the middle of another command.
                sender.socket.sendall(sender.request() + sender.part(data[:50], 0) + sender.request())
            elif kind == 5:
                # A PDU that is longer than announced, or a fragment than its PDU.
                length = dice.choice((0, 1, 5, PDU_MAXIMUM + 1, 1 << 31, (1 << 32) - 1))
                sender.socket.sendall(sender.request() + (struct.pack(">BBI", 4, 0, length) if number % 2 else struct.pack(">BBIIBB", 4, 0, 106, length, 1, 0)) + bytes(100))
            elif kind == 6:
                sender.socket.sendall(sender.request() + sender.part(data[:1_000], 0) + bytes([9, 0, 0, 0, 0, 4, 0, 0, 0, 0]))
            else:
                sender.socket.sendall(sender.request() + sender.part(data[:20], 0, context=3))
        except (BrokenPipeError, ConnectionResetError):
            # It was quicker to abort than we to send.
            pass
        sender.close()

    def break_off_many(self, numbers, dice):
        for number in numbers:
            self.break_off(number, dice)

    def at_rest(self):
        """Waits until all associations have ended; what the processes hold then."""
        usage = {}

        def is_quiet():
            nonlocal usage
            before, usage = usage, self.usage()
            return [one[:2] for one in usage.values()] == [one[:2] for one in before.values()] and self.idle == {process: one[:2] for process, one in usage.items()}

        try:
            self.wait_until(is_quiet, 30)
        except AssertionError:
            raise AssertionError(f"descriptors and threads: {self.idle} at first, {usage} at last") from None
        return usage

    def test_what_breaks_off_leaves_nothing(self):
        seed = int(os.environ.get("FILEROOM_SEED", random.randrange(1 << 30)))
        print(f"FILEROOM_SEED={seed}", flush=True)
        dice = random.Random(seed)
        self.open_store("DIMSETimeout = 5\nACSETimeout = 5\nWorkers = 2")
        with self.sender() as sender:
            self.assertEqual(sender.store(data_set(study="1.2.4", series="1.2.4.1", instance="1.2.4.1.1"), instance="1.2.4.1.1").status, 0x0000)
        # Who was first is served, and its worker has what a worker needs.
        time.sleep(0.7)
        self.idle = {process: one[:2] for process, one in self.usage().items()}
        self.break_off_many(range(WARM_UP), dice)
        warm = self.at_rest()
        self.break_off_many(range(WARM_UP, WARM_UP + BROKEN), dice)
        after = self.at_rest()
        self.assertEqual(set(after), set(warm))
        growth = {process: after[process][2] - warm[process][2] for process in warm}
        self.assertLessEqual(max(growth.values()), GROWTH_KIB, f"{warm} {after}")
        self.assertEqual([path.name for path in self.files()], ["1.2.4.1.1.dcm"])
        self.assertEqual(self.findscu("STUDY", "StudyInstanceUID=1.2.3.1"), [])
        self.assertNotRegex(self.stored.text, "worker.*(died|killed)")
        with self.sender() as sender:
            self.assertEqual(sender.store(data_set()).status, 0x0000)

    def test_who_stops_in_the_middle_is_timed_out_and_delays_nobody(self):
        self.open_store("DIMSETimeout = 1\nWorkers = 2")
        stopped = []
        for number in range(60):
            sender = self.sender(pdu_bytes=16_384)
            uid = f"1.2.3.1.1.{number}"
            wire = sender.request(instance=uid) + sender.parts(data_set(instance=uid, pixels=bytes(100_000)))
            # In a PDU and between two of them, in the command and in the data set.
            sender.socket.sendall(wire[:(3, 60, 200, 5_000, 90_000)[number % 5]])
            stopped.append(sender)
            if number == 4:
                self.wait_until(lambda: self.files(self.incoming))
        for number in range(5):
            started = time.monotonic()
            with self.sender() as other:
                uid = f"1.2.4.1.{number}"
                self.assertEqual(other.store(data_set(study="1.2.4", series="1.2.4.1", instance=uid), instance=uid).status, 0x0000)
            self.assertLess(time.monotonic() - started, 0.9)
        for sender in stopped:
            # A-ABORT, and the close.
            self.assertEqual(sender.pdu()[0], 7)
            sender.close()
        self.wait_until_nothing_arrives()
        self.assertEqual(len(self.files()), 5)

    def test_pdus_that_come_byte_by_byte_are_pdus(self):
        self.open_store()
        data = data_set(pixels=bytes(range(100)))
        with ByteSender(self.storage_port, pdu_bytes=64) as sender:
            self.assertEqual(sender.store(data).status, 0x0000)
            self.assertEqual(sender.store(data).status, 0x0000)
        self.assertEqual(data_set_of(self.one_file()), data)
        self.assertEqual(self.found(), ["1.2.3.1.1.1"])

    def test_who_sends_slower_than_the_least_rate_is_cut_off(self):
        # Judged over twice the time that may pass between two PDUs.
        self.open_store("DIMSETimeout = 1")
        senders = [self.sender(), self.sender()]
        uids = ["1.2.3.1.1.1", "1.2.3.1.1.2"]
        wires = [data_set(instance=uid, pixels=bytes(12_000)) for uid in uids]
        for sender, uid in zip(senders, uids):
            sender.socket.sendall(sender.request(instance=uid))
        # Bytes a second: half of the least rate, and twice as many; none of them is ever silent for long.
        steps, pause, turns = [100, 400], 0.2, 17
        slow, quick = senders
        started, ended = time.monotonic(), None
        for turn in range(turns):
            for sender, wire, step in zip(senders, wires, steps):
                if sender is slow and ended:
                    continue
                part = wire[turn * step:(turn + 1) * step]
                sender.socket.sendall(sender.part(part, 0))
            time.sleep(pause)
            if not ended and select.select([slow.socket], [], [], 0)[0]:
                ended = time.monotonic()
                self.assertEqual(slow.pdu()[0], 7)
                slow.close()
        self.assertIsNotNone(ended)
        self.assertLess(ended - started, 3.5)
        self.assertGreater(ended - started, 1.5)
        self.stored.wait_for("the peer sends at [0-9]+ bytes/s, which is too slow")
        quick.socket.sendall(quick.part(wires[1][turns * steps[1]:], 2))
        self.assertEqual(quick.answer().status, 0x0000)
        quick.release()
        self.wait_until_nothing_arrives()
        self.assertEqual([path.name for path in self.files()], ["1.2.3.1.1.2.dcm"])

    def test_each_mutated_message_is_answered_or_aborted(self):
        seed = int(os.environ.get("FILEROOM_SEED", random.randrange(1 << 30)))
        print(f"FILEROOM_SEED={seed}", flush=True)
        dice = random.Random(seed)
        self.open_store("DIMSETimeout = 2")
        data = data_set(pixels=bytes(200), more={0x00081032: ("SQ", b"\xfe\xff\x00\xe0\x0a\0\0\0" + element(0x00080100, "SH", "a")), 0x00091001: ("UN", bytes(20))})
        for number in range(300):
            sender = self.sender()
            wire = bytearray(sender.request() + sender.parts(data))
            for _ in range(dice.randrange(1, 4)):
                wire[dice.randrange(len(wire))] = dice.randrange(256)
            sender.socket.sendall(wire)
            sender.socket.shutdown(socket.SHUT_WR)
            try:
                while sender.stream.read(1 << 16):
                    pass
            except ConnectionResetError:
                pass
            sender.close()
        self.assertNotRegex(self.stored.text, "worker.*(died|killed)")
        self.wait_until_nothing_arrives()
        self.index(self.config, "verify", "--files")
        self.assertGreater(len(self.files()), 10)

    def store_large(self, mib):
        """Stores a multi-frame made on the fly; the most that a process of the daemon ever held, in KiB, before and after."""
        instance = f"1.2.3.1.1.{mib}"
        head = data_set(instance=instance, more={0x00280008: ("IS", str(mib)), 0x7FE00010: None})
        encapsulated = head + struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF) + struct.pack("<HHI", 0xFFFE, 0xE000, 0)
        frame = struct.pack("<HHI", 0xFFFE, 0xE000, MIB) + bytes(MIB)
        with Sender(self.storage_port, [(CT, ["1.2.840.10008.1.2.4.70"])], seconds=600) as sender:
            before = max(status_of(process, "VmHWM") for process in self.stored.children)
            sender.socket.sendall(sender.request(instance=instance) + sender.part(encapsulated, 0))
            step = sender.pdu_bytes - 6
            whole = b"".join(sender.part(frame[at:at + step], 0) for at in range(0, len(frame), step))
            for _ in range(mib):
                sender.socket.sendall(whole)
            sender.socket.sendall(sender.part(struct.pack("<HHI", 0xFFFE, 0xE0DD, 0), 2))
            self.assertEqual(sender.answer().status, 0x0000)
        after = max(status_of(process, "VmHWM") for process in self.stored.children)
        [path] = [path for path in self.files() if path.name == f"{instance}.dcm"]
        with open(path, "rb") as file:
            file.seek(-8, os.SEEK_END)
            self.assertEqual(file.read(), struct.pack("<HHI", 0xFFFE, 0xE0DD, 0))
            length = file.tell()
            file.seek(0)
            start = 144 + struct.unpack("<I", file.read(144)[140:])[0]
        self.assertEqual(length - start, len(encapsulated) + mib * len(frame) + 8)
        return before, after

    def test_an_instance_of_any_size_takes_the_memory_of_a_small_one(self):
        self.open_store("Workers = 1")
        with self.sender() as sender:
            self.assertEqual(sender.store(data_set(pixels=bytes(MIB))).status, 0x0000)
        for mib in [300] + ([LARGE_GIB * 1_024] if LARGE_GIB else []):
            started = time.monotonic()
            before, after = self.store_large(mib)
            print(f"{mib} MiB in {time.monotonic() - started:.1f} s, peak memory {before} KiB before and {after} KiB after", flush=True)
            self.assertLessEqual(after - before, PASSING_KIB)
        self.assertEqual(len(self.found()), 2 + bool(LARGE_GIB))

    def test_eight_large_ones_at_once(self):
        self.open_store("Workers = 1")
        with self.sender() as sender:
            self.assertEqual(sender.store(data_set(pixels=bytes(MIB))).status, 0x0000)
        before = max(status_of(process, "VmHWM") for process in self.stored.children)
        statuses = []

        def send(number):
            uid = f"1.2.3.1.1.{number}"
            data = data_set(instance=uid, pixels=bytes(24 * MIB))
            with self.sender() as sender:
                statuses.append(sender.store(data, instance=uid).status)

        threads = [threading.Thread(target=send, args=(number,)) for number in range(2, 10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(statuses, [0x0000] * 8)
        after = max(status_of(process, "VmHWM") for process in self.stored.children)
        self.assertLessEqual(after - before, PASSING_KIB)
        self.assertEqual(len(self.found()), 9)


if __name__ == "__main__":
    unittest.main()
