"""Who may call whom: called and calling AE titles, hosts, access, and what the log says of it (PS3.8 §9.3.4)."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time
import unittest

from pynetdicom import AE, evt
from pynetdicom.sop_class import Verification

from fileroom import BIN, ArchiveTest, associate_rq, make_instance, run, save


class AccessTests(ArchiveTest):
    def setUp(self):
        super().setUp()
        save(make_instance(), self.area / "one")

    def reject(self, called="ARCHIVE", calling="PYNET"):
        ae = AE(ae_title=calling)
        ae.add_requested_context(Verification)
        # pynetdicom forgets an answer that comes before the thread that asked has woken; its other thread saw the PDU.
        seen = []
        association = ae.associate(
            "127.0.0.1", self.port, ae_title=called, evt_handlers=[(evt.EVT_PDU_RECV, lambda event: seen.append(event.pdu))]
        )
        if association.is_established:
            association.release()
            return None
        (rejection,) = seen
        return (rejection.result, rejection.source, rejection.reason_diagnostic)

    def test_echo_and_an_unknown_called_title(self):
        self.open_archive()
        self.dcmtk("echoscu")
        self.assertIsNone(self.reject())
        self.assertEqual(self.reject(called="NOWHERE"), (1, 1, 7))
        self.assertEqual(self.reject(called="archive"), (1, 1, 7))
        self.assertEqual(self.reject(called="../area"), (1, 1, 7))
        self.daemon.wait_for(r"NOWHERE.*ARCHIVE")

    def test_a_default_title_takes_strangers(self):
        self.open_archive("DefaultAETitle = ARCHIVE")
        self.assertIsNone(self.reject(called="ANY-SCP"))
        found = self.findscu("STUDY", "StudyInstanceUID", called="ANY-SCP")
        self.assertEqual(found[0].RetrieveAETitle, "ARCHIVE")

    def test_peers_are_titles_at_hosts(self):
        self.open_archive(peers="friend, (FAR, 192.0.2.7, 104)", hosts="friend = (PYNET, localhost, 104)")
        self.assertIsNone(self.reject())
        self.assertEqual(self.reject(calling="STRANGER"), (1, 1, 3))
        self.daemon.wait_for(r"STRANGER.*title")
        self.assertEqual(self.reject(calling="FAR"), (1, 1, 3))
        self.daemon.wait_for(r"FAR.*address")

    def test_an_area_of_write_only_still_answers_queries_as_dcmqrscp_does(self):
        self.config = self.configure(areas=f"ARCHIVE {self.area} R (0, 0) ANY\nINBOX {self.folder / 'inbox'} W (0, 0) ANY")
        (self.folder / "inbox").mkdir()
        self.index(self.config, "import")
        self.daemon = self.serve(self.config)
        self.port = self.daemon.port
        self.assertEqual(len(self.findscu("STUDY", "StudyInstanceUID")), 1)
        self.assertIsNone(self.reject(called="INBOX"))

    def test_too_many_associations_are_rejected_in_words(self):
        self.open_archive("MaxAssociations = 2")
        ae = AE(ae_title="PYNET")
        ae.add_requested_context(Verification)
        held = [ae.associate("127.0.0.1", self.port, ae_title="ARCHIVE") for _ in range(2)]
        self.assertTrue(all(association.is_established for association in held))
        self.assertEqual(self.reject(), (2, 3, 2))
        for association in held:
            association.release()
        for _ in range(100):
            if self.reject() is None:
                break
        self.assertIsNone(self.reject())

    def test_sighup_rereads_and_a_bad_file_keeps_the_old_one(self):
        self.open_archive()
        good = self.config.read_text()
        self.config.write_text(good.replace("ARCHIVE ", "RENAMED "))
        self.daemon.process.send_signal(signal.SIGHUP)
        self.daemon.wait_for("configuration reread")
        for _ in range(100):
            if self.reject(called="RENAMED") is None:
                break
        self.assertIsNone(self.reject(called="RENAMED"))
        self.assertEqual(self.reject(called="ARCHIVE"), (1, 1, 7))
        self.config.write_text(good + "\nNonsense = 1\n")
        self.daemon.process.send_signal(signal.SIGHUP)
        self.daemon.wait_for("Nonsense")
        self.assertIsNone(self.reject(called="RENAMED"))

    def test_a_config_with_five_mistakes_gives_five_messages(self):
        config = self.folder / "bad.cfg"
        config.write_text(
            "NetworkTCPPort = none\nMaxPDUSize = -3\nNetworkTCPPrt = 104\nHostTable BEGIN\nacme = (THIS_TITLE_IS_TOO_LONG, host, 104)\nHostTable END\n"
            f"AETable BEGIN\nARCHIVE {self.area} X (0,0) ANY\nAETable END\n")
        for program in ("fileroom-qrd", "fileroom-index"):
            words = ["--check-config", "-c", config] if program == "fileroom-qrd" else ["import", "--check-config", "-c", config]
            done = run(BIN / program, *words)
            self.assertNotEqual(done.returncode, 0)
            lines = [line for line in done.stderr.splitlines() if re.search(r"bad\.cfg:\d+", line)]
            self.assertEqual(len(lines), 5, done.stderr)
            self.assertIn("NetworkTCPPort", done.stderr)

    def test_a_port_in_use_is_said_in_words(self):
        self.open_archive()
        config = self.configure(name="second.cfg")
        config.write_text(config.read_text().replace("NetworkTCPPort = 0", f"NetworkTCPPort = {self.port}"))
        done = run(BIN / "fileroom-qrd", "-c", config)
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stderr, rf"port {self.port}.*(in use|already)")

    def test_files_that_no_index_knows_are_said_at_start(self):
        config = self.configure()
        daemon = self.serve(config)
        daemon.wait_for(r"ARCHIVE: 1 files? not indexed; run fileroom-index import --ae ARCHIVE")

    def test_silent_connections_cost_nobody_a_place(self):
        self.open_archive("MaxAssociations = 4")
        silent = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(200)]
        try:
            self.assertIsNone(self.reject())
        finally:
            for connection in silent:
                connection.close()

    def test_sigterm_refuses_new_connections_and_waits_for_no_silent_one(self):
        self.open_archive()
        with socket.create_connection(("127.0.0.1", self.port)):
            started = time.monotonic()
            self.assertEqual(self.daemon.stop(), 0)
            self.assertLess(time.monotonic() - started, 10)
        with self.assertRaises(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=5)

    def test_every_rejection_is_in_the_log(self):
        self.open_archive()
        raw = associate_rq(b"ARCHIVE", b"X")
        for title, pattern in ((slice(10, 26), "called"), (slice(26, 42), "calling")):
            request = bytearray(raw)
            request[title] = b" " * 16
            with socket.create_connection(("127.0.0.1", self.port)) as connection:
                connection.sendall(request)
                self.assertEqual(connection.recv(100)[:1], b"\x03")
            self.daemon.wait_for(f"association rejected: .*{pattern}")

    def test_closed_standard_streams_do_no_harm(self):
        config = self.configure(f"MaxAssociations = 2\nLogFile = {self.folder / 'log'}")
        self.index(config, "import")
        process = subprocess.Popen(["sh", "-c", f"exec '{BIN / 'fileroom-qrd'}' -c '{config}' {self.free_port()} <&- >&- 2>&-"])
        try:
            log = self.folder / "log"
            for _ in range(200):
                if log.exists() and "serving" in log.read_text():
                    break
                time.sleep(0.02)
            self.assertIn("serving ARCHIVE", log.read_text())
        finally:
            process.terminate()
            self.assertEqual(process.wait(20), 0)

    def test_an_index_that_cannot_be_read_is_said(self):
        self.open_archive()
        (self.area / "index" / "current").unlink()
        (self.area / "index" / "current").mkdir()
        done = run("findscu", "-v", "-S", "-aec", "ARCHIVE", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID", "127.0.0.1", self.port)
        self.assertIn("UnableToProcess", done.stdout + done.stderr)
        self.assertNotIn(str(self.area), done.stdout + done.stderr)
        self.daemon.wait_for(f"C-FIND.*{self.area}")

    def test_a_dead_worker_is_replaced(self):
        self.open_archive("Workers = 1")
        children = subprocess.run(["pgrep", "-P", str(self.daemon.process.pid)], capture_output=True, text=True).stdout.split()
        # The worker, and the keeper of an area that is stored to.
        self.assertEqual(len(children), 2)
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        self.daemon.wait_for("worker died.*killed by SIGKILL")
        self.daemon.wait_for("keeper died.*killed by SIGKILL")
        for _ in range(200):
            if run("echoscu", "-aec", "ARCHIVE", "127.0.0.1", self.port).returncode == 0:
                break
        self.dcmtk("echoscu")

    def test_strangers_take_no_places(self):
        self.open_archive("MaxAssociations = 2")
        with contextlib.ExitStack() as stack:
            for _ in range(40):
                peer = stack.enter_context(socket.create_connection(("127.0.0.1", self.port)))
                peer.sendall(associate_rq(called=b"NOWHERE"))
                self.assertEqual(peer.recv(10)[0], 3)
            # They are rejected, and don't close: who may associate still can.
            self.dcmtk("echoscu")

    def test_stray_signals_end_nothing(self):
        self.open_archive("Workers = 1")
        children = subprocess.run(["pgrep", "-P", str(self.daemon.process.pid)], capture_output=True, text=True).stdout.split()
        for stray in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGXFSZ):
            os.kill(self.daemon.process.pid, stray)
        for stray in (signal.SIGUSR2, signal.SIGALRM, signal.SIGXFSZ):
            for child in children:
                os.kill(int(child), stray)
        self.dcmtk("echoscu")
        living = subprocess.run(["pgrep", "-P", str(self.daemon.process.pid)], capture_output=True, text=True).stdout.split()
        self.assertEqual(living, children)

    def test_an_association_can_be_followed_in_the_log(self):
        self.open_archive()
        self.findscu("STUDY", "StudyInstanceUID", "PatientName=DOE*")
        self.daemon.wait_for(r"TESTSCU .*(released|ended)")
        lines = [line for line in self.daemon.log if " TESTSCU " in line]
        self.assertTrue(any("C-FIND" in line for line in lines), self.daemon.text)
        self.assertEqual(len({line.split()[3] for line in lines}), 1, lines)
        self.assertNotIn("DOE", self.daemon.text)

    def test_debians_sample_configuration_works(self):
        text = pathlib.Path("/etc/dcmtk/dcmqrscp.cfg").read_text()
        text = re.sub(r"(?m)^#(READWRITE|READ) ", r"\1 ", text).replace("/var/lib/dcmtk/db", str(self.folder / "db"))
        for area in ("READWRITE", "READ"):
            save(make_instance(f"1.2.{len(area)}", f"1.2.{len(area)}.1", f"1.2.{len(area)}.1.1"), self.folder / "db" / area / "file.dcm")
        os.chmod(self.folder, 0o755)
        config = self.folder / "dcmqrscp.cfg"
        config.write_text(text)
        # As root, the daemon becomes the file's UserName; not as root, it is who it is. Either owns the areas, as on Debian.
        users = [("dcmtk", [])] if os.getuid() == 0 else [(None, [])]
        if os.getuid() == 0:
            users.append(("nobody", ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]))
        for user, before in users:
            with self.subTest(user=user):
                for area in ("READWRITE", "READ"):
                    shutil.rmtree(self.folder / "db" / area / "index", ignore_errors=True)
                    if user:
                        run("chown", "-R", user, self.folder / "db" / area, check=0)
                    run(BIN / "fileroom-index", "import", "-c", config, "--ae", area, check=0)
                port = self.free_port()
                process = subprocess.Popen([*before, str(BIN / "fileroom-qrd"), "-c", str(config), str(port)], stderr=subprocess.PIPE, text=True)
                try:
                    for line in process.stderr:
                        if "ready on" in line:
                            break
                    self.port = port
                    for area in ("READWRITE", "READ"):
                        self.assertEqual(len(self.findscu("STUDY", "StudyInstanceUID", called=area)), 1)
                finally:
                    process.terminate()
                    process.wait(40)
                    process.stderr.close()


if __name__ == "__main__":
    unittest.main()
