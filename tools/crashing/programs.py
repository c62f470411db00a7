"""Where the programs under test are, and what a crash test throws when it has found something."""

import os
import pathlib

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BIN = pathlib.Path(os.environ.get("FILEROOM_BIN", TOP / ".build" / "release")).absolute()


class Broken(Exception):
    """What was promised does not hold, or the test itself can't go on."""
