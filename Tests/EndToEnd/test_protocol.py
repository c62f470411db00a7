"""The upper layer and DIMSE on the wire, line by line (PS3.8 §9.3, PS3.7 §D.3.3, §E, Annex C): every byte is made and read here."""

import socket
import struct

from asking import EXPLICIT, IMPLICIT, MODELS, Broken, encoded, item, number, raw
from fileroom import CT, ArchiveTest, make_instance, save
from naive_archive import agreed_bytes

APPLICATION = b"1.2.840.10008.3.1.1.1"
VERIFICATION = b"1.2.840.10008.1.1"
FIND, GET, MOVE = ((MODELS["study"] + end).encode() for end in (".1", ".3", ".2"))
LITTLE, EXPLICIT_LITTLE, JPEG = IMPLICIT.encode(), EXPLICIT.encode(), b"1.2.840.10008.1.2.4.50"
MAXIMUM, IMPLEMENTATION = item(0x51, struct.pack(">I", 16_384)), item(0x52, b"2.25.1")
AC, RJ, DATA, RELEASE_RP, ABORT = 2, 3, 4, 6, 7
RELEASE_RQ = b"\5\0\0\0\0\4\0\0\0\0"
OURS = 131_072
ECHO = {0x00000002: VERIFICATION, 0x00000100: b"\x30\0", 0x00000110: b"\1\0", 0x00000800: b"\1\1"}
FIND_COMMAND = {0x00000002: FIND, 0x00000100: b"\x20\0", 0x00000110: b"\1\0", 0x00000700: b"\0\0", 0x00000800: b"\0\0"}
STUDIES = {0x00080052: ("CS", b"STUDY"), 0x0020000D: ("UI", b"")}


def context(number, abstract, *syntaxes):
    return item(0x20, bytes([number, 0, 0, 0]) + item(0x30, abstract) + b"".join(item(0x40, one) for one in syntaxes))


def uid_item(kind, uid, rest):
    return item(kind, struct.pack(">H", len(uid)) + uid + rest)


def command(elements):
    body = encoded({tag: ("UN", value) for tag, value in elements.items()}, IMPLICIT)
    return encoded({0: ("UL", struct.pack("<I", len(body)))}, IMPLICIT) + body


def pdv(body, control, number=1):
    return struct.pack(">IBB", len(body) + 2, number, control) + body


def pdu(*pdvs):
    body = b"".join(pdvs)
    return struct.pack(">BBI", DATA, 0, len(body)) + body


class Wire:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 20)
        self.stream = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.socket.close()

    def pdu(self):
        head = self.stream.read(6)
        return (head[0], self.stream.read(int.from_bytes(head[2:], "big"))) if len(head) == 6 else (None, b"")

    def ask(self, wire):
        self.socket.sendall(wire)
        return self.pdu()

    def request(self, contexts, called=b"ARCHIVE", calling=b"WIRE", version=1, application=APPLICATION, user=MAXIMUM + IMPLEMENTATION, more=b"", reserved=bytes(32)):
        """Sends an A-ASSOCIATE-RQ; the answer's type and body."""
        body = struct.pack(">HH", version, 0) + called.ljust(16) + calling.ljust(16) + reserved + (item(0x10, application) if application else b"") + contexts + more + item(0x50, user)
        return self.ask(struct.pack(">BBI", 1, 0, len(body)) + body)

    def response(self):
        """The command of the next message, its fragments' lengths, and its data set or None."""
        parts, lengths = {1: b"", 0: b""}, []
        while True:
            kind, body = self.pdu()
            if kind != DATA:
                raise Broken(kind, body)
            lengths.append(len(body))
            while body:
                (length,) = struct.unpack_from(">I", body)
                parts[body[5] & 1] += body[6:4 + length]
                is_last, is_command, body = body[5] & 2, body[5] & 1, body[4 + length:]
                if is_last and (not is_command or raw(parts[1])[0x00000800] == b"\1\1"):
                    return raw(parts[1]), lengths, parts[0] if not is_command else None


def items_of(body):
    found, at = [], 0
    while at < len(body):
        kind, _, length = struct.unpack_from(">BBH", body, at)
        found.append((kind, body[at + 4:at + 4 + length]))
        at += 4 + length
    return found


def answered(body):
    """Of an A-ASSOCIATE-AC: result and syntax of each context by its ID, in order, and the user items."""
    items = items_of(body[68:])
    contexts = [(value[0], value[2], value[8:]) for kind, value in items if kind == 0x21]
    return contexts, items_of(next(value for kind, value in items if kind == 0x50))


class ProtocolTest(ArchiveTest):
    def setUp(self):
        super().setUp()
        for number in range(1, 41):
            save(make_instance(f"1.2.3.{number}", f"1.2.3.{number}.1", f"1.2.3.{number}.1.1", pixels=32), self.area / str(number))
        self.open_archive()

    def associated(self, contexts=context(1, FIND, LITTLE), **more):
        wire = Wire(self.port)
        self.close_first(wire.__exit__)
        kind, body = wire.request(contexts, **more)
        self.assertEqual(kind, AC, body)
        return wire

    def status_of(self, elements, identifier=None, contexts=context(1, FIND, LITTLE)):
        wire = self.associated(contexts)
        data = [] if identifier is None else [pdv(encoded(identifier, IMPLICIT), 2)]
        wire.socket.sendall(pdu(pdv(command(elements), 3), *data))
        return wire.response()[0]


class AssociationTests(ProtocolTest):
    """PS3.8 §9.3.2 to §9.3.4, §9.3.8."""

    def test_of_the_protocol_version_only_bit_0_is_tested(self):
        for version, expected in ((1, AC), (3, AC), (0xFFFF, AC), (2, RJ), (0, RJ)):
            with self.subTest(version=version), Wire(self.port) as wire:
                kind, body = wire.request(context(1, FIND, LITTLE), version=version)
                self.assertEqual(kind, expected)
                if kind == RJ:
                    self.assertEqual(body, b"\0\1\2\2", "permanent, ACSE, protocol version")

    def test_spaces_at_both_ends_of_a_title_say_nothing_and_titles_come_back_as_sent(self):
        for called in (b"ARCHIVE", b" ARCHIVE", b"   ARCHIVE  "):
            with self.subTest(called=called), Wire(self.port) as wire:
                kind, body = wire.request(context(1, FIND, LITTLE), called=called, reserved=bytes(range(32)))
                self.assertEqual((kind, body[4:20], body[20:36], body[36:68]), (AC, called.ljust(16), b"WIRE".ljust(16), bytes(range(32))))
        for called in (b"archive", b"ARCHIVE2"):
            with self.subTest(called=called), Wire(self.port) as wire:
                self.assertEqual(wire.request(context(1, FIND, LITTLE), called=called), (RJ, b"\0\1\1\7"), "case counts (PS3.5 6.2)")

    def test_another_application_context_is_rejected(self):
        for application in (b"1.2.840.10008.3.1.1.2", None):
            with Wire(self.port) as wire:
                self.assertEqual(wire.request(context(1, FIND, LITTLE), application=application), (RJ, b"\0\1\1\2"))

    def test_unknown_items_are_skipped(self):
        wire = Wire(self.port)
        self.close_first(wire.__exit__)
        kind, body = wire.request(item(0x99, b"?") + context(1, FIND, LITTLE), more=item(0x61, b""), user=item(0x70, b"??") + MAXIMUM + item(0x5A, b"x") + IMPLEMENTATION)
        self.assertEqual(kind, AC)
        self.assertEqual(answered(body)[0], [(1, 0, LITTLE)])

    def test_a_uid_with_padding_is_taken_and_none_is_sent(self):
        wire = Wire(self.port)
        self.close_first(wire.__exit__)
        _, body = wire.request(context(1, FIND + b"\0", LITTLE + b"\0") + context(3, FIND + b" ", EXPLICIT_LITTLE + b" "), application=APPLICATION + b"\0")
        contexts, user = answered(body)
        self.assertEqual(contexts, [(1, 0, LITTLE), (3, 0, EXPLICIT_LITTLE)])
        self.assertNotIn(dict(user)[0x52][-1:], b"\0 ")

    def test_each_of_128_contexts_is_answered_once_with_its_result(self):
        proposed = [(FIND, LITTLE), (b"1.2.840.10008.5.1.4.31", LITTLE), (FIND, JPEG), (FIND, EXPLICIT_LITTLE), (VERIFICATION, LITTLE), (FIND, b"1.2.3")]
        wire = Wire(self.port)
        self.close_first(wire.__exit__)
        _, body = wire.request(b"".join(context(1 + 2 * index, *proposed[index % 6]) for index in range(128)))
        contexts, _ = answered(body)
        self.assertEqual([(number, result) for number, result, _ in contexts], [(1 + 2 * index, [0, 3, 4, 0, 0, 4][index % 6]) for index in range(128)])
        for index, (_, result, syntax) in enumerate(contexts):
            if result == 0:
                self.assertEqual(syntax, proposed[index % 6][1], "one of those proposed")

    def test_an_association_without_a_context_is_an_association(self):
        wire = Wire(self.port)
        self.close_first(wire.__exit__)
        kind, body = wire.request(context(1, b"1.2.840.10008.5.1.4.31", LITTLE))
        self.assertEqual((kind, answered(body)[0][0][:2]), (AC, (1, 3)))
        self.assertEqual(wire.ask(RELEASE_RQ), (RELEASE_RP, bytes(4)))

    def test_user_information_says_what_we_take_and_who_we_are(self):
        wire = Wire(self.port)
        self.close_first(wire.__exit__)
        _, body = wire.request(context(1, FIND, LITTLE))
        user = answered(body)[1]
        self.assertEqual([kind for kind, _ in user], [0x51, 0x52, 0x55], "nothing is answered that was not offered")
        found = dict(user)
        self.assertEqual(struct.unpack(">I", found[0x51]), (OURS,))
        self.assertTrue(1 <= len(found[0x55]) <= 16 and len(found[0x52]) <= 64)

    def test_an_abort_names_its_source_and_reason(self):
        cases = [
            ("unrecognised PDU", b"\x55\0\0\0\0\0", 1), ("unexpected PDU", b"\3\0\0\0\0\4\0\1\1\1", 2), ("a second request", b"\1\0\0\0\0\4" + bytes(4), None),
            ("a PDV of no context", pdu(pdv(command(ECHO), 3, 9)), None), ("a PDV that is longer than its PDU", struct.pack(">BBI", DATA, 0, 10) + struct.pack(">IBB", 400, 1, 3) + b"1234", None),
            ("a PDU over what we take", struct.pack(">BBI", DATA, 0, OURS + 2) + pdv(bytes(OURS - 4), 1), None)]
        for what, wire_bytes, reason in cases:
            with self.subTest(what):
                wire = self.associated(context(1, VERIFICATION, LITTLE))
                kind, body = wire.ask(wire_bytes)
                self.assertEqual((kind, body[:3]), (ABORT, b"\0\0\2"), "service provider")
                self.assertIn(body[3], (0, 1, 2, 4, 5, 6))
                if reason is not None:
                    self.assertEqual(body[3], reason)
        # Before there is an association the source is the user (§9.2, AA-1).
        with Wire(self.port) as wire:
            self.assertEqual(wire.ask(RELEASE_RQ)[0], ABORT)


class NegotiationTests(ProtocolTest):
    """PS3.7 §D.3.3."""

    def user_items(self, contexts, offered):
        with Wire(self.port) as wire:
            kind, body = wire.request(contexts, user=MAXIMUM + IMPLEMENTATION + offered)
            self.assertEqual(kind, AC)
            return [one for one in answered(body)[1] if one[0] not in (0x51, 0x52, 0x55)]

    def test_roles_are_answered_for_storage_alone_and_never_raised(self):
        """The requester may be SCP of what a C-GET brings, SCU only where instances are stored; of a class that is for neither no context is accepted."""
        ct = CT.encode()
        contexts = context(1, GET, LITTLE) + context(3, ct, LITTLE)
        nothing = {(0, 1): [(0, 1)], (1, 1): [(0, 1)], (1, 0): [], (0, 0): []}
        for name, more, answers in (
            ("stores", {}, {(0, 1): [(0, 1)], (1, 1): [(1, 1)], (1, 0): [(1, 0)], (0, 0): []}),
            ("in an area that is only read", dict(areas=f"ARCHIVE {self.area} R (0, 0) ANY"), nothing),
            ("where another daemon stores", dict(parameters=f"StorageTCPPort = {self.free_port()}"), nothing),
        ):
            self.open_archive(**more)
            for offered, expected in answers.items():
                with self.subTest(name, offered=offered):
                    items = self.user_items(contexts, uid_item(0x54, ct, bytes(offered)))
                    self.assertEqual([(value[2:-2], tuple(value[-2:])) for kind, value in items if kind == 0x54], [(ct, answer) for answer in expected])
            # Of what has no context nothing is said, of what is no storage class neither, and nothing that was not offered.
            self.assertEqual(self.user_items(contexts, uid_item(0x54, b"1.2.3.4", b"\1\1")), [])
            self.assertEqual(self.user_items(contexts, uid_item(0x54, GET, b"\1\1")), [])
            self.assertEqual(self.user_items(contexts, b""), [])

    def test_extended_negotiation_is_answered_byte_by_byte(self):
        for sop_class, bits in ((FIND, agreed_bytes()), (GET, [1, 0]), (MOVE, [1, 0])):
            for length in range(1, len(bits) + 1):
                for offered in ([1] * length, [0] * length, [int(index == length - 1) for index in range(length)]):
                    with self.subTest(sop_class=sop_class, offered=offered):
                        [(kind, value)] = self.user_items(context(1, sop_class, LITTLE), uid_item(0x56, sop_class, bytes(offered)))
                        agreed = list(value[2 + len(sop_class):])
                        self.assertEqual((kind, value[2:2 + len(sop_class)]), (0x56, sop_class))
                        self.assertTrue(1 <= len(agreed) <= length)
                        self.assertEqual(agreed, [wanted & done for wanted, done in zip(offered, bits)])
        self.assertEqual(self.user_items(context(1, FIND, LITTLE), uid_item(0x56, b"1.2.3", b"\1")), [])

    def test_common_extended_negotiation_is_read_and_never_answered(self):
        body = uid_item(0, b"1.2.3.4", b"")[4:] + struct.pack(">H", 17) + b"1.2.840.10008.4.2" + struct.pack(">H", 0)
        self.assertEqual(self.user_items(context(1, FIND, LITTLE), item(0x57, body)), [])

    def test_a_user_identity_that_nobody_checks_is_not_confirmed(self):
        for kind, primary, secondary in ((1, b"me", b""), (2, b"me", b"secret"), (3, b"ticket", b""), (4, b"<saml/>", b""), (5, b"e30.e30.", b"")):
            for wants_answer in (0, 1):
                body = bytes([kind, wants_answer]) + struct.pack(">H", len(primary)) + primary + struct.pack(">H", len(secondary)) + secondary
                self.assertEqual(self.user_items(context(1, FIND, LITTLE), item(0x58, body)), [])


class MessageTests(ProtocolTest):
    """PS3.8 §9.3.5 and Annex E; PS3.7 §6.3.1, §9.3 and Annexes C, E."""

    def test_fragments_keep_to_the_peers_maximum(self):
        for maximum in (0, 128, 1_024, 4_097, 16_384):
            with self.subTest(maximum=maximum):
                wire = self.associated(user=item(0x51, struct.pack(">I", maximum)) + IMPLEMENTATION)
                wire.socket.sendall(pdu(pdv(command(FIND_COMMAND), 3), pdv(encoded(STUDIES | {tag: ("LO", b"") for tag in (0x00100010, 0x00100020, 0x00081030)}, IMPLICIT), 2)))
                count = 0
                while True:
                    elements, lengths, data = wire.response()
                    for length in lengths:
                        self.assertTrue(not maximum or length <= maximum, length)
                        self.assertEqual(length % 2, 0)
                    if number(elements, 0x00000900) == 0:
                        break
                    count += 1
                self.assertEqual(count, 40)

    def test_an_identifier_of_over_a_mebibyte_has_the_status_of_its_service(self):
        """PS3.4 Tables C.4-1, C.4-2, C.4-3: out of resources; matches that can't be counted. The association lives."""
        cases = [(FIND, 0x20, 0xA700), (MOVE, 0x21, 0xA701), (GET, 0x10, 0xA701)]
        for sop_class, field, expected in cases:
            with self.subTest(field=hex(field)):
                wire = self.associated(context(1, sop_class, LITTLE))
                elements = FIND_COMMAND | {0x00000002: sop_class, 0x00000100: struct.pack("<H", field)} | ({0x00000600: b"ANYONE"} if field == 0x21 else {})
                part = pdu(pdv(bytes(16_000), 0))
                wire.socket.sendall(pdu(pdv(command(elements), 3)) + part * 70 + pdu(pdv(b"", 2)))
                answer = wire.response()[0]
                self.assertEqual(number(answer, 0x00000900), expected)
                self.assertIn(b"over 1048576 bytes", answer[0x00000902])
                self.assertEqual(wire.ask(RELEASE_RQ)[0], RELEASE_RP)

    def test_a_message_may_come_in_any_pieces(self):
        whole, keys = command(FIND_COMMAND), encoded(STUDIES, IMPLICIT)
        cuts = {
            "all in one PDU": [pdu(pdv(whole, 3), pdv(keys, 2))], "a PDU each": [pdu(pdv(whole, 3)), pdu(pdv(keys, 2))],
            "a byte each": [pdu(pdv(part[at:at + 1], kind | (2 if at + 1 == len(part) else 0))) for part, kind in ((whole, 1), (keys, 0)) for at in range(len(part))],
            "many PDVs in one PDU": [pdu(*(pdv(part[at:at + 3], kind | (2 if at + 3 >= len(part) else 0)) for part, kind in ((whole, 1), (keys, 0)) for at in range(0, len(part), 3)))],
            "an empty last fragment": [pdu(pdv(whole, 1), pdv(b"", 3), pdv(keys, 0)), pdu(pdv(b"", 2))]}
        for what, wire_bytes in cuts.items():
            with self.subTest(what):
                wire = self.associated()
                wire.socket.sendall(b"".join(wire_bytes))
                statuses = [number(wire.response()[0], 0x00000900) for _ in range(41)]
                self.assertEqual(statuses, [0xFF00] * 40 + [0])

    def test_a_data_set_in_another_context_than_its_command_is_a_fault(self):
        wire = self.associated(context(1, FIND, LITTLE) + context(3, FIND, EXPLICIT_LITTLE))
        kind, body = wire.ask(pdu(pdv(command(FIND_COMMAND), 3, 1), pdv(encoded(STUDIES, IMPLICIT), 2, 3)))
        self.assertEqual((kind, body[2]), (ABORT, 2))

    def test_responses_are_in_implicit_little_endian_with_their_length_first_and_ascending(self):
        wire = self.associated(context(1, FIND, EXPLICIT_LITTLE))
        wire.socket.sendall(pdu(pdv(command(FIND_COMMAND), 3), pdv(encoded(STUDIES, EXPLICIT), 2)))
        kind, body = wire.pdu()
        (length,) = struct.unpack_from(">I", body)
        elements = body[6:4 + length]
        self.assertEqual(struct.unpack_from("<HHII", elements), (0, 0, 4, len(elements) - 12))
        self.assertEqual(list(raw(elements)), sorted(raw(elements)))
        found = raw(elements)
        self.assertEqual((found[0x00000002].rstrip(b"\0"), found[0x00000100], found[0x00000120]), (FIND, b"\x20\x80", b"\1\0"))

    def test_only_0101_means_no_data_set(self):
        for value in (b"\0\0", b"\1\0", b"\2\1", b"\xff\xff"):
            self.assertEqual(number(self.status_of(FIND_COMMAND | {0x00000800: value}, STUDIES), 0x00000900), 0xFF00)
        found = self.status_of(FIND_COMMAND | {0x00000800: b"\1\1"})
        self.assertEqual(number(found, 0x00000900), 0xA900, "a query without an identifier")

    def test_any_priority_and_message_id_will_do(self):
        for priority in (0, 1, 2, 7):
            for message in (0, 1, 65_535):
                found = self.status_of(FIND_COMMAND | {0x00000700: struct.pack("<H", priority), 0x00000110: struct.pack("<H", message)}, STUDIES)
                self.assertEqual((number(found, 0x00000900), number(found, 0x00000120)), (0xFF00, message))
        without = {tag: value for tag, value in FIND_COMMAND.items() if tag != 0x00000700}
        self.assertEqual(number(self.status_of(without, STUDIES), 0x00000900), 0xFF00)

    def test_what_is_not_provided_is_refused_with_its_status(self):
        verification = context(1, VERIFICATION, LITTLE)
        cases = [
            ("another class than the context's", FIND_COMMAND | {0x00000002: MOVE}, STUDIES, context(1, FIND, LITTLE), 0x0122),
            ("an operation that isn't the context's", FIND_COMMAND | {0x00000002: VERIFICATION}, STUDIES, verification, 0x0122),
            ("C-STORE in a context for queries", FIND_COMMAND | {0x00000100: b"\1\0", 0x00001000: b"1.2.3"}, STUDIES, context(1, FIND, LITTLE), 0x0122),
            ("N-GET", {0x00000003: VERIFICATION, 0x00000100: b"\x10\1", 0x00000110: b"\1\0", 0x00000800: b"\1\1", 0x00001001: b"1.2.3"}, None, verification, 0x0211),
            ("N-ACTION", {0x00000003: VERIFICATION, 0x00000100: b"\x30\1", 0x00000110: b"\1\0", 0x00000800: b"\1\1", 0x00001001: b"1.2.3", 0x00001008: b"\1\0"}, None, verification, 0x0211),
            ("no operation at all", ECHO | {0x00000100: b"\x77\7"}, None, verification, 0x0211),
            ("C-ECHO", ECHO, None, verification, 0x0000)]
        for what, elements, identifier, contexts, status in cases:
            with self.subTest(what):
                found = self.status_of(elements, identifier, contexts)
                self.assertEqual(f"{number(found, 0x00000900):04X}", f"{status:04X}")
                self.assertEqual(number(found, 0x00000100), number(elements, 0x00000100) | 0x8000)
                comment = found.get(0x00000902, b"")
                self.assertTrue(len(comment) <= 64 and comment.isascii())

    def test_a_cancel_of_nothing_has_no_answer(self):
        wire = self.associated(context(1, FIND, LITTLE) + context(3, VERIFICATION, LITTLE))
        wire.socket.sendall(pdu(pdv(command({0x00000100: b"\xff\x0f", 0x00000120: b"\7\0", 0x00000800: b"\1\1"}), 3)) + pdu(pdv(command(ECHO), 3, 3)))
        self.assertEqual(number(wire.response()[0], 0x00000100), 0x8030)
        self.assertEqual(wire.ask(RELEASE_RQ), (RELEASE_RP, bytes(4)))
