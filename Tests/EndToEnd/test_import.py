"""fileroom-index: import, list, stat, verify, compact over folders as they are found."""

import contextlib
import fcntl
import json
import os
import pty
import random
import shutil
import signal
import struct
import subprocess
import termios
import unittest

from fileroom import BIN, ArchiveTest, listing, make_instance, run, save


@contextlib.contextmanager
def pty_of(columns):
    """A terminal so many columns wide: our end and the program's."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    try:
        yield leader, follower
    finally:
        os.close(leader)
        os.close(follower)


class ImportTests(ArchiveTest):
    def test_any_name_foreign_files_and_refusals_with_reasons(self):
        save(make_instance(), self.area / "deep" / "er" / "no extension at all")
        save(make_instance(instance="1.2.3.1.1.2"), self.area / "caf\u00e9 \u5c71.xyz")
        (self.area / "notes.txt").write_text("not DICOM")
        (self.area / "empty").write_bytes(b"")
        whole = (self.area / "deep" / "er" / "no extension at all").read_bytes()
        (self.area / "cut.dcm").write_bytes(whole[:300])
        save(make_instance(instance="1.2.3.1.1.3", StudyInstanceUID=None), self.area / "nostudy.dcm")
        config = self.configure()
        done = self.index(config, "import", check=1)
        self.assertIn("nostudy.dcm", done.stdout + done.stderr)
        self.assertIn("cut.dcm", done.stdout + done.stderr)
        self.assertRegex(done.stdout + done.stderr, r"Study Instance UID")
        rows = listing(self.index(config, "list", "instances", "--json"))
        self.assertEqual(len(rows), 2)

    def test_again_indexes_only_what_changed(self):
        for number in range(20):
            save(make_instance(instance=f"1.2.3.1.1.{number + 1}"), self.area / f"f{number}")
        config = self.configure()
        self.index(config, "import")
        os.utime(self.area / "f3", ns=(1, 1_500_000_000_000_000_000))
        save(make_instance(instance="1.2.3.1.1.99"), self.area / "new")
        for path in self.area.glob("f*"):
            if path.name != "f3":
                os.utime(path, ns=(1, path.stat().st_mtime_ns))
        done = self.index(config, "import", "--json", check=0)
        summary = json.loads(done.stdout)
        self.assertEqual((summary["seen"], summary["failed"]), (21, 0), summary)
        self.assertLessEqual(summary["indexed"], 21)
        self.assertEqual(len(listing(self.index(config, "list", "instances", "--json"))), 21)
        self.index(config, "verify")
        self.index(config, "verify", "--files")

    def test_a_read_only_tree_with_the_index_elsewhere(self):
        save(make_instance(), self.area / "one")
        before = {path: path.stat().st_mtime_ns for path in self.area.rglob("*")}
        for path in [self.area / "one", self.area]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        config = self.configure(f"IndexDirectory = {self.folder / 'indexes'}")
        try:
            self.index(config, "import")
            self.assertEqual({path: path.stat().st_mtime_ns for path in self.area.rglob("*")}, before)
            self.daemon = self.serve(config)
            self.port = self.daemon.port
            out = self.folder / "got"
            out.mkdir()
            self.dcmtk("getscu", "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1.2.3.1", "-od", out)
            self.assertEqual(len(list(out.iterdir())), 1)
        finally:
            self.area.chmod(0o755)

    def test_a_folder_elsewhere_becomes_a_root(self):
        other = self.folder / "old exports"
        save(make_instance(), other / "a")
        config = self.configure()
        self.index(config, "import", other)
        save(make_instance(instance="1.2.3.1.1.2"), other / "b")
        self.index(config, "import")
        self.assertEqual(len(listing(self.index(config, "list", "instances", "--json"))), 2)
        self.assertIn("old exports", self.index(config, "stat").stdout)

    def test_one_instance_at_two_places_and_two_contents_with_one_uid(self):
        save(make_instance(), self.area / "a")
        shutil.copy(self.area / "a", self.area / "b")
        save(make_instance(instance="1.2.3.1.1.2", InstanceNumber="2"), self.area / "c")
        save(make_instance(instance="1.2.3.1.1.2", InstanceNumber="3"), self.area / "d")
        self.open_archive()
        found = self.findscu("IMAGE", "StudyInstanceUID=1.2.3.1", "SeriesInstanceUID=1.2.3.1.1", "SOPInstanceUID", "InstanceNumber")
        self.assertEqual(sorted((ds.SOPInstanceUID, int(ds.InstanceNumber)) for ds in found), [("1.2.3.1.1.1", 1), ("1.2.3.1.1.2", 2)])
        [study] = self.findscu("STUDY", "StudyInstanceUID=1.2.3.1", "NumberOfStudyRelatedInstances")
        self.assertEqual(study.NumberOfStudyRelatedInstances, 2)

    def test_contradictions_are_kept_and_listed(self):
        save(make_instance(), self.area / "a")
        save(make_instance(instance="1.2.3.1.1.2", PatientName="Doe^Jane", StudyDescription="Foot"), self.area / "b")
        save(make_instance(instance="1.2.3.1.1.3", PatientID="P2"), self.area / "c")
        save(make_instance(instance="1.2.3.1.1.3", PatientID="P2", InstanceNumber="3"), self.area / "d")
        config = self.configure()
        self.index(config, "import")
        rows = {(row["level"], row["what"]): row["values"] for row in listing(self.index(config, "list", "conflicts", "--json"))}
        self.assertEqual(sorted(rows[("PATIENT", "PatientName")]), ["Doe^Jane", "Doe^John"])
        self.assertEqual(rows[("STUDY", "StudyDescription")], ["Head", "Foot"])
        self.assertEqual(sorted(rows[("STUDY", "patient")]), ["P1", "P2"])
        self.assertEqual(rows[("IMAGE", "content")], [str(self.area / "c"), str(self.area / "d")])
        self.assertIn("Foot", self.index(config, "list", "conflicts").stdout)

    def test_verify_files_names_what_is_not_as_it_was(self):
        for name in "abc":
            save(make_instance(instance=f"1.2.3.1.1.{ord(name)}"), self.area / name)
        config = self.configure()
        self.index(config, "import")
        self.assertIn("3 files", self.index(config, "verify", "--files").stdout)
        (self.area / "a").unlink()
        with (self.area / "b").open("ab") as file:
            file.write(b"more")
        done = self.index(config, "verify", "--files", check=1)
        self.assertRegex(done.stdout, rf"{self.area}/a: .*\n")
        self.assertRegex(done.stdout, rf"{self.area}/b: has \d+ bytes, not")
        self.assertNotIn(f"{self.area}/c:", done.stdout)
        self.index(config, "verify")

    @unittest.skipIf(os.getuid() != 0, "only root gives files away")
    def test_what_root_makes_belongs_to_the_areas_owner_and_nothing_else_does(self):
        save(make_instance(), self.area / "a")
        secret = self.folder / "secret"
        secret.write_text("root's")
        os.chmod(self.folder, 0o755)
        shutil.chown(self.area, "nobody", "nogroup")
        nobody = self.area.stat().st_uid
        config = self.configure()
        self.index(config, "import")
        save(make_instance(instance="1.2.3.1.1.2"), self.area / "b")
        self.index(config, "import")
        self.index(config, "compact")
        for path in [self.area / "index", *(self.area / "index").iterdir()]:
            self.assertEqual(path.stat().st_uid, nobody, path)
        self.assertEqual(sorted(path.name for path in (self.area / "index").iterdir() if path.name.startswith("run-")), ["run-3"])
        # A link in the place of a file that is opened, laid there by the owner.
        (self.area / "index" / "lock").unlink()
        (self.area / "index" / "lock").symlink_to(secret)
        (self.area / "index" / "x").symlink_to(secret)
        self.index(config, "compact", check=2)
        self.assertEqual(secret.stat().st_uid, 0)

    def test_pruning_takes_out_what_is_gone_and_nothing_else(self):
        for number in range(4):
            save(make_instance(instance=f"1.2.3.1.1.{number + 1}"), self.area / f"f{number}")
        config = self.configure()
        self.index(config, "import")
        (self.area / "f1").unlink()
        self.assertIn("--prune", self.index(config, "import").stdout)
        self.assertEqual(len(listing(self.index(config, "list", "instances", "--json"))), 4)
        self.assertIn("1 file that is gone was", self.index(config, "import", "--prune").stdout)
        self.assertEqual(len(listing(self.index(config, "list", "instances", "--json"))), 3)
        self.index(config, "verify", "--files")
        # A disk that isn't mounted looks like an empty folder.
        for path in list(self.area.glob("f*")):
            path.rename(self.folder / path.name)
        self.index(config, "import", "--prune")
        self.assertEqual(len(listing(self.index(config, "list", "instances", "--json"))), 3)

    def test_roots_within_roots_are_visited_once(self):
        save(make_instance(), self.area / "inner" / "a")
        save(make_instance(instance="1.2.3.1.1.2"), self.area / "b")
        save(make_instance(instance="1.2.3.1.1.3"), self.area / "instances" / "c")
        save(make_instance(instance="1.2.3.1.1.4"), self.area / "instances" / ".incoming" / "d")
        config = self.configure()
        for folders in ([], [self.area / "inner"], [self.area], []):
            self.index(config, "import", *folders)
            stat = listing(self.index(config, "stat", "--json"))
            self.assertEqual((stat["instances"], stat["files"]), (3, 3), folders)
        self.assertEqual(stat["roots"][0]["folder"], str(self.area / "instances"))

    def test_a_folder_within_a_root_is_visited_as_its_part(self):
        save(make_instance(), self.area / "sub" / "a")
        save(make_instance(instance="1.2.3.1.1.2"), self.area / "sub.2" / "b")
        save(make_instance(instance="1.2.3.1.1.3"), self.area / "x" / "c")
        config = self.configure()
        self.index(config, "import")
        save(make_instance(instance="1.2.3.1.1.4"), self.area / "sub" / "deep" / "d")
        save(make_instance(instance="1.2.3.1.1.5"), self.area / "x" / "e")
        (self.area / "sub.2" / "b").unlink()
        # Only the part is visited, and nothing outside it is missed.
        done = json.loads(self.index(config, "import", "--prune", "--json", self.area / "sub").stdout)
        self.assertEqual([done[key] for key in ("seen", "vanished", "pruned")], [2, 0, 0])
        self.assertEqual(len(listing(self.index(config, "list", "instances", "--json"))), 4)
        (self.area / "sub" / "a").unlink()
        done = json.loads(self.index(config, "import", "--prune", "--json", self.area / "sub", self.area / "sub" / "deep").stdout)
        self.assertEqual([done[key] for key in ("seen", "vanished", "pruned")], [1, 1, 1])
        done = json.loads(self.index(config, "import", "--prune", "--json").stdout)
        self.assertEqual([done[key] for key in ("seen", "vanished", "pruned")], [3, 1, 1])
        self.index(config, "verify", "--files")

    def test_roots_within_a_part_are_visited_with_it(self):
        save(make_instance(), self.area / "x" / "y" / "a")
        save(make_instance(instance="1.2.3.1.1.2"), self.area / "x" / "b")
        config = self.configure()
        self.index(config, "import", self.area / "x" / "y")
        self.index(config, "import")
        save(make_instance(instance="1.2.3.1.1.3"), self.area / "x" / "y" / "c")
        done = json.loads(self.index(config, "import", "--json", self.area / "x").stdout)
        self.assertEqual((done["seen"], done["vanished"]), (3, 0))
        self.assertEqual(len(listing(self.index(config, "list", "instances", "--json"))), 3)

    def test_an_empty_part_prunes_nothing_and_says_why(self):
        save(make_instance(), self.area / "x" / "a")
        save(make_instance(instance="1.2.3.1.1.2"), self.area / "b")
        config = self.configure()
        self.index(config, "import")
        (self.area / "x" / "a").unlink()
        self.assertIn("isn't mounted", self.index(config, "import", "--prune", self.area / "x").stdout)
        self.assertEqual(len(listing(self.index(config, "list", "instances", "--json"))), 2)

    def test_what_is_no_place_for_instances_is_refused(self):
        save(make_instance(), self.area / "instances" / ".incoming" / "x" / "a")
        config = self.configure()
        self.index(config, "import")
        for folder in ("index", "instances/.incoming", "instances/.incoming/x"):
            self.index(config, "import", self.area / folder, check=2)
        self.assertEqual(listing(self.index(config, "stat", "--json"))["files"], 0)

    def test_a_table_fits_the_terminal(self):
        save(make_instance(StudyDescription="Head and neck, with contrast", AccessionNumber="A2024"), self.area / "a")
        config = self.configure()
        self.index(config, "import")
        for columns in (40, 80, 200):
            with pty_of(columns) as (leader, follower):
                done = subprocess.run([BIN / "fileroom-index", "list", "-c", config], stdout=follower, timeout=10)
                text = os.read(leader, 65_536).decode().replace("\r", "")
            self.assertEqual(done.returncode, 0)
            lines = text.splitlines()
            self.assertLessEqual(max(map(len, lines[:2])), columns, text)
            self.assertTrue(lines[0].startswith("Date"), text)
            # A UID that is cut is of no use: it is, only where nothing else helps.
            self.assertIn("1.2.3.1", lines[1])
            self.assertEqual("No room for" in text, columns < 100, text)

    def test_an_area_folder_that_is_not_there_is_not_made(self):
        config = self.configure(areas=f"ARCHIVE {self.folder / 'aera'} RW (0, 0) ANY")
        for arguments in (["import"], ["import", self.area], ["import", "--dry-run"]):
            done = self.index(config, *arguments, check=2)
            self.assertIn("mount it", done.stderr)
        self.assertFalse((self.folder / "aera").exists())

    def test_an_import_that_is_stopped_says_so_by_its_exit_status(self):
        for number in range(10_000):
            (self.area / f"{number}").touch()
        config = self.configure()

        def interrupt():
            # Pending over the exec: it is there as soon as somebody looks.
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
            os.kill(os.getpid(), signal.SIGINT)

        done = subprocess.run(
            [BIN / "fileroom-index", "import", "-c", config, "--json"], preexec_fn=interrupt, stdout=subprocess.PIPE)
        self.assertEqual(done.returncode, 1)
        self.assertTrue(json.loads(done.stdout)["stopped"])
        self.assertFalse(json.loads(self.index(config, "import", "--json").stdout)["stopped"])

    def test_an_area_behind_a_link_does_not_index_its_index(self):
        save(make_instance(), self.area / "a")
        (self.folder / "link").symlink_to(self.area)
        config = self.configure(areas=f"ARCHIVE {self.folder / 'link'} RW (0, 0) ANY")
        for _ in range(3):
            done = json.loads(self.index(config, "import", "--json").stdout)
            self.assertEqual((done["seen"], done["notDICOM"]), (1, 0))

    def test_a_full_output_is_said(self):
        config = self.configure()
        save(make_instance(), self.area / "a")
        self.index(config, "import")
        with open("/dev/full", "w") as full:
            done = subprocess.run([BIN / "fileroom-index", "list", "-c", config], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("can't be written", done.stderr)

    def test_the_daemon_sees_a_later_import_and_compaction_changes_no_answer(self):
        save(make_instance(), self.area / "a")
        self.open_archive()
        for number in range(2, 6):
            save(make_instance(instance=f"1.2.3.1.1.{number}"), self.area / f"n{number}")
            self.index(self.config, "import")
        ask = lambda: sorted(ds.SOPInstanceUID for ds in self.findscu("IMAGE", "StudyInstanceUID=1.2.3.1", "SeriesInstanceUID=1.2.3.1.1", "SOPInstanceUID"))
        before = ask()
        self.assertEqual(len(before), 5)
        self.index(self.config, "compact")
        self.assertEqual(ask(), before)
        self.index(self.config, "verify", "--files")

    def test_an_index_made_anew_is_seen_by_a_running_daemon(self):
        save(make_instance(), self.area / "a")
        self.open_archive("Workers = 1")
        self.assertEqual(str(self.findscu("STUDY", "PatientName")[0].PatientName), "Doe^John")
        save(make_instance(PatientName="Doe^Jane"), self.area / "a")
        shutil.rmtree(self.area / "index")
        self.index(self.config, "import")
        self.assertEqual(str(self.findscu("STUDY", "PatientName")[0].PatientName), "Doe^Jane")

    def test_random_truncated_and_nested_input_gives_a_summary(self):
        dice = random.Random(7)
        for number in range(30):
            (self.area / f"random{number}").write_bytes(dice.randbytes(dice.randrange(4000)))
        whole = save(make_instance(), self.folder / "whole").read_bytes()
        for number in range(60):
            (self.area / f"cut{number}").write_bytes(whole[:dice.randrange(len(whole))])
        prefix = whole[:132] + whole[132:whole.index(b"\x08\x00\x16\x00")]
        nested = b"\x40\x00\x75\x02SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff" * 100
        (self.area / "nested").write_bytes(prefix + nested)
        save(make_instance(), self.area / "good")
        config = self.configure()
        done = self.index(config, "import", check=1)
        self.assertIn("nested", done.stdout + done.stderr)
        self.assertGreaterEqual(len(listing(self.index(config, "list", "instances", "--json"))), 1)

    def test_a_flipped_byte_is_reported_and_never_a_trap(self):
        for number in range(30):
            save(make_instance(instance=f"1.2.3.1.1.{number + 1}", InstanceNumber=str(number)), self.area / f"f{number}")
        config = self.configure()
        self.index(config, "import")
        files = [path for path in (self.area / "index").iterdir() if path.is_file() and path.stat().st_size and path.name != "lock"]
        self.assertTrue(files)
        dice = random.Random(11)
        for path in files:
            whole = path.read_bytes()
            for _ in range(6):
                at = dice.randrange(len(whole))
                flipped = bytearray(whole)
                flipped[at] ^= 1 << dice.randrange(8)
                path.write_bytes(flipped)
                done = self.index(config, "verify", check=None)
                self.assertGreater(done.returncode, 0, f"{path.name} byte {at}: {done.stdout} {done.stderr}")
                listed = self.index(config, "list", "instances", check=None)
                self.assertGreaterEqual(listed.returncode, 0, f"{path.name} byte {at}: {listed.stderr}")
            path.write_bytes(whole)
        self.index(config, "verify")

    def test_list_filters_and_limits(self):
        for study in range(1, 6):
            save(make_instance(f"1.2.{study}", f"1.2.{study}.1", f"1.2.{study}.1.1", PatientID=f"P{study}", StudyDate=f"2020010{study}"), self.area / f"s{study}")
        config = self.configure()
        self.index(config, "import")
        self.assertEqual(len(listing(self.index(config, "list", "studies", "StudyDate=20200102-", "--json"))), 4)
        self.assertEqual(len(listing(self.index(config, "list", "patients", "PatientID=P?", "--limit", "2", "--json"))), 2)
        self.assertIn("20200103", self.index(config, "list").stdout)
        done = self.index(config, "list", "studies", "PatinetID=P1", check=None)
        self.assertEqual(done.returncode, 2)
        self.assertIn("PatientID", done.stderr)

    def test_dry_run_writes_nothing(self):
        save(make_instance(), self.area / "a")
        config = self.configure()
        self.index(config, "import", "--dry-run")
        self.assertFalse((self.area / "index").exists())

    def test_every_program_teaches(self):
        for words in (["fileroom-index", "--help"], ["fileroom-index", "import", "--help"], ["fileroom-index", "list", "--help"], ["fileroom-qrd", "--help"]):
            done = run(BIN / words[0], *words[1:], check=0)
            self.assertGreater(len(done.stdout.splitlines()), 8, words)
        for program in ("fileroom-index", "fileroom-qrd"):
            self.assertRegex(run(BIN / program, "--version", check=0).stdout, r"\d+\.\d+")
            done = run(BIN / program, "--confg", check=2)
            self.assertIn("--config", done.stderr)
