"""Instance Availability and Composite Instance Root Retrieve (PS3.4 §C.4.1.1.3.2, Annex Y) with pynetdicom and DCMTK."""

import os

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE, build_role, evt
from pynetdicom.sop_class import (
    CompositeInstanceRootRetrieveGet,
    CompositeInstanceRootRetrieveMove,
    CTImageStorage,
    PatientRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
)

from fileroom import ArchiveTest, StoreSCP, elements, make_instance, save

KEYS = {
    "PATIENT": ("PatientID", "P1"),
    "STUDY": ("StudyInstanceUID", "1.2.3.1"),
    "SERIES": ("SeriesInstanceUID", "1.2.3.1.1"),
    "IMAGE": ("SOPInstanceUID", "1.2.3.1.1.1"),
}


class AvailabilityTest(ArchiveTest):
    def setUp(self):
        super().setUp()
        for series in (1, 2):
            for instance in (1, 2):
                uid = f"1.2.3.1.{series}.{instance}"
                save(make_instance("1.2.3.1", f"1.2.3.1.{series}", uid), self.area / uid)
        save(make_instance("1.2.3.2", "1.2.3.2.1", "1.2.3.2.1.1", PatientID="P2"), self.area / "other")

    def associate(self, *contexts, handlers=()):
        ae = AE(ae_title="VIEWER")
        for context in contexts:
            ae.add_requested_context(context)
        ae.add_requested_context(CTImageStorage, [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
        association = ae.associate(
            "127.0.0.1", self.daemon.port, ae_title="ARCHIVE",
            ext_neg=[build_role(CTImageStorage, scp_role=True)], evt_handlers=list(handlers))
        self.assertTrue(association.is_established)
        self.addCleanup(association.release)
        return association

    def availability(self):
        """What C-FIND says of P1 at each level, without being asked."""
        association = self.associate(PatientRootQueryRetrieveInformationModelFind)
        found = {}
        for level, (keyword, value) in KEYS.items():
            identifier = Dataset()
            identifier.QueryRetrieveLevel = level
            setattr(identifier, keyword, value)
            answers = [
                answer for status, answer in association.send_c_find(identifier, PatientRootQueryRetrieveInformationModelFind)
                if status.Status in (0xFF00, 0xFF01)
            ]
            self.assertEqual([answer.RetrieveAETitle for answer in answers], ["ARCHIVE"], level)
            found[level] = answers[0].InstanceAvailability
        return found

    def retrieve(self, model=CompositeInstanceRootRetrieveGet, **keys):
        """Final status and what arrived."""
        got = {}

        def store(event):
            got[event.dataset.SOPInstanceUID] = event.dataset
            return 0x0000

        association = self.associate(model, handlers=[(evt.EVT_C_STORE, store)])
        identifier = Dataset()
        for keyword, value in keys.items():
            setattr(identifier, keyword, value)
        status = [status for status, _ in association.send_c_get(identifier, model)][-1]
        return status, got

    def all_are(self, value):
        self.assertEqual(self.availability(), {level: value for level in KEYS})


class InstanceAvailabilityTests(AvailabilityTest):
    def test_a_vanished_file_fails_alone_and_is_unavailable_until_it_is_back(self):
        self.open_archive()
        self.all_are("ONLINE")
        os.rename(self.area / "1.2.3.1.1.1", self.folder / "away")
        keys = {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": "1.2.3.1"}
        status, got = self.retrieve(StudyRootQueryRetrieveInformationModelGet, **keys)
        self.assertEqual((status.Status, status.NumberOfFailedSuboperations), (0xB000, 1))
        self.assertEqual(sorted(got), ["1.2.3.1.1.2", "1.2.3.1.2.1", "1.2.3.1.2.2"])
        self.daemon.wait_for(r"instance not sent.*1\.2\.3\.1\.1\.1.*No such file")
        self.all_are("UNAVAILABLE")
        # Another process, by the index alone.
        self.assertIn("unavailable", self.index(self.config, "stat").stdout)
        self.assertIn("unavailable: instance 1.2.3.1.1.1", self.index(self.config, "dump", "journal-1").stdout)
        os.rename(self.folder / "away", self.area / "1.2.3.1.1.1")
        status, got = self.retrieve(StudyRootQueryRetrieveInformationModelGet, **keys)
        self.assertEqual((status.Status, len(got)), (0x0000, 4))
        self.all_are("ONLINE")

    def test_an_import_that_meets_the_file_again_makes_it_available(self):
        self.open_archive()
        os.rename(self.area / "1.2.3.1.1.1", self.folder / "away")
        status, _ = self.retrieve(QueryRetrieveLevel="IMAGE", SOPInstanceUID="1.2.3.1.1.1")
        self.assertEqual(status.Status, 0xA702)
        self.all_are("UNAVAILABLE")
        self.index(self.config, "import")
        self.all_are("UNAVAILABLE")
        os.rename(self.folder / "away", self.area / "1.2.3.1.1.1")
        self.index(self.config, "import")
        self.all_are("ONLINE")

    def test_availability_and_title_are_matched(self):
        self.open_archive()
        os.rename(self.area / "1.2.3.1.1.1", self.folder / "away")
        self.retrieve(QueryRetrieveLevel="IMAGE", SOPInstanceUID="1.2.3.1.1.1")
        association = self.associate(PatientRootQueryRetrieveInformationModelFind)
        for keyword, value, count in [
            ("InstanceAvailability", "UNAVAILABLE", 1), ("InstanceAvailability", "ONLINE", 1),
            ("InstanceAvailability", "", 2), ("RetrieveAETitle", "ARCHIVE", 2), ("RetrieveAETitle", "ELSEWHERE", 0),
        ]:
            identifier = Dataset()
            identifier.QueryRetrieveLevel = "STUDY"
            identifier.StudyInstanceUID = ""
            setattr(identifier, keyword, value)
            answers = list(association.send_c_find(identifier, PatientRootQueryRetrieveInformationModelFind))
            self.assertEqual([status.Status for status, _ in answers], [0xFF00] * count + [0x0000], (keyword, value))


class CompositeInstanceRootTests(AvailabilityTest):
    def test_a_list_of_instances_without_their_studies_is_retrieved(self):
        self.open_archive()
        uids = ["1.2.3.1.1.2", "1.2.3.2.1.1"]
        status, got = self.retrieve(QueryRetrieveLevel="IMAGE", SOPInstanceUID=uids)
        self.assertEqual((status.Status, status.NumberOfCompletedSuboperations, sorted(got)), (0x0000, 2, uids))
        original = dcmread(self.area / "1.2.3.1.1.2")
        self.assertEqual(elements(got["1.2.3.1.1.2"]), elements(original))
        status, got = self.retrieve(QueryRetrieveLevel="IMAGE", SOPInstanceUID="9.9.9")
        self.assertEqual((status.Status, got), (0x0000, {}))

    def test_other_levels_are_refused(self):
        self.open_archive()
        status, got = self.retrieve(QueryRetrieveLevel="STUDY", StudyInstanceUID="1.2.3.1")
        self.assertEqual((status.Status, got), (0xA900, {}))

    def test_frames_are_refused_in_words(self):
        self.open_archive()
        for frames, expected in [([1], 0xAA02), (None, 0xAA04)]:
            keys = {"QueryRetrieveLevel": "FRAME", "SOPInstanceUID": "1.2.3.1.1.2"}
            if frames:
                keys["SimpleFrameList"] = frames
            status, got = self.retrieve(**keys)
            self.assertEqual((status.Status, got), (expected, {}))
            self.assertIn("frame", status.ErrorComment.lower())

    def test_move(self):
        port = self.free_port()
        self.open_archive(hosts=f"dest = (DEST, localhost, {port})", peers="ANY")
        folder = self.folder / "dest"
        folder.mkdir()
        with StoreSCP(folder, port) as destination:
            association = self.associate(CompositeInstanceRootRetrieveMove)
            identifier = Dataset()
            identifier.QueryRetrieveLevel = "IMAGE"
            identifier.SOPInstanceUID = ["1.2.3.1.1.2", "1.2.3.1.2.1"]
            status = [
                status for status, _ in association.send_c_move(identifier, "DEST", CompositeInstanceRootRetrieveMove)
            ][-1]
            self.assertEqual((status.Status, status.NumberOfCompletedSuboperations), (0x0000, 2))
            self.assertEqual(len(destination.files), 2)
