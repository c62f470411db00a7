"""Processes are killed at random: short runs of tools/crash-test index and store, and that they can fail."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

CRASH_TEST = pathlib.Path(__file__).resolve().parent.parent.parent / "tools" / "crash-test"


def crash_test(*words, what="index"):
    with tempfile.TemporaryDirectory(prefix="fileroom-test-") as scratch:
        return subprocess.run([sys.executable, str(CRASH_TEST), what, "--scratch", scratch, *words], capture_output=True, text=True, timeout=180)


class CrashTests(unittest.TestCase):
    def test_what_was_acknowledged_survives_random_kills(self):
        done = crash_test("--kills", "150", "--seconds", "12")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"(?m)^\d{2,} kills: the model held, and every process that lived went on$")

    def test_a_writer_that_acknowledges_before_it_writes_is_found(self):
        done = crash_test("--kills", "400", "--seconds", "60", "--acknowledge-early")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("what is there was never so since what was acknowledged last", done.stderr)

    def test_what_was_stored_survives_random_kills(self):
        done = crash_test("--kills", "60", "--seconds", "12", what="store")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"(?m)^\d{2,} kills: all [\d,]{3,} that were acknowledged are found and got as they were sent; \d+ files nobody was told of are whole$")

    def test_a_store_that_is_noted_before_it_is_made_is_found(self):
        done = crash_test("--kills", "100", "--seconds", "60", "--acknowledge-early", what="store")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertRegex(done.stderr, "(doesn't find|doesn't bring) \\d+ that were acknowledged")


if __name__ == "__main__":
    unittest.main()
