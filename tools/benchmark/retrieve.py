"""C-GET of whole patients with getscu, C-MOVE of them to a sink that discards: fileroom-qrd beside dcmqrscp and Orthanc."""

import contextlib
import json
import os
import shutil
import statistics
import subprocess

from client import Client, move_request
from peer import Peer, orthanc
from programs import BIN, TOP, Server, configuration, run, timed
from report import head, row

COUNT, SIZE = 500, 512 * 1024
PDUS = (16384, 131072)
RAW_BYTES_PER_SECOND = 1.5e9


def get_rate(port, patients, pdu, environment):
    """Instances a second."""
    seconds = 0.0
    for patient in patients:
        words = ["getscu", "-P", "-aec", "BENCH", "-pdu", str(pdu), "--ignore", "-k", "QueryRetrieveLevel=PATIENT", "-k", f"PatientID={patient}", "127.0.0.1", str(port)]
        seconds += timed(words, env={**os.environ, **environment})
    return COUNT / seconds


def move_rate(port, patients, destination):
    """Instances a second, from the request to the final response on a held association."""
    client = Client(port, "BENCH")
    try:
        return COUNT / sum(client.ask(move_request(patient, destination))[2] for patient in patients)
    finally:
        client.close()


def beside(words, servers, runs, rate, unit="instances/s"):
    """Measures all `servers`, by name, ours first, in turns. Rates, and ours over those of the others."""
    found = {name: [] for name in servers}
    for server in servers.values():
        rate(server)
    for _ in range(runs):
        for name, server in servers.items():
            found[name].append(rate(server))
    ours, *others = found
    ratios = {name: statistics.median(mine / other for mine, other in zip(found[ours], found[name])) for name in others}
    is_met = min(ratios.values()) >= 1.1
    row(f"{words}: {ours}", f"{statistics.median(found[ours]):,.0f}", unit, ", ".join(f"{ratio:.2f} x {name}" for name, ratio in ratios.items()), ">= 1.1 x", is_met)
    for name in others:
        row(f"{words}: {name}", f"{statistics.median(found[name]):,.0f}", unit)
    return statistics.median(found[ours])


def bench(arguments, scratch):
    area = scratch / "large"
    run(TOP / "tools" / "make-sample", area, "--archive", "ct-regular", "--instances", COUNT, "--bytes", SIZE)
    sink = scratch / "sink"
    run("cc", "-O2", "-pthread", "-o", sink, TOP / "tools" / "benchmark" / "sink.c")
    peer_area = scratch / "dcmqrscp" / "BENCH"
    shutil.copytree(area, peer_area)
    orthanc_area = scratch / "orthanc"
    orthanc_area.mkdir()
    with Server([sink, "--discard", "--pdu", PDUS[0], scratch]) as short, Server([sink, "--discard", "--pdu", PDUS[1], scratch]) as long:
        destinations = {f"SINK{pdu}": server.port for pdu, server in zip(PDUS, (short, long))}
        config = configuration(scratch, area, f"IndexDirectory = {scratch / 'large-index'}\n", destinations)
        run(BIN / "fileroom-index", "import", "-c", config)
        patients = [patient["PatientID"] for patient in json.loads(run(BIN / "fileroom-index", "list", "patients", "--json", "-c", config))]
        with contextlib.ExitStack() as running:
            servers = {"fileroom-qrd": running.enter_context(Server([BIN / "fileroom-qrd", "-c", config]))}
            servers["dcmqrscp"] = running.enter_context(Peer(scratch, peer_area, destinations=destinations))
            if shutil.which("Orthanc"):
                servers["Orthanc"] = running.enter_context(orthanc(scratch, orthanc_area, destinations))
                subprocess.run(["storescu", "-q", "-aec", "BENCH", "+sd", "+r", "127.0.0.1", str(servers["Orthanc"].port), str(area)], check=True, env={**os.environ, "TCP_NODELAY": "1"})
            compare(servers, patients, arguments.runs)


def compare(servers, patients, runs):
    head(f"retrieve: {COUNT} x {SIZE // 1024} KiB, C-GET with getscu --ignore and TCP_NODELAY=1, C-MOVE to a sink that discards, alternating, medians of {runs} runs")
    for pdu in PDUS:
        beside(f"C-GET, PDU {pdu}", servers, runs, lambda server: get_rate(server.port, patients, pdu, {"TCP_NODELAY": "1"}))
    # A stock getscu keeps Nagle's algorithm on and stalls against a server that delays its ACKs, some 40 ms an instance.
    beside(f"C-GET, stock client, PDU {PDUS[1]}", servers, 1, lambda server: get_rate(server.port, patients, PDUS[1], {}))
    for pdu in PDUS:
        rate = beside(f"C-MOVE, PDU {pdu}", servers, runs, lambda server: move_rate(server.port, patients, f"SINK{pdu}"))
        speed = rate * SIZE
    row(f"C-MOVE, PDU {PDUS[1]}", f"{speed / 1e9:.2f}", "GB/s", "", ">= 1.5", speed >= RAW_BYTES_PER_SECOND)
