"""Rounds of kills: what the crash tests that kill processes have in common. Each kills other ones, and looks at something else."""

import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from programs import Broken

KILLS_OF_ROUND = 50


class Killing:
    """Processes that are killed in rounds. Who inherits starts them in `begin`, kills one in `kill`, says in `check` who ended that
    nobody killed, brings all to rest and looks in `rest`, looks once more in `conclude`, which closes in words, and ends all in `end`."""

    SECONDS_BETWEEN_KILLS = (0, 0.1)

    def __init__(self, folder, arguments):
        self.folder, self.arguments, self.seed = folder, arguments, arguments.seed
        self.random = random.Random(arguments.seed)
        self.killed = 0

    def round(self, kills, until):
        self.begin()
        for _ in range(kills):
            time.sleep(self.random.uniform(*self.SECONDS_BETWEEN_KILLS))
            self.check()
            self.kill()
            self.killed += 1
            if time.monotonic() > until:
                break
        self.rest()


def options(parser, kills, planted):
    """How long it goes on, and whether it finds the mistake that `planted` says in words."""
    parser.add_argument("--kills", type=int, default=kills)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--acknowledge-early", action="store_true", help=f"plant a mistake, to see that it is found: {planted}")


def test(kind, arguments):
    """Round after round of a `Killing` in a scratch folder. What was found is left there."""
    folder = Path(tempfile.mkdtemp(prefix="fileroom-crash-", dir=arguments.scratch))
    killing = kind(folder, arguments)
    until = time.monotonic() + arguments.seconds
    try:
        while killing.killed < arguments.kills and time.monotonic() < until:
            killing.round(min(KILLS_OF_ROUND, arguments.kills - killing.killed), until)
        words = killing.conclude()
    except Broken as fault:
        killing.end()
        print(f"after {killing.killed} kills: {fault}\nwhat is left of it: {folder}", file=sys.stderr)
        return 1
    except BaseException:
        killing.end()
        shutil.rmtree(folder, ignore_errors=True)
        raise
    killing.end()
    shutil.rmtree(folder, ignore_errors=True)
    print(f"{killing.killed} kills: {words}")
    return 0
