"""fileroom-index remove and rebuild: what is out stays out, and an index made anew has all that goes on meanwhile."""

import json
import os
import shutil
import signal
import subprocess
import time

from fileroom import BIN, ArchiveTest, listing, make_instance, save


class RebuildTest(ArchiveTest):
    def setUp(self):
        super().setUp()
        for number in range(1, 7):
            study = (number + 1) // 2
            ds = make_instance(
                study=f"1.2.3.{study}", series=f"1.2.3.{study}.1", instance=f"1.2.3.{study}.1.{number}", PatientID=f"P{(study + 1) // 2}")
            # Long ago: a file that is as new as the import is read again.
            os.utime(save(ds, self.area / f"study{study}" / f"im{number}"), ns=(1, 1_600_000_000_000_000_000 + number))
        self.config = self.configure()
        self.index(self.config, "import")
        self.before = self.tree()

    def tearDown(self):
        # Nothing that these commands do touches a file.
        self.assertEqual({name: state for name, state in self.tree().items() if name in self.before}, self.before)
        super().tearDown()

    def tree(self):
        """Each file outside the index: its bytes, and when it was changed."""
        found = {}
        for path in self.folder.rglob("*"):
            if path.is_file() and self.area / "index" not in path.parents and path.name not in ("fileroom.cfg", "index"):
                found[str(path)] = (path.read_bytes(), path.stat().st_mtime_ns)
        return found

    def instances(self):
        return sorted(row["SOPInstanceUID"] for row in listing(self.index(self.config, "list", "instances", "--json")))

    def sound(self):
        self.index(self.config, "verify")


class RemoveTests(RebuildTest):
    ALL = [f"1.2.3.{(number + 1) // 2}.1.{number}" for number in range(1, 7)]

    def test_what_is_removed_stays_out_of_imports_and_rebuilds_until_an_undo(self):
        done = self.index(self.config, "remove", "StudyInstanceUID=1.2.3.1", "--dry-run", "--json")
        self.assertEqual((json.loads(done.stdout)["instances"], json.loads(done.stdout)["removed"]), (2, False))
        self.assertEqual(self.instances(), self.ALL)
        done = self.index(self.config, "remove", "StudyInstanceUID=1.2.3.1", check=2)
        self.assertIn("--yes", done.stderr)
        self.index(self.config, "remove", "StudyInstanceUID=1.2.3.1", "--yes")
        self.index(self.config, "remove", "SOPInstanceUID=1.2.3.2.1.3", "--yes")
        left = self.ALL[3:]
        self.assertEqual(self.instances(), left)
        summary = json.loads(self.index(self.config, "import", "--json").stdout)
        self.assertEqual((summary["removedOnPurpose"], summary["indexed"], summary["failed"]), (3, 0, 0), summary)
        self.assertEqual(self.instances(), left)
        # A copy of a removed instance, in another folder, as old as it was.
        (self.area / "copies").mkdir()
        shutil.copy2(self.area / "study1" / "im1", self.area / "copies" / "im1")
        summary = json.loads(self.index(self.config, "import", "--json").stdout)
        self.assertEqual((summary["removedOnPurpose"], summary["indexed"]), (4, 0), summary)
        summary = json.loads(self.index(self.config, "rebuild", "--json").stdout)
        self.assertTrue(summary["rebuilt"])
        self.assertEqual((summary["removedOnPurpose"], summary["indexed"]), (4, 3), summary)
        self.assertEqual(self.instances(), left)
        rows = listing(self.index(self.config, "list", "removed", "--json"))
        self.assertEqual([(row["level"], row["key"]) for row in rows], [("STUDY", "1.2.3.1"), ("IMAGE", "1.2.3.2.1.3")])
        self.assertIn("removed", self.index(self.config, "stat").stdout)
        self.sound()
        self.index(self.config, "remove", "--undo", "StudyInstanceUID=1.2.3.1")
        self.assertEqual(self.instances(), left)
        self.index(self.config, "import")
        self.assertEqual(self.instances(), self.ALL[:2] + left)
        self.index(self.config, "remove", "--undo", "StudyInstanceUID=1.2.3.1", check=1)
        self.sound()

    def test_a_file_that_changed_after_the_removal_comes_in(self):
        self.index(self.config, "remove", "SeriesInstanceUID=1.2.3.1.1", "--yes")
        path = self.area / "study1" / "im1"
        self.before.pop(str(path))
        save(make_instance(study="1.2.3.1", series="1.2.3.1.1", instance="1.2.3.1.1.1", StudyDescription="Corrected"), path)
        for command in ("import", "rebuild"):
            self.index(self.config, command)
            self.assertEqual(self.instances(), [self.ALL[0]] + self.ALL[2:])
        self.sound()

    def test_patients_and_wrong_keys(self):
        save(make_instance(study="1.2.9", series="1.2.9.1", instance="1.2.9.1.1", PatientID="P1", IssuerOfPatientID="A"), self.area / "a")
        save(make_instance(study="1.2.8", series="1.2.8.1", instance="1.2.8.1.1", PatientID="P1", IssuerOfPatientID="B"), self.area / "b")
        self.index(self.config, "import")
        done = self.index(self.config, "remove", "PatientID=P1", "--yes", check=2)
        self.assertIn("IssuerOfPatientID='A'", done.stderr)
        self.index(self.config, "remove", "PatientID=P1", "IssuerOfPatientID=A", "--yes")
        self.assertNotIn("1.2.9.1.1", self.instances())
        self.assertIn("1.2.8.1.1", self.instances())
        self.index(self.config, "remove", "PatientID=P2", "--yes")
        self.assertEqual(self.instances(), sorted(self.ALL[:4] + ["1.2.8.1.1"]))
        self.index(self.config, "remove", "--undo", "PatientID=P2")
        self.index(self.config, "import")
        self.assertEqual(self.instances(), sorted(self.ALL + ["1.2.8.1.1"]))
        self.assertIn("nothing", self.index(self.config, "remove", "StudyInstanceUID=9.9", "--yes", check=1).stderr)
        for words in (["StudyInstanceUID=1.2.*"], ["StudyDate=2020"], [], ["PatientID="], ["PatientID=P1", "StudyInstanceUID=1.2"], ["1.2.3"]):
            self.index(self.config, "remove", "--yes", *words, check=2)

    def test_a_root_goes_with_its_files_and_comes_back_where_it_is_named(self):
        other = self.folder / "old exports"
        save(make_instance(study="1.2.7", series="1.2.7.1", instance="1.2.7.1.1"), other / "a")
        self.index(self.config, "import", other)
        self.before = self.tree()
        self.index(self.config, "remove", "--root", other, "--yes")
        self.assertEqual(self.instances(), self.ALL)
        self.assertNotIn("old exports", self.index(self.config, "stat").stdout)
        for command in ("import", "rebuild"):
            self.index(self.config, command)
            self.assertEqual(self.instances(), self.ALL)
        self.index(self.config, "import", other)
        self.assertIn("1.2.7.1.1", self.instances())
        self.assertIn("root 2", self.index(self.config, "stat").stdout)
        self.index(self.config, "remove", "--root", self.area / "nowhere", "--yes", check=2)
        self.index(self.config, "remove", "--root", self.area / "instances", "--yes", check=2)
        self.sound()

    def test_a_root_within_another_is_not_visited_with_it(self):
        outer = self.folder / "outer"
        inner = outer / "inner"
        save(make_instance(study="1.2.6", series="1.2.6.1", instance="1.2.6.1.1"), inner / "a")
        save(make_instance(study="1.2.5", series="1.2.5.1", instance="1.2.5.1.1"), outer / "a")
        self.index(self.config, "import", inner)
        self.index(self.config, "import", outer)
        self.index(self.config, "remove", "--root", inner, "--yes")
        for words in (["import"], ["rebuild"], ["import", outer]):
            self.index(self.config, *words)
            self.assertEqual(self.instances(), self.ALL + ["1.2.5.1.1"])
        self.index(self.config, "remove", "--undo", "--root", inner)
        self.index(self.config, "import")
        self.assertIn("1.2.6.1.1", self.instances())


class RebuildTests(RebuildTest):
    ALL = RemoveTests.ALL

    def damage(self, path, offset):
        with open(path, "r+b") as file:
            file.seek(offset)
            byte = file.read(1)[0]
            file.seek(offset)
            file.write(bytes([byte ^ 4]))

    def runs(self):
        return sorted((self.area / "index").glob("run-*"))

    def test_a_damaged_run_current_or_roots_is_made_anew(self):
        for number, name in enumerate(["run", "current", "missing current", "missing run"]):
            path = self.runs()[-1] if "run" in name else self.area / "index" / "current"
            if "missing" in name:
                path.unlink()
            else:
                self.damage(path, path.stat().st_size // 2)
            if name != "missing current":
                done = self.index(self.config, "verify", check=1)
                self.assertIn("fileroom-index rebuild", done.stdout)
                [finding] = json.loads(self.index(self.config, "verify", "--json", check=1).stdout)["findings"]
                self.assertEqual(finding["file"], path.name)
                self.assertIn("fileroom-index rebuild", finding["remedy"])
            done = self.index(self.config, "rebuild")
            self.assertIn("rebuilt", done.stdout)
            self.assertEqual(self.instances(), self.ALL, name)
            self.assertEqual(len(self.runs()), 1, name)
            self.assertFalse((self.area / "index" / "rebuild").exists())
            self.sound()
        self.damage(self.area / "index" / "roots", 40)
        done = self.index(self.config, "rebuild", check=2)
        self.assertIn("fileroom-index rebuild FOLDER", done.stderr)
        done = self.index(self.config, "import", check=2)
        self.assertIn("fileroom-index rebuild FOLDER", done.stderr)
        self.index(self.config, "rebuild", self.area)
        self.assertEqual(self.instances(), self.ALL)
        self.sound()

    def test_an_empty_root_or_an_unreadable_one_leaves_the_old_index(self):
        other = self.folder / "usb"
        save(make_instance(study="1.2.7", series="1.2.7.1", instance="1.2.7.1.1"), other / "a")
        self.index(self.config, "import", other)
        shutil.move(other, self.folder / "unplugged")
        for makes in (False, True):
            if makes:
                other.mkdir()
            done = self.index(self.config, "rebuild", check=2)
            self.assertIn("usb", done.stdout)
            self.assertIn("1.2.7.1.1", self.instances())
        self.index(self.config, "rebuild", "--partial")
        self.assertEqual(self.instances(), self.ALL)
        self.before = self.tree()

    def test_imports_while_it_goes_on_are_in_it(self):
        many = self.folder / "many"
        for number in range(1500):
            save(make_instance(study="1.2.5", series="1.2.5.1", instance=f"1.2.5.1.{number + 1}", pixels=32), many / f"{number}")
        self.index(self.config, "import", many)
        late = self.folder / "late"
        rebuild = subprocess.Popen(
            [BIN / "fileroom-index", "rebuild", "-c", self.config, "--ae", "ARCHIVE", "-j", "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        count = 0
        while rebuild.poll() is None:
            count += 1
            save(make_instance(study="1.2.4", series="1.2.4.1", instance=f"1.2.4.1.{count}", pixels=32), late / f"{count}")
            self.index(self.config, "import", late)
            if count == 1:
                (many / "7").unlink()
                self.index(self.config, "import", "--prune", many)
                self.index(self.config, "remove", "SOPInstanceUID=1.2.5.1.9", "--yes")
        output, errors = rebuild.communicate()
        self.assertEqual(rebuild.returncode, 0, output + errors)
        self.assertGreater(count, 0)
        expected = self.ALL + [f"1.2.5.1.{number + 1}" for number in range(1500) if number not in (7, 8)]
        expected += [f"1.2.4.1.{number + 1}" for number in range(count)]
        self.assertEqual(self.instances(), sorted(expected))
        self.sound()

    def test_a_kill_at_any_moment_leaves_an_index_and_the_next_rebuild_goes_on(self):
        many = self.folder / "many"
        for number in range(150):
            save(make_instance(study="1.2.5", series="1.2.5.1", instance=f"1.2.5.1.{number + 1}", pixels=32), many / f"{number}")
        self.index(self.config, "import", many)
        expected = self.instances()
        start = time.monotonic()
        self.index(self.config, "rebuild")
        whole = time.monotonic() - start
        for attempt in range(12):
            rebuild = subprocess.Popen(
                [BIN / "fileroom-index", "rebuild", "-c", self.config, "--ae", "ARCHIVE", "-j", "1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(whole * (attempt + 1) / 12)
            rebuild.send_signal(signal.SIGKILL)
            rebuild.wait()
            self.assertEqual(self.instances(), expected)
            self.sound()
            name = f"1.2.4.1.{attempt + 1}"
            save(make_instance(study="1.2.4", series="1.2.4.1", instance=name, pixels=32), self.area / "late" / name)
            self.index(self.config, "import")
            expected = sorted(expected + [name])
            self.assertEqual(self.instances(), expected)
        self.index(self.config, "rebuild")
        self.assertEqual(self.instances(), expected)
        self.assertFalse((self.area / "index" / "rebuild").exists())
        self.sound()

    def test_a_daemon_goes_on_answering(self):
        daemon = self.serve(self.config)
        self.port = daemon.port
        for _ in range(3):
            self.assertEqual(len(self.findscu("STUDY", "StudyInstanceUID")), 3)
            self.index(self.config, "rebuild")
        self.index(self.config, "remove", "StudyInstanceUID=1.2.3.1", "--yes")
        self.assertEqual(len(self.findscu("STUDY", "StudyInstanceUID")), 2)
        self.index(self.config, "rebuild")
        self.assertEqual(len(self.findscu("STUDY", "StudyInstanceUID")), 2)
