"""The same SOP Instance UID again: with the same data set, with another, and beside files that were indexed in place."""

import hashlib
import threading
import unittest

from pydicom import dcmread
from pynetdicom.dsutils import encode

from fileroom import CT, listing, make_instance, save
from storing import EXPLICIT, IMPLICIT, StoreTest, data_set, data_set_of, element

NUMBER = 0x00200013
# Data sets that are kept of one SOP Instance UID.
CONTENTS_MAXIMUM = 64


def numbered(number, **more):
    """The instance 1.2.3.1.1.1 with an Instance Number that tells one data set of it from the others."""
    return data_set(more={NUMBER: ("IS", str(number)), **more})


class DuplicateTests(StoreTest):
    def served(self):
        """The Instance Number that C-FIND shows, and the data set that C-GET brings."""
        [found] = self.findscu("IMAGE", "StudyInstanceUID=1.2.3.1", "SeriesInstanceUID=1.2.3.1.1", "SOPInstanceUID=1.2.3.1.1.1", "InstanceNumber")
        out = self.folder / "served"
        out.mkdir(exist_ok=True)
        self.dcmtk("getscu", "-S", "-k", "QueryRetrieveLevel=IMAGE", "-k", "StudyInstanceUID=1.2.3.1", "-k", "SeriesInstanceUID=1.2.3.1.1", "-k", "SOPInstanceUID=1.2.3.1.1.1", "-od", out)
        [path] = out.iterdir()
        number = int(dcmread(path).InstanceNumber)
        path.unlink()
        self.assertEqual(int(found.InstanceNumber), number)
        return number

    def conflicts(self):
        rows = listing(self.index(self.config, "list", "conflicts", "--json"))
        return [row["values"] for row in rows if (row["level"], row["what"]) == ("IMAGE", "content")]

    def store(self, *data_sets, syntax=EXPLICIT, calling="SENDER"):
        with self.sender((CT, [syntax]), calling=calling) as sender:
            return [sender.store(data).status for data in data_sets]

    def check_files(self):
        self.index(self.config, "verify", "--files")
        self.wait_until_nothing_arrives()

    def test_the_same_again_is_success_and_kept_once(self):
        for setting in ("keep-both", "keep-first", "replace"):
            with self.case(setting=setting):
                self.open_store(f"Duplicates = {setting}")
                self.assertEqual(self.store(numbered(1), numbered(1)), [0, 0])
                path = self.one_file()
                before = path.stat()
                # The file meta doesn't count, and no group lengths: neither says anything.
                with_lengths = element(0x00080000, "UL", b"\x63\0\0\0") + numbered(1)
                self.assertEqual(self.store(with_lengths, calling="ANOTHER"), [0])
                self.assertEqual([(path.stat().st_ino, path.stat().st_mtime_ns)], [(before.st_ino, before.st_mtime_ns)])
                self.assertEqual(self.files(), [path])
                self.assertEqual(self.conflicts(), [])
                self.check_files()

    def test_keep_both_keeps_both_and_serves_the_first(self):
        self.open_store()
        self.assertEqual(self.store(numbered(1), numbered(2), numbered(3), numbered(2)), [0, 0, 0, 0])
        self.assertEqual(self.served(), 1)
        self.assertEqual(len(self.files()), 3)
        self.assertEqual(sorted(int(dcmread(path).InstanceNumber) for path in self.files()), [1, 2, 3])
        [paths] = self.conflicts()
        self.assertEqual(sorted(paths), sorted(map(str, self.files())))
        # One of them is served and counted.
        [study] = self.findscu("STUDY", "StudyInstanceUID=1.2.3.1", "NumberOfStudyRelatedInstances")
        self.assertEqual(study.NumberOfStudyRelatedInstances, 1)
        self.stored.wait_for("stored beside another data set of this UID.*1.2.3.1.1.1")
        self.check_files()
        # However the index came about, the answer is the same.
        self.index(self.config, "compact")
        self.assertEqual(self.served(), 1)
        self.index(self.config, "rebuild")
        self.wait_until(lambda: self.served() == 1)

    def test_so_many_data_sets_of_one_uid_are_kept_and_no_more(self):
        self.open_store()
        self.assertEqual(self.store(*map(numbered, range(1, CONTENTS_MAXIMUM + 1))), [0] * CONTENTS_MAXIMUM)
        before = self.files()
        self.assertEqual(len(before), CONTENTS_MAXIMUM)
        with self.sender() as sender:
            response = sender.store(numbered(CONTENTS_MAXIMUM + 1))
            self.assertEqual(response.status, 0x0111)
            self.assertIn("is here already", response.comment)
        self.stored.wait_for("or more than are kept .Duplicates.")
        self.wait_until_nothing_arrives()
        self.assertEqual(self.files(), before)
        # Each of those that are kept is here, the first of them is served, and other UIDs are nobody's matter.
        self.assertEqual(self.store(numbered(1), numbered(CONTENTS_MAXIMUM)), [0, 0])
        self.assertEqual(self.files(), before)
        self.assertEqual(self.served(), 1)
        with self.sender() as sender:
            self.assertEqual(sender.store(data_set(instance="1.2.3.1.1.2"), instance="1.2.3.1.1.2").status, 0)
        self.check_files()

    def test_keep_first_refuses_the_second(self):
        self.open_store("Duplicates = keep-first")
        self.assertEqual(self.store(numbered(1), numbered(2), numbered(1)), [0, 0x0111, 0])
        self.assertEqual(self.served(), 1)
        self.assertEqual(data_set_of(self.one_file()), numbered(1))
        self.check_files()

    def test_replace_takes_the_place_of_the_first(self):
        self.open_store("Duplicates = replace")
        self.assertEqual(self.store(numbered(1), numbered(2)), [0, 0])
        self.assertEqual(self.served(), 2)
        self.assertEqual(data_set_of(self.one_file()), numbered(2))
        self.assertEqual(self.conflicts(), [])
        for number in range(3, 12):
            self.assertEqual(self.store(numbered(number)), [0])
            self.assertEqual(data_set_of(self.one_file()), numbered(number))
        self.assertEqual(self.served(), 11)
        # And back to what was there first.
        self.assertEqual(self.store(numbered(1)), [0])
        self.assertEqual(self.served(), 1)
        self.check_files()

    def test_another_transfer_syntax_is_another_data_set(self):
        for setting, statuses, count in (("keep-both", [0, 0], 2), ("keep-first", [0, 0x0111], 1), ("replace", [0, 0], 1)):
            with self.case(setting=setting):
                self.open_store(f"Duplicates = {setting}")
                one = make_instance()
                first, second = encode(one, False, True), encode(one, True, True)
                self.assertEqual(self.store(first) + self.store(second, syntax=IMPLICIT), statuses)
                self.assertEqual(len(self.files()), count)

    def test_another_study_with_the_same_instance(self):
        self.open_store()
        with self.sender() as sender:
            self.assertEqual(sender.store(data_set()).status, 0)
            self.assertEqual(sender.store(data_set(study="1.2.3.2", series="1.2.3.2.1")).status, 0)
        self.assertEqual(len(self.files()), 2)
        self.check_files()

    def test_files_that_were_indexed_in_place_are_never_touched(self):
        for setting in ("keep-both", "keep-first", "replace"):
            with self.case(setting=setting):
                elsewhere = self.folder / "old exports"
                original = make_instance(InstanceNumber="7")
                save(original, elsewhere / "CT0001")
                save(make_instance(instance="1.2.3.1.1.2"), self.area / "own")
                self.open_store(f"Duplicates = {setting}")
                self.index(self.config, "import", elsewhere)
                self.index(self.config, "import", self.area)
                places = [elsewhere / "CT0001", self.area / "own"]
                before = [self.identity(path) for path in places]
                same = encode(original, False, True)
                self.assertEqual(self.store(same), [0])
                self.assertEqual(self.files(), [])
                status = 0x0111 if setting == "keep-first" else 0
                self.assertEqual(self.store(numbered(1), numbered(1)), [status, status])
                self.assertEqual([self.identity(path) for path in places], before)
                self.assertEqual(len(self.files()), 0 if setting == "keep-first" else 1)
                if setting != "keep-first":
                    self.assertEqual(self.store(numbered(2)), [0])
                    self.assertEqual(len(self.files()), 2 if setting == "keep-both" else 1)
                # Both of them are there for people to see.
                self.assertEqual([str(elsewhere / "CT0001") in paths for paths in self.conflicts()], [] if setting == "keep-first" else [True])
                self.assertEqual([self.identity(path) for path in places], before)
                self.check_files()

    def identity(self, path):
        status = path.stat()
        return path.name, status.st_ino, status.st_mtime_ns, status.st_mode, status.st_nlink, hashlib.sha256(path.read_bytes()).digest()

    def test_many_who_send_one_instance_at_once(self):
        for setting, alike, statuses, count in (
            ("keep-both", True, {0}, 1), ("keep-both", False, {0}, 8), ("keep-first", False, {0, 0x0111}, 1), ("replace", False, {0}, 1)):
            with self.case(setting=setting, alike=alike):
                self.open_store(f"Duplicates = {setting}")
                gate, seen = threading.Barrier(8), []

                def send(number):
                    with self.sender() as sender:
                        gate.wait(20)
                        seen.append(sender.store(numbered(1 if alike else number)).status)

                threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join(30)
                self.assertEqual(len(seen), 8)
                self.assertEqual(set(seen), statuses)
                if setting == "keep-first":
                    self.assertEqual(seen.count(0), 1)
                self.assertEqual(len(self.files()), count)
                self.assertEqual(self.found(), ["1.2.3.1.1.1"])
                self.check_files()


if __name__ == "__main__":
    unittest.main()
