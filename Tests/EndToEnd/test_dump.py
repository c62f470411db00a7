"""fileroom-index dump and explain, and lists that nothing is lost in."""

import json
import os
import unittest

from fileroom import ArchiveTest, listing, make_instance, save


class DumpTest(ArchiveTest):
    def setUp(self):
        super().setUp()
        save(make_instance(), self.area / "a")
        save(make_instance(instance="1.2.3.1.1.2", InstanceNumber="2"), self.area / "b")
        save(make_instance(study="1.2.3.2", series="1.2.3.2.1", instance="1.2.3.2.1.1", PatientID="P2", PatientName="Roe^Jane", StudyDate="20200301", AccessionNumber="00042"), self.area / "c")
        (self.area / "notes.txt").write_text("no DICOM")
        # A name that is no UTF-8, with a tab in it.
        self.odd = os.fsencode(self.area) + b"/caf\xe9\t1"
        os.rename(self.area / "c", self.odd)
        self.config = self.configure()
        self.index(self.config, "import")

    def rows(self, *part, check=0):
        lines = self.index(self.config, "dump", *part, check=check).stdout.splitlines()
        return [dict(zip(lines[0].split("\t"), line.split("\t"), strict=True)) for line in lines[1:]]

    def runs(self):
        return sorted((self.area / "index").glob("run-*"), key=lambda path: int(path.name[4:]))


class DumpTests(DumpTest):
    def test_all_entries_as_lines_and_as_json(self):
        rows = self.rows()
        self.assertEqual([row["SOPInstanceUID"] for row in rows], ["1.2.3.1.1.1", "1.2.3.1.1.2", "1.2.3.2.1.1"])
        self.assertEqual([row["PatientName"] for row in rows], ["Doe^John", "Doe^John", "Roe^Jane"])
        self.assertEqual(rows[0]["Rows"], "16")
        self.assertEqual(rows[2]["path"], "caf%E9%091")
        status = os.stat(self.odd)
        self.assertEqual((rows[2]["bytes"], rows[2]["modified"], rows[2]["inode"]), (str(status.st_size), str(status.st_mtime_ns), str(status.st_ino)))
        objects = [json.loads(line) for line in self.index(self.config, "dump", "--json").stdout.splitlines()]
        for row, found in zip(rows, objects, strict=True):
            self.assertEqual({key: value for key, value in row.items() if value}, {key: str(value) or '""' for key, value in found.items()})

    def test_parts(self):
        [foreign] = self.rows("foreign")
        self.assertEqual((foreign["path"], foreign["words"]), ("notes.txt", "not DICOM"))
        self.assertEqual([row["folder"] for row in self.rows("roots")], [str(self.area / "instances"), str(self.area)])
        current = {row["field"]: row for row in self.rows("current")}
        [run] = self.runs()
        self.assertEqual((f"run-{current['run']['value']}", current["run"]["bytes"]), (run.name, str(run.stat().st_size)))
        parts = {row["part"]: row for row in reversed(self.rows(run.name))}
        self.assertEqual((parts["instances"]["rows"], parts["studies"]["rows"]), ("3", "2"))
        self.assertEqual([row["study UID"] for row in self.rows(run.name, "studies")], ["1.2.3.1", "1.2.3.2"])
        self.assertEqual([row["row"] for row in self.rows(run.name, "7", "1-5")], ["1", "2"])
        for part in (["run-99"], ["nowhere"], [run.name, "nowhere"], [run.name, "studies", "x"], [run.name, "studies", "7"], ["journal-99"], ["current", "1"]):
            self.assertTrue(self.index(self.config, "dump", *part, check=2).stderr)

    def test_a_damaged_index_is_dumped_as_far_as_it_can_be(self):
        many = self.folder / "many"
        for number in range(1200):
            save(make_instance(study=f"1.2.5.{number // 10}", series=f"1.2.5.{number // 10}.1", instance=f"1.2.5.{number}", pixels=32, AccessionNumber=f"N{number // 10}", InstanceNumber=str(number)), many / f"{number * 7919 % 10007}")
        self.index(self.config, "import", many)
        truth = {row["path"] for row in self.rows()}
        self.assertEqual(len(truth), 1203)
        run = self.runs()[-1]
        whole = run.read_bytes()
        self.assertGreater(len(whole), 2 * 16384)
        # Its end is where everything else is found from.
        run.write_bytes(whole[:-9] + b"?" + whole[-8:])
        self.assertIn(run.name, self.index(self.config, "dump", check=1).stderr)
        run.write_bytes(whole)
        tables = [str(number + 1) for number in range(18)]
        rows = {table: self.index(self.config, "dump", run.name, table).stdout.splitlines() for table in tables}
        readable = 0
        for byte in range(100, len(whole) - 5000, 16384):
            run.write_bytes(whole[:byte] + bytes([whole[byte] ^ 1]) + whole[byte + 1:])
            done = self.index(self.config, "dump", check=1)
            self.assertIn(run.name, done.stderr)
            lines = done.stdout.splitlines()
            self.assertLessEqual({line.split("\t")[lines[0].split("\t").index("path")] for line in lines[1:]}, truth)
            for table in tables:
                done = self.index(self.config, "dump", run.name, table, check=None)
                self.assertIn(done.returncode, (0, 1), done.stderr)
                self.assertEqual(done.stdout.splitlines() == rows[table], done.returncode == 0, table)
                self.assertLessEqual(len(done.stdout.splitlines()), len(rows[table]))
                readable += done.returncode == 0 and len(rows[table]) > 2
        self.assertGreater(readable, 0)
        run.write_bytes(whole)
        current = self.area / "index" / "current"
        whole = current.read_bytes()
        current.write_bytes(whole.replace(b"generation", b"generatioN"))
        self.assertIn("run-N", self.index(self.config, "dump", check=1).stderr)
        self.assertIn("generatioN", self.index(self.config, "dump", "current", check=1).stdout)
        self.index(self.config, "dump", run.name)
        current.unlink()
        self.index(self.config, "dump", run.name, "files")
        current.write_bytes(whole)
        self.assertEqual({row["path"] for row in self.rows()}, truth)

    def test_lists_lose_no_byte_of_a_path(self):
        rows = listing(self.index(self.config, "list", "instances", "--json"))
        self.assertEqual([bytes.fromhex(row["pathBytes"]) for row in rows if "pathBytes" in row], [self.odd])
        self.assertEqual([row["path"] for row in rows][:2], [str(self.area / "a"), str(self.area / "b")])
        save(make_instance(study="1.2.3.2", series="1.2.3.2.1", instance="1.2.3.2.1.1", InstanceNumber="9", PatientID="P2", PatientName="Roe^Jane", StudyDate="20200301", AccessionNumber="00042"), self.area / "d")
        self.index(self.config, "import")
        [conflict] = listing(self.index(self.config, "list", "conflicts", "--json"))
        self.assertEqual((conflict["level"], conflict["entity"], conflict["what"]), ("IMAGE", "1.2.3.2.1.1", "content"))
        self.assertEqual([bytes.fromhex(path) for path in conflict["valuesBytes"]], [self.odd, os.fsencode(self.area / "d")])
        os.unlink(self.odd)
        [finding] = json.loads(self.index(self.config, "verify", "--files", "--json", check=1).stdout)["files"]
        self.assertEqual(bytes.fromhex(finding["fileBytes"]), self.odd)

    def test_a_long_list_is_whole(self):
        for number in range(1200):
            save(make_instance(instance=f"1.2.3.1.1.{number + 10}", pixels=32), self.area / "many" / f"{number}")
        self.index(self.config, "import")
        rows = listing(self.index(self.config, "list", "instances", "--json"))
        self.assertEqual(len({row["SOPInstanceUID"] for row in rows}), 1203)
        lines = self.index(self.config, "list", "instances").stdout.splitlines()
        self.assertEqual(len(lines), 1204)
        self.assertEqual(len({line.index("1.2.840.") for line in lines[1:]}), 1)
        self.assertEqual(len(listing(self.index(self.config, "list", "instances", "--json", "--limit", "7"))), 7)
        done = self.index(self.config, "list", "instances", "--limit", "7")
        self.assertEqual(len(done.stdout.splitlines()), 8)
        self.assertIn("more than 7", done.stderr)
        self.assertNotIn("more than", self.index(self.config, "list", "studies", "--limit", "2").stderr)


class ExplainTests(DumpTest):
    def explain(self, *words, check=1):
        return json.loads(self.index(self.config, "explain", "--json", *words, check=check).stdout)

    def test_what_is_explained_is_what_c_find_answers(self):
        daemon = self.serve(self.config)
        self.port = daemon.port
        for keys in (["PatientName=D*"], ["PatientID=P2", "StudyDate=-20200301"], ["StudyDate=20200101-20200201"], ["ModalitiesInStudy=CT", "PatientName=*e^j*"], ["StudyID=S2"]):
            found = self.findscu("STUDY", "StudyInstanceUID", *keys)
            told = self.explain(*keys, check=None)
            self.assertEqual(told["matches"], len(found), keys)
            self.assertEqual(sum(source["chosen"] for source in told["sources"]), 1)

    def test_words(self):
        text = self.index(self.config, "explain", "PatientName=Doe", "StudyDate=20200102", check=1).stdout
        self.assertIn("PatientName=Doe left out the last 1 of the candidates", text)
        self.assertIn("Doe^John", text)
        text = self.index(self.config, "explain", "StudyDate=20200110", check=1).stdout
        self.assertIn("20200102, 20200301", text)
        text = self.index(self.config, "explain", "AccessionNumber=42", check=1).stdout
        self.assertIn("00042", text)
        text = self.index(self.config, "explain", "FrameOfReferenceUID", "PatientID=P1").stdout
        self.assertIn("read from headers: FrameOfReferenceUID; files opened: 1", text)
        self.assertIn("FF01H", self.index(self.config, "explain", "QueryRetrieveLevel=STUDY", "Modality", "PatientID=P1").stdout)
        self.assertIn("Matches: 1,", text)

    def test_levels_and_models(self):
        self.assertEqual(self.explain("Modality=CT", check=0)["level"], "SERIES")
        self.assertEqual(self.explain("PatientID=P1", check=0)["level"], "STUDY")
        self.assertEqual(self.explain("PatientID=P1", "--level", "patient", check=0)["level"], "PATIENT")
        self.assertEqual(self.explain("QueryRetrieveLevel=IMAGE", "PatientID=P1", check=0)["matches"], 2)
        told = self.explain("StudyInstanceUID=1.2.3.1", "SeriesInstanceUID=1.2.3.2.1")
        self.assertEqual(told["nothingBecause"]["key"], "SeriesInstanceUID")
        self.assertIn(["1.2.3.2"], [hint["values"] for hint in told["nothingBecause"]["hints"]])
        for words in (["PatientID=P1", "--level", "patient", "--model", "study"], ["Nonsense=1"], ["StudyDate=2020"], [], ["PatientID=P1", "--model", "x"]):
            self.index(self.config, "explain", *words, check=2)


if __name__ == "__main__":
    unittest.main()
