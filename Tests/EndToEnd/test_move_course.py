"""The course of a C-MOVE: over several associations, cancelled, restricted, and of a set that is fixed when it begins (PS3.4 §C.4.2)."""

import threading
import time

from fileroom import make_instance, save
from moving import COUNT, MoveTest, Requester
from windows import GET_ID, MOVE_ID, WindowClient


class Parallel(MoveTest):
    def test_several_associations_share_the_work(self):
        # The associations that have a store unanswered, and how many those were at most.
        busy, most = set(), []

        def script(peer):
            peer.accept()
            while True:
                stored = peer.store()
                busy.add(peer.number)
                most.append(len(busy))
                time.sleep(0.2)
                busy.discard(peer.number)
                peer.respond(stored)

        self.destination.begin(script)
        self.open("MoveParallelism = 3")
        self.check(Requester(self.port).move(), 0, completed=COUNT)
        self.assertEqual(len(self.destination.peers), 3)
        self.assertGreaterEqual(sum(peer.stores > 0 for peer in self.destination.peers), 2)
        self.assertGreaterEqual(max(most), 2)

    def test_a_destination_that_takes_one_association_gets_all(self):
        self.destination.begin(lambda peer: (peer.accept(), time.sleep(0.2), peer.serve()) if peer.number == 1 else peer.reject(2, 3, 2))
        self.open("MoveParallelism = 4")
        self.check(Requester(self.port).move(), 0, completed=COUNT)


class Cancelled(MoveTest):
    def test_cancel_and_the_requesters_end_are_seen_in_every_wait(self):
        waits = {
            "association": self.destination.stall,
            "attempt": lambda peer: peer.reject(2, 3, 1),
            "response": lambda peer: (peer.accept(), peer.serve(count=1), peer.store(), self.destination.stall(peer)),
            "data set": lambda peer: (peer.accept(), self.destination.stall(peer)),
        }
        for number in range(7, 40):
            save(make_instance("1.2.3.2", "1.2.3.2.1", f"1.2.3.2.1.{number}", pixels=512 * 1024), self.area / f"l{number}")
        self.open("MoveRetrySeconds = 60\nMoveRetries = 5")
        for name, script in waits.items():
            with self.subTest(waiting_for=name, end="cancel"):
                self.destination.begin(script)
                requester = Requester(self.port)
                cancelled = []

                def cancel(count):
                    if count == 1:
                        cancelled.append(time.monotonic())
                        requester.cancel()

                answers = requester.move(study="1.2.3.2" if name == "data set" else "1.2.3.1", on_answer=cancel)
                self.assertEqual(answers[-1][0].Status, 0xFE00)
                self.assertGreater(answers[-1][0].NumberOfRemainingSuboperations, 0)
                self.assertLess(requester.times[-1] - cancelled[0], 2.5)
                requester.association.release()
            with self.subTest(waiting_for=name, end="abort"):
                self.destination.begin(script)
                before = len(self.daemon.log)
                requester = Requester(self.port)
                # pynetdicom's own wait for the answer isn't ended by its abort.
                threading.Thread(target=requester.move, args=("1.2.3.2" if name == "data set" else "1.2.3.1",), daemon=True).start()
                time.sleep(1)
                requester.association.abort()
                self.await_line("aborted", before, seconds=3)

    def test_cancel_stops_all_of_them(self):
        for number in range(7, 300):
            save(make_instance("1.2.3.3", "1.2.3.3.1", f"1.2.3.3.1.{number}"), self.area / f"p{number}")

        def script(peer):
            peer.accept()
            while True:
                stored = peer.store()
                time.sleep(0.05)
                peer.respond(stored)

        self.destination.begin(script)
        self.open("MoveParallelism = 4")
        requester = Requester(self.port)
        final, _ = requester.move(study="1.2.3.3", on_answer=lambda count: requester.cancel() if count == 1 else None)[-1]
        self.assertEqual(final.Status, 0xFE00)
        stored = self.destination.stores
        self.assertEqual(final.NumberOfCompletedSuboperations, stored)
        self.assertEqual(final.NumberOfCompletedSuboperations + final.NumberOfFailedSuboperations + final.NumberOfRemainingSuboperations, 293)
        time.sleep(0.3)
        self.assertEqual(self.destination.stores, stored)

    def test_one_association_that_stalls_is_ended_and_counted_before_the_final_response(self):
        """PS3.4 C.4.2.3.1: with the final response all that went out is settled, whichever association it went over."""
        everything = 100
        for number in range(1, everything + 1):
            save(make_instance("1.2.3.5", "1.2.3.5.1", f"1.2.3.5.1.{number}"), self.area / f"s{number}")
        self.open("MoveParallelism = 4")
        for number in (1, 2):
            with self.subTest(stalled=number):
                acknowledged, arrived, stalled = [], [], threading.Event()

                def script(peer):
                    peer.accept()
                    while True:
                        stored = peer.store()
                        arrived.append(peer.number)
                        if peer.number == number and peer.stores > 1:
                            stalled.set()
                            # It listens, and says nothing.
                            continue
                        # One is done at once when nothing more is to be sent, the others are a while on the way.
                        time.sleep(0.02 if peer.number == 3 - number else 0.2)
                        acknowledged.append(peer.number)
                        peer.respond(stored)

                self.destination.begin(script)
                requester = Requester(self.port)
                cancelled = []

                def cancel(count):
                    if count == 1:
                        self.assertTrue(stalled.wait(10))
                        cancelled.append(time.monotonic())
                        requester.cancel()

                final, identifier = requester.move(study="1.2.3.5", on_answer=cancel)[-1]
                known, came = len(acknowledged), len(arrived)
                self.assertEqual(len(self.destination.peers), 4)
                self.assertEqual(final.Status, 0xFE00)
                self.assertLess(requester.times[-1] - cancelled[0], 3)
                counts = final.NumberOfCompletedSuboperations, final.NumberOfWarningSuboperations, final.NumberOfFailedSuboperations
                self.assertEqual(counts[:2], (known, 0))
                self.assertEqual(sum(counts) + final.NumberOfRemainingSuboperations, everything)
                time.sleep(1)
                self.assertEqual((len(acknowledged), len(arrived)), (known, came), "something was still under way")
                # What was on its way and wasn't acknowledged in time has failed.
                self.assertEqual((counts[2], len(self.listed(identifier))), (1, 1))
                requester.association.release()

    def test_a_cancel_is_seen_while_the_instances_are_looked_up(self):
        for number in range(1, 301):
            save(make_instance("1.2.3.4", "1.2.3.4.1", f"1.2.3.4.1.{number}"), self.area / f"m{number}")
        self.open()
        for name, request in (("C-MOVE", lambda client: client.move(1, "DEST", study="1.2.3.4") + client.cancel(1, MOVE_ID)), ("C-GET", lambda client: client.get(1, study="1.2.3.4") + client.cancel(1, GET_ID))):
            with self.subTest(operation=name):
                client = WindowClient(self.port, None)
                client.send(request(client))
                answer = client.read()
                # Nothing was begun, and nobody knows how much remains (PS3.4 C.4.2.1.6).
                self.assertEqual((answer.status, answer.counts), (0xFE00, (None, 0, 0, 0)))
                self.assertTrue(client.release())
        self.assertEqual(self.destination.peers, [])


class Restricted(MoveTest):
    def test_a_destination_that_is_known_but_not_allowed_is_0124(self):
        """PS3.4 C.4.2.1.5; who calls is PYNET or DEST at 127.0.0.1."""
        port = self.destination.port
        # DEST is where the requester is, FAR isn't; ABROAD is a title of the requester's vendor, but at another host.
        hosts = f"dest = (DEST, 127.0.0.1, {port})\nfar = (FAR, 127.0.0.2, {port})\nasker = (PYNET, 127.0.0.1, 104)\nabroad = (ABROAD, 127.0.0.2, 104)"
        alone, together = '"Acme" = dest, far\n"Other" = asker', '"Acme" = dest, asker, abroad'
        for restriction, vendors, title, destination, words in (
            ("none", "", "PYNET", "DEST", None),
            ("aetitle", "", "PYNET", "DEST", "may not send to DEST: not your own AE title"), ("aetitle", "", "DEST", "DEST", None),
            ("host", "", "PYNET", "DEST", None), ("host", "", "PYNET", "FAR", "may not send to FAR: not at your host"),
            ("vendor", "", "PYNET", "DEST", "may not send to DEST: not of your vendor"), ("vendor", alone, "PYNET", "DEST", "may not send to DEST: not of your vendor"),
            ("vendor", together, "PYNET", "DEST", None), ("vendor", together, "PYNET", "FAR", "may not send to FAR: not of your vendor"),
            ("vendor", together, "ABROAD", "DEST", "may not send to DEST: not of your vendor"),
        ):
            with self.subTest(restriction=restriction, vendors=vendors, title=title, destination=destination):
                self.destination.begin(lambda peer: (peer.accept(), peer.serve()))
                self.open(f"MoveRestriction = {restriction}", hosts=hosts, vendors=vendors)
                final, identifier = Requester(self.port, title).move(destination=destination)[-1]
                self.assertEqual(final.Status, 0x0124 if words else 0)
                self.assertEqual(final.NumberOfCompletedSuboperations, 0 if words else COUNT)
                self.assertEqual(self.destination.stores, 0 if words else COUNT)
                if words:
                    self.assertEqual((final.ErrorComment, self.listed(identifier)), (words, []))

    def test_an_unknown_one_stays_a801(self):
        self.open("MoveRestriction = aetitle")
        # Before anything else: an identifier without a value is A900H (PS3.4 C.4.2.1.5).
        for destination, study, status in (("NOBODY", "1.2.3.1", 0xA801), ("NOBODY", "", 0xA801), ("DEST", "", 0x0124), ("PYNET", "", 0xA801)):
            final, _ = Requester(self.port).move(study, destination)[-1]
            self.assertEqual(final.Status, status)


class FixedSet(MoveTest):
    def test_the_index_may_be_written_anew_meanwhile(self):
        going, gate = threading.Event(), threading.Event()

        def script(peer):
            peer.accept()
            stored = peer.store()
            going.set()
            gate.wait(30)
            peer.respond(stored)
            peer.serve()

        self.destination.begin(script)
        self.open()
        answers = []
        running = threading.Thread(target=lambda: answers.extend(Requester(self.port).move()))
        running.start()
        self.assertTrue(going.wait(20))
        save(make_instance("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.99"), self.area / "late")
        self.index(self.config, "import")
        self.index(self.config, "compact")
        gate.set()
        running.join(30)
        self.check(answers, 0, completed=COUNT)
        self.assertEqual(self.destination.stores, COUNT)
