"""Destinations of a C-MOVE and clients of a C-GET that misbehave at every point: right counts, right final status, the failed
listed, and a reason of at most 64 characters (PS3.4 §C.4.2.1.4, §C.4.2.1.5, §C.4.3.1.4)."""

import threading
import time

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE, build_role, evt
from pynetdicom.sop_class import (
    CTImageStorage,
    MRImageStorage,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)

from destination import Destination
from fileroom import MR, ArchiveTest, make_instance, save
from windows import GET_ID, MOVE_ID, WindowClient

MOVE = StudyRootQueryRetrieveInformationModelMove
COUNT = 6


class Requester:
    """One association that asks for C-MOVEs, and when it heard what."""

    def __init__(self, port, title="PYNET"):
        self.ae = AE(ae_title=title)
        self.ae.add_requested_context(MOVE)
        self.ae.dimse_timeout = 60
        self.association = self.ae.associate("127.0.0.1", port, ae_title="ARCHIVE")
        assert self.association.is_established

    def move(self, study="1.2.3.1", destination="DEST", on_answer=None):
        keys = Dataset()
        keys.QueryRetrieveLevel, keys.StudyInstanceUID = "STUDY", study
        self.times = [time.monotonic()]
        answers = []
        for answer in self.association.send_c_move(keys, destination, MOVE, msg_id=7):
            self.times.append(time.monotonic())
            answers.append(answer)
            if on_answer:
                on_answer(len(answers))
        return answers

    def cancel(self):
        self.association.send_c_cancel(7, query_model=MOVE)


class MoveTest(ArchiveTest):
    def setUp(self):
        super().setUp()
        self.uids = []
        for number in range(1, COUNT + 1):
            uid = f"1.2.3.1.1.{number}"
            self.uids.append(uid)
            save(make_instance("1.2.3.1", "1.2.3.1.1", uid, InstanceNumber=str(number)), self.area / uid)
        self.destination = Destination()
        self.addCleanup(self.destination.close)

    def open(self, parameters="", **more):
        self.open_archive(parameters, hosts=f"dest = (DEST, 127.0.0.1, {self.destination.port})", **more)

    def listed(self, identifier):
        """The Failed SOP Instance UID List. Where there is no data set, pynetdicom gives an empty one or none."""
        uids = identifier.get("FailedSOPInstanceUIDList", []) if identifier else []
        return [uids] if isinstance(uids, str) else list(uids)

    def check(self, answers, status, completed=0, warning=0, failed=0, words=None):
        """The final response as it has to be, and each before it."""
        final, identifier = answers[-1]
        self.assertEqual(final.Status, status, hex(final.Status))
        found = tuple(getattr(final, f"NumberOf{kind}Suboperations") for kind in ("Completed", "Warning", "Failed"))
        self.assertEqual(found, (completed, warning, failed))
        if status != 0xFE00:
            self.assertNotIn("NumberOfRemainingSuboperations", final)
        comment = final.get("ErrorComment", "")
        self.assertLessEqual(len(comment), 64)
        if words:
            self.assertIn(words, comment)
        uids = self.listed(identifier)
        self.assertEqual(len(uids), failed)
        for pending, _ in answers[:-1]:
            self.assertEqual(pending.Status, 0xFF00)
            self.assertEqual(sum(getattr(pending, f"NumberOf{kind}Suboperations") for kind in ("Remaining", "Completed", "Warning", "Failed")), COUNT)
        return uids


class BreakingOff(MoveTest):
    """Each instance is tried once, so that what it comes to can be said exactly."""

    def setUp(self):
        super().setUp()
        self.open("MoveRetries = 0\nDIMSETimeout = 1\nACSETimeout = 1")

    def cases(self, cases):
        for name, script, expected in cases:
            with self.subTest(point=name):
                self.destination.begin(script)
                requester = Requester(self.port)
                self.check(requester.move(), **expected)
                requester.association.release()

    def first(self, then):
        """A script: the first association ends by `then` behind two instances, all others go well."""

        def script(peer):
            peer.accept()
            if peer.number > 1:
                return peer.serve()
            peer.serve(count=2)
            then(peer)

        return script

    def test_while_the_association_is_made(self):
        nobody = dict(status=0xA702, failed=COUNT)
        self.cases([
            ("closes at once", lambda peer: None, dict(nobody, words="closed")),
            ("resets", lambda peer: peer.reset(), nobody),
            ("closes behind the request", lambda peer: peer.request(), dict(nobody, words="closed")),
            ("aborts", lambda peer: (peer.request(), peer.abort(2, 1)), dict(nobody, words="aborted")),
            ("says nothing", self.destination.stall, dict(nobody, words="no A-ASSOCIATE-AC within 1 s: DEST at 127.0.0.1")),
            ("answers with another protocol", lambda peer: (peer.request(), peer.connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")), dict(nobody, words="broke the protocol: DEST")),
            ("answers with data", lambda peer: (peer.request(), peer.send(4, bytes(6))), dict(nobody, words="broke the protocol: DEST")),
            ("rejects for good", lambda peer: peer.reject(1, 1, 7), dict(nobody, words="rejected: called AE title not recognised")),
            ("rejects for now", lambda peer: peer.reject(2, 3, 2), dict(nobody, words="rejected: local limit exceeded")),
            ("accepts no context", lambda peer: (peer.accept(lambda *_: False), peer.serve()), dict(nobody, words="CT Image Storage")),
        ])

    def test_between_and_in_messages(self):
        one = dict(status=0xB000, completed=COUNT - 1, failed=1)

        def other_message(peer):
            peer.respond(peer.store(), message=999)
            self.destination.stall(peer)

        def half_response(peer):
            peer.store()
            peer.connection.sendall(b"\x04\0\0\0\0\x60\0\0\0\x5c\x01\x03\0\0")
            self.destination.stall(peer)

        self.cases([
            ("closes in a command", self.first(lambda peer: peer.store(upTo=1)), one),
            ("closes in a data set", self.first(lambda peer: peer.store(upTo=2)), one),
            ("resets in a data set", self.first(lambda peer: (peer.store(upTo=2), peer.reset())), one),
            ("aborts in a data set", self.first(lambda peer: (peer.store(upTo=2), peer.abort())), one),
            ("closes before the response", self.first(lambda peer: peer.store()), dict(one, words="closed")),
            ("aborts before the response", self.first(lambda peer: (peer.store(), peer.abort())), dict(one, words="aborted by the user")),
            ("aborts as provider", self.first(lambda peer: (peer.store(), peer.abort(2, 2))), dict(one, words="aborted by the provider: unexpected PDU")),
            ("releases before the response", self.first(lambda peer: (peer.store(), peer.send(5, bytes(4)), peer.pdu())), dict(one, words="closed")),
            ("doesn't respond", self.first(lambda peer: (peer.store(), self.destination.stall(peer))), dict(one, words="no response within 1 s: DEST")),
            ("responds to something else", self.first(other_message), dict(one, words="no response within 1 s: DEST")),
            ("responds with half a message", self.first(half_response), one),
            ("responds with garbage", self.first(lambda peer: peer.command(b"\xff" * 40, peer.store()[1])), dict(one, words="broke the protocol: DEST")),
        ])

    def test_between_instances(self):
        # Whether it went before or behind the next request is a matter of luck; that instance may have to be sent again.
        for name, end in (("closes", lambda peer: None), ("aborts", lambda peer: peer.abort()), ("releases", lambda peer: (peer.send(5, bytes(4)), peer.pdu()))):
            with self.subTest(point=name):
                self.destination.begin(self.first(end))
                final, _ = Requester(self.port).move()[-1]
                self.assertIn(final.Status, (0x0000, 0xB000))
                self.assertEqual(final.NumberOfCompletedSuboperations + final.NumberOfFailedSuboperations, COUNT)
                self.assertGreaterEqual(final.NumberOfCompletedSuboperations, COUNT - 1)

    def test_statuses_of_c_store(self):
        def answering(*statuses):
            return lambda peer: (peer.accept(), peer.serve(statuses))

        self.cases([
            ("all warnings", answering(0xB000, 0xB006, 0xB007), dict(status=0xB000, warning=COUNT, words="stored with a warning")),
            ("any Bxxx", answering(0xBFFF), dict(status=0xB000, warning=COUNT)),
            ("a warning", answering(0, 0, 0, 0, 0, 0xB000), dict(status=0xB000, completed=COUNT - 1, warning=1)),
            ("some failures", answering(0, 0xA700, 0xB007), dict(status=0xB000, completed=2, warning=2, failed=2, words="A700H")),
            ("all failures", answering(0xC123), dict(status=0xA702, failed=COUNT, words="C123H")),
            ("duplicates", answering(0x0111), dict(status=0xA702, failed=COUNT, words="0111H duplicate")),
        ])

    def test_one_that_always_breaks_off_is_given_up(self):
        self.destination.begin(lambda peer: (peer.accept(), peer.store(upTo=2)))
        uids = self.check(Requester(self.port).move(), 0xA702, failed=COUNT)
        self.assertEqual(sorted(uids), sorted(self.uids))
        # One more than are given it, because a window was offered over the first.
        self.assertLessEqual(len(self.destination.peers), 5)


class SomeContexts(MoveTest):
    def test_instances_without_a_context_fail_alone(self):
        for number in (1, 3, 5):
            uid = f"1.2.3.1.1.{number}"
            save(make_instance("1.2.3.1", "1.2.3.1.1", uid, sop_class=MR), self.area / uid)
        self.destination.begin(lambda peer: (peer.accept(lambda abstract, _: abstract != MR), peer.serve()))
        self.open()
        uids = self.check(Requester(self.port).move(), 0xB000, completed=3, failed=3, words="MR Image Storage")
        self.assertEqual(sorted(uids), ["1.2.3.1.1.1", "1.2.3.1.1.3", "1.2.3.1.1.5"])
        self.assertEqual(len(self.destination.peers), 1)

    def test_more_classes_than_one_association_has_contexts_for(self):
        # PS3.8 §9.3.2.2: 128 contexts; each of these needs two.
        from pynetdicom import AllStoragePresentationContexts

        classes = [context.abstract_syntax for context in AllStoragePresentationContexts[:80]]
        for number, sop_class in enumerate(classes):
            uid = f"1.2.5.1.1.{number + 1}"
            save(make_instance("1.2.5.1", "1.2.5.1.1", uid, sop_class=sop_class), self.area / uid)
        self.destination.begin(lambda peer: (peer.accept(), peer.serve()))
        self.open()
        final, _ = Requester(self.port).move(study="1.2.5.1")[-1]
        self.assertEqual((final.Status, final.NumberOfCompletedSuboperations), (0, 80))
        self.assertEqual(len(self.destination.peers), 2)
        self.assertTrue(all(len(peer.contexts) <= 128 for peer in self.destination.peers))


class Retrying(MoveTest):
    def test_what_was_acknowledged_is_not_sent_twice(self):
        seen = []

        def script(peer):
            peer.accept()
            if peer.number > 3:
                return peer.serve()
            stored = peer.store()
            seen.append(stored[0][0x1000])
            peer.respond(stored)
            stored = peer.store()

        self.destination.begin(script)
        self.open("MoveRetrySeconds = 0")
        self.check(Requester(self.port).move(), 0, completed=COUNT)
        self.assertEqual(len(set(seen)), 3)
        # Three were sent again: those at which it broke off.
        self.assertEqual(self.destination.stores, COUNT + 3)

    def test_a_destination_that_rejects_for_now_is_tried_again(self):
        self.destination.begin(lambda peer: peer.reject(2, 3, 1) if peer.number < 3 else (peer.accept(), peer.serve()))
        self.open("MoveRetries = 2\nMoveRetrySeconds = 0")
        self.check(Requester(self.port).move(), 0, completed=COUNT)
        self.assertIn("trying again", self.daemon.text)

    def test_pending_goes_on_while_a_destination_is_waited_for(self):
        def script(peer):
            peer.accept()
            stored = peer.store()
            time.sleep(3)
            peer.respond(stored)
            peer.serve()

        # For a response, for an answer to the association request, for another attempt.
        for name, script in (("response", script), ("association", lambda peer: (time.sleep(3), peer.accept(), peer.serve())), ("attempt", lambda peer: peer.reject(2, 3, 1) if peer.number == 1 else (peer.accept(), peer.serve()))):
            with self.subTest(waiting_for=name):
                self.destination.begin(script)
                self.open("MoveRetrySeconds = 3")
                requester = Requester(self.port)
                self.check(requester.move(), 0, completed=COUNT)
                gaps = [after - before for before, after in zip(requester.times, requester.times[1:])]
                self.assertLess(max(gaps), 1.0)
                self.assertLess(len(gaps), 20)

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
                until = time.monotonic() + 3
                while not any("aborted" in line for line in self.daemon.log[before:]):
                    self.assertLess(time.monotonic(), until, self.daemon.text)
                    time.sleep(0.02)


class Parallel(MoveTest):
    def test_several_associations_share_the_work(self):
        def script(peer):
            peer.accept()
            while True:
                stored = peer.store()
                time.sleep(0.2)
                peer.respond(stored)

        self.destination.begin(script)
        self.open("MoveParallelism = 3")
        started = time.monotonic()
        self.check(Requester(self.port).move(), 0, completed=COUNT)
        self.assertEqual(len(self.destination.peers), 3)
        self.assertLess(time.monotonic() - started, 0.2 * COUNT + 3)

    def test_a_destination_that_takes_one_association_gets_all(self):
        self.destination.begin(lambda peer: (peer.accept(), time.sleep(0.2), peer.serve()) if peer.number == 1 else peer.reject(2, 3, 2))
        self.open("MoveParallelism = 4")
        self.check(Requester(self.port).move(), 0, completed=COUNT)

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


class Restricted(MoveTest):
    def test_a_destination_that_is_known_but_not_allowed_is_0124(self):
        self.destination.begin(lambda peer: (peer.accept(), peer.serve()))
        for restriction, title, status, words in (
            ("none", "PYNET", 0, None), ("aetitle", "PYNET", 0x0124, "may not send to DEST: not your own AE title"), ("aetitle", "DEST", 0, None),
            ("host", "PYNET", 0, None), ("vendor", "PYNET", 0x0124, "may not send to DEST: not of your vendor"),
        ):
            with self.subTest(restriction=restriction, title=title):
                self.open(f"MoveRestriction = {restriction}")
                final, identifier = Requester(self.port, title).move()[-1]
                self.assertEqual(final.Status, status)
                self.assertEqual(final.NumberOfCompletedSuboperations, 0 if status else COUNT)
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


class Clients(MoveTest):
    """C-GET, whose destination is the client itself (PS3.4 §C.4.3.1.4, §C.5.3)."""

    def get(self, on_store, classes=(CTImageStorage,), role=True, dimse_timeout=20):
        self.received = []
        ae = AE(ae_title="PYNET")
        ae.dimse_timeout = dimse_timeout
        ae.add_requested_context(StudyRootQueryRetrieveInformationModelGet)
        for sop_class in classes:
            ae.add_requested_context(sop_class, ExplicitVRLittleEndian)
        keys = Dataset()
        keys.QueryRetrieveLevel, keys.StudyInstanceUID = "STUDY", "1.2.3.1"

        def store(event):
            self.received.append(str(event.request.AffectedSOPInstanceUID))
            return on_store(event)

        roles = [build_role(sop_class, scp_role=True) for sop_class in classes] if role else []
        self.association = ae.associate("127.0.0.1", self.port, ae_title="ARCHIVE", ext_neg=roles, evt_handlers=[(evt.EVT_C_STORE, store)])
        self.assertTrue(self.association.is_established)
        return list(self.association.send_c_get(keys, StudyRootQueryRetrieveInformationModelGet))

    def test_without_role_or_context_every_sub_operation_fails(self):
        self.open()
        for name, more, words in (("no role", dict(role=False), "CT Image Storage"), ("another class", dict(classes=(MRImageStorage,)), "CT Image Storage")):
            with self.subTest(client=name):
                uids = self.check(self.get(lambda event: 0, **more), 0xA702, failed=COUNT, words=words)
                self.assertEqual((sorted(uids), self.received), (self.uids, []))
                self.association.release()

    def test_its_warnings_and_failures_are_counted(self):
        self.open()
        statuses = iter([0, 0xB000, 0xB006, 0xA700, 0xB123, 0xC000])
        self.check(self.get(lambda event: next(statuses)), 0xB000, completed=1, warning=3, failed=2)

    def test_one_that_aborts_or_stalls_ends_it_and_nobody_else(self):
        self.open("DIMSETimeout = 1")

        def abort(event):
            event.assoc.abort()
            return 0

        for name, on_store, said in (("aborts", abort, r"aborted"), ("stalls", lambda event: time.sleep(3) or 0, r"did not come within 1 s")):
            with self.subTest(client=name):
                before = len(self.daemon.log)
                self.get(on_store, dimse_timeout=6)
                self.daemon.wait_for(said)
                self.assertTrue(len(self.daemon.log) > before)
        self.check(self.get(lambda event: 0), 0, completed=COUNT)
