"""Runs the suite with unittest and closes with the line `N passed, N failed`."""

import os
import pathlib
import shutil
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True


def main() -> int:
    missing = [tool for tool in ("echoscu", "findscu", "getscu", "movescu", "storescp", "storescu", "dcmdump", "dcmconv") if not shutil.which(tool)]
    if missing:
        print(f"clients missing: {' '.join(missing)}; install the package dcmtk", file=sys.stderr)
        return 2
    loader = unittest.TestLoader()
    if sys.argv[1:]:
        suite = loader.loadTestsFromNames(sys.argv[1:])
    else:
        suite = loader.discover(str(HERE), pattern="test_*.py")
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    # What a test needs is installed by tools/test, but for root's rights: a skip is a failure wherever those are there too.
    skipped = len(result.skipped)
    if os.getuid() == 0 or os.environ.get("CI"):
        failed += skipped
        skipped = 0
    print(f"{result.testsRun - failed - skipped} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 0 if failed == 0 and result.testsRun > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
