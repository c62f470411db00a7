"""Processes that share an index are killed at random: a short run of tools/crash-test index, and that it can fail."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

CRASH_TEST = pathlib.Path(__file__).resolve().parent.parent.parent / "tools" / "crash-test"


def crash_test(*words):
    with tempfile.TemporaryDirectory(prefix="fileroom-test-") as scratch:
        return subprocess.run([sys.executable, str(CRASH_TEST), "index", "--scratch", scratch, *words], capture_output=True, text=True, timeout=180)


class CrashTests(unittest.TestCase):
    def test_what_was_acknowledged_survives_random_kills(self):
        done = crash_test("--kills", "150", "--seconds", "12")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"(?m)^\d{2,} kills: the model held, and every process that lived went on$")

    def test_a_writer_that_acknowledges_before_it_writes_is_found(self):
        done = crash_test("--kills", "400", "--seconds", "60", "--acknowledge-early")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("what is there was never so since what was acknowledged last", done.stderr)


if __name__ == "__main__":
    unittest.main()
