"""Kills processes that share one index, at random moments, and looks whether anything acknowledged is ever lost.

Appenders, importers (who also take files out), processes that fold, merge, compact and remove what is superseded, and readers
work on one index at once. Each writer notes in a side file what it is about to do and what was acknowledged: that is the
model. One process after the other gets SIGKILL (N in all, default 1,000; at most T seconds, where given) and is started
again. Readers hold every snapshot against the model meanwhile; after every 50 kills all is brought to rest, the model compared
with the index, and the index verified. Exit status: 0 the model held, 1 it did not, or a process that nobody killed went.

The seed fixes the choices of each process and the order of kills; how they meet in time is the machine's.
"""

import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from programs import BIN, Broken

ROLES = ["append"] * 3 + ["import"] * 2 + ["upkeep"] * 2 + ["read"] * 2
WRITERS = 5
KILLS_OF_ROUND = 50
REST_SECONDS = 60


class Worker:
    """A process that is started again whenever it was killed."""

    def __init__(self, test, role, number):
        self.test, self.role, self.number = test, role, number
        self.lives = 0
        self.process = None
        self.errors = test.folder / f"errors-{role}-{number}"

    def start(self):
        self.lives += 1
        words = [BIN / "workbench", "crash-work", self.test.index, "--role", self.role, "--model", self.test.model, "--number", self.number,
                 "--writers", WRITERS, "--seed", (self.test.seed * 1_000_003 + self.lives) % (1 << 40), *self.test.plant]
        with open(self.errors, "w") as errors:
            self.process = subprocess.Popen([str(word) for word in words], stderr=errors, stdout=subprocess.DEVNULL)

    def kill(self):
        self.check()
        self.process.send_signal(signal.SIGKILL)
        code = self.process.wait()
        if code != -signal.SIGKILL:
            self.fail(code)

    def check(self):
        """Nobody ends by itself."""
        code = self.process.poll()
        if code is not None:
            self.fail(code)

    def rest(self):
        try:
            code = self.process.wait(REST_SECONDS)
        except subprocess.TimeoutExpired:
            raise Broken(f"{self.role} {self.number} did not come to rest in {REST_SECONDS} s") from None
        if code != 0:
            self.fail(code)

    def fail(self, code):
        raise Broken(f"{self.role} {self.number} ended with {code}: {self.errors.read_text().strip()}")


class CrashTest:
    def __init__(self, folder, arguments):
        self.folder = folder
        self.index, self.model = folder / "area" / "index", folder / "model"
        self.index.parent.mkdir()
        self.model.mkdir()
        self.seed = arguments.seed
        self.plant = ["--acknowledge-early"] if arguments.acknowledge_early else []
        self.random = random.Random(arguments.seed)
        self.workers = []
        for number, role in enumerate(ROLES):
            # Writers count on over both roles: each has files of its own.
            self.workers.append(Worker(self, role, number))
        self.kills = 0

    def round(self, kills, until):
        for worker in self.workers:
            worker.start()
        for _ in range(kills):
            time.sleep(self.random.uniform(0, 0.12))
            for worker in self.workers:
                worker.check()
            victim = self.random.choice(self.workers)
            victim.kill()
            self.kills += 1
            victim.start()
            if time.monotonic() > until:
                break
        stop = self.model / "stop"
        stop.touch()
        for worker in self.workers:
            worker.rest()
        stop.unlink()
        done = subprocess.run([str(BIN / "workbench"), "crash-check", str(self.index), "--model", str(self.model), "--writers", str(WRITERS)], capture_output=True, text=True)
        if done.returncode != 0:
            raise Broken(f"at rest: {done.stderr.strip()}")
        work = {}
        for worker in self.workers:
            progress = self.model / f"progress-{worker.role}-{worker.number}"
            work[worker.role] = work.get(worker.role, 0) + (progress.stat().st_size if progress.exists() else 0)
        print(f"{self.kills} kills; since the beginning {int(done.stdout)} operations began, {work['append']} appends and {work['import']} imports were "
              f"acknowledged, {work['upkeep']} times upkeep was done, {work['read']} snapshots held", flush=True)
        if not all(work.values()):
            raise Broken(f"not everybody has done something: {work}")

    def end(self):
        for worker in self.workers:
            if worker.process and worker.process.poll() is None:
                worker.process.kill()
                worker.process.wait()


def options(parser):
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--acknowledge-early", action="store_true", help="plant a mistake, to see that it is found: writers acknowledge before they write")


def test(arguments):
    folder = Path(tempfile.mkdtemp(prefix="fileroom-crash-", dir=arguments.scratch))
    crash = CrashTest(folder, arguments)
    until = time.monotonic() + arguments.seconds
    try:
        while crash.kills < arguments.kills and time.monotonic() < until:
            crash.round(min(KILLS_OF_ROUND, arguments.kills - crash.kills), until)
    except Broken as fault:
        crash.end()
        print(f"after {crash.kills} kills: {fault}\nwhat is left of it: {folder}", file=sys.stderr)
        return 1
    except BaseException:
        crash.end()
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)
    print(f"{crash.kills} kills: the model held, and every process that lived went on")
    return 0
