"""Keys that the index doesn't hold, read from the instances' files (PS3.4 §C.2.2.1.3, §C.4.1.1.3.2), through findscu and pynetdicom."""

from pydicom.dataset import Dataset
from pynetdicom import AE

from fileroom import ArchiveTest, make_instance, save

FIND, PATIENT_FIND = "1.2.840.10008.5.1.4.1.2.2.1", "1.2.840.10008.5.1.4.1.2.1.1"


def code(value, meaning):
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item


class HeaderKeyTest(ArchiveTest):
    """Two studies of two series of three instances."""

    parameters = ""

    def setUp(self):
        super().setUp()
        for study in (1, 2):
            for series in (1, 2):
                for instance in (1, 2, 3):
                    ds = make_instance(
                        f"1.2.3.{study}", f"1.2.3.{study}.{series}", f"1.2.3.{study}.{series}.{instance}", PatientID=f"P{study}", InstanceNumber=str(instance), SpecificCharacterSet="ISO_IR 100",
                        SliceLocation=f"{instance * 10}.5", ScanOptions=["HELICAL", "AXIAL"][series - 1], DeviceSerialNumber=f"SN {study}{series}", InstitutionAddress="Köln", SmallestImagePixelValue=study,
                        AcquisitionDate=f"2020010{study}", AcquisitionTime="101112.5")
                    ds.AnatomicRegionSequence = [code("T-D3000", "Chest"), code("T-A0100", f"Brain {study}")]
                    save(ds, self.area / f"s{study}" / f"f{series}{instance}")
        self.open_archive(self.parameters)

    def ask(self, sop_class=FIND, **values):
        """Pending statuses with their identifiers, and the final status."""
        ae = AE(ae_title="PYNET")
        ae.add_requested_context(sop_class)
        association = ae.associate("127.0.0.1", self.port, ae_title="ARCHIVE")
        self.assertTrue(association.is_established)
        keys = Dataset()
        for keyword, value in values.items():
            setattr(keys, keyword, value)
        *pending, (final, _) = association.send_c_find(keys, sop_class)
        association.release()
        return [(status.Status, ds) for status, ds in pending], final


class HeaderKeyTests(HeaderKeyTest):
    def test_at_image_level_each_file_answers_for_itself(self):
        pending, final = self.ask(QueryRetrieveLevel="IMAGE", SeriesInstanceUID="1.2.3.1.2", SOPInstanceUID="", SliceLocation="20.50", ScanOptions="AX*", Laterality="", FrameOfReferenceUID="")
        self.assertEqual(final.Status, 0)
        [(status, answer)] = pending
        self.assertEqual(status, 0xFF00)
        self.assertEqual((answer.SOPInstanceUID, answer.SliceLocation, answer.ScanOptions), ("1.2.3.1.2.2", 20.5, "AXIAL"))
        # Not in the file: zero length, never left out.
        self.assertIn("FrameOfReferenceUID", answer)
        self.assertFalse(answer.FrameOfReferenceUID)
        self.daemon.wait_for(r"C-FIND.*headers read=\"?3")
        self.daemon.wait_for("SliceLocation")

    def test_above_it_one_file_of_each_series_does(self):
        pending, final = self.ask(QueryRetrieveLevel="SERIES", SeriesInstanceUID="", DeviceSerialNumber="SN 21", AcquisitionDate="20200102", AcquisitionTime="10-11")
        self.assertEqual([(status, ds.SeriesInstanceUID, ds.DeviceSerialNumber, ds.AcquisitionTime) for status, ds in pending], [(0xFF00, "1.2.3.2.1", "SN 21", "101112.5")])
        self.daemon.wait_for(r"headers read=\"?4")
        pending, final = self.ask(QueryRetrieveLevel="STUDY", StudyInstanceUID="", ScanOptions="AXIAL", SmallestImagePixelValue=2)
        self.assertEqual([(status, ds.StudyInstanceUID, ds.ScanOptions, ds.SmallestImagePixelValue) for status, ds in pending], [(0xFF00, "1.2.3.2", "AXIAL", 2)])
        pending, final = self.ask(PATIENT_FIND, QueryRetrieveLevel="PATIENT", PatientID="", DeviceSerialNumber="SN 12")
        self.assertEqual([(status, ds.PatientID) for status, ds in pending], [(0xFF00, "P1")])

    def test_sequences_and_character_sets(self):
        item = Dataset()
        item.CodeMeaning, item.CodeValue = "Brain 2", ""
        pending, _ = self.ask(SpecificCharacterSet="ISO_IR 192", QueryRetrieveLevel="STUDY", StudyInstanceUID="", AnatomicRegionSequence=[item], InstitutionAddress="K?ln")
        [(status, answer)] = pending
        self.assertEqual((status, answer.StudyInstanceUID, answer.InstitutionAddress, answer.SpecificCharacterSet), (0xFF00, "1.2.3.2", "Köln", "ISO_IR 192"))
        [region] = answer.AnatomicRegionSequence
        self.assertEqual((region.CodeValue, region.CodeMeaning), ("T-A0100", "Brain 2"))
        self.assertNotIn("CodingSchemeDesignator", region)

    def test_findscu_as_people_type_it(self):
        found = self.findscu("IMAGE", "StudyInstanceUID=1.2.3.1", "SOPInstanceUID", "SliceLocation=10.5", "ScanOptions")
        self.assertEqual(sorted((ds.SOPInstanceUID, ds.ScanOptions) for ds in found), [("1.2.3.1.1.1", "HELICAL"), ("1.2.3.1.2.1", "AXIAL")])

    def test_what_is_no_key_is_left_out_and_said(self):
        pending, _ = self.ask(QueryRetrieveLevel="IMAGE", SOPInstanceUID="1.2.3.1.1.1", RedPaletteColorLookupTableData=b"")
        self.assertEqual([(status, "RedPaletteColorLookupTableData" in ds) for status, ds in pending], [(0xFF01, False)])
        pending, _ = self.ask(QueryRetrieveLevel="STUDY", StudyInstanceUID="1.2.3.1", InstanceNumber="")
        self.assertEqual([(status, "InstanceNumber" in ds) for status, ds in pending], [(0xFF01, False)])

    def test_a_file_that_is_gone_lacks_its_attributes(self):
        (self.area / "s1" / "f12").unlink()
        pending, final = self.ask(QueryRetrieveLevel="IMAGE", SeriesInstanceUID="1.2.3.1.1", SOPInstanceUID="", SliceLocation="30.5")
        self.assertEqual(final.Status, 0)
        # What nobody can read isn't hidden by a key: it is there without it, and FF01H says so.
        self.assertEqual(sorted((ds.SOPInstanceUID, status, "SliceLocation" in ds) for status, ds in pending), [("1.2.3.1.1.2", 0xFF01, False), ("1.2.3.1.1.3", 0xFF00, True)])
        self.daemon.wait_for("headers unreadable")

    def test_explain_says_where_keys_come_from(self):
        text = self.index(self.config, "explain", "QueryRetrieveLevel=SERIES", "ScanOptions=AXIAL").stdout
        self.assertIn("Not in the index, so read from headers: ScanOptions; files opened: 4", text)
        self.assertIn("Matches: 2", text)


class LimitedTests(HeaderKeyTest):
    parameters = "HeaderReads = 4"

    def test_a_key_that_must_match_ends_in_A700_and_one_to_be_returned_is_left_out(self):
        pending, final = self.ask(QueryRetrieveLevel="IMAGE", SOPInstanceUID="", SliceLocation="10.5")
        self.assertEqual(final.Status, 0xA700)
        self.assertIn("4 headers", final.ErrorComment)
        self.assertLessEqual(len(final.ErrorComment), 64)
        self.assertEqual({status for status, _ in pending}, {0xFF00})
        self.daemon.wait_for("A700")
        pending, final = self.ask(QueryRetrieveLevel="IMAGE", SOPInstanceUID="", SliceLocation="")
        self.assertEqual(final.Status, 0)
        self.assertEqual([(status, "SliceLocation" in ds) for status, ds in pending], [(0xFF00, True)] * 4 + [(0xFF01, False)] * 8)
        # Narrowed, as the comment says.
        pending, final = self.ask(QueryRetrieveLevel="IMAGE", SeriesInstanceUID="1.2.3.2.2", SOPInstanceUID="", SliceLocation="10.5")
        self.assertEqual((final.Status, [ds.SOPInstanceUID for _, ds in pending]), (0, ["1.2.3.2.2.1"]))


class OffTests(HeaderKeyTest):
    parameters = "HeaderReads = 0"

    def test_no_file_is_opened(self):
        pending, final = self.ask(QueryRetrieveLevel="SERIES", SeriesInstanceUID="", ScanOptions="NONE")
        self.assertEqual((final.Status, [(status, "ScanOptions" in ds) for status, ds in pending]), (0, [(0xFF01, False)] * 4))
