"""A disk that is filled to the last byte (hardening: R6): refusals, nothing left behind, and recovery when space returns."""

import os
import subprocess
import threading
import unittest

from storing import Refused, StoreTest, data_set, data_set_of

SIZE = "24m"
PIXELS = 300_000


@unittest.skipUnless(os.getuid() == 0, "mounting a tmpfs needs root")
class FullDiskTests(StoreTest):
    def mount(self, options):
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.area)], check=True)

    def setUp(self):
        super().setUp()
        self.mount(f"size={SIZE}")

    def tearDown(self):
        try:
            super().tearDown()
        finally:
            # Whatever failed: nobody's temporary folder stays mounted.
            subprocess.run(["umount", "-l", str(self.area)], check=True)
            if self.area.exists():
                self.area.rmdir()
                self.folder.rmdir()

    def send(self, sender, number, pixels=PIXELS):
        uid = f"1.2.3.1.1.{number}"
        data = data_set(instance=uid, pixels=bytes([number % 251]) * pixels)
        return uid, data, sender.store(data, instance=uid)

    def fill(self, sender, first=1, count=1_000):
        """Stores until nothing is taken; what was acknowledged, and the number after the last try."""
        stored, refusals, number, pixels = {}, 0, first, PIXELS
        # Less and less, to the last byte.
        while number < first + count and pixels > 2:
            uid, data, response = self.send(sender, number, pixels)
            number += 1
            if response.status == 0x0000:
                stored[uid] = data
                continue
            self.assertEqual(response.status, 0xA700, response)
            self.assertTrue(0 < len(response.comment) <= 64, response)
            refusals += 1
            pixels //= 4
        self.assertGreater(refusals, 3)
        return stored, number

    def check(self, stored):
        """What was acknowledged is there and is found, and nothing else."""
        self.wait_until_nothing_arrives()
        self.assertEqual({path.name.removesuffix(".dcm"): data_set_of(path) for path in self.files()}, stored)
        self.assertEqual(self.found(), sorted(stored))
        self.index(self.config, "verify", "--files")

    def test_full_to_the_last_byte_and_back(self):
        self.open_store()
        with self.sender() as sender:
            stored, number = self.fill(sender)
            self.assertGreater(len(stored), 50)
            self.check(stored)
            filler = self.area / "filler"
            self.fill_up(filler)
            for _ in range(50):
                _, _, response = self.send(sender, number)
                self.assertEqual(response.status, 0xA700)
                number += 1
            self.check(stored)
            got = self.folder / "got"
            got.mkdir()
            uid = next(iter(stored))
            self.dcmtk("getscu", "-S", "-k", "QueryRetrieveLevel=IMAGE", "-k", "StudyInstanceUID=1.2.3.1", "-k", "SeriesInstanceUID=1.2.3.1.1", "-k", f"SOPInstanceUID={uid}", "-od", got)
            self.assertEqual(len(list(got.iterdir())), 1)
            # Space returns, and on the same association it goes on.
            filler.unlink()
            self.mount("remount,size=40m")
            for _ in range(10):
                uid, data, response = self.send(sender, number)
                self.assertEqual(response.status, 0x0000, response)
                stored[uid] = data
                number += 1
        self.check(stored)

    def fill_up(self, filler):
        with open(filler, "ab", buffering=0) as file:
            for step in (65_536, 4_096, 1):
                try:
                    while True:
                        file.write(b"x" * step)
                except OSError:
                    pass

    def test_the_daemons_start_on_a_full_disk(self):
        self.open_store()
        with self.sender() as sender:
            stored, number = self.fill(sender)
        for daemon in (self.stored, self.daemon):
            self.assertEqual(daemon.stop(), 0)
        self.daemons = []
        filler = self.area / "filler"
        self.fill_up(filler)
        self.open_store()
        self.check(stored)
        with self.sender() as sender:
            self.assertEqual(self.send(sender, number)[2].status, 0xA700)
            filler.unlink()
            self.mount("remount,size=40m")
            uid, data, response = self.send(sender, number + 1)
            self.assertEqual(response.status, 0x0000, response)
        self.check({**stored, uid: data})

    def test_an_empty_area_on_a_full_disk(self):
        filler = self.area / "filler"
        self.fill_up(filler)
        self.open_store()
        with self.sender() as sender:
            for number in range(1, 6):
                self.assertEqual(self.send(sender, number)[2].status, 0xA700)
            self.assert_empty()
            filler.unlink()
            uid, data, response = self.send(sender, 6)
            self.assertEqual(response.status, 0x0000, response)
        self.check({uid: data})

    def test_no_inodes_left(self):
        self.mount("remount,nr_inodes=60")
        self.open_store()
        stored = {}
        refused = 0
        with self.sender() as sender:
            for number in range(1, 81):
                uid, data, response = self.send(sender, number, 100)
                if response.status == 0x0000:
                    stored[uid] = data
                else:
                    self.assertEqual(response.status, 0xA700, response)
                    refused += 1
        self.assertGreater(len(stored), 20)
        self.assertGreater(refused, 20)
        self.check(stored)

    def test_the_reserve_refuses_before_the_disk_does(self):
        self.ROOM = "MinimumFreeSpace = 8mb"
        self.open_store()
        with self.sender() as sender:
            stored = {}
            for number in range(1, 90):
                uid, data, response = self.send(sender, number)
                if response.status == 0x0000:
                    stored[uid] = data
        free = os.statvfs(self.area)
        self.assertGreater(free.f_bavail * free.f_frsize, 7 << 20)
        self.assertGreater(len(stored), 40)
        self.stored.wait_for("MinimumFreeSpace is 8388608")
        self.check(stored)

    def test_many_fill_it_at_once(self):
        self.open_store()
        stored, faults = {}, []

        def send(first):
            try:
                with self.sender() as sender:
                    for number in range(first, first + 40):
                        uid, data, response = self.send(sender, number)
                        if response.status == 0x0000:
                            stored[uid] = data
                        elif response.status != 0xA700:
                            faults.append(response)
            except (OSError, Refused) as fault:
                faults.append(fault)

        threads = [threading.Thread(target=send, args=(1 + 40 * number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(faults, [])
        self.assertTrue(50 < len(stored) < 320, len(stored))
        self.check(stored)


if __name__ == "__main__":
    unittest.main()
