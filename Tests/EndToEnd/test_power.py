"""The power of a machine is cut: tools/crash-test power finds what DCMTK's archive loses, so it would find ours."""

import pathlib
import platform
import subprocess
import sys
import tempfile
import unittest

CRASH_TEST = pathlib.Path(__file__).resolve().parent.parent.parent / "tools" / "crash-test"

# User Mode Linux is for x86 alone.
if platform.machine() == "x86_64":
    class PowerTests(unittest.TestCase):
        def test_an_archive_that_does_not_sync_loses(self):
            with tempfile.TemporaryDirectory(prefix="fileroom-test-", dir="/var/tmp") as scratch:
                done = subprocess.run([sys.executable, str(CRASH_TEST), "power", "--scratch", scratch, "--subject", "dcmqrscp", "--cuts", "1"], capture_output=True, text=True, timeout=300)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertRegex(done.stdout, r"(?m)^1 cuts of dcmqrscp: of [\d,]+ acknowledged [1-9][\d,]* \([\d.]+%\) lost, [1-9][\d,]* \([\d.]+%\) unfindable")


if __name__ == "__main__":
    unittest.main()
