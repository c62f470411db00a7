"""Import of a tree of files, beside its floors and dcmqridx: warm, cold, and once more."""

import os
import pathlib
import shutil
import statistics
import subprocess

from programs import BIN, WORKBENCH, bytes_below, configuration, run, sample, timed, timed_with_memory
from report import head, row

PEER_FILES = 1_000
PEER_SECONDS = 60


def drop_caches():
    """Has the next reads come from the disk; false where we may not."""
    if os.geteuid() != 0:
        return False
    os.sync()
    pathlib.Path("/proc/sys/vm/drop_caches").write_text("3\n")
    return True


def floor(area, readers):
    """Files a second that are opened and read 4 KiB of."""
    count, seconds = run(WORKBENCH, "read-floor", area, "--readers", readers).split()
    return int(count) / float(seconds)


class Tree:
    """A generated tree, and a configuration whose index lies beside it."""

    def __init__(self, scratch, count):
        self.count = count
        self.area = sample(scratch, "ct-regular", count)
        self.indexes = scratch / f"index-{count}"
        self.config = configuration(scratch, self.area, f"IndexDirectory = {self.indexes}\n")

    def first_import(self):
        shutil.rmtree(self.indexes, ignore_errors=True)
        return timed_with_memory([BIN / "fileroom-index", "import", "-c", self.config])

    def import_again(self):
        return timed([BIN / "fileroom-index", "import", "-c", self.config])

    def find(self):
        return timed(["find", self.area, "-type", "f", "-printf", "%s %T@\n"])


def floors(name, ones, eights, finds):
    """What anybody must do who reads such a tree."""
    for what, samples in (("open + read 4 KiB, one reader", ones), ("open + read 4 KiB, eight readers", eights), ("find -printf '%s %T@'", finds)):
        row(f"{name}: {what}", f"{statistics.median(samples):,.0f}", "files/s", "floor")


def bench_warm(tree, runs):
    floor(tree.area, 1)  # the page cache is warm from here on
    ones, eights, imports, agains, finds, peaks = [], [], [], [], [], []
    for _ in range(runs):
        ones.append(floor(tree.area, 1))
        seconds, peak = tree.first_import()
        imports.append(tree.count / seconds)
        peaks.append(peak)
        eights.append(floor(tree.area, 8))
        agains.append(tree.count / tree.import_again())
        finds.append(tree.count / tree.find())
    name = f"{tree.count:,} files"
    floors(name, ones, eights, finds)
    ratio = statistics.median(ours / theirs for ours, theirs in zip(imports, ones))
    row(f"{name}: first import, warm", f"{statistics.median(imports):,.0f}", "files/s", f"{ratio:.2f} x one reader", ">= 0.25 x", ratio >= 0.25)
    ratio = statistics.median(ours / theirs for ours, theirs in zip(agains, finds))
    row(f"{name}: second import", f"{statistics.median(agains):,.0f}", "files/s", f"{ratio:.2f} x find -printf", ">= 0.5 x", ratio >= 0.5)
    row(f"{name}: peak memory of the import", f"{max(peaks) / 2**20:.0f}", "MiB")
    row(f"{name}: index", f"{bytes_below(tree.indexes) / tree.count:.1f}", "bytes each")
    return 1 / statistics.median(imports), 1 / statistics.median(eights)


def bench_cold(tree, runs):
    ones, eights, imports, agains, finds = [], [], [], [], []
    for _ in range(runs):
        for figures, measure in (
                (ones, lambda: floor(tree.area, 1)), (eights, lambda: floor(tree.area, 8)), (finds, lambda: tree.count / tree.find()),
                (imports, lambda: tree.count / tree.first_import()[0]), (agains, lambda: tree.count / tree.import_again())):
            if not drop_caches():
                return row("cold", "-", "", "only root can empty the page cache")
            figures.append(measure())
    name = f"{tree.count:,} files, cold"
    floors(name, ones, eights, finds)
    ratio = statistics.median(ours / theirs for ours, theirs in zip(imports, eights))
    row(f"{name}: first import", f"{statistics.median(imports):,.0f}", "files/s", f"{ratio:.2f} x eight readers", ">= 0.8 x", ratio >= 0.8)
    ratio = statistics.median(ours / theirs for ours, theirs in zip(agains, finds))
    row(f"{name}: second import", f"{statistics.median(agains):,.0f}", "files/s", f"{ratio:.2f} x find -printf")


def bench_peer(scratch):
    """dcmqridx, a hundred files a call; it slows down as its index grows, so it gets a thousand files and a minute."""
    if not shutil.which("dcmqridx"):
        return row("dcmqridx", "-", "", "not installed")
    tree = sample(scratch, "ct-regular", PEER_FILES, scratch / "dcmqridx")
    files = sorted(str(path) for path in tree.rglob("*") if path.is_file())
    done, seconds = 0, 0.0
    try:
        while done < len(files) and seconds < PEER_SECONDS:
            seconds += timed(["dcmqridx", tree, *files[done:done + 100]], timeout=PEER_SECONDS)
            done += 100
    except subprocess.TimeoutExpired:
        pass
    row(f"dcmqridx, the first {done:,} files", f"{done / max(seconds, 1e-9):,.0f}", "files/s", "peer")


def bench(arguments, scratch):
    head("index: import of generated trees of 4 KiB files (ct-regular); medians, sides alternating")
    per_file = {}
    for count in sorted({max(1, arguments.instances // 10), arguments.instances}):
        tree = Tree(scratch, count)
        # Large trees take long enough to be measured once.
        runs = 3 if count <= 200_000 else 1
        per_file[count] = bench_warm(tree, runs)
        if count == arguments.instances:
            bench_cold(tree, runs)
    if len(per_file) == 2:
        # The kernel itself takes longer for a file of a tree that its caches hold less of.
        ratio, floor_ratio = (large / small for large, small in zip(per_file[max(per_file)], per_file[min(per_file)]))
        row("time a file: large tree against small", f"{ratio:.2f}", "x", f"eight readers {floor_ratio:.2f} x", "<= 1.3 x theirs", ratio <= 1.3 * floor_ratio)
    bench_peer(scratch)
