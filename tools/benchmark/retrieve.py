"""C-GET of whole patients with getscu: fileroom-qrd beside dcmqrscp."""

import json
import os
import shutil
import statistics

from peer import Peer
from programs import BIN, TOP, Server, configuration, run, timed
from report import head, row


def bench(arguments, scratch):
    count, size = 500, 512 * 1024
    area = scratch / "large"
    run(TOP / "tools" / "make-sample", area, "--archive", "ct-regular", "--instances", count, "--bytes", size)
    config = configuration(scratch, area, f"IndexDirectory = {scratch / 'large-index'}\n")
    run(BIN / "fileroom-index", "import", "-c", config)
    peer_area = scratch / "dcmqrscp" / "BENCH"
    shutil.copytree(area, peer_area)
    ids = [patient["PatientID"] for patient in json.loads(run(BIN / "fileroom-index", "list", "patients", "--json", "-c", config))]

    def rate(port, pdu, environment):
        seconds = 0.0
        for patient in ids:
            words = ["getscu", "-P", "-aec", "BENCH", "-pdu", str(pdu), "--ignore", "-k", "QueryRetrieveLevel=PATIENT", "-k", f"PatientID={patient}", "127.0.0.1", str(port)]
            seconds += timed(words, env={**os.environ, **environment})
        return count / seconds

    head(f"retrieve: C-GET of {count} x {size // 1024} KiB, getscu --ignore, alternating, medians of {arguments.runs} runs")
    # A stock getscu keeps Nagle's algorithm on and stalls against a server that delays its ACKs, so it waits some 40 ms an
    # instance there; DCMTK's TCP_NODELAY=1 spares it that. Both are shown.
    clients = [("TCP_NODELAY=1", {"TCP_NODELAY": "1"}, arguments.runs), ("stock", {}, 1)]
    with Server([BIN / "fileroom-qrd", "-c", config]) as server, Peer(scratch, peer_area) as peer:
        for words, environment, runs in clients:
            for pdu in (16384, 131072) if environment else (131072,):
                ours, theirs = [], []
                rate(server.port, pdu, environment)
                for _ in range(runs):
                    ours.append(rate(server.port, pdu, environment))
                    theirs.append(rate(peer.port, pdu, environment))
                ratio = statistics.median(mine / other for mine, other in zip(ours, theirs))
                row(f"client {words}, PDU {pdu}: fileroom-qrd", f"{statistics.median(ours):,.0f}", "instances/s", f"{ratio:.2f} x dcmqrscp", *((">= 1.1 x", ratio >= 1.1) if environment else ()))
                row(f"client {words}, PDU {pdu}: dcmqrscp", f"{statistics.median(theirs):,.0f}", "instances/s")
