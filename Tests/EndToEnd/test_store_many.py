"""Many at once: one study from 20 senders while others query it, eight on a course, and an end in the middle of all."""

import contextlib
import signal
import threading
import time
import unittest

from storing import Refused, StoreTest, data_set, data_set_of, dicom

QUERY_SECONDS_MAXIMUM = 1.0


class Crowd:
    """Threads whose first fault fails the test."""

    def __init__(self):
        self.threads, self.faults = [], []

    def start(self, task, *arguments):
        def run():
            try:
                task(*arguments)
            except BaseException as fault:
                self.faults.append(fault)

        self.threads.append(threading.Thread(target=run))
        self.threads[-1].start()

    def join(self, seconds=120):
        until = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0, until - time.monotonic()))
        if self.faults:
            raise self.faults[0]
        if any(thread.is_alive() for thread in self.threads):
            raise AssertionError(f"not done within {seconds} s")


def instance_of(sender, number, pixels=4_000):
    uid = f"1.2.3.1.{sender}.{number}"
    return uid, data_set(instance=uid, series=f"1.2.3.1.{sender}", pixels=bytes([sender, number % 256]) * (pixels // 2))


class ManyTests(StoreTest):
    def test_twenty_store_into_one_study_while_five_query_it(self):
        senders, queriers, count = 20, 5, 30
        self.open_store()
        crowd, askers, done = Crowd(), Crowd(), threading.Event()
        seconds, counts = [], []

        def store(sender):
            with self.sender() as association:
                for number in range(1, count + 1):
                    uid, data = instance_of(sender, number)
                    self.assertEqual(association.store(data, instance=uid).status, 0x0000)

        def query(number):
            association = dicom.Association(self.port, "ARCHIVE", [dicom.FIND])
            most = 0
            while not done.is_set() or most == 0:
                series = 1 + (len(seconds) + number) % senders
                started = time.monotonic()
                found = association.find_instances("1.2.3.1", f"1.2.3.1.{series}")
                seconds.append(time.monotonic() - started)
                self.assertEqual(len(found), len(set(found)))
                started = time.monotonic()
                association.ask(dicom.FIND, 0x0020, {0x00080052: "STUDY", 0x0020000D: "1.2.3.1", 0x00201208: ""})
                total = 0
                while True:
                    _, command, data = association.receive()
                    if dicom.number_in(command, 0x00000900) not in dicom.PENDING:
                        self.assertEqual(dicom.number_in(command, 0x00000900), dicom.SUCCESS)
                        break
                    total += int(dicom.implicit_elements(data)[0x00201208])
                seconds.append(time.monotonic() - started)
                # An archive never forgets.
                self.assertGreaterEqual(total, most)
                most = total
            association.release()
            counts.append(most)

        for number in range(queriers):
            askers.start(query, number)
        for sender in range(1, senders + 1):
            crowd.start(store, sender)
        try:
            crowd.join()
        finally:
            done.set()
            askers.join()
        [study] = self.findscu("STUDY", "StudyInstanceUID=1.2.3.1", "NumberOfStudyRelatedInstances", "NumberOfStudyRelatedSeries")
        self.assertEqual((study.NumberOfStudyRelatedInstances, study.NumberOfStudyRelatedSeries), (senders * count, senders))
        for sender in (1, senders):
            self.assertEqual(self.found(series=f"1.2.3.1.{sender}"), sorted(instance_of(sender, number)[0] for number in range(1, count + 1)))
        self.assertEqual(len(counts), queriers)
        self.assertGreater(len(seconds), 50)
        self.assertLess(max(seconds), QUERY_SECONDS_MAXIMUM)
        self.index(self.config, "verify", "--files")
        self.assertNotRegex(self.stored.text + self.daemon.text, " error |worker.*(died|killed)")

    def test_eight_send_series_of_their_own(self):
        self.open_store()
        crowd = Crowd()

        def store(sender):
            for association_number in range(4):
                with self.sender(calling=f"SENDER{sender}") as association:
                    for number in range(association_number * 10, association_number * 10 + 10):
                        uid, data = instance_of(sender, number, 60_000)
                        self.assertEqual(association.store(data, instance=uid).status, 0x0000)

        for sender in range(1, 9):
            crowd.start(store, sender)
        crowd.join()
        self.assertEqual(len(self.files()), 8 * 40)
        for path in self.files():
            uid = path.name.removesuffix(".dcm")
            self.assertEqual(data_set_of(path), instance_of(*map(int, uid.split(".")[-2:]), 60_000)[1])
        for sender in range(1, 9):
            self.assertEqual(len(self.found(series=f"1.2.3.1.{sender}")), 40)
        self.index(self.config, "verify", "--files")

    def test_an_end_during_stores_loses_nothing(self):
        for durability in ("instance", "association", "none"):
            with self.case(durability=durability):
                self.open_store(f"Durability = {durability}")
                crowd, acknowledged = Crowd(), set()

                def store(sender):
                    number = 0
                    # Whatever ends the association: what was acknowledged before counts.
                    with contextlib.suppress(Refused, OSError):
                        while True:
                            with self.sender() as association:
                                for _ in range(20):
                                    number += 1
                                    uid, data = instance_of(sender, number)
                                    if association.store(data, instance=uid).status == 0x0000:
                                        acknowledged.add(uid)

                for sender in range(1, 9):
                    crowd.start(store, sender)
                self.wait_until(lambda: len(acknowledged) > 300)
                self.stored.process.send_signal(signal.SIGTERM)
                started = time.monotonic()
                self.assertEqual(self.stored.stop(), 0)
                self.assertLess(time.monotonic() - started, 10)
                crowd.join(20)
                found = {uid for sender in range(1, 9) for uid in self.found(series=f"1.2.3.1.{sender}")}
                self.assertEqual(acknowledged - found, set())
                files = {path.name.removesuffix(".dcm"): path for path in self.files()}
                self.assertEqual(set(files), found)
                for uid, path in files.items():
                    self.assertEqual(data_set_of(path), instance_of(*map(int, uid.split(".")[-2:]))[1])
                self.index(self.config, "verify", "--files")

    def test_who_is_in_the_middle_of_an_instance_may_finish_it(self):
        self.open_store()
        uid, data = instance_of(1, 1, 200_000)
        sender = self.sender()
        sender.socket.sendall(sender.request(instance=uid) + sender.part(data[:100_000], 0))
        self.wait_until(lambda: self.files(self.incoming))
        self.stored.process.send_signal(signal.SIGTERM)
        # Others aren't let in any more.
        self.wait_until(self.is_closed)
        sender.socket.sendall(sender.part(data[100_000:], 2))
        self.assertEqual(sender.answer().status, 0x0000)
        sender.close()
        self.assertEqual(self.stored.stop(), 0)
        self.assertEqual(self.found(), [uid])

    def test_who_is_in_the_middle_of_an_instance_for_too_long_is_cut_off(self):
        self.open_store("EndTimeout = 2")
        kept, data = instance_of(1, 1)
        with self.sender() as sender:
            self.assertEqual(sender.store(data, instance=kept).status, 0x0000)
        uid, data = instance_of(1, 2, 200_000)
        sender = self.sender()
        sender.socket.sendall(sender.request(instance=uid) + sender.part(data[:100_000], 0))
        self.wait_until(lambda: self.files(self.incoming))
        self.stored.process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        # It goes on and on, and is never silent.
        at = 100_000
        with contextlib.suppress(OSError):
            while self.stored.process.poll() is None and at < 200_000:
                sender.socket.sendall(sender.part(data[at:at + 1_000], 0))
                at += 1_000
                time.sleep(0.05)
        self.assertEqual(self.stored.stop(), 0)
        seconds = time.monotonic() - started
        self.assertGreater(seconds, 1.9)
        self.assertLess(seconds, 4)
        # No answer, but the end of the association.
        with contextlib.suppress(OSError):
            head = sender.stream.read(1)
            self.assertIn(head, (b"", bytes([7])))
        sender.close()
        self.assertEqual(self.files(self.incoming), [])
        self.assertEqual(self.found(), [kept])
        self.assertEqual([path.name for path in self.files()], [f"{kept}.dcm"])
        self.assertNotRegex(self.stored.text, "worker died")

    def is_closed(self):
        try:
            self.sender().close()
            return False
        except (OSError, Refused):
            return True

    def test_a_reload_during_stores_disturbs_nobody(self):
        self.open_store()
        crowd, done = Crowd(), threading.Event()

        def store(sender):
            with self.sender() as association:
                number = 0
                while not done.is_set() or number < 20:
                    number += 1
                    uid, data = instance_of(sender, number)
                    self.assertEqual(association.store(data, instance=uid).status, 0x0000)

        for sender in range(1, 5):
            crowd.start(store, sender)
        for _ in range(3):
            before = self.stored.text.count("configuration reread")
            self.stored.process.send_signal(signal.SIGHUP)
            self.wait_until(lambda: self.stored.text.count("configuration reread") > before)
        done.set()
        crowd.join()
        self.index(self.config, "verify", "--files")


if __name__ == "__main__":
    unittest.main()
