"""What the keeper of a storage daemon does after receipt: programs for what is quiet, room made by deleting what came first."""

import os
import signal
import time

from fileroom import make_instance, save
from storing import StoreTest, data_set

QUIET = """#!/bin/sh
# Notes its arguments, and which descriptors it was given.
echo "$*" >> {log}
ls /proc/self/fd | tr '\\n' ' ' >> {log}.descriptors
exit {code}
"""


class QuietTests(StoreTest):
    def program(self, name, code=0):
        path, log = self.folder / name, self.folder / f"{name}.log"
        path.write_text(QUIET.format(log=log, code=code))
        path.chmod(0o755)
        return path, log

    def kill_and_start(self):
        for process in [self.stored.process.pid] + self.stored.children:
            os.kill(process, signal.SIGKILL)
        self.stored.process.wait()
        self.daemons.remove(self.stored)
        self.stored = self.serve(self.config, program="fileroom-stored")

    def lines(self, log):
        return log.read_text().splitlines() if log.exists() else []

    def test_a_series_and_its_study_are_quiet(self):
        (series, series_log), (study, study_log) = self.program("series"), self.program("study", 3)
        self.open_store(f"OnSeriesQuiet = 1 {series} --series\nOnStudyQuiet = 2 {study}")
        with self.sender() as sender:
            for number in range(1, 4):
                for name in ("1.2.3.1.1", "1.2.3.1.2"):
                    uid = f"{name}.{number}"
                    self.assertEqual(sender.store(data_set(instance=uid, series=name), instance=uid).status, 0x0000)
            # The association is still open: its end means nothing.
            self.wait_until(lambda: len(self.lines(series_log)) == 2 and len(self.lines(study_log)) == 1)
        folder = self.instances / "1.2.3.1"
        self.assertEqual(sorted(self.lines(series_log)), [f"--series 1.2.3.1 {name} {folder / name}" for name in ("1.2.3.1.1", "1.2.3.1.2")])
        self.assertEqual(self.lines(study_log), [f"1.2.3.1 {folder}"])
        self.stored.wait_for("OnSeriesQuiet: ended end=\"exited with 0\".*1.2.3.1.2")
        self.stored.wait_for("OnStudyQuiet: ended end=\"exited with 3\".*1.2.3.1")
        # Standard input and output, what the listing itself opens, and no socket or file of the daemon.
        for log in (series_log, study_log):
            for given in log.with_name(log.name + ".descriptors").read_text().split():
                self.assertLess(int(given), 10)
        # Nothing is run twice; what comes later is.
        time.sleep(1.5)
        self.assertEqual([len(self.lines(series_log)), len(self.lines(study_log))], [2, 1])
        with self.sender() as sender:
            self.assertEqual(sender.store(data_set(instance="1.2.3.1.1.4"), instance="1.2.3.1.1.4").status, 0x0000)
        self.wait_until(lambda: len(self.lines(series_log)) == 3 and len(self.lines(study_log)) == 2)
        self.wait_until(lambda: not self.files(self.area / "index" / "quiet"))

    def test_arrivals_put_it_off(self):
        program, log = self.program("quiet")
        self.open_store(f"OnSeriesQuiet = 2 {program}")
        with self.sender() as sender:
            for number in range(1, 8):
                uid = f"1.2.3.1.1.{number}"
                self.assertEqual(sender.store(data_set(instance=uid), instance=uid).status, 0x0000)
                last = time.monotonic()
                self.assertEqual(self.lines(log), [])
                time.sleep(0.5)
            self.wait_until(lambda: self.lines(log))
        self.assertGreater(time.monotonic() - last, 1.7)

    def test_what_is_pending_survives_a_restart_and_a_kill(self):
        program, log = self.program("quiet")
        self.open_store(f"OnSeriesQuiet = 3 {program}")
        with self.sender() as sender:
            self.assertEqual(sender.store(data_set()).status, 0x0000)
        self.kill_and_start()
        self.wait_until(lambda: self.lines(log))

    def test_what_was_running_runs_again(self):
        program, log = self.program("quiet")
        program.write_text(program.read_text().replace("exit 0", f"[ -e {self.folder}/again ] || sleep 30"))
        self.open_store(f"OnSeriesQuiet = 1 {program}")
        with self.sender() as sender:
            self.assertEqual(sender.store(data_set()).status, 0x0000)
        self.wait_until(lambda: len(self.lines(log)) == 1)
        (self.folder / "again").touch()
        self.kill_and_start()
        self.wait_until(lambda: len(self.lines(log)) == 2)
        self.wait_until(lambda: not self.files(self.area / "index" / "quiet"))

    def test_a_program_that_is_not_there_is_said(self):
        self.open_store(f"OnSeriesQuiet = 1 {self.folder}/none")
        with self.sender() as sender:
            self.assertEqual(sender.store(data_set()).status, 0x0000)
        self.stored.wait_for("OnSeriesQuiet: cannot start the program.*No such file")


class DeletionTests(StoreTest):
    def store(self, sender, study, pixels=12_000, status=0x0000):
        uid = f"{study}.1.1"
        response = sender.store(data_set(study=study, series=f"{study}.1", instance=uid, pixels=bytes(pixels)), instance=uid)
        self.assertEqual(response.status, status, response)

    def try_store(self, sender, study):
        uid = f"{study}.1.1"
        return sender.store(data_set(study=study, series=f"{study}.1", instance=uid, pixels=bytes(12_000)), instance=uid).status

    def studies(self):
        return sorted(response.StudyInstanceUID for response in self.findscu("STUDY", "StudyInstanceUID"))

    def test_the_oldest_studies_go(self):
        # What was indexed in place is nobody's to delete, however old it is.
        exported = self.folder / "export"
        kept = save(make_instance(study="1.2.9", series="1.2.9.1", instance="1.2.9.1.1"), exported / "kept.dcm")
        os.utime(kept, (1, 1))
        config = self.configure()
        self.index(config, "import", exported)
        self.open_store("MaxBytes = 30kb\nQuotaAction = delete-oldest\nRetentionDays = 0")
        self.stored.wait_for("0 of 30720 bytes are stored.*oldest studies are deleted")
        with self.sender() as sender:
            for number in range(1, 7):
                self.store(sender, f"1.2.{number}")
                self.wait_until(lambda: len(self.studies()) <= 3)
        self.assertEqual(self.studies(), ["1.2.5", "1.2.6", "1.2.9"])
        self.assertEqual([path.name for path in self.files()], ["1.2.5.1.1.dcm", "1.2.6.1.1.dcm"])
        self.assertFalse((self.instances / "1.2.1").exists())
        for number in range(1, 5):
            self.stored.wait_for(f"deleted a study to make room .QuotaAction. area=ARCHIVE study=1.2.{number} files=1 bytes=12[0-9]* received=")
        self.assertTrue(kept.exists())
        self.index(self.config, "verify", "--files")
        # What was deleted doesn't come back, and may be sent anew.
        self.index(self.config, "import")
        self.assertEqual(self.studies(), ["1.2.5", "1.2.6", "1.2.9"])
        with self.sender() as sender:
            self.store(sender, "1.2.1")
        self.wait_until(lambda: self.studies() == ["1.2.1", "1.2.6", "1.2.9"])

    def test_a_number_of_studies_is_kept(self):
        self.open_store("QuotaAction = delete-oldest\nRetentionDays = 0", areas=f"ARCHIVE {self.area} RW (2, 1gb) ANY")
        self.stored.wait_for("0 of 2 studies")
        with self.sender() as sender:
            for number in range(1, 6):
                self.store(sender, f"1.2.{number}")
                self.wait_until(lambda: len(self.studies()) <= 2)
        self.assertIn("1.2.5", self.studies())
        self.assertNotIn("1.2.1", self.studies())

    def test_nothing_goes_within_the_retention(self):
        self.open_store("MaxBytes = 30kb\nQuotaAction = delete-oldest\nRetentionDays = 1")
        self.stored.wait_for("0 of 30720 bytes are stored.*none of the last 1 days")
        with self.sender() as sender:
            self.store(sender, "1.2.1")
            self.store(sender, "1.2.2")
            # What goes beyond the quota before the keeper has looked whether anything may go is taken.
            self.store(sender, "1.2.3")
            self.wait_until(lambda: self.try_store(sender, "1.2.4") == 0xA700)
        self.assertEqual(self.studies()[:3], ["1.2.1", "1.2.2", "1.2.3"])
        # The first two came two days ago.
        two_days = time.time() - 2 * 86_400
        self.assertEqual(self.stored.stop(), 0)
        for study in ("1.2.1", "1.2.2"):
            os.utime(self.instances / study / f"{study}.1" / f"{study}.1.1.dcm", (two_days, two_days))
        self.index(self.config, "import")
        self.stored = self.serve(self.config, program="fileroom-stored")
        self.storage_port = self.stored.port
        self.stored.wait_for("of 30720 bytes are stored.*none of the last 1 days")
        with self.sender() as sender:
            self.wait_until(lambda: self.try_store(sender, "1.2.5") == 0x0000)
        self.wait_until(lambda: [study for study in self.studies() if study != "1.2.4"] == ["1.2.3", "1.2.5"])
