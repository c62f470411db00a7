"""C-FIND beside C-ECHO on one held association, over a synthetic index: every row of the budget, and what opening costs."""

import calendar
import json
import statistics
import time

from client import Client, echo_request, find_request, median_ms
from peer import Peer, is_installed
from programs import BIN, WORKBENCH, Server, configuration, run, sample, synthesize
from report import head, row

STUDY, SERIES, INSTANCE = 0x0020000D, 0x0020000E, 0x00080018
INSTANCE_NUMBER, STUDY_INSTANCES = 0x00200013, 0x00201208
PATIENT_ID, NAME, BIRTH_DATE = 0x00100020, 0x00100010, 0x00100030
DATE, ACCESSION = 0x00080020, 0x00080050
# design.md: a journal has at most 4,096 instances. Folding is for processes that write, which there are none of here.
JOURNAL_ENTRIES = 4_000
PEER_INSTANCES = 1_000


class Keys:
    """Studies of the archive, chosen at random by the workbench."""

    def __init__(self, index, instances, count=50):
        lines = run(WORKBENCH, "keys", index, "--shape", "mixed", "--instances", instances, "--count", count).splitlines()
        self.studies = [dict(zip(("study", "patient", "accession", "date", "birth", "name", "series", "images"), line.split("\t"))) for line in lines]

    def requests(self, level, keys):
        """A request for each study; `keys` says which from what is known of one."""
        return [find_request(level, keys(study)) for study in self.studies]


def month(of):
    """The month of a study's date, as a range."""
    date = of["date"]
    return f"{date[:6]}01-{date[:6]}{calendar.monthrange(int(date[:4]), int(date[4:6]))[1]}"


def prefix(of):
    """A study's family name and the first letters of the given name."""
    family, given = of["name"].split("^")[:2]
    return f"{family}^{given[:2]}*".upper()


def with_matches(ms, count):
    """Prefix, date range, accession: at most 0.5 ms and 20 microseconds a match."""
    return ms <= 0.5 + 0.02 * count


def measure(client, what, requests, budget, judge, expected=None):
    """Asks all requests in turn. `expected`: how many answers each has, where that is known."""
    found = [count for _, count in client.time(requests, seconds=0.2, least=1)[:len(requests)]]
    if expected and found != expected:
        raise SystemExit(f"{what}: {found} answers, and there are {expected}")
    echo = median_ms(client.time([echo_request()], seconds=0.2))
    samples = client.time(requests)
    ms = median_ms(samples)
    answers = statistics.mean(count for _, count in samples)
    met = judge and statistics.median(judge(ms, count, echo) for ms, count in samples) >= 0.5
    each = f", {ms * 1000 / answers:.1f} us each" if answers >= 20 else ""
    row(what, f"{ms:.3f}", "ms", f"{ms / echo:.1f} x C-ECHO, {answers:.0f} answers{each}", budget, met)


def measure_opening(config):
    echoes, finds, resident = [], [], []
    for _ in range(5):
        with Server([BIN / "fileroom-qrd", "-c", config]) as server:
            client = Client(server.port, "BENCH")
            client.ask(echo_request())
            echoes.append((time.perf_counter() - server.started) * 1000)
            resident.append(server.resident_bytes())
            finds.append(client.ask(find_request("STUDY", {STUDY: "1.2.3"}))[2] * 1000)
            after = server.resident_bytes()
            client.close()
    ms, size = statistics.median(echoes), max(total for total, _ in resident)
    row("start to the first C-ECHO", f"{ms:.1f}", "ms", "", "<= 30 ms", ms <= 30)
    row("a worker before its first query, VmRSS", f"{size / 2**20:.1f}", "MiB", f"{max(own for _, own in resident) / 2**20:.1f} MiB its own", "<= 40 MiB", size <= 40 * 2**20)
    row("the first C-FIND of a worker", f"{statistics.median(finds):.1f}", "ms", f"VmRSS then {after[0] / 2**20:.1f} MiB")


def bench_peer(scratch):
    """The same queries to both over files that both have indexed; few, because dcmqrscp's time grows with their number."""
    head(f"find: {PEER_INSTANCES:,} files of {PEER_INSTANCES // 2} studies, beside dcmqrscp")
    if not is_installed():
        return row("dcmqrscp", "-", "", "not installed")
    area = sample(scratch, "cr", PEER_INSTANCES, scratch / "peer-find")
    config = configuration(scratch, area, f"IndexDirectory = {scratch / 'peer-find-index'}\n")
    run(BIN / "fileroom-index", "import", "-c", config)
    of = json.loads(run(BIN / "fileroom-index", "list", "studies", "--json", "-c", config))[0]
    one = {STUDY: "", DATE: "", NAME: ""}
    requests = {
        "Study Instance UID": find_request("STUDY", {**one, STUDY: of["StudyInstanceUID"]}),
        "Patient ID": find_request("STUDY", {**one, PATIENT_ID: of["PatientID"]}),
        "one month of dates": find_request("STUDY", {**one, DATE: month({"date": of["StudyDate"]})}),
        "all studies": find_request("STUDY", one),
    }
    with Server([BIN / "fileroom-qrd", "-c", config]) as server, Peer(scratch, area) as peer:
        ours, theirs = Client(server.port, "BENCH"), Client(peer.port, "BENCH")
        for what, request in requests.items():
            mine, others = ours.time([request], seconds=0.5), theirs.time([request], seconds=0.5)
            if mine[0][1] != others[0][1]:
                raise SystemExit(f"{what}: {mine[0][1]} answers, and dcmqrscp has {others[0][1]}")
            ms, other = median_ms(mine), median_ms(others)
            row(what, f"{ms:.3f}", "ms", f"dcmqrscp {other:.3f} ms: {other / ms:.0f} x as long, {mine[0][1]} answers")
        ours.close()
        theirs.close()


def bench(arguments, scratch):
    bench_peer(scratch)
    count = arguments.instances
    area = scratch / f"find-{count}"
    started = time.perf_counter()
    index = synthesize(area, "mixed", count)
    built = time.perf_counter() - started
    run(WORKBENCH, "append", index, "--shape", "mixed", "--instances", JOURNAL_ENTRIES, "--after", count)
    keys = Keys(index, count)
    config = configuration(scratch, area)
    size = sum(file.stat().st_size for file in index.iterdir())
    head(f"find: {count:,} instances of a mixed archive and {JOURNAL_ENTRIES:,} in the journal (built in {built:.0f} s, {size / count:.0f} bytes each); one held association, medians")
    measure_opening(config)
    with Server([BIN / "fileroom-qrd", "-c", config]) as server:
        client = Client(server.port, "BENCH")
        client.time([echo_request()])
        row("C-ECHO", f"{median_ms(client.time([echo_request()])):.3f}", "ms")

        def unique(ms, _, echo):
            return ms <= 2 * echo

        def few(ms, matches, _):
            return with_matches(ms, matches)

        def scan(ms, matches, _):
            return ms <= max(1, patients / 100_000) * 5 + 0.02 * matches

        patients = client.ask(find_request("PATIENT", {PATIENT_ID: ""}))[0]
        match = "<= 0.5 ms + 20 us a match"
        one = {STUDY: "", DATE: "", NAME: ""}
        measure(client, "Study Instance UID", keys.requests("STUDY", lambda of: {**one, STUDY: of["study"]}), "<= 2 x C-ECHO", unique, [1] * len(keys.studies))
        measure(client, "Patient ID", keys.requests("STUDY", lambda of: {**one, PATIENT_ID: of["patient"]}), match, few)
        measure(client, "accession number", keys.requests("STUDY", lambda of: {**one, ACCESSION: of["accession"]}), match, few, [1] * len(keys.studies))
        measure(client, "name, whole", keys.requests("STUDY", lambda of: {**one, NAME: of["name"]}), match, few)
        measure(client, "name prefix, few matches", keys.requests("STUDY", lambda of: {**one, NAME: prefix(of)}), match, few)
        measure(client, "name prefix SMI*", [find_request("STUDY", {**one, NAME: "SMI*"})], match, few)
        measure(client, f"name *SON* ({patients:,} patients)", [find_request("STUDY", {**one, NAME: "*SON*"})], "<= 5 ms + 20 us a match", scan)
        measure(client, "one day of dates", keys.requests("STUDY", lambda of: {**one, DATE: of["date"]}), match, few)
        measure(client, "one month of dates", keys.requests("STUDY", lambda of: {**one, DATE: month(of)})[:5], match, few)
        candidate = "<= 0.5 ms + 20 us a candidate"
        asked = keys.studies[:10]
        by_name = {"name prefix and one day": lambda of: {NAME: of["name"][:3] + "*"}, "name prefix SMI* and one month": lambda _: {NAME: "SMI*"}}
        by_date = {"name prefix and one day": lambda of: {DATE: of["date"]}, "name prefix SMI* and one month": lambda of: {DATE: month(of)}}
        for what in by_name:
            alone = [[client.ask(find_request("STUDY", {**one, **of_key(of)}))[0] for of_key in (by_name[what], by_date[what])] for of in asked]
            fewest = statistics.median(min(counts) for counts in alone)
            measure(client, what, [find_request("STUDY", {**one, **by_name[what](of), **by_date[what](of)}) for of in asked], "<= 0.5 ms + 20 us a candidate", lambda ms, _, __: with_matches(ms, fewest))
        measure(client, "series of a study", keys.requests("SERIES", lambda of: {STUDY: of["study"], SERIES: ""}), match, few)
        measure(client, "images of a series", keys.requests("IMAGE", lambda of: {STUDY: of["study"], SERIES: of["series"], INSTANCE: ""}), match, few, [int(of["images"]) for of in keys.studies])
        measure(client, "patients by birth date (held in no order)", keys.requests("PATIENT", lambda of: {PATIENT_ID: "", NAME: "", BIRTH_DATE: of["birth"]})[:5], "", None)
        samples = [client.ask(find_request("STUDY", one)) for _ in range(3)]
        rate = statistics.median(answers / took for answers, _, took in samples)
        first = statistics.median(seconds for _, seconds, _ in samples) * 1000
        row("all studies", f"{rate:,.0f}", "responses/s", f"{samples[0][0]:,} answers", ">= 50,000/s", rate >= 50_000)
        row("all studies, the first", f"{first:.3f}", "ms", "", "<= 2 ms", first <= 2)
        for what, request in {
            "instances that nobody has": find_request("IMAGE", {INSTANCE: "", INSTANCE_NUMBER: "99999999"}),
            "patients of a birth date that nobody has": find_request("PATIENT", {PATIENT_ID: "", BIRTH_DATE: "18000101"}),
            "studies with so many instances": find_request("STUDY", {STUDY: "", STUDY_INSTANCES: "99999999"}),
            "all instances": find_request("IMAGE", {INSTANCE: ""}),
        }.items():
            cancelled = [client.cancel(request, 0.001 * number) for number in range(20)]
            slowest = max(seconds for _, seconds in cancelled) * 1000
            ended = sum(status == 0xFE00 for status, _ in cancelled)
            row(f"C-CANCEL, {what}", f"{slowest:.1f}", "ms", f"the slowest of {len(cancelled)}, {ended} ended by it", "<= 100 ms", slowest <= 100)
        client.close()
        row("a worker after all this, VmRSS", f"{server.resident_bytes()[0] / 2**20:.1f}", "MiB", f"{server.resident_bytes()[1] / 2**20:.1f} MiB its own")
