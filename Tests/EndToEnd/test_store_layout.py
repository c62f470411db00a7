"""Where instances are filed: layouts, names, collisions, and values that would like to lead elsewhere (hardening: T1)."""

import os
import random
import signal
import time
import unittest

from storing import StoreTest, data_set, data_set_of

CHARACTER_SET, NAME, PATIENT, DESCRIPTION, SERIES_NUMBER, NUMBER, DATE = 0x00080005, 0x00100010, 0x00100020, 0x00081030, 0x00200011, 0x00200013, 0x00080020
HOSTILE_COUNT = 500
HOSTILE = [
    "../x", "../../../../etc/cron.d/x", "/etc/passwd", "/", "//", ".", "..", "...", ". .", "./.", ".incoming", ".incoming/x", "..\\..\\x", "C:\\x", "\\\\host\\share", "%2E%2E%2F", "%", "%00",
    "a\0b", "\0", "\x01\x1b[31m\x7f", "\t", " ", "  x  ", "-rf", "~root", "$(id)", "`id`", "a;b|c&d", "nul", "CON", "con.dcm", "." * 64, "a" * 64, "/" * 64, "\u00e9" * 30, "\u202egpj.exe", "\ufeff", "\u5c71\u7530",
    "\U0001f480", "a/b/c", "_", "__", "*?\"<>|", "index", "instances", "lost+found", "x.dcm", "x.dcm/", "\u2215etc", "\uff0e\uff0e\uff0f", "e\u0301", "\u00e9"]


class LayoutTests(StoreTest):
    def names(self):
        """The paths of what is stored, relative to the folder of instances."""
        return sorted(str(path.relative_to(self.instances)) for path in self.files())

    def store(self, sender, number=1, study="1.2.3.1", series="1.2.3.1.1", instance=None, more=None, status=0):
        instance = instance or f"{series}.{number}"
        data = data_set(study=study, series=series, instance=instance, more={NUMBER: ("IS", str(number)), **(more or {})})
        self.assertEqual(sender.store(data, instance=instance).status, status)
        return data

    def today(self):
        return time.strftime("%Y/%m/%d")

    def test_each_layout(self):
        day = self.today()
        for layout, folder in (
            (None, "1.2.3.1/1.2.3.1.1/"), ("study-series", "1.2.3.1/1.2.3.1.1/"), ("flat", ""), ("patient", "P1/"), ("study", "1.2.3.1/"), ("series", "P1/1.2.3.1/1.2.3.1.1/"),
            ("date", f"{day}/"), ("{Modality}/{PatientName}", "CT/Doe^John/")):
            with self.case(layout=layout):
                self.open_store(f"FileLayout = {layout}" if layout else "")
                with self.sender() as sender:
                    self.store(sender, 1)
                    self.store(sender, 2)
                folders = {folder, f"{self.today()}/"} if layout == "date" else {folder}
                self.assertIn(self.names(), [[f"{one}1.2.3.1.1.1.dcm", f"{one}1.2.3.1.1.2.dcm"] for one in folders])
                self.assertEqual(self.found(), ["1.2.3.1.1.1", "1.2.3.1.1.2"])

    def test_each_file_name(self):
        for naming, pattern in (
            ("sop-uid", r"1\.2\.3\.1\.1\.\d\.dcm"), ("instance-number", r"0000000\d\.dcm"), ("sequential", r"0000000\d\.dcm"), ("timestamp", r"\d{8}T\d{6}\.\d{6}(_\w+)?\.dcm")):
            with self.case(naming=naming):
                self.open_store(f"FileLayout = flat\nFileName = {naming}")
                with self.sender() as sender:
                    data = [self.store(sender, number) for number in (3, 1, 2)]
                names = self.names()
                self.assertEqual(len(names), 3)
                for name in names:
                    self.assertRegex(name, f"^{pattern}$")
                if naming == "instance-number":
                    self.assertEqual([data_set_of(path) for path in self.files()], [data[1], data[2], data[0]])
                if naming in ("sequential", "timestamp"):
                    self.assertEqual([data_set_of(path) for path in self.files()], data)
                self.assertEqual(len(self.found()), 3)

    def test_sequential_names_count_on_after_a_restart(self):
        self.open_store("FileLayout = flat\nFileName = sequential")
        with self.sender() as sender:
            self.store(sender, 1)
            self.store(sender, 2)
        self.assertEqual(self.stored.stop(), 0)
        self.stored = self.serve(self.config, program="fileroom-stored")
        self.storage_port = self.stored.port
        with self.sender() as sender:
            self.store(sender, 3)
        self.assertEqual(self.names(), ["00000001.dcm", "00000002.dcm", "00000003.dcm"])

    def test_a_template_of_ones_own(self):
        self.open_store("FileLayout = \"{PatientID:4}/{StudyDate}-{0008,0060}/{SeriesNumber:04}/{InstanceNumber:06}.dcm\"\nFileName = sequential")
        self.stored.wait_for("FileName has no effect")
        with self.sender() as sender:
            more = {PATIENT: ("LO", "PATIENT7"), DATE: ("DA", "20240229"), SERIES_NUMBER: ("IS", "12")}
            self.store(sender, 34, more=more)
            self.store(sender, 35, more={**more, PATIENT: ("LO", ""), DATE: None, SERIES_NUMBER: ("IS", "A")})
        self.assertEqual(self.names(), ["PATI/20240229-CT/0012/000034.dcm", "_/_-CT/A/000035.dcm"])

    def test_collisions_get_a_suffix(self):
        self.open_store("FileLayout = {PatientID}/{InstanceNumber:04}.dcm")
        with self.sender() as sender:
            data = [self.store(sender, 7, instance=f"1.2.3.1.1.{number}") for number in range(1, 42)]
            # What stands there and is nobody's isn't overwritten.
            stranger = self.instances / "P1" / "0008.dcm"
            stranger.write_text("a stranger's")
            self.store(sender, 8, instance="1.2.3.1.1.99")
        names = self.names()
        self.assertEqual(names[:2], ["P1/0007.dcm", "P1/0007_10.dcm"])
        self.assertEqual(len(names), 43)
        self.assertEqual(stranger.read_text(), "a stranger's")
        self.assertIn("P1/0008_2.dcm", names)
        self.assertEqual(sorted(data_set_of(path) for path in self.files() if path.name.startswith("0007")), sorted(data))
        self.assertEqual(len(self.found()), 42)

    def test_a_file_where_a_folder_should_be(self):
        self.open_store("FileLayout = {PatientID}/{StudyInstanceUID}")
        # Beside files without an index nothing is stored.
        self.index(self.config, "import")
        self.instances.mkdir(exist_ok=True)
        (self.instances / "P1").write_text("in the way")
        (self.folder / "outside").mkdir()
        (self.instances / "P2").symlink_to(self.folder / "outside")
        with self.sender() as sender:
            self.store(sender, 1, status=0xA700)
            self.store(sender, 2, more={PATIENT: ("LO", "P2")}, status=0xA700)
            self.store(sender, 3, more={PATIENT: ("LO", "P3")})
        self.assertEqual((self.instances / "P1").read_text(), "in the way")
        self.assertEqual(list((self.folder / "outside").iterdir()), [])
        self.assertEqual(self.found(), ["1.2.3.1.1.3"])

    def test_hostile_values_never_leave_the_area(self):
        seed = int(os.environ.get("FILEROOM_SEED", random.randrange(1 << 30)))
        print(f"FILEROOM_SEED={seed}", flush=True)
        dice = random.Random(seed)
        values = list(HOSTILE)
        alphabet = "./\\%\0 ab~:*?\u00e9\u202e\u5c71_-"
        while len(values) < HOSTILE_COUNT:
            values.append("".join(dice.choice(alphabet) for _ in range(dice.randrange(1, 60))))
        self.open_store("FileLayout = {PatientID}/{StudyDescription}-{PatientName:12}/{SOPInstanceUID}.dcm")
        outside = self.outside()
        sent = {}
        with self.sender() as sender:
            for number, value in enumerate(values, 1):
                more = {CHARACTER_SET: ("CS", "ISO_IR 192")}
                for tag, vr in ((PATIENT, "LO"), (DESCRIPTION, "LO"), (NAME, "PN")):
                    if dice.random() < 0.7:
                        more[tag] = (vr, value)
                sent[f"1.2.3.1.1.{number}"] = self.store(sender, number, more=more)
        self.assertEqual(self.outside(), outside)
        self.assertEqual(len(self.files()), len(values))
        for path in self.files():
            parts = path.relative_to(self.instances).parts
            self.assertEqual(len(parts), 3)
            for part in parts:
                self.assertRegex(part, r"^[^./ \0-\x1f\\:*?\"<>|\x7f][^/\0-\x1f\\:*?\"<>|\x7f]*$")
                self.assertNotRegex(part, "[ .]$")
                self.assertLessEqual(len(part.encode()), 255)
            self.assertEqual(data_set_of(path), sent[path.name.removesuffix(".dcm")])
        self.assertEqual(self.found(), sorted(sent))

    def test_hostile_uids_never_leave_the_area(self):
        self.open_store()
        outside = self.outside()
        sent = 0
        with self.sender() as sender:
            for value in HOSTILE:
                if len(value.encode()) > 64 or not value.isascii() or not value.isprintable():
                    continue
                for study, series, instance in ((value, "1.2.3.1.1", "1.2.3"), ("1.2.3.1", value, "1.2.3"), ("1.2.3.1", "1.2.3.1.1", value)):
                    instance = instance if instance == value else f"{instance}.{sent + 1}"
                    data = data_set(study=study, series=series, instance=instance)
                    status = sender.store(data, instance=instance).status
                    self.assertIn(status, (0x0000, 0xC000, 0x0117), (study, series, instance))
                    sent += status == 0x0000
        self.assertGreater(sent, 50)
        self.assertEqual(self.outside(), outside)
        for path in self.files():
            self.assertEqual(len(path.relative_to(self.instances).parts), 3, path)
        self.index(self.config, "verify", "--files")

    def outside(self):
        """Everything in and beside the test's folder, but the area's instances and index."""
        there = {str(path) for path in self.folder.rglob("*") if not path.is_relative_to(self.instances) and not path.is_relative_to(self.area / "index")}
        return there - {str(self.instances), str(self.area / "index")} | {str(path) for path in self.folder.parent.iterdir() if path.name in ("x", "etc", "outside")}

    def test_another_layout_is_for_what_comes_after_it(self):
        self.open_store("FileLayout = flat\nFileName = sop-uid")
        with self.sender() as sender:
            first = self.store(sender, 1)
        self.config.write_text(self.config.read_text().replace("flat", "{PatientID}/{Modality}"))
        self.stored.process.send_signal(signal.SIGHUP)
        self.stored.wait_for("configuration reread")
        number = 1

        def filed_anew():
            nonlocal number
            number += 1
            with self.sender() as sender:
                self.store(sender, number)
            return f"P1/CT/1.2.3.1.1.{number}.dcm" in self.names()

        # A worker of before may still take an association that came before it was told.
        self.wait_until(filed_anew)
        with self.sender() as sender:
            self.assertEqual(sender.store(first).status, 0)
        self.assertEqual(len(self.names()), number)
        self.assertEqual(self.names()[0], "1.2.3.1.1.1.dcm")
        self.assertEqual(data_set_of(self.instances / "1.2.3.1.1.1.dcm"), first)
        self.assertEqual(len(self.found()), number)
        got = self.folder / "got"
        got.mkdir()
        self.dcmtk("getscu", "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1.2.3.1", "-od", got)
        self.assertEqual(len(list(got.iterdir())), number)


if __name__ == "__main__":
    unittest.main()
