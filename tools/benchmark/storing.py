"""C-STORE with storescu: fileroom-stored beside sinks that do just the recipe, and beside the peers at their fastest."""

import collections
import itertools
import os
import shutil
import statistics
import subprocess
import time

from client import Client, store_requests
from peer import Peer, orthanc, storescp
from programs import BIN, TOP, Server, configuration, run
from report import head, row

STORED = BIN / "fileroom-stored"
CLIENTS = 8  # at most; each has a study of its own
CLIENT_SECONDS = 120
LARGE, SMALL = 531_000, 4_300
MEMORY_BYTES = 1 << 30

Receiver = collections.namedtuple("Receiver", "name program start is_peer")
Outcome = collections.namedtuple("Outcome", "rate failure")


class Load:
    """Instances of one size, in as many folders as there may be clients."""

    def __init__(self, scratch, size, count):
        self.size = size
        self.name = f"{size / 1000:.0f} kB" if size >= 10_000 else f"{size / 1000:.1f} kB"
        self.folders = [scratch / "load" / f"{size}-{number}" for number in range(1, CLIENTS + 1)]
        self.count = max(1, count // CLIENTS) * CLIENTS
        for seed, folder in enumerate(self.folders, 1):
            run(TOP / "tools" / "make-sample", folder, "--archive", "ct-regular", "--instances", self.count // CLIENTS, "--bytes", size, "--seed", seed)

    def send(self, server, clients, pdu, nagle):
        """Sends all of it; seconds, and how many clients failed.

        Before it connects, storescu loads a dictionary and looks into each file. That is left out: the server stands still
        until all clients have connected."""
        environment = {name: value for name, value in os.environ.items() if name != "TCP_NODELAY"}
        if not nagle:
            environment["TCP_NODELAY"] = "1"
        server.hold()
        processes = [
            subprocess.Popen(
                ["storescu", "-q", "-aec", "BENCH", "--max-send-pdu", str(pdu), "+sd", "+r", "127.0.0.1", str(server.port), *map(str, self.folders[client::clients])],
                env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for client in range(clients)]
        until = time.monotonic() + CLIENT_SECONDS
        while server.connections() < clients and time.monotonic() < until:
            time.sleep(0.005)
        started = time.perf_counter()
        server.go_on()
        failed = 0
        for process in processes:
            try:
                failed += process.wait(max(0.1, until - time.monotonic())) != 0
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                failed += 1
        return time.perf_counter() - started, failed


class Field:
    """Where runs take place: each in a folder of its own."""

    def __init__(self, scratch):
        self.scratch = scratch
        self.areas = scratch / "store"
        self.areas.mkdir()
        self.numbers = itertools.count(1)
        # ext4 then takes a folder made here as it takes one at the top: it begins in a part of the disk where no other is.
        subprocess.run(["chattr", "+T", str(self.areas)], stderr=subprocess.DEVNULL)
        self.sink = scratch / "sink"
        run("cc", "-O2", "-pthread", "-o", self.sink, TOP / "tools" / "benchmark" / "sink.c")
        self.warm()

    def warm(self):
        """Memory that a virtual machine touches for the first time is five times as slow: here goes what a few runs take."""
        path = self.areas / "warm"
        with open(path, "wb") as file:
            for _ in range(2048):
                file.write(bytes(1 << 20))
        os.truncate(path, 0)

    def receivers(self):
        """Those that are here, each beside what it is compared with; the names of those that are missing."""

        def sink(*options):
            return lambda area: Server([self.sink, *options, area])

        def stored(durability):
            return lambda area: Server([STORED, "-c", configuration(self.scratch, area, f"StorageTCPPort = 0\nDurability = {durability}\n")])

        every = [
            Receiver("durable sink", self.sink, sink(), False), Receiver("instance", STORED, stored("instance"), False),
            Receiver("Orthanc", "Orthanc", lambda area: orthanc(self.scratch, area), True),
            Receiver("sink without syncs", self.sink, sink("--no-sync"), False), Receiver("none", STORED, stored("none"), False),
            Receiver("ceiling", self.sink, sink("--discard"), False), Receiver("storescp", "storescp", storescp, True),
            Receiver("dcmqrscp", "dcmqrscp", lambda area: Peer(self.scratch, area, no_delay=True), True)]
        return {one.name: one for one in every if shutil.which(one.program)}, [one.name for one in every if not shutil.which(one.program)]

    def measure(self, receiver, load, clients, pdu=131072, nagle=False):
        """Instances a second of one run; a peer may fail, we may not."""
        area = self.areas / f"{next(self.numbers):04}"
        area.mkdir()
        with receiver.start(area) as server:
            os.sync()  # what earlier runs left is not this one's to write
            seconds, failed = load.send(server, clients, pdu, nagle)
        files = [path for path in area.rglob("*") if path.is_file()]
        arrived = load.count if receiver.name == "ceiling" else sum(is_instance(path) for path in files)
        # Deleting would make the next runs slow, so the disk's space is given back in another way.
        for path in files:
            os.truncate(path, 0)
        if not failed and arrived == load.count:
            return Outcome(load.count / seconds, None)
        failure = f"{failed} of {clients} clients failed, {arrived} of {load.count} instances arrived"
        if not receiver.is_peer:
            raise SystemExit(f"{receiver.name}: {failure}")
        return Outcome(None, failure)


def there_and_back(sides, number):
    """The order of round `number`: a disk or a host that gets slower meanwhile favours nobody."""
    return list(sides)[::-1 if number % 2 else 1]


def compared(pairs, other):
    """The median ratio, and that with how far the runs lie apart, in words: on a busy machine they do."""
    ratios = [mine / theirs for mine, theirs in pairs]
    ratio = statistics.median(ratios)
    return ratio, f"{ratio:.2f} x {other}" + (f", {min(ratios):.2f} to {max(ratios):.2f}" if len(ratios) > 1 else "")


def is_instance(path):
    with open(path, "rb") as file:
        return file.read(132)[128:] == b"DICM" and ".incoming" not in path.parts


def bench_rates(field, load, clients, pdu, rounds, once):
    """Every receiver in turn, round after round, there and back; those of `once` in the first round only."""
    receivers, missing = field.receivers()
    rates, failures = collections.defaultdict(list), {}
    for number in range(rounds):
        for name, receiver in there_and_back(receivers.items(), number):
            if name in failures or (name in once and number > 0):
                continue  # a peer that failed does so again
            outcome = field.measure(receiver, load, clients, pdu)
            if outcome.failure:
                failures[name] = outcome.failure
            else:
                rates[name].append(outcome.rate)
    head(f"store: {load.count:,} instances of {load.name}, {clients} client{'s' if clients > 1 else ''}, PDU {pdu}; storescu, TCP_NODELAY=1")

    def show(name, what, *others):
        """A row for each (receiver beside which it stands, at least so many times as fast), or one without."""
        if name in missing:
            return row(what, "-", "", "missing")
        if name in failures:
            return row(what, "-", "", failures[name])
        rate = f"{statistics.median(rates[name]):,.0f}"
        for other, least in others or [(None, None)]:
            if other and not rates[other]:
                row(what, rate, "instances/s", f"{other}: {failures.get(other, 'missing')}", least and f">= {least} x")
            elif other:
                ratio, words = compared(zip(rates[name], rates[other]), other)
                budget = (f">= {least} x", ratio >= least) if least else ()
                row(what, rate, "instances/s", words, *budget)
            else:
                row(what, rate, "instances/s")

    show("ceiling", "a sink that discards: the client's ceiling")
    show("durable sink", "durable sink", ("ceiling", None))
    show("instance", "fileroom-stored, Durability = instance", ("durable sink", 0.85), ("Orthanc", 2))
    show("sink without syncs", "sink without syncs", ("ceiling", None))
    show("none", "fileroom-stored, Durability = none", ("sink without syncs", 0.9))
    for name in ("storescp", "dcmqrscp", "Orthanc"):
        show(name, name)


def bench_stock(field, loads, pdus, rounds):
    """storescu as it comes, with Nagle's algorithm on, against itself without."""
    receivers, missing = field.receivers()
    head("store: the stock storescu (Nagle on), 1 client, against its rate with TCP_NODELAY=1")
    for load, pdu in itertools.product(loads, pdus):
        for name, what, least in (("ceiling", "a sink that discards", None), ("instance", "Durability = instance", 0.8), ("none", "Durability = none", 0.8)):
            what = f"{load.name}, PDU {pdu}: {what}"
            if name in missing:
                row(what, "-", "", "missing")
                continue
            pairs = []
            for number in range(rounds):
                found = {nagle: field.measure(receivers[name], load, 1, pdu, nagle).rate for nagle in there_and_back((True, False), number)}
                pairs.append((found[True], found[False]))
            ratio, words = compared(pairs, "without Nagle")
            budget = (f">= {least} x", ratio >= least) if least else ()
            row(what, f"{statistics.median(stock for stock, _ in pairs):,.0f}", "instances/s", words, *budget)


def bench_memory(field):
    """A worker's memory while a very long instance arrives, on an association that has stored a short one."""
    head(f"store: memory of a worker while an instance of {MEMORY_BYTES >> 20:,} MiB arrives")
    receivers, missing = field.receivers()
    if "instance" in missing:
        return row("fileroom-stored, peak", "-", "", "missing")
    area = field.areas / "memory"
    area.mkdir()
    with receivers["instance"].start(area) as server:
        idle = server.peak_bytes()
        client = Client(server.port, "BENCH")
        peaks = []
        for number, size in enumerate((1 << 20, MEMORY_BYTES), 1):
            *fragments, last = store_requests(number, size)
            for fragment in fragments:
                client.socket.sendall(fragment)
            client.ask(last)
            peaks.append(server.peak_bytes())
        client.close()
    shutil.rmtree(area)
    row("fileroom-stored, peak", f"{peaks[1] / 2**20:.1f}", "MiB", f"after one of 1 MiB {peaks[0] / 2**20:.1f}, idle {idle / 2**20:.1f}", "<= after 1 MiB + 4 MiB", peaks[1] <= peaks[0] + 4 * 2**20)


def bench(arguments, scratch):
    for program in ("storescu", "cc"):
        if not shutil.which(program):
            raise SystemExit(f"store needs {program}: tools/install-packages dcmtk=storescu gcc=cc")
    # Quick is for a first look. dcmqrscp takes too long to be asked twice.
    rounds = min(arguments.runs, 2) if arguments.quick else arguments.runs
    scale = 0.4 if arguments.quick else 1
    pdus = (131072,) if arguments.quick else (16384, 131072)
    once = ("dcmqrscp", "storescp", "ceiling") if arguments.quick else ("dcmqrscp",)
    field = Field(scratch)
    _, missing = field.receivers()
    for name in missing:
        where = f"fileroom-stored isn't in {BIN}" if name in ("instance", "none") else "tools/install-packages orthanc=Orthanc dcmtk=storescp"
        print(f"store: {name} is missing: {where}", flush=True)
    large, small = (Load(scratch, size, int(min(arguments.instances, count) * scale)) for size, count in ((LARGE, 500), (SMALL, 2_000)))
    for load, pdu in [*((large, pdu) for pdu in pdus), (small, 131072)]:
        for clients in (1, CLIENTS):
            bench_rates(field, load, clients, pdu, rounds, once)
    bench_stock(field, (large, small), pdus, rounds)
    bench_memory(field)
