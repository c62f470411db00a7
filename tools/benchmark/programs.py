"""The programs that are measured: where they are, how they are started, what they cost."""

import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BIN = pathlib.Path(os.environ.get("FILEROOM_BIN", TOP / ".build" / "release"))
WORKBENCH = BIN / "workbench"


class Holdable:
    """A running `process` that leads a process group of its own, which can be made to stand still."""

    def hold(self):
        """From here on the kernel takes connections, but nobody answers."""
        os.killpg(self.process.pid, signal.SIGSTOP)

    def go_on(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGCONT)

    def end(self):
        self.process.terminate()
        self.go_on()  # who stands still doesn't hear that it is to end
        self.process.wait(40)

    def connections(self):
        """How many clients on this host have a connection to it."""
        remote, established = f":{self.port:04X}", "01"
        lines = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return sum(words[2].endswith(remote) and words[3] == established for words in lines)


class Server(Holdable):
    """A running daemon, or whatever else says that it is ready as ours do."""

    def __init__(self, words):
        # The log goes to a file, as a service's does: a pipe that nobody reads would stop the daemon when it is full.
        self.log = tempfile.TemporaryFile("w+")
        self.started = time.perf_counter()
        self.process = subprocess.Popen([str(word) for word in words], stderr=self.log, start_new_session=True)
        while time.perf_counter() < self.started + 20 and self.process.poll() is None:
            self.log.seek(0)
            found = re.search(r"ready on .*:(\d+)$", self.log.read(), re.M)
            if found:
                self.port = int(found.group(1))
                return
            time.sleep(0.0002)
        self.log.seek(0)
        raise SystemExit(f"{pathlib.Path(words[0]).name} did not become ready:\n{self.log.read()}")

    def memory_bytes(self, *names):
        """These lines of /proc/PID/status, of the worker that has most of the first."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        found = []
        for child in children:
            text = pathlib.Path(f"/proc/{child}/status").read_text()
            found.append(tuple(int(re.search(rf"^{name}:\s+(\d+) kB", text, re.M).group(1)) * 1024 for name in names))
        return max(found)

    def resident_bytes(self):
        """(VmRSS, RssAnon) of the worker that has most of it."""
        return self.memory_bytes("VmRSS", "RssAnon")

    def peak_bytes(self):
        """The most that a worker has ever had resident."""
        return self.memory_bytes("VmHWM")[0]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
        self.log.close()


def configuration(scratch, area, extra="", destinations={}):
    """A configuration that serves `area` as BENCH; `destinations` are ports of this host by AE title."""
    hosts = "".join(f"{title.lower()} = ({title}, 127.0.0.1, {port})\n" for title, port in destinations.items())
    path = scratch / f"{area.name}.cfg"
    path.write_text(
        f"ListenAddress = 127.0.0.1\nNetworkTCPPort = 0\nMaxPDUSize = 131072\n{extra}HostTable BEGIN\n{hosts}HostTable END\nVendorTable BEGIN\nVendorTable END\n"
        f"AETable BEGIN\nBENCH {area} RW (0, 0) ANY\nAETable END\n")
    return path


def run(*words, **more):
    """Runs a program to its end, quietly; what it says is shown where it fails."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, errors="replace", **more)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, words))}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def timed(words, **more):
    started = time.perf_counter()
    subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    return time.perf_counter() - started


def timed_with_memory(words):
    """Seconds, and the peak of resident memory in bytes; never less than this interpreter's, which the child begins with."""
    started = time.perf_counter()
    process = subprocess.Popen([str(word) for word in words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, words))}: exit {process.returncode}")
    return seconds, usage.ru_maxrss * 1024


def synthesize(area, shape, instances, seed=1):
    """An area whose index holds a synthetic archive; the folder of the index."""
    index = area / "index"
    index.parent.mkdir(parents=True, exist_ok=True)
    run(WORKBENCH, "synthesize", index, "--shape", shape, "--instances", instances, "--seed", seed)
    return index


def sample(scratch, shape, count, folder=None):
    """A tree of generated files of 4 KiB."""
    area = folder or scratch / f"{shape}-{count}"
    if not area.exists():
        run(TOP / "tools" / "make-sample", area, "--archive", shape, "--instances", count)
    return area


def bytes_below(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
