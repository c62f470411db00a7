"""What bounds a C-FIND: MaxResponses (PS3.4 Table C.4-1), C-CANCEL (§C.4.1.2.3), and time zones that were agreed on (§C.2.2.2, §C.5.1.1)."""

from pydicom.dataset import Dataset
from pynetdicom import AE
from pynetdicom.pdu_primitives import SOPClassExtendedNegotiation

from fileroom import ArchiveTest, make_instance, save
from windows import WindowClient, identifier

FIND = "1.2.840.10008.5.1.4.1.2.2.1"
COUNT = 400


class LimitTest(ArchiveTest):
    def ask(self, offered=None, **values):
        ae = AE(ae_title="PYNET")
        ae.add_requested_context(FIND)
        items = []
        if offered is not None:
            item = SOPClassExtendedNegotiation()
            item.sop_class_uid, item.service_class_application_information = FIND, bytes(offered)
            items.append(item)
        association = ae.associate("127.0.0.1", self.port, ae_title="ARCHIVE", ext_neg=items)
        self.assertTrue(association.is_established)
        keys = Dataset()
        keys.QueryRetrieveLevel = "STUDY"
        for keyword, value in values.items():
            setattr(keys, keyword, value)
        *pending, (final, _) = association.send_c_find(keys, FIND)
        association.release()
        return [ds for _, ds in pending], final


class MaxResponsesTests(LimitTest):
    def setUp(self):
        super().setUp()
        for study in range(1, 6):
            save(make_instance(f"1.2.3.{study}", f"1.2.3.{study}.1", f"1.2.3.{study}.1.1", PatientID=f"P{study}"), self.area / f"f{study}")
        self.open_archive("MaxResponses = 4")

    def test_more_matches_end_in_A700_and_as_many_in_0000(self):
        found, final = self.ask(StudyInstanceUID="")
        self.assertEqual((len(found), final.Status), (4, 0xA700))
        self.assertIn("more than 4 matches", final.ErrorComment)
        self.assertLessEqual(len(final.ErrorComment), 64)
        self.daemon.wait_for("A700")
        found, final = self.ask(StudyInstanceUID="1.2.3.1\\1.2.3.2\\1.2.3.3\\1.2.3.4")
        self.assertEqual((len(found), final.Status), (4, 0))


class CancelTests(LimitTest):
    def setUp(self):
        super().setUp()
        for instance in range(COUNT):
            save(make_instance("1.2.3.1", "1.2.3.1.1", f"1.2.3.1.1.{instance + 1}", pixels=32, SliceLocation=str(instance)), self.area / f"f{instance}")
        self.open_archive()

    def asked(self, client, *more):
        """Asks for all images with Message ID 7, and sends `more` in the same write: the pending responses' statuses, and the final one's."""
        keys = identifier("IMAGE", SOPInstanceUID="", PatientName="")
        client.send(client.find(7, keys=keys) + b"".join(more))
        statuses = []
        while not statuses or statuses[-1] == 0xFF00:
            answer = client.read()
            self.assertEqual((answer.field, answer.id), (0x8020, 7))
            statuses.append(answer.status)
        return statuses[:-1], statuses[-1]

    def test_a_cancel_ends_a_query_with_FE00_once_and_nothing_after_it(self):
        """C-CANCEL has no response of its own; after it the association goes on, with the same Message ID too."""
        client = WindowClient(self.port, None)
        found, final = self.asked(client, client.cancel(7))
        self.assertEqual(final, 0xFE00)
        self.assertLess(len(found), COUNT)
        self.assertTrue(client.is_quiet(0.5))
        # One for an operation that is over, or never was, does nothing.
        client.send(client.cancel(7) + client.cancel(99))
        self.assertTrue(client.is_quiet(0.5))
        found, final = self.asked(client, client.cancel(99))
        self.assertEqual((len(found), final), (COUNT, 0))
        self.assertTrue(client.release())


class TimezoneTests(LimitTest):
    def setUp(self):
        super().setUp()
        # 23:30 in Berlin is 22:30 in London, and 07:30 of the next day in Tokyo.
        save(make_instance("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.1", StudyDate="20240110", StudyTime="233000.25", TimezoneOffsetFromUTC="+0100", AcquisitionDate="20240110", AcquisitionTime="2330"), self.area / "berlin")
        # Without a zone: as the requester's.
        save(make_instance("1.2.3.2", "1.2.3.2.1", "1.2.3.2.1.1", StudyDate="20240110", StudyTime="233000"), self.area / "anywhere")
        # A date without a time stays.
        save(make_instance("1.2.3.3", "1.2.3.3.1", "1.2.3.3.1.1", StudyDate="20240110", StudyTime="", TimezoneOffsetFromUTC="+0100"), self.area / "dateless")
        self.open_archive()

    def found(self, offered=(0, 0, 0, 1), **values):
        found, final = self.ask(offered, StudyInstanceUID="", **({"StudyDate": "", "StudyTime": ""} | values))
        self.assertEqual(final.Status, 0)
        return {ds.StudyInstanceUID[-1]: (ds.StudyDate, ds.StudyTime, ds.get("TimezoneOffsetFromUTC")) for ds in found}

    def test_times_are_the_requesters_where_that_was_agreed_on(self):
        self.assertEqual(
            self.found(TimezoneOffsetFromUTC="+0900"),
            {"1": ("20240111", "073000.25", "+0900"), "2": ("20240110", "233000", "+0900"), "3": ("20240110", "", "+0900")})
        self.assertEqual(list(self.found(TimezoneOffsetFromUTC="+0900", StudyDate="20240111")), ["1"])
        self.assertEqual(list(self.found(TimezoneOffsetFromUTC="+0900", StudyTime="0700-0800")), ["1"])
        self.assertEqual(self.found(TimezoneOffsetFromUTC="-0330", StudyTime="1900")["1"], ("20240110", "190000.25", "-0330"))
        self.assertEqual(sorted(self.found(TimezoneOffsetFromUTC="+0900", StudyDate="20240110")), ["2", "3"])

    def test_with_combined_ranges(self):
        """Byte 2 and byte 4 together (§C.2.2.2.5.4)."""
        self.assertEqual(list(self.found((0, 1, 0, 1), TimezoneOffsetFromUTC="+0900", StudyDate="20240110-20240111", StudyTime="235900-0800")), ["1"])

    def test_from_headers_too(self):
        found, _ = self.ask((0, 0, 0, 1), StudyInstanceUID="", TimezoneOffsetFromUTC="+0900", AcquisitionDate="20240111")
        self.assertEqual([ds.StudyInstanceUID for ds in found], ["1.2.3.1"])

    def test_without_agreement_they_are_as_stored(self):
        for offered in (None, (0, 0, 0, 0)):
            self.assertEqual(self.found(offered, TimezoneOffsetFromUTC="+0900")["1"], ("20240110", "233000.25", None))
        # Agreed on, and no zone named or an empty one: nothing to adjust to.
        self.assertEqual(self.found()["1"], ("20240110", "233000.25", None))
        self.assertEqual(self.found(TimezoneOffsetFromUTC="")["1"], ("20240110", "233000.25", None))
