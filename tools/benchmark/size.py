"""Bytes an instance of synthetic archives, by table, beside what xz makes of a dump of all that the index holds."""

import json
import subprocess

from programs import BIN, WORKBENCH, configuration, run, synthesize
from report import head, row

SHAPES = {"ct": "CT, 100 a series, regular UIDs", "ct-random": "CT, random UIDs", "cr": "CR, two a study, random UIDs"}
BASE = 100_000


def xz_bytes(config):
    """What `xz -6` makes of the dump."""
    dump = subprocess.Popen([BIN / "fileroom-index", "dump", "-c", config], stdout=subprocess.PIPE)
    xz = subprocess.Popen(["xz", "-6", "-c", "-T", "1"], stdin=dump.stdout, stdout=subprocess.PIPE)
    dump.stdout.close()
    size = 0
    while piece := xz.stdout.read(1 << 20):
        size += len(piece)
    if dump.wait() != 0 or xz.wait() != 0:
        raise SystemExit("the dump could not be compressed")
    return size


def bench(arguments, scratch):
    for count in sorted({BASE, arguments.instances}):
        head(f"size: {count:,} instances, one run; bytes an instance")
        for shape, words in SHAPES.items():
            area = scratch / f"size-{shape}-{count}"
            index = synthesize(area, shape, count)
            run(WORKBENCH, "fold", "--compact", index)
            config = configuration(scratch, area)
            figures = json.loads(run(BIN / "fileroom-index", "stat", "--json", "-c", config))
            if figures["instances"] != count:
                raise SystemExit(f"{index} holds {figures['instances']} instances, not {count}")
            ours, xz = figures["indexBytes"] / count, xz_bytes(config) / count
            allowed = 2 * xz + 8
            row(words, f"{ours:.1f}", "bytes", f"{ours / xz:.2f} x xz ({xz:.1f})", f"<= 2 x xz + 8 = {allowed:.1f}", ours <= allowed)
            if shape == "ct" and count == 1_000_000:
                row(f"{words}, at a million", f"{ours:.1f}", "bytes", "", "<= 48", ours <= 48)
            tables = sorted(figures["tables"], key=lambda table: -table["bytes"])
            print("    " + ", ".join(f"{table['name']} {table['bytes'] / count:.1f}" for table in tables if table["bytes"] / count >= 0.05))
