"""C-FIND as PS3.4 §C.2.2.2 and §C.4.1 have it, through findscu and pynetdicom."""

import unittest

from pydicom.dataset import Dataset
from pynetdicom import AE
from pynetdicom.sop_class import (
    PatientRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelFind,
)

from fileroom import CT, MR, ArchiveTest, make_instance, save


class FindTests(ArchiveTest):
    def setUp(self):
        super().setUp()
        number = 0
        for study in range(1, 4):
            for series in range(1, 3):
                for instance in range(1, 4):
                    number += 1
                    save(
                        make_instance(
                            f"1.2.3.{study}", f"1.2.3.{study}.{series}", f"1.2.3.{study}.{series}.{instance}",
                            sop_class=CT if series == 1 else MR, Modality="CT" if series == 1 else "MR",
                            PatientName=["Doe^John", "Smithson^Anna", "Smith^Bob"][study - 1], PatientID=f"P{study}",
                            StudyDate=f"2020010{study}", StudyTime=["220000", "101500.123", "0830"][study - 1],
                            AccessionNumber=["A1", "A_2", ""][study - 1], SeriesNumber=str(series), InstanceNumber=str(instance)),
                        self.area / f"s{study}" / f"f{number}")
        umlaut = make_instance("1.2.3.9", "1.2.3.9.1", "1.2.3.9.1.1", SpecificCharacterSet="ISO_IR 192", PatientID="P9", PatientName="Müller^Jürgen", StudyDate="20210301", AccessionNumber="A9")
        save(umlaut, self.area / "umlaut.dcm")
        kanji = make_instance("1.2.3.10", "1.2.3.10.1", "1.2.3.10.1.1", SpecificCharacterSet=["", "ISO 2022 IR 87"], PatientID="P10", PatientName="Yamada^Tarou=山田^太郎=やまだ^たろう", StudyDate="20210302", AccessionNumber="A10")
        save(kanji, self.area / "kanji.dcm")
        self.open_archive()

    def studies(self, *keys, **more):
        found = self.findscu("STUDY", "StudyInstanceUID", *keys, **more)
        return sorted(ds.StudyInstanceUID for ds in found)

    def test_study_level_matches_by_every_kind_of_key(self):
        every = ["1.2.3.1", "1.2.3.10", "1.2.3.2", "1.2.3.3", "1.2.3.9"]
        cases = [
            (["StudyInstanceUID"], every),
            (["StudyInstanceUID=1.2.3.2"], ["1.2.3.2"]),
            (["StudyInstanceUID=1.2.3.2\\1.2.3.3\\1.2.3.77"], ["1.2.3.2", "1.2.3.3"]),
            (["StudyInstanceUID=*"], every),
            (["PatientID=P2"], ["1.2.3.2"]),
            (["PatientID=p2"], []),
            (["AccessionNumber=A_2"], ["1.2.3.2"]),
            (["AccessionNumber=A?2"], ["1.2.3.2"]),
            (["PatientName=DOE^JOHN"], ["1.2.3.1"]),
            (["PatientName=Doe^John^^^"], ["1.2.3.1"]),
            (["PatientName=smi*"], ["1.2.3.2", "1.2.3.3"]),
            (["PatientName=*SON*"], ["1.2.3.2"]),
            (["StudyDate=20200102"], ["1.2.3.2"]),
            (["StudyDate=20200101-20200102"], ["1.2.3.1", "1.2.3.2"]),
            (["StudyDate=-20200102"], ["1.2.3.1", "1.2.3.2"]),
            (["StudyDate=20210302-"], ["1.2.3.10"]),
            (["StudyDate=*"], every),
            (["StudyTime=2200"], ["1.2.3.1"]),
            (["StudyTime=220000.0"], ["1.2.3.1"]),
            (["StudyTime=1000-1100"], sorted(["1.2.3.2", "1.2.3.9", "1.2.3.10"])),
            (["ModalitiesInStudy=MR"], ["1.2.3.1", "1.2.3.2", "1.2.3.3"]),
            (["ModalitiesInStudy=US"], []),
            (["ModalitiesInStudy=US\\MR"], ["1.2.3.1", "1.2.3.2", "1.2.3.3"]),
            (["PatientID=P1", "StudyDate=20200102"], []),
        ]
        for keys, expected in cases:
            with self.subTest(keys=keys):
                self.assertEqual(sorted(set(self.studies(*keys))), sorted(expected))

    def test_each_entity_is_answered_once_with_what_was_asked(self):
        [study] = self.findscu(
            "STUDY", "StudyInstanceUID=1.2.3.1", "PatientName", "PatientID", "StudyDescription", "ModalitiesInStudy",
            "NumberOfStudyRelatedSeries", "NumberOfStudyRelatedInstances", "AccessionNumber", "AdmittingDiagnosesDescription")
        self.assertEqual(study.PatientName, "Doe^John")
        self.assertEqual(sorted(study.ModalitiesInStudy), ["CT", "MR"])
        self.assertEqual((study.NumberOfStudyRelatedSeries, study.NumberOfStudyRelatedInstances), (2, 6))
        self.assertEqual(study.RetrieveAETitle, "ARCHIVE")
        self.assertEqual(study.QueryRetrieveLevel, "STUDY")
        self.assertIn("AdmittingDiagnosesDescription", study)
        self.assertEqual(study.AdmittingDiagnosesDescription or "", "")
        self.assertNotIn("SpecificCharacterSet", study)
        self.assertNotIn("StudyDate", study)

    def test_patient_series_and_image_levels(self):
        patients = self.findscu("PATIENT", "PatientID", "PatientName", "NumberOfPatientRelatedStudies", model="-P")
        self.assertEqual(sorted(ds.PatientID for ds in patients), ["P1", "P10", "P2", "P3", "P9"])
        series = self.findscu("SERIES", "StudyInstanceUID=1.2.3.2", "SeriesInstanceUID", "Modality=MR", "NumberOfSeriesRelatedInstances")
        self.assertEqual([(ds.SeriesInstanceUID, ds.NumberOfSeriesRelatedInstances) for ds in series], [("1.2.3.2.2", 3)])
        images = self.findscu("IMAGE", "StudyInstanceUID=1.2.3.2", "SeriesInstanceUID=1.2.3.2.1", "SOPInstanceUID", "InstanceNumber", "SOPClassUID", "AvailableTransferSyntaxUID")
        self.assertEqual(sorted((ds.SOPInstanceUID, int(ds.InstanceNumber)) for ds in images), [(f"1.2.3.2.1.{n}", n) for n in (1, 2, 3)])
        self.assertTrue(all(ds.SOPClassUID == CT for ds in images))
        images = self.findscu("IMAGE", "SOPInstanceUID=1.2.3.2.1.3")
        self.assertEqual(len(images), 1)

    def query(self, identifier, model=StudyRootQueryRetrieveInformationModelFind):
        ae = AE(ae_title="PYNET")
        ae.add_requested_context(model)
        association = ae.associate("127.0.0.1", self.port, ae_title="ARCHIVE")
        self.assertTrue(association.is_established)
        answers = list(association.send_c_find(identifier, model))
        association.release()
        return answers

    def test_a_question_mark_is_one_character_and_answers_say_their_character_set(self):
        keys = Dataset()
        keys.SpecificCharacterSet = "ISO_IR 100"
        keys.QueryRetrieveLevel, keys.StudyInstanceUID, keys.PatientName = "STUDY", "", "M?ller*"
        (status, answer), (final, _) = self.query(keys)
        self.assertEqual((status.Status, final.Status), (0xFF00, 0x0000))
        self.assertEqual(answer.PatientName, "Müller^Jürgen")
        self.assertEqual(answer.SpecificCharacterSet, "ISO_IR 100")
        keys.PatientName = "*山田*"
        keys.SpecificCharacterSet = "ISO_IR 192"
        (status, answer), _ = self.query(keys)
        self.assertEqual(str(answer.PatientName), "Yamada^Tarou=山田^太郎=やまだ^たろう")
        self.assertEqual(answer.SpecificCharacterSet, "ISO_IR 192")
        keys = Dataset()
        keys.QueryRetrieveLevel, keys.StudyInstanceUID, keys.PatientName = "STUDY", "1.2.3.10", ""
        (status, answer), _ = self.query(keys)
        self.assertEqual(answer.SpecificCharacterSet, "ISO_IR 192")

    def test_unsupported_keys_are_said(self):
        keys = Dataset()
        keys.QueryRetrieveLevel, keys.StudyInstanceUID = "STUDY", "1.2.3.1"
        keys.Modality = "anything"
        (status, answer), (final, _) = self.query(keys)
        self.assertEqual((status.Status, final.Status), (0xFF01, 0x0000))
        self.assertNotIn("Modality", answer)

    def test_bad_identifiers_are_refused_with_the_reason(self):
        keys = Dataset()
        keys.QueryRetrieveLevel, keys.PatientID = "PATIENT", "*"
        [(status, _)] = self.query(keys)
        self.assertEqual(status.Status, 0xA900)
        self.assertTrue(status.ErrorComment)

    def test_no_match_is_success_alone(self):
        keys = Dataset()
        keys.QueryRetrieveLevel, keys.PatientID = "PATIENT", "NOBODY"
        [(status, identifier)] = self.query(keys, PatientRootQueryRetrieveInformationModelFind)
        self.assertEqual(status.Status, 0)
        self.assertIsNone(identifier)


if __name__ == "__main__":
    unittest.main()
