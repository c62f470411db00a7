"""What a sender is told when an instance is not stored (PS3.4 §B.2.3), and that nothing of it is left."""

import random
import re
import shutil
import struct
import time
import unittest
import zlib

from fileroom import CT, MR
from storing import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT, Refused, StoreTest, data_set, element

CLASS, INSTANCE, STUDY, SERIES, PIXELS = 0x00080016, 0x00080018, 0x0020000D, 0x0020000E, 0x7FE00010
JPEG = "1.2.840.10008.1.2.4.50"


class StatusTests(StoreTest):
    def refuse(self, sender, status, offending, data, comment="", **more):
        response = sender.store(data, **more)
        self.assertEqual((response.status, response.offending), (status, offending), response)
        self.assertRegex(response.comment, f"(?i).*{comment}")
        self.assertTrue(0 < len(response.comment) <= 64, response)
        self.assertNotIn(str(self.folder), response.comment)
        self.assertNotIn("John", response.comment)
        # What it was about is said again (PS3.7 9.3.1.2).
        if more.get("sop_class", CT) is not None:
            self.assertEqual(response.elements[0x00000002].rstrip(b"\0").decode(), more.get("sop_class", CT))
        return response

    def test_what_contradicts_the_request(self):
        self.open_store()
        with self.sender((CT, [EXPLICIT]), (MR, [EXPLICIT])) as sender:
            self.refuse(sender, 0xA900, [CLASS], data_set(sop_class=MR))
            self.refuse(sender, 0xA900, [INSTANCE], data_set(instance="1.2.3.1.1.2"))
            self.refuse(sender, 0xA900, [0x00000002], data_set(), context=3)
            # Far into the data set there is nothing to contradict, and a long one is refused as a short one.
            self.refuse(sender, 0xA900, [INSTANCE], data_set(instance="1.2.3.1.1.2", pixels=bytes(1_000_000)))
            self.assert_empty()
            self.assertEqual(sender.store(data_set()).status, 0x0000)
        self.assertEqual(self.stored.wait_for("C-STORE refused.*A900"), True)

    def test_a_deflated_data_set_is_followed_to_its_end(self):
        self.open_store()

        def deflated(data):
            stream = zlib.compressobj(wbits=-15)
            return stream.compress(data) + stream.flush()

        pixels = bytes(random.Random(1).choices(range(16), k=200_000))
        whole = deflated(data_set(pixels=pixels))
        # Behind most of the pixel data comes a block of no type.
        stream = zlib.compressobj(wbits=-15)
        damaged = stream.compress(data_set(pixels=pixels)[:-1_000]) + stream.flush(zlib.Z_FULL_FLUSH) + b"\7" * 100
        cases = {
            "cut": whole[:-2_000], "without its last block": whole[:-1], "damaged": damaged,
            "cut inside": deflated(data_set(pixels=pixels)[:-1_000]), "a bomb": deflated(data_set(pixels=bytes(1 << 28))),
        }
        with self.sender((CT, [DEFLATED])) as sender:
            for name, data in cases.items():
                with self.subTest(name):
                    self.refuse(sender, 0xC000, [], data + bytes(len(data) % 2))
                    self.assert_empty()
            for tail in (b"", b"\0" * (len(whole) % 2)):
                self.assertEqual(sender.store(whole + tail).status, 0x0000)

    def test_long_headers_share_the_memory_of_a_worker(self):
        self.open_store("Workers = 1\nDIMSETimeout = 60")
        (worker,) = self.stored.workers
        # An element behind the index's that never ends, 12 MiB of it.
        endless = data_set(pixels=b"", more={PIXELS: None, 0x40010010: ("LO", "ME"), 0x40011001: ("OB", b"")})[:-12]
        endless += struct.pack("<HH2sHI", 0x4001, 0x1001, b"OB", 0, 0x7FFFFFFE) + bytes(12 << 20)
        senders = [self.sender() for _ in range(12)]
        for sender in senders:
            sender.send(sender.request() + sender.part(endless, 0))
        with self.sender() as sender:
            self.assertEqual(sender.store(data_set()).status, 0x0000)
        time.sleep(1)
        with open(f"/proc/{worker}/status") as status:
            (kib,) = re.findall(r"VmHWM:\s+(\d+) kB", status.read())
        self.assertLess(int(kib), 160 << 10)
        for sender in senders:
            sender.close()
        with self.sender() as sender:
            self.assertEqual(sender.store(data_set(instance="1.2.7"), instance="1.2.7").status, 0x0000)
        self.assertEqual(self.stored.workers, [worker])

    def test_an_index_that_was_lost_is_not_replaced_by_an_empty_one(self):
        self.open_store()
        with self.sender() as sender:
            self.assertEqual(sender.store(data_set()).status, 0x0000)
        self.stored.stop()
        shutil.rmtree(self.area / "index")
        self.stored = self.serve(self.config, program="fileroom-stored")
        self.storage_port = self.stored.port
        with self.sender() as sender:
            self.refuse(sender, 0xA700, [], data_set(instance="1.2.7"), instance="1.2.7", comment="index")
        self.assertFalse((self.area / "index" / "current").exists())
        self.stored.wait_for("there is no index")
        self.index(self.config, "import")
        with self.sender() as sender:
            self.assertEqual(sender.store(data_set(instance="1.2.7"), instance="1.2.7").status, 0x0000)
        self.assertEqual(self.found(), ["1.2.3.1.1.1", "1.2.7"])

    def test_uids_that_are_missing_or_none(self):
        self.open_store()
        with self.sender() as sender:
            for tag in (CLASS, INSTANCE, STUDY, SERIES):
                for value in (None, ("UI", ""), ("UI", "1." * 40), ("UI", b"1.2\0.3\xff")):
                    with self.subTest(tag=f"{tag:08X}", value=value):
                        response = self.refuse(sender, 0xC000, [tag], data_set(more={tag: value}))
                        self.assertIn("UID", response.comment)
            self.assert_empty()
            self.assertEqual(sender.store(data_set()).status, 0x0000)

    def test_data_sets_that_cannot_be_read(self):
        self.open_store()
        whole = data_set()
        cut_in_value = whole[:whole.index(b"Doe^John") + 3]
        pixel_data = whole.index(element(PIXELS, "OW", b"\1\2" * 256)[:8])
        cut_item = element(0x00400275, "SQ", b"\xfe\xff\x00\xe0\xff\xff\xff\xff" + element(0x00080100, "SH", "a", 200), 0xFFFFFFFF)
        deep = b"\x40\x00\x75\x02SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff" * 70
        broken = {
            "nothing that is an element": b"\xff" * 100, "a cut value": cut_in_value, "a cut element": whole[:pixel_data + 5], "text": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            "half the pixel data": whole[:-100], "a length past the end": data_set(more={0x00100020: ("LO", "P1", 60_000)}),
            "a cut item": data_set(more={PIXELS: None}) + cut_item, "sequences in sequences": data_set(more={PIXELS: None}) + deep,
            "a file": bytes(128) + b"DICM" + element(0x00020000, "UL", struct.pack("<I", 0)) + whole}
        with self.sender((CT, [EXPLICIT]), (CT, [JPEG])) as sender:
            for name, data in broken.items():
                with self.subTest(broken=name):
                    response = sender.store(data)
                    self.assertEqual(response.status, 0xC000, response)
                    self.assertTrue(0 < len(response.comment) <= 64, response)
                    self.assert_empty()
            for name, data in (("no deflated bytes", b"\xff" * 100), ("cut", b"\x4b\x04")):
                with self.subTest(deflated=name), self.sender((CT, [DEFLATED])) as other:
                    self.assertEqual(other.store(data).status, 0xC000)
            self.assert_empty()
            self.assertEqual(sender.store(whole).status, 0x0000)
            # Real data sets end without their delimiters.
            self.assertEqual(sender.store(data_set(instance="1.2.3.1.1.2", more={PIXELS: None}) + cut_item[:20], instance="1.2.3.1.1.2").status, 0x0000)

    def test_fragments_that_are_cut(self):
        self.open_store()

        def item(value):
            return b"\xfe\xff\0\xe0" + struct.pack("<I", len(value)) + value

        end = b"\xfe\xff\xdd\xe0\0\0\0\0"
        whole = data_set(more={PIXELS: None}) + element(PIXELS, "OB", item(b"") + item(bytes(60_000)) + item(end * 1_000), 0xFFFFFFFF) + end
        more = element(0xFFFCFFFC, "OB", bytes(20))
        broken = {
            "no delimiter": whole[:-8], "half a delimiter": whole[:-4], "half a fragment": whole[:-30_000], "a fragment past the end": whole[:-9],
            "half an item": whole[:whole.index(bytes(60_000)) - 4], "no item": whole[:-8] + more + end, "more, cut": whole + more[:-1]}
        with self.sender((CT, [JPEG])) as sender:
            for name, data in broken.items():
                with self.subTest(broken=name):
                    self.refuse(sender, 0xC000, [], data, comment="damaged: ")
                    self.assert_empty()
            self.assertEqual(sender.store(whole + more).status, 0x0000)
        [path] = self.files()
        self.assertTrue(path.read_bytes().endswith(whole + more))

    def test_what_is_in_another_syntax_than_it_says_is_kept_and_said(self):
        self.open_store()
        with self.sender((CT, [IMPLICIT])) as sender:
            self.assertEqual(sender.store(data_set()).status, 0x0000)
        self.stored.wait_for("isn't in its presentation context's transfer syntax.*1.2.3.1.1.1")
        self.assertEqual(self.found(), ["1.2.3.1.1.1"])
        # Big Endian bytes are read as what they are said to be.
        with self.sender((CT, [BIG_ENDIAN])) as sender:
            self.assertIn(sender.store(data_set(instance="1.2.3.1.1.2"), instance="1.2.3.1.1.2").status, (0x0000, 0xC000))

    def test_requests_that_lack_something(self):
        self.open_store()
        with self.sender() as sender:
            self.refuse(sender, 0x0117, [0x00001000], data_set(), instance=None)
            self.refuse(sender, 0x0117, [0x00001000], data_set(), instance="")
            self.refuse(sender, 0x0117, [0x00001000], data_set(), instance="1." * 33)
            self.refuse(sender, 0x0120, [0x00000002], data_set(), sop_class=None)
            self.refuse(sender, 0xC000, [], None, comment="no data set")
            self.assert_empty()
            self.assertEqual(sender.store(data_set()).status, 0x0000)

    def test_an_empty_data_set_is_no_instance(self):
        self.open_store()
        with self.sender() as sender:
            response = sender.store(b"")
            self.assertEqual(response.status, 0xC000, response)
        self.assert_empty()

    def test_a_message_that_is_none_of_ours_gets_an_answer(self):
        self.open_store()
        with self.sender(("1.2.840.10008.1.1", [IMPLICIT])) as sender:
            self.assertEqual(sender.store(data_set()).status, 0x0122)
        # On a context that was not accepted there is nothing to say.
        sender = self.sender()
        with self.assertRaises(Refused):
            sender.store(data_set(), context=9)
        sender.close()
        self.assert_empty()

    def test_no_room_on_the_disk(self):
        self.ROOM = "MinimumFreeSpace = 8000tb"
        self.open_store()
        with self.sender() as sender:
            for pixels in (bytes(10), bytes(1_000_000)):
                self.refuse(sender, 0xA700, [], data_set(pixels=pixels), comment="disk")
        self.assert_empty()
        self.stored.wait_for("C-STORE refused.*MinimumFreeSpace is 8796093022208000")

    def test_no_room_in_the_area(self):
        self.open_store("MaxBytes = 30kb")
        self.stored.wait_for("0 of 30720 bytes are stored.*refused")
        with self.sender() as sender:
            for number in (1, 2):
                self.assertEqual(sender.store(data_set(instance=f"1.2.3.1.1.{number}", pixels=bytes(12_000)), instance=f"1.2.3.1.1.{number}").status, 0x0000)
            self.refuse(sender, 0xA700, [], data_set(instance="1.2.3.1.1.3", pixels=bytes(12_000)), instance="1.2.3.1.1.3", comment="area is full")
            # What still fits is taken, and what is here already needs no room.
            self.assertEqual(sender.store(data_set(instance="1.2.3.1.1.4", pixels=bytes(3_500)), instance="1.2.3.1.1.4").status, 0x0000)
            self.assertEqual(sender.store(data_set(pixels=bytes(12_000))).status, 0x0000)
        self.assertEqual(self.found(), ["1.2.3.1.1.1", "1.2.3.1.1.2", "1.2.3.1.1.4"])
        self.assertEqual(len(self.files()), 3)
        self.stored.wait_for("ARCHIVE is nearly full: 2[0-9]{4} of 30720 bytes")
        # Who starts anew counts what is there.
        self.assertEqual(self.stored.stop(), 0)
        self.stored = self.serve(self.config, program="fileroom-stored")
        self.storage_port = self.stored.port
        self.stored.wait_for("2[0-9]{4} of 30720 bytes are stored")
        with self.sender() as sender:
            self.refuse(sender, 0xA700, [], data_set(instance="1.2.3.1.1.5", pixels=bytes(12_000)), instance="1.2.3.1.1.5")

    def test_quotas_of_the_table_refuse_and_delete_nothing(self):
        self.open_store(areas=f"ARCHIVE {self.area} RW (2, 20kb) ANY")
        self.stored.wait_for("0 of 2 studies")
        with self.sender() as sender:
            def store(study, number, pixels=8_000):
                uid = f"{study}.1.{number}"
                return sender.store(data_set(study=study, series=f"{study}.1", instance=uid, pixels=bytes(pixels)), instance=uid)

            self.assertEqual([store("1.2.1", 1).status, store("1.2.2", 1).status], [0x0000, 0x0000])
            response = store("1.2.3", 1)
            self.assertEqual(response.status, 0xA700)
            self.assertRegex(response.comment, "no more studies")
            self.assertEqual(store("1.2.1", 2).status, 0x0000)
            response = store("1.2.1", 3)
            self.assertEqual(response.status, 0xA700)
            self.assertRegex(response.comment, "study has as many bytes")
        self.assertEqual([len(self.found(study, f"{study}.1")) for study in ("1.2.1", "1.2.2", "1.2.3")], [2, 1, 0])
        self.assertEqual(len(self.files()), 3)
        self.assertFalse(list(self.instances.rglob("*1.2.3*")))

    def test_another_data_set_of_a_known_uid_with_keep_first(self):
        self.open_store("Duplicates = keep-first")
        with self.sender() as sender:
            self.assertEqual(sender.store(data_set()).status, 0x0000)
            before = [(path, path.read_bytes()) for path in self.files()]
            self.refuse(sender, 0x0111, [], data_set(more={0x00200013: ("IS", "2")}), comment="another data set")
        self.assertEqual([(path, path.read_bytes()) for path in self.files()], before)

    def test_what_was_refused_is_kept_where_that_is_wanted(self):
        rejected = self.folder / "rejected"
        self.open_store("KeepRejected = rejected\nDuplicates = keep-first")
        wrong = data_set(instance="1.2.3.1.1.2", pixels=bytes(300_000))
        with self.sender(calling="../X") as sender:
            self.refuse(sender, 0xA900, [INSTANCE], wrong)
            self.refuse(sender, 0xC000, [STUDY], data_set(more={STUDY: None}))
            self.refuse(sender, 0xC000, [STUDY], b"\xff" * 50_000)
            self.assertEqual(sender.store(data_set()).status, 0x0000)
        kept = self.files(rejected)
        self.assertEqual(len(kept), 3)
        self.assertEqual({re.sub(r"^[0-9T.]+-", "", path.name) for path in kept}, {"..%2FX-1.2.3.1.1.1.dcm"})
        ends = sorted((path.read_bytes()[-len(wrong):] for path in kept), key=len)
        self.assertEqual(ends[-1], wrong)
        self.assertEqual(sum(path.read_bytes().endswith(b"\xff" * 50_000) for path in kept), 1)
        self.assertEqual(len(self.files()), 1)

    def test_what_cannot_be_kept_is_said_once(self):
        (self.folder / "rejected").write_bytes(b"in the way")
        self.open_store("KeepRejected = rejected\nWorkers = 1")
        with self.sender() as sender:
            for _ in range(3):
                self.refuse(sender, 0xC000, [STUDY], data_set(more={STUDY: None}))
            self.assertEqual(sender.store(data_set()).status, 0x0000)
        self.stored.wait_for("refused instances aren't kept .KeepRejected.*rejected")
        self.assertEqual(self.stored.text.count("aren't kept"), 1)
        self.assertEqual(len(self.files()), 1)


if __name__ == "__main__":
    unittest.main()
