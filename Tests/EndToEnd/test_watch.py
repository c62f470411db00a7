"""fileroom-index watch: real files come, change, move and go, and the index follows."""

import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time

from fileroom import BIN, ArchiveTest, listing, make_instance, run, save


class Watcher:
    """A running `fileroom-index watch --json`: its batches and what it says."""

    def __init__(self, config, *words, prefix=()):
        self.log = []
        self.batches = []
        self.process = subprocess.Popen(
            [*prefix, str(BIN / "fileroom-index"), "watch", "-c", str(config), "--ae", "ARCHIVE", "--json", "--verbose", *map(str, words)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
        self.threads = [threading.Thread(target=self._follow, args=pair, daemon=True) for pair in (
            (self.process.stderr, self.log.append), (self.process.stdout, lambda line: self.batches.append(json.loads(line))))]
        for thread in self.threads:
            thread.start()
        self.wait_for("watching [0-9]+ folder")

    @staticmethod
    def _follow(stream, take):
        for line in stream:
            take(line)

    @property
    def text(self):
        return "".join(self.log)

    def until(self, condition, what, seconds=30):
        """Waits until `condition()` holds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition():
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f"{what}: exit {self.process.poll()}\n{self.text}\n{self.batches}")

    def wait_for(self, pattern, seconds=30):
        self.until(lambda: re.search(pattern, self.text), f"{pattern!r} is not in the log", seconds)

    def stop(self, number=signal.SIGTERM):
        started = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(20)
        for thread in self.threads:
            thread.join(5)
        self.process.stdout.close()
        self.process.stderr.close()
        return code, time.monotonic() - started


class WatchTests(ArchiveTest):
    def setUp(self):
        super().setUp()
        self.watchers = []

    def tearDown(self):
        for watcher in self.watchers:
            if watcher.process.poll() is None:
                watcher.process.kill()
                watcher.stop()
        super().tearDown()

    def watch(self, *words, parameters="", **more):
        self.config = self.configure(parameters)
        watcher = Watcher(self.config, *words, **more)
        self.watchers.append(watcher)
        return watcher

    def put(self, number, name, folder=None, **values):
        return save(make_instance(instance=f"1.2.3.1.1.{number}", **values), (folder or self.area) / name)

    def files(self):
        """What the index says: where each instance lies, seen from the area's folder."""
        rows = listing(self.index(self.config, "list", "instances", "--limit", "0", "--json"))
        return sorted(os.path.relpath(row["path"], self.area) for row in rows)

    def expect(self, watcher, *names, seconds=30):
        """Waits until the index holds just these files."""
        wanted = sorted(names)
        watcher.until(lambda: self.files() == wanted, f"wanted {wanted}, found {self.files()}", seconds)

    def end(self, watcher, number=signal.SIGTERM):
        code, seconds = watcher.stop(number)
        self.assertEqual(code, 0, watcher.text)
        self.assertLess(seconds, 2)
        self.index(self.config, "verify", "--files")

    def test_files_that_come_change_move_and_go(self):
        self.put(1, "deep/a")
        self.put(2, "gone before")
        config = self.configure()
        self.index(config, "import")
        (self.area / "gone before").unlink()
        self.put(3, "new before")
        watcher = self.watch()
        self.expect(watcher, "deep/a", "new before")
        self.put(4, "b")
        self.expect(watcher, "deep/a", "new before", "b")
        # Changed in place, and replaced by another.
        self.put(4, "b", PatientID="P2")
        watcher.until(lambda: "P2" in self.index(config, "list", "patients", "--json").stdout, "the change isn't seen")
        other = self.folder / "other"
        self.put(5, "x", other)
        os.replace(other / "x", self.area / "b")
        watcher.until(lambda: "P2" not in self.index(config, "list", "patients", "--json").stdout, "the old one is still there")
        (self.area / "b").rename(self.area / "deep" / "c")
        self.expect(watcher, "deep/a", "new before", "deep/c")
        os.link(self.area / "deep" / "c", self.area / "linked")
        watcher.until(lambda: listing(self.index(self.config, "stat", "--json"))["files"] == 4, "the link isn't seen")
        (self.area / "deep" / "a").unlink()
        (self.area / "linked").unlink()
        self.expect(watcher, "new before", "deep/c")
        shutil.rmtree(self.area / "deep")
        self.expect(watcher, "new before")
        self.end(watcher)

    def test_folders_that_are_moved_in_renamed_and_moved_out(self):
        watcher = self.watch()
        other = self.folder / "other"
        for number in range(6):
            self.put(number + 1, f"in/s{number % 2}/deep/{number}", other)
        (other / "in").rename(self.area / "in")
        names = [f"in/s{number % 2}/deep/{number}" for number in range(6)]
        self.expect(watcher, *names)
        (self.area / "in").rename(self.area / "renamed")
        names = [name.replace("in/", "renamed/") for name in names]
        self.expect(watcher, *names)
        # What comes to be in it then is told under its new name.
        self.put(7, "renamed/s0/deep/new")
        self.expect(watcher, *names, "renamed/s0/deep/new")
        (self.area / "renamed" / "s1").rename(other / "out")
        self.expect(watcher, *[name for name in names if "/s0/" in name], "renamed/s0/deep/new")
        self.put(8, "out/deep/late", other)
        # One folder takes the name of another at once.
        self.put(9, "swap/x")
        self.expect(watcher, *[name for name in names if "/s0/" in name], "renamed/s0/deep/new", "swap/x")
        (self.area / "renamed").rename(self.folder / "aside")
        (self.area / "swap").rename(self.area / "renamed")
        self.expect(watcher, "renamed/x")
        self.put(10, "made/by/hand/y")
        self.expect(watcher, "renamed/x", "made/by/hand/y")
        self.end(watcher, signal.SIGINT)

    def test_a_file_is_read_when_it_is_whole(self):
        watcher = self.watch()
        whole = self.put(1, "x", self.folder / "other").read_bytes()
        with (self.area / "slow").open("wb") as file:
            for start in range(0, len(whole), 400):
                file.write(whole[start : start + 400])
                file.flush()
                os.fsync(file.fileno())
                time.sleep(0.5)
                self.assertEqual(self.files(), [])
            # What comes beside it is looked at meanwhile.
            self.put(2, "quick")
            self.expect(watcher, "quick")
        self.expect(watcher, "quick", "slow")
        self.assertEqual(sum(batch["failed"] for batch in watcher.batches), 0)
        # Cut off when it was closed: refused, and read again when the rest is there.
        with (self.area / "cut").open("wb") as file:
            file.write(self.put(3, "x", self.folder / "other").read_bytes()[:300])
        watcher.wait_for("refused: .*cut")
        with (self.area / "cut").open("ab") as file:
            file.write((self.folder / "other" / "x").read_bytes()[300:])
        self.expect(watcher, "quick", "slow", "cut")
        self.end(watcher)

    def test_a_burst_of_files_and_its_end(self):
        watcher = self.watch()
        template = self.put(10_000, "x", self.folder / "other").read_bytes()
        for number in range(3_000):
            folder = self.area / f"burst{number // 500}"
            folder.mkdir(exist_ok=True)
            (folder / f"{number}").write_bytes(template.replace(b"1.2.3.1.1.10000", b"1.2.3.1.1.%d" % (20_000 + number)))
        count = lambda: listing(self.index(self.config, "stat", "--json"))["instances"]
        watcher.until(lambda: count() == 3_000, "not all are there", 60)
        for number in range(0, 3_000, 2):
            (self.area / f"burst{number // 500}" / f"{number}").unlink()
        watcher.until(lambda: count() == 1_500, "not all are gone", 60)
        shutil.rmtree(self.area / "burst0")
        watcher.until(lambda: count() == 1_250, "the folder isn't gone", 60)
        figures = listing(self.index(self.config, "stat", "--json"))
        self.assertLessEqual(figures["runs"], 5)
        self.end(watcher)

    def test_a_root_that_vanishes_takes_nothing_out(self):
        root = self.folder / "root"
        for number in range(4):
            self.put(number + 1, f"s/{number}", root)
        watcher = self.watch(root)
        names = [os.path.relpath(root / "s" / str(number), self.area) for number in range(4)]
        self.expect(watcher, *names)
        root.rename(self.folder / "aside")
        watcher.wait_for(f"{root} isn't there")
        # What happens to it meanwhile isn't told as a change of the root, nor is an empty folder in its place.
        (self.folder / "aside" / "s" / "0").unlink()
        root.mkdir()
        time.sleep(7)
        self.assertEqual(self.files(), names)
        self.assertNotIn(f"{root} is back", watcher.text)
        root.rmdir()
        (self.folder / "aside").rename(root)
        watcher.wait_for(f"{root} is back")
        self.expect(watcher, *names[1:])
        self.put(9, "s/new", root)
        self.expect(watcher, *names[1:], os.path.relpath(root / "s" / "new", self.area))
        # Removed file by file, with the folder: it can't be told from a disk that went.
        shutil.rmtree(root)
        watcher.wait_for(f"(?s)root is back.*{root} isn't there")
        code, _ = watcher.stop()
        self.assertEqual(code, 0)
        self.assertGreater(len(self.files()), 0)

    def test_what_was_removed_on_purpose_stays_out(self):
        root = self.folder / "root"
        self.put(1, "x", root)
        self.put(2, "a")
        config = self.configure()
        self.index(config, "import")
        self.index(config, "import", root)
        self.index(config, "remove", "--root", root, "--yes")
        self.index(config, "remove", "SOPInstanceUID=1.2.3.1.1.2", "--yes")
        watcher = self.watch()
        self.assertEqual({batch["root"] for batch in watcher.batches}, {str(self.area)})
        self.put(3, "x", self.folder / "other")
        # Neither a new name nor new rights make it newer.
        (self.area / "a").rename(self.area / "renamed")
        (self.area / "renamed").chmod(0o600)
        os.rename(self.folder / "other" / "x", self.area / "b")
        self.expect(watcher, "b")
        watcher.until(lambda: any(batch["seen"] == 2 for batch in watcher.batches[1:]), "the new name isn't seen")
        self.assertEqual(self.files(), ["b"])
        os.utime(self.area / "renamed")
        self.expect(watcher, "b", "renamed")
        # A root that is removed while it is watched.
        watcher.stop()
        watcher = self.watch(root)
        self.expect(watcher, os.path.relpath(root / "x", self.area), "b", "renamed")
        self.index(config, "remove", "--root", root, "--yes")
        watcher.wait_for(f"{root} was removed")
        self.put(4, "y", root)
        self.index(config, "import", root)
        watcher.wait_for(f"{root} is back")
        self.put(5, "z", root)
        self.expect(watcher, *[os.path.relpath(root / name, self.area) for name in "xyz"], "b", "renamed")
        self.end(watcher)

    def test_a_folder_that_is_empty_at_the_start_may_be_a_disk_that_is_not_mounted(self):
        for number in range(4):
            self.put(number + 1, f"disk{number // 2}/{number}")
        config = self.configure()
        self.index(config, "import")
        for name in ("disk0/0", "disk0/1"):
            (self.area / name).unlink()
        watcher = self.watch()
        self.assertEqual(watcher.batches[0]["vanished"], 2)
        self.assertEqual(watcher.batches[0]["pruned"], 0)
        self.assertEqual(len(self.files()), 4)
        # Emptied before our eyes is another thing.
        for name in ("disk1/2", "disk1/3"):
            (self.area / name).unlink()
        self.expect(watcher, "disk0/0", "disk0/1")
        (self.area / "disk0").rmdir()
        self.expect(watcher)
        self.end(watcher)

    def test_a_disk_below_a_root_that_is_unmounted_takes_nothing_out(self):
        if os.getuid() != 0 or run("unshare", "-m", "true").returncode != 0:
            self.skipTest("only root mounts")
        self.put(1, "a")
        disk = self.area / "disk"
        disk.mkdir()
        # In a mount namespace of its own: when the shell ends, so does the mount.
        shell = subprocess.Popen(["unshare", "-m", "sh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

        def do(line):
            shell.stdin.write(line + " && echo done || echo failed\n")
            shell.stdin.flush()
            self.assertEqual(shell.stdout.readline(), "done\n", line)

        try:
            do(f"mount -t tmpfs none {disk} && cp {self.put(2, 'x', self.folder / 'other')} {disk}/b")
            watcher = self.watch(prefix=("nsenter", "-t", str(shell.pid), "-m"))
            self.expect(watcher, "a", "disk/b")
            do(f"umount {disk}")
            watcher.wait_for(f"{disk} isn't there")
            # The folder that it was mounted on goes as well.
            disk.rmdir()
            self.put(3, "c")
            self.expect(watcher, "a", "c", "disk/b")
            disk.mkdir()
            do(f"mount -t tmpfs none {disk} && cp {self.put(4, 'y', self.folder / 'other')} {disk}/d && cp {self.put(2, 'x', self.folder / 'other')} {disk}/b")
            watcher.wait_for(f"{disk} is back")
            self.expect(watcher, "a", "c", "disk/b", "disk/d")
            do(f"rm {disk}/b")
            self.expect(watcher, "a", "c", "disk/d")
            code, _ = watcher.stop()
            self.assertEqual(code, 0)
        finally:
            shell.stdin.close()
            shell.wait(10)
            shell.stdout.close()

    def test_past_the_limit_of_watches_it_says_so_and_visits(self):
        limit = ("unshare", "-Ur", "sh", "-c", 'echo 3 > /proc/sys/user/max_inotify_watches && exec "$@"', "sh")
        if run(*limit, "true").returncode != 0:
            self.skipTest("no user namespaces")
        for number in range(6):
            self.put(number + 1, f"s{number}/f")
        watcher = self.watch("--rescan", "1", prefix=limit)
        self.assertRegex(watcher.text, r"4 folders of .* can't be watched.*max_user_watches.*every minute")
        self.put(7, "s5/new")
        self.put(8, "s0/new")
        everything = [f"s{number}/f" for number in range(6)] + ["s5/new", "s0/new"]
        self.expect(watcher, *everything, seconds=90)
        self.end(watcher)

    def test_a_daemon_sees_what_is_watched_and_links_are_not_followed(self):
        outside = self.folder / "outside"
        self.put(1, "x", outside)
        self.put(2, "a")
        watcher = self.watch()
        daemon = self.serve(self.config)
        self.port = daemon.port
        (self.area / "link").symlink_to(outside)
        (self.area / "file link").symlink_to(outside / "x")
        self.put(3, "b")
        self.expect(watcher, "a", "b")
        found = self.findscu("IMAGE", "StudyInstanceUID=1.2.3.1", "SeriesInstanceUID=1.2.3.1.1", "SOPInstanceUID")
        self.assertEqual(sorted(ds.SOPInstanceUID for ds in found), ["1.2.3.1.1.2", "1.2.3.1.1.3"])
        self.end(watcher)

    def test_what_it_cannot_do_ends_it_with_2(self):
        config = self.configure(areas=f"ARCHIVE {self.folder / 'aera'} RW (0, 0) ANY")
        self.assertIn("mount it", self.index(config, "watch", check=2).stderr)
        config = self.configure()
        self.index(config, "watch", self.folder / "none", check=2)
        self.index(config, "watch", "--rescan", "often", check=2)
        self.assertIn("SIGTERM", self.index(config, "watch", "--help").stdout)
