"""C-STORE (PS3.4 Annex B): what is taken, how it lies on the disk, and that another process finds it at once."""

import os
import signal
import struct
import unittest

from pydicom import dcmread
from pynetdicom.dsutils import encode

from fileroom import BIN, CT, MR, elements, listing, make_instance, run, save
from storing import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT, VERIFICATION, Sender, StoreTest, data_set, data_set_of, element, item, size

STORAGE_SERVICE = "1.2.840.10008.4.2"
JPEG, RLE, JPIP, MIME = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.94", "1.2.840.10008.1.2.6.1"
PRIVATE, FUTURE, COMMITMENT, HANGING_PROTOCOL = "1.3.12.2.1107.5.9.1", "1.2.840.10008.5.1.4.1.1.99999", "1.2.840.10008.1.20.1", "1.2.840.10008.5.1.4.38.1"


def sub_item(kind, *uids, rest=b""):
    return item(kind, b"".join(struct.pack(">H", len(uid)) + uid.encode() for uid in uids) + rest)


def common_extended(sop_class, service=STORAGE_SERVICE):
    """SOP Class Common Extended Negotiation (PS3.7 D.3.3.6); its sub-item version stands where others have a reserved byte."""
    return sub_item(0x57, sop_class, service, rest=b"\0\0")


class StoreTests(StoreTest):
    def test_a_folder_is_sent_found_at_once_and_retrieved_equal(self):
        sent = {}
        for study in (1, 2):
            for number in range(1, 9):
                uid = f"1.2.3.{study}.{number % 2}.{number}"
                path = save(make_instance(f"1.2.3.{study}", f"1.2.3.{study}.{number % 2}", uid, InstanceNumber=str(number)), self.folder / "sent" / str(study) / str(number))
                sent[uid] = dcmread(path)
        self.open_store()
        run("storescu", "-aec", "ARCHIVE", "+sd", "+r", "127.0.0.1", self.storage_port, self.folder / "sent", check=0)
        found = [uid for study in (1, 2) for series in (0, 1) for uid in self.found(f"1.2.3.{study}", f"1.2.3.{study}.{series}")]
        self.assertEqual(sorted(found), sorted(sent))
        got = self.folder / "got"
        got.mkdir()
        for study in (1, 2):
            self.dcmtk("getscu", "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID=1.2.3.{study}", "-od", got)
        self.assertEqual(len(list(got.iterdir())), len(sent))
        for path in got.iterdir():
            one = dcmread(path)
            self.assertEqual(elements(one), elements(sent[one.SOPInstanceUID]))
        self.index(self.config, "verify", "--files")

    def test_the_data_set_on_disk_is_what_came_over_the_wire(self):
        self.open_store()
        item_bytes = b"\xfe\xff\x00\xe0\xff\xff\xff\xff" + element(0x00080100, "SH", "a") + b"\xfe\xff\x0d\xe0\0\0\0\0" + b"\xfe\xff\xdd\xe0\0\0\0\0"
        odd = {
            0x00080000: ("UL", struct.pack("<I", 4711)),  # a group length, and a wrong one
            0x00081032: ("SQ", item_bytes, 0xFFFFFFFF), 0x00091001: ("UN", b"\x80\0\xff\0private"), 0x00090010: ("LO", "ACME"),
            0x00100010: ("PN", b"M\xfcller"), 0xFFFCFFFC: ("OB", bytes(64))}
        for number, (syntax, data) in enumerate((
            (EXPLICIT, data_set(more=odd)), (EXPLICIT, data_set(instance="1.2.3.1.1.2", pixels=bytes(200_000))),
            (JPEG, data_set(instance="1.2.3.1.1.3", more={0x7FE00010: ("OB", b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0\4\0\0\0\xff\xd8\xff\xd9\xfe\xff\xdd\xe0\0\0\0\0", 0xFFFFFFFF)}))), 1):
            for pdu_bytes in (131_072, 4_096 + 7, 64):
                with self.subTest(syntax=syntax, pdu_bytes=pdu_bytes):
                    with self.sender((CT, [syntax]), pdu_bytes=pdu_bytes) as sender:
                        self.assertEqual(sender.store(data, instance=f"1.2.3.1.1.{number}").status, 0x0000)
                    [path] = [path for path in self.files() if path.name == f"1.2.3.1.1.{number}.dcm"]
                    self.assertEqual(data_set_of(path), data)
        self.assertEqual(self.found(), ["1.2.3.1.1.1", "1.2.3.1.1.2", "1.2.3.1.1.3"])
        self.assertEqual(len(self.files()), 3)

    def test_file_meta_is_of_the_association(self):
        self.open_store()
        with self.sender((MR, [IMPLICIT]), calling="SCANNER 7") as sender:
            implicit = encode(make_instance(instance="1.2.3.1.1.9", sop_class=MR), True, True)
            self.assertEqual(sender.store(implicit, MR, "1.2.3.1.1.9", context=1).status, 0x0000)
        path = self.one_file()
        self.assertEqual(data_set_of(path), implicit)
        self.assertEqual(path.read_bytes()[:128], bytes(128))
        meta = dcmread(path).file_meta
        self.assertEqual(
            (meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID, meta.TransferSyntaxUID, meta.SourceApplicationEntityTitle),
            (MR, "1.2.3.1.1.9", IMPLICIT, "SCANNER 7"))
        self.assertEqual(meta.FileMetaInformationVersion, b"\0\1")
        self.assertTrue(meta.ImplementationClassUID and meta.ImplementationVersionName)
        self.assertEqual(path.stat().st_mode & 0o777, 0o640)

    def test_rights_are_of_the_area(self):
        (self.folder / "inbox").mkdir()
        save(make_instance(), self.area / "one")
        self.open_store(areas=f"ARCHIVE {self.area} R (0, 0) ANY\nINBOX {self.folder / 'inbox'} W (0, 0) ANY")
        self.index(self.config, "import")
        contexts = [(VERIFICATION, [IMPLICIT]), (CT, [EXPLICIT]), (PRIVATE, [IMPLICIT])]
        with self.sender(*contexts) as sender:
            self.assertEqual([result for result, _ in sender.contexts.values()], [0, 1, 1])
        with self.sender(*contexts, called="INBOX") as sender:
            self.assertEqual([result for result, _ in sender.contexts.values()], [0, 0, 0])
            self.assertEqual(sender.store(data_set(study="1.2.4", series="1.2.4.1", instance="1.2.4.1.1"), instance="1.2.4.1.1", context=3).status, 0x0000)
        [study] = self.findscu("STUDY", "StudyInstanceUID", called="INBOX")
        self.assertEqual((study.StudyInstanceUID, study.RetrieveAETitle), ("1.2.4", "INBOX"))
        self.assertEqual([study.StudyInstanceUID for study in self.findscu("STUDY", "StudyInstanceUID")], ["1.2.3.1"])
        self.assertFalse(self.instances.exists())

    def test_two_titles_of_one_area_have_rights_of_their_own(self):
        self.open_store(areas=f"ARCHIVE {self.area} R (0, 0) ANY\nWRITER {self.area} W (0, 0) ANY")
        with self.sender() as sender:
            self.assertEqual(sender.contexts[1][0], 1)
        with self.sender(called="WRITER") as sender:
            self.assertEqual(sender.store(data_set()).status, 0x0000)
        self.assertEqual(self.found(), ["1.2.3.1.1.1"])

    def test_one_port_for_all_where_none_is_set_for_storage(self):
        self.config = self.configure(self.ROOM)
        self.daemon = self.serve(self.config)
        self.port = self.storage_port = self.daemon.port
        with self.sender() as sender:
            self.assertEqual(sender.store(data_set()).status, 0x0000)
            self.assertEqual(self.found(), ["1.2.3.1.1.1"])
        self.assertEqual(data_set_of(self.one_file()), data_set())
        done = run(BIN / "fileroom-stored", "-c", self.config)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("StorageTCPPort", done.stderr)

    def test_a_port_of_its_own_splits_the_two(self):
        self.open_store()
        with Sender(self.port, [(CT, [EXPLICIT]), (VERIFICATION, [IMPLICIT])]) as sender:
            self.assertEqual([result for result, _ in sender.contexts.values()], [3, 0])
        find = "1.2.840.10008.5.1.4.1.2.2.1"
        with self.sender((find, [IMPLICIT]), (VERIFICATION, [IMPLICIT])) as sender:
            self.assertEqual([result for result, _ in sender.contexts.values()], [3, 0])
        self.assert_empty()

    def test_explicit_vr_goes_before_the_other_uncompressed_syntaxes(self):
        self.open_store()
        proposals = [
            ([IMPLICIT, EXPLICIT], EXPLICIT), ([BIG_ENDIAN, IMPLICIT, EXPLICIT], EXPLICIT), ([IMPLICIT], IMPLICIT), ([BIG_ENDIAN, IMPLICIT], BIG_ENDIAN),
            ([JPEG, EXPLICIT], JPEG), ([RLE, JPEG], RLE), ([IMPLICIT, JPEG, EXPLICIT], EXPLICIT), ([DEFLATED, EXPLICIT], DEFLATED),
            ([JPIP, IMPLICIT], IMPLICIT), ([JPIP, MIME], None), (["1.2.3.4.5"], None)]
        with self.sender(*[(CT, syntaxes) for syntaxes, _ in proposals]) as sender:
            for number, (syntaxes, chosen) in enumerate(proposals):
                self.assertEqual(sender.contexts[2 * number + 1], (4, None) if chosen is None else (0, chosen), syntaxes)

    def test_storage_is_negotiated_as_of_level_2(self):
        self.open_store()
        offer = sub_item(0x56, CT, rest=b"\1\0\1\0\1\0") + sub_item(0x56, COMMITMENT, rest=b"\1")
        with self.sender((CT, [EXPLICIT]), (COMMITMENT, [IMPLICIT]), user=offer) as sender:
            answers = [value for kind, value in sender.user if kind == 0x56]
        self.assertEqual(answers, [struct.pack(">H", len(CT)) + CT.encode() + bytes([2, 0, 0, 0, 0, 0])])
        with self.sender() as sender:
            self.assertEqual([value for kind, value in sender.user if kind in (0x54, 0x56, 0x57)], [])

    def test_who_would_store_and_be_stored_to_in_one_class_may_store(self):
        self.open_store()
        for roles, answer, result in ((b"\1\1", b"\1\0", 0), (b"\1\0", b"\1\0", 0), (b"\0\1", None, 3)):
            with self.subTest(roles=roles):
                with self.sender((CT, [EXPLICIT]), user=sub_item(0x54, CT, rest=roles)) as sender:
                    self.assertEqual(sender.contexts[1][0], result)
                    self.assertEqual([value for kind, value in sender.user if kind == 0x54], [] if answer is None else [struct.pack(">H", len(CT)) + CT.encode() + answer])
                    if result == 0:
                        self.assertEqual(sender.store(data_set()).status, 0x0000)
        self.assertEqual(self.found(), ["1.2.3.1.1.1"])

    def test_unknown_classes_as_the_configuration_wants(self):
        classes = [PRIVATE, FUTURE, COMMITMENT, HANGING_PROTOCOL, "1.2.840.10008.9.9"]
        for setting, announced, results in (
            (None, False, [0, 3, 3, 3, 3]), ("private", True, [0, 0, 3, 3, 3]), ("yes", False, [0, 0, 3, 3, 3]), ("no", False, [3, 3, 3, 3, 3]), ("no", True, [3, 3, 3, 3, 3])):
            with self.subTest(setting=setting, announced=announced):
                self.open_store(f"AcceptUnknownStorage = {setting}" if setting else "")
                user = b"".join(common_extended(one) for one in classes) if announced else b""
                with self.sender(*[(one, [EXPLICIT]) for one in classes], user=user) as sender:
                    self.assertEqual([result for result, _ in sender.contexts.values()], results)
                    if results[:2] == [0, 0]:
                        number = f"1.2.3.1.1.{len(self.files()) + 1}"
                        self.assertEqual(sender.store(data_set(instance=number, sop_class=FUTURE), FUTURE, number, context=3).status, 0x0000)
                        self.assertIn(number, self.found())
        # One that is announced as of another service.
        self.open_store()
        with self.sender((FUTURE, [EXPLICIT]), user=common_extended(FUTURE, "1.2.840.10008.4.99")) as sender:
            self.assertEqual(sender.contexts[1][0], 3)

    def test_classes_and_syntaxes_of_one_area(self):
        (self.folder / "rest").mkdir()
        self.open_store(
            "TransferSyntaxes = all", areas=f"ARCHIVE {self.area} RW (0, 0) ANY\nREST {self.folder / 'rest'} RW (0, 0) ANY",
            area_table=f"ARCHIVE StorageSOPClasses = CTImageStorage, {PRIVATE}\nARCHIVE TransferSyntaxes = ImplicitVRLittleEndian, {RLE}")
        proposals = [(CT, [IMPLICIT]), (MR, [IMPLICIT]), (PRIVATE, [IMPLICIT]), (PRIVATE + ".1", [IMPLICIT]), (CT, [EXPLICIT]), (CT, [EXPLICIT, JPEG, RLE])]
        with self.sender(*proposals) as sender:
            self.assertEqual(list(sender.contexts.values()), [(0, IMPLICIT), (3, None), (0, IMPLICIT), (3, None), (4, None), (0, RLE)])
        with self.sender(*proposals, called="REST") as sender:
            self.assertEqual([result for result, _ in sender.contexts.values()], [0] * 6)

    def test_the_configuration_is_reread_for_new_associations(self):
        self.open_store()
        with self.sender() as sender:
            self.config.write_text(self.config.read_text() + "\nAreaTable BEGIN\nARCHIVE StorageSOPClasses = MRImageStorage\nAreaTable END\n")
            self.stored.process.send_signal(signal.SIGHUP)
            self.stored.wait_for("configuration reread")
            # Who is here already stays under the old one.
            self.assertEqual(sender.store(data_set()).status, 0x0000)
        self.wait_until(lambda: self.result_of_new_association() == 3)

    def result_of_new_association(self):
        with self.sender() as sender:
            return sender.contexts[1][0]

    def test_what_is_left_is_swept_and_what_is_being_written_is_not(self):
        self.open_store()
        half = data_set(pixels=bytes(100_000))
        sender = self.sender()
        sender.socket.sendall(sender.request() + sender.part(half[:50_000], 0))
        self.wait_until(lambda: self.files(self.incoming))
        [arriving] = self.files(self.incoming)
        leftover = self.incoming / "99999-leftover"
        leftover.write_bytes(half[:70_000])
        # A second daemon on the same area sweeps as it starts.
        second = self.serve(self.config, program="fileroom-stored")
        self.wait_until(lambda: not leftover.exists())
        second.wait_for("never acknowledged.*1")
        self.assertTrue(arriving.exists())
        sender.socket.sendall(sender.part(half[50_000:], 2))
        self.assertEqual(sender.answer().status, 0x0000)
        sender.release()
        self.wait_until_nothing_arrives()
        self.assertEqual(data_set_of(self.one_file()), half)

    def test_a_file_in_reserve_goes_with_its_association_or_a_refusal(self):
        self.open_store()
        with self.sender() as sender:
            for number in range(3):
                self.assertEqual(sender.store(data_set(instance=f"1.2.3.1.1.{number}"), instance=f"1.2.3.1.1.{number}").status, 0x0000)
                self.wait_until(lambda: [size(path) for path in self.files(self.incoming)] == [0])
            self.assertNotEqual(sender.store(data_set(instance="1.2.9"), instance="1.2.8").status, 0x0000)
            self.wait_until(lambda: not self.files(self.incoming))
            self.assertEqual(sender.store(data_set(instance="1.2.7"), instance="1.2.7").status, 0x0000)
            self.wait_until(lambda: self.files(self.incoming))
        self.wait_until(lambda: not self.files(self.incoming))
        self.assertEqual(len(self.files()), 4)

    def test_what_a_killed_worker_left_is_swept_while_the_daemon_lives(self):
        self.open_store("Workers = 1")
        sender = self.sender()
        sender.socket.sendall(sender.request() + sender.part(data_set(pixels=bytes(100_000))[:50_000], 0))
        self.wait_until(lambda: self.files(self.incoming))
        (worker,) = self.stored.workers
        os.kill(worker, signal.SIGKILL)
        sender.close()
        self.stored.wait_for("worker died")
        with self.sender() as sender:
            self.assertEqual(sender.store(data_set()).status, 0x0000)
        self.wait_until_nothing_arrives()
        self.assertEqual(len(self.files()), 1)

    def test_an_import_beside_it_takes_nothing_that_is_stored(self):
        self.open_store()
        with self.sender() as sender:
            sender.store(data_set())
            save(make_instance("1.2.9", "1.2.9.1", "1.2.9.1.1"), self.area / "own" / "file")
            self.index(self.config, "import")
            sender.store(data_set(instance="1.2.3.1.1.2"), instance="1.2.3.1.1.2")
        self.index(self.config, "import")
        self.assertEqual(len(listing(self.index(self.config, "list", "instances", "--json"))), 3)
        self.index(self.config, "verify", "--files")


if __name__ == "__main__":
    unittest.main()
