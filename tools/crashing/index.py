"""Kills processes that share one index, at random moments, and looks whether anything acknowledged is ever lost.

Appenders, importers (who also take files out), processes that fold, merge, compact and remove what is superseded, and readers
work on one index at once. Each writer notes in a side file what it is about to do and what was acknowledged: that is the
model. One process after the other gets SIGKILL (N in all, default 1,000; at most T seconds, where given) and is started
again. Readers hold every snapshot against the model meanwhile; after every 50 kills all is brought to rest, the model compared
with the index, and the index verified. Exit status: 0 the model held, 1 it did not, or a process that nobody killed went.

The seed fixes the choices of each process and the order of kills; how they meet in time is the machine's.
"""

import signal
import subprocess

import rounds
from programs import BIN, Broken

ROLES = ["append"] * 3 + ["import"] * 2 + ["upkeep"] * 2 + ["read"] * 2
WRITERS = 5
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


class CrashTest(rounds.Killing):
    SECONDS_BETWEEN_KILLS = (0, 0.12)

    def __init__(self, folder, arguments):
        super().__init__(folder, arguments)
        self.index, self.model = folder / "area" / "index", folder / "model"
        self.index.parent.mkdir()
        self.model.mkdir()
        self.plant = ["--acknowledge-early"] if arguments.acknowledge_early else []
        self.workers = []
        for number, role in enumerate(ROLES):
            # Writers count on over both roles: each has files of its own.
            self.workers.append(Worker(self, role, number))

    def begin(self):
        for worker in self.workers:
            worker.start()

    def check(self):
        for worker in self.workers:
            worker.check()

    def kill(self):
        victim = self.random.choice(self.workers)
        victim.kill()
        victim.start()

    def rest(self):
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
        print(f"{self.killed} kills; since the beginning {int(done.stdout)} operations began, {work['append']} appends and {work['import']} imports were "
              f"acknowledged, {work['upkeep']} times upkeep was done, {work['read']} snapshots held", flush=True)
        if not all(work.values()):
            raise Broken(f"not everybody has done something: {work}")

    def conclude(self):
        return "the model held, and every process that lived went on"

    def end(self):
        for worker in self.workers:
            if worker.process and worker.process.poll() is None:
                worker.process.kill()
                worker.process.wait()


def options(parser):
    rounds.options(parser, 1_000, "writers acknowledge before they write")


def test(arguments):
    return rounds.test(CrashTest, arguments)
