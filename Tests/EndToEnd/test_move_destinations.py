"""Destinations of a C-MOVE and clients of a C-GET that misbehave at every point: right counts, right final status, the failed
listed, and a reason of at most 64 characters (PS3.4 §C.4.2.1.4, §C.4.2.1.5, §C.4.3.1.4)."""

import time

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE, build_role, evt
from pynetdicom.sop_class import CTImageStorage, MRImageStorage, StudyRootQueryRetrieveInformationModelGet

from fileroom import MR, make_instance, save
from moving import COUNT, MoveTest, Requester


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

        for name, on_store, said in (("aborts", abort, "aborted"), ("stalls", lambda event: time.sleep(3) or 0, "did not come within 1 s")):
            with self.subTest(client=name):
                before = len(self.daemon.log)
                self.get(on_store, dimse_timeout=6)
                self.await_line(said, before)
        self.check(self.get(lambda event: 0), 0, completed=COUNT)
