"""Identifiers in every form in which a data set may be (PS3.5 §6.2, §7.1, §7.5, Annex A), as C-FIND gets them and gives them back."""

import struct

from asking import EXPLICIT, IMPLICIT, Association, decoded, encoded, number
from fileroom import ArchiveTest, make_instance, save
from pydicom.dataset import Dataset
from test_protocol import FIND, FIND_COMMAND, LITTLE, MAXIMUM, IMPLEMENTATION, Wire, command, context, pdu, pdv

BIG, DEFLATED = b"1.2.840.10008.1.2.2", b"1.2.840.10008.1.2.1.99"
ENDLESS = 0xFFFFFFFF


def element(tag, value, length=None, vr=None):
    """Implicit VR Little Endian, or Explicit where a VR is given."""
    length = len(value) if length is None else length
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF)
    if vr is None:
        return head + struct.pack("<I", length) + value
    return head + vr + (struct.pack("<HI", 0, length) if vr in (b"SQ", b"UN", b"OB", b"UT") else struct.pack("<H", length)) + value


LEVEL, UID_KEY = element(0x00080052, b"STUDY "), element(0x0020000D, b"")


class IdentifierTests(ArchiveTest):
    def setUp(self):
        super().setUp()
        for number in (1, 2, 3):
            request = Dataset()
            request.ScheduledProcedureStepID, request.RequestedProcedureID = f"S{number}", f"R{number}"
            code = Dataset()
            code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = f"C{number}", "99X", "a code"
            save(
                make_instance(
                    f"1.2.3.{number}", f"1.2.3.{number}.1", f"1.2.3.{number}.1.1", pixels=32, PatientID=f"P{number}", StudyDate=f"2020010{number}", ProcedureCodeSequence=[code],
                    RequestAttributesSequence=[request], Rows=16), self.area / str(number))
        self.open_archive()

    def ask(self, identifier, syntax=LITTLE):
        """The studies that are found, or the status where that isn't success; the identifiers' bytes."""
        with Wire(self.port) as wire:
            wire.request(context(1, FIND, syntax), user=MAXIMUM + IMPLEMENTATION)
            wire.socket.sendall(pdu(pdv(command(FIND_COMMAND), 3), pdv(identifier, 2)))
            found = []
            while True:
                elements, _, data = wire.response()
                status = number(elements, 0x00000900)
                if status not in (0xFF00, 0xFF01):
                    return (status, found) if status else (sorted(found), [])
                uid = b"\x20\0\x0d\0" if syntax != BIG else b"\0\x20\0\x0d"
                at = data.index(uid)
                found.append(data[at + 8:at + 18].rstrip(b"\0").decode("ascii", "replace")[:7])

    def studies(self, *numbers):
        return [f"1.2.3.{number}" for number in numbers], []

    def test_sequences_and_items_of_undefined_length(self):
        # PS3.5 7.5.2: delimited, of defined length, or one of each.
        inner, end_of_item, end = element(0x00080100, b"C2"), element(0xFFFEE00D, b""), element(0xFFFEE0DD, b"")
        for what, value in (
                ("both", element(0x00081032, element(0xFFFEE000, inner + end_of_item, ENDLESS) + end, ENDLESS)), ("the sequence", element(0x00081032, element(0xFFFEE000, inner) + end, ENDLESS)),
                ("the item", element(0x00081032, element(0xFFFEE000, inner + end_of_item, ENDLESS))), ("neither", element(0x00081032, element(0xFFFEE000, inner)))):
            with self.subTest(undefined=what):
                self.assertEqual(self.ask(LEVEL + value + UID_KEY), self.studies(2))
        with self.subTest("empty, as a zero length and as an endless one without items"):
            self.assertEqual(self.ask(LEVEL + element(0x00081032, b"") + UID_KEY), self.studies(1, 2, 3))
            self.assertEqual(self.ask(LEVEL + element(0x00081032, end, ENDLESS) + UID_KEY), self.studies(1, 2, 3))
            self.assertEqual(self.ask(LEVEL + element(0x00081032, element(0xFFFEE000, b"")) + UID_KEY), self.studies(1, 2, 3))

    def test_elements_that_are_no_keys_say_nothing(self):
        # Group lengths are retired (7.2), group 0002 can't be asked for (PS3.4 C.4.1.1.3), trailing padding is none (PS3.10 7.2).
        for what, identifier in (
                ("group lengths", element(0x00080000, struct.pack("<I", 14)) + LEVEL + element(0x00200000, struct.pack("<I", 8)) + UID_KEY),
                ("group 0002", element(0x00020010, b"1.2.840.10008.1.2\0") + LEVEL + UID_KEY), ("an empty character set", element(0x00080005, b"") + LEVEL + UID_KEY),
                ("padding", LEVEL + UID_KEY + element(0xFFFCFFFC, bytes(6))), ("a private key", LEVEL + element(0x00090010, b"SOMEBODY") + element(0x00091001, b"") + UID_KEY),
                ("a retrieve AE title", LEVEL + element(0x00080054, b"") + UID_KEY)):
            with self.subTest(what):
                self.assertEqual(self.ask(identifier), self.studies(1, 2, 3))

    def test_padding_of_either_kind(self):
        # Spaces and NULs behind a value, whatever its VR (6.2): clients mix them up.
        for what, identifier in (
                ("a NUL behind text", LEVEL + element(0x00100020, b"P2\0\0") + UID_KEY), ("spaces behind a UID", LEVEL + element(0x0020000D, b"1.2.3.2   ")), ("no padding", LEVEL + element(0x0020000D, b"1.2.3.2")),
                ("spaces before", LEVEL + element(0x00100020, b"  P2") + UID_KEY), ("a level without padding", element(0x00080052, b"STUDY") + element(0x00100020, b"P2") + UID_KEY),
                ("a level with a NUL", element(0x00080052, b"STUDY\0") + element(0x00100020, b"P2") + UID_KEY)):
            with self.subTest(what):
                self.assertEqual(self.ask(identifier), self.studies(2))

    def test_keys_may_be_longer_than_their_vr_and_have_more_values(self):
        # PS3.4 C.2.2.2: special characters, lengths and multiplicities that values of the VR can't have.
        for key in (b"20200102-20200102", b" 20200102 - 20200102 ", b"20200102\\20300101\\20310101\\20320101", b"2020.01.02-2020.01.02"):
            with self.subTest(key=key):
                self.assertEqual(self.ask(LEVEL + element(0x00080020, key) + UID_KEY), self.studies(2))
        self.assertEqual(self.ask(LEVEL + element(0x00080050, b"?" * 2 + b"*" * 100) + UID_KEY), self.studies(1, 2, 3))
        self.assertEqual(self.ask(LEVEL + element(0x0020000D, b"\\".join(b"1.2.3.%d" % one for one in range(2, 5_000)))), self.studies(2, 3))

    def test_each_uncompressed_transfer_syntax_carries_an_identifier(self):
        keys = {0x00080052: ("CS", b"STUDY"), 0x00100020: ("LO", b"P2"), 0x0020000D: ("UI", b"")}
        self.assertEqual(self.ask(encoded(keys, IMPLICIT), LITTLE), self.studies(2))
        self.assertEqual(self.ask(encoded(keys, EXPLICIT), EXPLICIT.encode()), self.studies(2))
        big = b"".join(struct.pack(">HH2sH", tag >> 16, tag & 0xFFFF, vr.encode(), len(value) + len(value) % 2) + value + b" " * (len(value) % 2) for tag, (vr, value) in sorted(keys.items()))
        self.assertEqual(self.ask(big, BIG), self.studies(2))

    def test_a_key_whose_vr_is_unknown_has_that_of_the_dictionary(self):
        # 6.2.2: a value of a known tag that went through somebody who didn't know it.
        identifier = element(0x00080020, b"20200102", vr=b"UN") + element(0x00080052, b"STUDY ", vr=b"CS") + element(0x00100020, b"P?", vr=b"UN") + element(0x0020000D, b"", vr=b"UI")
        self.assertEqual(self.ask(identifier, EXPLICIT.encode()), self.studies(2))

    def test_what_cannot_be_read_is_refused_with_its_status(self):
        for what, identifier, statuses in (
                ("a value cut short", LEVEL + element(0x00100020, b"P2", 400), {0xC000}), ("half a head", LEVEL + UID_KEY + b"\x20\0\x0e", {0xC000, 0xA900}),
                ("a level that isn't one", element(0x00080052, b"STUDIES "), {0xA900})):
            with self.subTest(what):
                status, found = self.ask(identifier)
                self.assertIn(status, statuses)
                self.assertEqual(found, [])

    def test_binary_keys_match_by_value_in_each_byte_order(self):
        association = Association(self.port, "study", EXPLICIT)
        self.close_first(association.close)
        for rows, count in ((16, 3), (17, 0)):
            found, _ = association.find({0x00080052: ("CS", b"IMAGE"), 0x00280010: ("US", struct.pack("<H", rows))})
            self.assertEqual(len(found), count)
            for status, body in found:
                self.assertEqual((status, decoded(body, EXPLICIT)[0x00280010]), (0xFF00, ("US", b"\x10\0")))
