"""Several operations outstanding on one association, and their Priorities (PS3.7 D.3.3.3, 9.1, Annex C; PS3.4 C.4)."""

import struct

from pynetdicom import AE
from pynetdicom.pdu_primitives import AsynchronousOperationsWindowNegotiation
from pynetdicom.sop_class import Verification

from fileroom import ArchiveTest, make_instance, save
from storing import RELEASE_RQ, StoreTest, data_set
from windows import FIND_ID, GET_ID, HIGH, LOW, MEDIUM, MOVE_ID, Destination, WindowClient, identifier, window_item

SUCCESS, PENDING, CANCEL = 0x0000, 0xFF00, 0xFE00
GET_RSP, FIND_RSP, MOVE_RSP, ECHO_RSP, STORE_RQ = 0x8010, 0x8020, 0x8021, 0x8030, 0x0001
OFFERS = [((8, 8), (8, 8)), ((0, 0), (16, 16)), ((1, 1), (1, 1)), ((100, 3), (16, 3)), ((0, 1), (16, 1)), (None, None)]
QUIET_SECONDS = 0.3


class WindowTest(ArchiveTest):
    INSTANCES = 10

    def setUp(self):
        super().setUp()
        self.clients = []
        self.uids = [f"1.2.3.1.1.{number + 1}" for number in range(self.INSTANCES)]
        for uid in self.uids:
            save(make_instance("1.2.3.1", "1.2.3.1.1", uid), self.area / uid)
        save(make_instance("1.2.3.2", "1.2.3.2.1", "1.2.3.2.1.1"), self.area / "other")

    def client(self, window=(8, 8)):
        client = WindowClient(self.port, window)
        self.clients.append(client)
        return client

    def tearDown(self):
        # The daemon would wait for them.
        for client in self.clients:
            client.close()
        super().tearDown()

    def until_final(self, client, number, field=None, store=None):
        """All messages up to the final response to a request; `store` answers C-STORE-RQs that come."""
        seen = []
        while True:
            message = client.read()
            self.assertIsNotNone(message, seen)
            if message.field == STORE_RQ:
                seen.append(message)
                client.send(client.stored(message, store(message) if store else SUCCESS))
                continue
            seen.append(message)
            if message.id == number and message.field & 0x8000 and message.status not in (PENDING, 0xFF01):
                self.assertIn(message.field, [field] if field else [GET_RSP, FIND_RSP, MOVE_RSP, ECHO_RSP])
                return seen


class NegotiationTests(WindowTest):
    INSTANCES = 1

    def test_a_window_is_answered_where_offered_and_never_over_the_offer(self):
        """PS3.7 D.3.3.3: 0 has no limit; without an item, without an answer."""
        self.open_archive()
        for offer, answer in OFFERS:
            with self.subTest(offer=offer), WindowClient(self.port, offer) as client:
                self.assertEqual(client.answered_window, answer)
                client.send(client.echo(1))
                self.assertEqual((client.read().status), SUCCESS)

    def test_pynetdicom_may_offer_one(self):
        self.open_archive()
        item = AsynchronousOperationsWindowNegotiation()
        item.maximum_number_operations_invoked, item.maximum_number_operations_performed = 5, 2
        ae = AE(ae_title="PYNET")
        ae.add_requested_context(Verification)
        association = ae.associate("127.0.0.1", self.port, ae_title="ARCHIVE", ext_neg=[item])
        self.assertTrue(association.is_established)
        self.assertEqual(association.acceptor.asynchronous_operations, (5, 2))
        self.assertEqual(association.send_c_echo().Status, SUCCESS)
        association.release()


class PerformedTests(WindowTest):
    """What the archive performs for a requester that has several requests outstanding."""

    def stuck(self, client, number=1, priority=MEDIUM):
        """A C-GET that waits for the response to its first C-STORE."""
        client.send(client.get(number, priority))
        request = client.read()
        self.assertEqual(request.field, STORE_RQ)
        return request

    def test_the_most_urgent_is_performed_first(self):
        """PS3.7 9.1.2, Priority (0000,0700): high, medium, low; each request has its own responses."""
        self.open_archive()
        client = self.client()
        client.send(client.find(1, LOW) + client.find(2, HIGH) + client.find(3, MEDIUM) + client.find(4, HIGH))
        seen = self.until_final(client, 1)
        self.assertEqual([message.id for message in seen if message.status == SUCCESS], [2, 4, 3, 1])
        for number in range(1, 5):
            self.assertEqual(sum(1 for message in seen if message.id == number and message.data), 2)

    def test_a_cancel_finds_the_request_that_waits_for_its_turn(self):
        """PS3.7 9.3.2.3: answered FE00H without a search, a retrieval with its counts (PS3.4 C.4.2.1.5); the others aren't touched."""
        self.open_archive()
        client = self.client((8, 1))
        request = self.stuck(client)
        client.send(client.find(2) + client.find(3) + client.move(4, "NOBODY") + client.get(5))
        client.send(client.cancel(3) + client.cancel(4, MOVE_ID) + client.cancel(5, GET_ID) + client.cancel(77))
        client.send(client.stored(request))
        seen = self.until_final(client, 5)
        finals = {message.id: message.status for message in seen if message.field & 0x8000 and message.status != PENDING}
        self.assertEqual(finals, {1: SUCCESS, 2: SUCCESS, 3: CANCEL, 4: CANCEL, 5: CANCEL})
        counts = {message.id: message.counts for message in seen if message.status == CANCEL}
        self.assertEqual(counts, {3: (None,) * 4, 4: (None, 0, 0, 0), 5: (None, 0, 0, 0)})
        self.assertEqual(sum(1 for message in seen if message.id == 3 and message.field == FIND_RSP), 1)
        self.assertEqual(sum(1 for message in seen if message.id == 2 and message.status == PENDING), 2)

    def test_a_message_id_that_is_taken_is_refused(self):
        """PS3.7 Annex C: 0210H, duplicate invocation; the operation that has it goes on."""
        self.open_archive()
        client = self.client((8, 1))
        request = self.stuck(client)
        client.send(client.find(1) + client.find(2) + client.find(2))
        client.send(client.stored(request))
        self.assertEqual(self.until_final(client, 1, GET_RSP)[-1].counts[1:], (10, 0, 0))
        seen = [client.read() for _ in range(5)]
        self.assertEqual([(message.id, message.field, message.status) for message in seen], [(1, FIND_RSP, 0x0210), (2, FIND_RSP, PENDING), (2, FIND_RSP, PENDING), (2, FIND_RSP, SUCCESS), (2, FIND_RSP, 0x0210)])

    def test_identifiers_that_would_take_too_much_memory_are_refused(self):
        """PS3.7 Annex C: 0213H, resource limitation; the association lives."""
        self.open_archive()
        client = self.client((8, 1))
        request = self.stuck(client)
        long = identifier("STUDY", StudyInstanceUID="\\".join(["1.2.3.1"] * 9_000))
        for number in range(2, 18):
            client.send(client.find(number, keys=long))
        client.send(client.stored(request))
        seen = self.until_final(client, 17)
        refused = [message.id for message in seen if message.status == 0x0213]
        self.assertTrue(refused)
        self.assertNotIn(2, refused)
        client.send(client.echo(1))
        self.assertEqual(client.read().status, SUCCESS)

    def test_an_echo_does_not_wait_for_a_retrieval_but_every_query_does(self):
        """PS3.7 9.1.2, 9.1.5: performed between two sub-operations; the queries come behind it, the more urgent first."""
        self.open_archive()
        client = self.client((8, 1))
        request = self.stuck(client)
        client.send(client.find(4, MEDIUM) + client.find(3, HIGH) + client.echo(2))
        client.send(client.stored(request))
        seen = [message for message in self.until_final(client, 4) if message.field != STORE_RQ and message.status != PENDING]
        self.assertEqual([message.id for message in seen], [2, 1, 3, 4])

    def test_requests_without_a_window_are_performed_as_they_come(self):
        self.open_archive()
        client = self.client(None)
        client.send(client.find(1, LOW) + client.find(1, HIGH) + client.echo(1))
        fields = []
        while len(fields) < 3:
            message = client.read()
            if message.status != PENDING:
                fields.append((message.field, message.status))
        self.assertEqual(fields, [(FIND_RSP, SUCCESS), (FIND_RSP, SUCCESS), (ECHO_RSP, SUCCESS)])


class GetTests(WindowTest):
    """C-STOREs of a C-GET (PS3.4 C.4.3.2): as many outstanding as the requester lets us invoke."""

    def outstanding(self, client, count):
        """So many C-STORE-RQs, and no more."""
        requests = []
        while len(requests) < count:
            message = client.read()
            if message.field == STORE_RQ:
                requests.append(message)
            else:
                self.assertEqual(message.status, PENDING)
        self.assertTrue(client.is_quiet(QUIET_SECONDS), f"more than {count} are outstanding")
        return requests

    def test_as_many_are_outstanding_as_the_requester_performs(self):
        self.open_archive()
        for window, count in [(None, 1), ((8, 1), 1), ((1, 3), 3), ((1, 8), 8), ((1, 0), 10)]:
            with self.subTest(window=window):
                client = self.client(window)
                client.send(client.get(1))
                requests = self.outstanding(client, count)
                self.assertEqual(len({request.id for request in requests}), count)
                for request in requests:
                    client.send(client.stored(request))
                final = self.until_final(client, 1, GET_RSP)[-1]
                self.assertEqual((final.status, final.counts), (SUCCESS, (None, 10, 0, 0)))

    def test_responses_in_any_order_are_counted_for_their_own_instance(self):
        """PS3.7 9.1.1.1: by Message ID Being Responded To."""
        self.open_archive()
        client = self.client((1, 3))
        client.send(client.get(1))
        waiting, failed, warned, stored = self.outstanding(client, 3), [], [], []
        final = None
        while final is None:
            # The youngest first.
            if waiting:
                request = waiting.pop()
                stored.append(request.instance)
                status = {0: 0xA700, 1: 0xB000}.get(len(stored) % 5, 0)
                {0xA700: failed, 0xB000: warned}.get(status, []).append(request.instance)
                client.send(client.stored(request, status))
            if waiting and not client.messages_in.has_more(QUIET_SECONDS if len(waiting) < 3 else 0):
                continue
            message = client.read()
            if message.field == STORE_RQ:
                waiting.append(message)
                self.assertLessEqual(len(waiting), 3)
            elif message.status != PENDING:
                final = message
            else:
                self.assertEqual(sum(message.counts), 10)
        self.assertEqual(sorted(stored), sorted(self.uids))
        self.assertEqual((final.status, final.counts), (0xB000, (None, 10 - len(failed) - len(warned), len(failed), len(warned))))
        listed = final.data[8:].rstrip(b"\0").decode().split("\\")
        self.assertEqual(sorted(listed), sorted(failed))

    def test_a_cancel_stops_the_sending_and_what_is_outstanding_is_counted(self):
        """PS3.4 C.4.3.3: FE00H with all four counts."""
        self.open_archive()
        client = self.client((1, 4))
        client.send(client.get(1))
        requests = self.outstanding(client, 4)
        client.send(client.cancel(1, 5))
        for request in reversed(requests):
            client.send(client.stored(request))
        seen = self.until_final(client, 1, GET_RSP)
        sent = 4 + sum(1 for message in seen if message.field == STORE_RQ)
        # The archive may have been about to send one when the cancel came.
        self.assertLessEqual(sent, 5)
        self.assertEqual((seen[-1].status, seen[-1].counts), (CANCEL, (10 - sent, sent, 0, 0)))

    def test_a_requester_that_goes_away_with_stores_outstanding_harms_nobody(self):
        self.open_archive()
        for end in (b"", RELEASE_RQ):
            client = self.client((1, 4))
            client.send(client.get(1))
            self.outstanding(client, 4)
            client.send(end)
            client.close()
        with WindowClient(self.port) as other:
            other.send(other.echo(1))
            self.assertEqual(other.read().status, SUCCESS)

    def test_sub_operations_have_the_priority_of_the_retrieval(self):
        """PS3.4 C.4.3.1.2."""
        self.open_archive()
        for priority in (LOW, MEDIUM, HIGH):
            client = self.client((1, 2))
            client.send(client.get(1, priority))
            seen = self.until_final(client, 1, GET_RSP)
            self.assertEqual({message.priority for message in seen if message.field == STORE_RQ}, {priority})


class MoveTests(WindowTest):
    """C-STOREs of a C-MOVE (PS3.4 C.4.2.2): as many outstanding as the destination accepts of what is proposed."""

    def move(self, destination, parameters="", priority=MEDIUM):
        self.open_archive(parameters, hosts=f"dest = (DEST, 127.0.0.1, {destination.port})")
        client = self.client(None)
        client.send(client.move(1, "DEST", priority))
        return self.until_final(client, 1, MOVE_RSP)[-1]

    def collecting(self, count):
        """Answers, once `count` are outstanding or no more come, the youngest first; notes how many there were at most."""
        def serve(destination, messages, peer):
            waiting = []
            while True:
                if waiting and (len(waiting) >= count or not messages.has_more(QUIET_SECONDS)):
                    destination.answer(peer, waiting.pop())
                    continue
                message = messages.read()
                if message is None:
                    if messages.end == 5:
                        peer.sendall(bytes([6, 0, 0, 0, 0, 4, 0, 0, 0, 0]))
                    return
                destination.requests.append(message)
                waiting.append(message)
                destination.most = max(getattr(destination, "most", 0), len(waiting))
        return serve

    def check(self, destination, final, completed=10):
        self.assertEqual((final.status, final.counts), (SUCCESS, (None, completed, 0, 0)))
        self.assertEqual({message.instance for message in destination.requests}, set(self.uids))

    def test_a_window_is_proposed_and_used_as_far_as_it_is_accepted(self):
        for window, count in [((8, 1), 8), ((3, 1), 3), ((1, 1), 1)]:
            with self.subTest(window=window), Destination(window, self.collecting(count)) as destination:
                final = self.move(destination, priority=HIGH)
                self.assertEqual((destination.offers, destination.most), ([(8, 1)], count))
                self.check(destination, final)
                self.assertEqual(len(destination.requests), 10)
                self.assertEqual({message.priority for message in destination.requests}, {HIGH})

    def test_a_destination_that_answers_no_item_gets_one_at_a_time(self):
        with Destination(None, self.collecting(2)) as destination:
            self.check(destination, self.move(destination))
            self.assertEqual((destination.offers, destination.most), ([(8, 1)], 1))

    def test_move_window_1_proposes_nothing(self):
        with Destination((8, 1), self.collecting(1)) as destination:
            self.check(destination, self.move(destination, "MoveWindow = 1"))
            self.assertEqual(destination.offers, [None])

    def test_a_destination_that_does_not_take_the_item_is_asked_without_it(self):
        """It aborts, closes, or rejects without a reason (1/1/1)."""
        refusals = {
            "abort": lambda peer: peer.sendall(bytes([7, 0, 0, 0, 0, 4, 0, 0, 2, 4])), "close": lambda peer: None,
            "reject": lambda peer: peer.sendall(bytes([3, 0, 0, 0, 0, 4, 0, 1, 1, 1]))}
        for name, refuse in refusals.items():
            with self.subTest(name), Destination(None, self.collecting(1), refuse) as destination:
                self.check(destination, self.move(destination))
                self.assertEqual(destination.offers, [(8, 1), None])

    def test_a_rejection_with_a_reason_is_not_asked_again(self):
        with Destination(None, None, lambda peer: peer.sendall(bytes([3, 0, 0, 0, 0, 4, 0, 1, 1, 7]))) as destination:
            final = self.move(destination)
            self.assertEqual((final.status, destination.offers), (0xA702, [(8, 1)]))

    def test_a_destination_that_drops_the_association_over_the_window_gets_all_without_it(self):
        """At the first message, whether or not it answered the item, or with some outstanding."""
        def dropping(after):
            def serve(destination, messages, peer):
                if destination.offers[-1] is None:
                    return self.collecting(1)(destination, messages, peer)
                for number in range(after):
                    request = messages.read()
                    if number == 0 and after > 1:
                        destination.answer(peer, request)
            return serve
        for window in (None, (4, 1)):
            for after in (1, 3):
                if window is None and after > 1:
                    continue
                with self.subTest(window=window, after=after), Destination(window, dropping(after)) as destination:
                    final = self.move(destination)
                    self.assertEqual((final.status, final.counts), (SUCCESS, (None, 10, 0, 0)))
                    self.assertEqual(destination.offers, [(8, 1), None])


class StoreWindowTests(StoreTest):
    def test_stores_that_are_sent_without_waiting_are_each_acknowledged(self):
        """PS3.7 9.1.1, D.3.3.3, in fileroom-stored."""
        self.open_store()
        for window, answer in [((0, 0), (16, 16)), ((8, 1), (8, 1)), (None, None)]:
            with self.subTest(window=window), self.sender(user=window_item(*window) if window else b"") as sender:
                answered = [struct.unpack(">HH", value) for kind, value in sender.user if kind == 0x53]
                self.assertEqual(answered, [answer] if answer else [])
                uids = [f"1.2.3.{window[0] if window else 1}.7.{number}" for number in range(1, 9)]
                first = sender.messages + 1
                wire = b""
                for uid in uids:
                    wire += sender.request(instance=uid) + sender.parts(data_set(uid))
                sender.send(wire)
                responses = [sender.answer() for _ in uids]
                self.assertEqual([response.status for response in responses], [0] * 8)
                ids = [struct.unpack("<H", response.elements[0x00000120])[0] for response in responses]
                self.assertEqual(ids, list(range(first, first + 8)))
        self.assertEqual(len(self.files()), 24)
