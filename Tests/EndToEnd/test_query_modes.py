"""Identifiers as people type them and as the standard has them, and extended negotiation (PS3.4 §C.4.1.2, §C.4.2.2, §C.5), through DCMTK's tools and pynetdicom."""

from pydicom.dataset import Dataset
from pynetdicom import AE
from pynetdicom.pdu_primitives import SOPClassExtendedNegotiation

from fileroom import CT, MR, ArchiveTest, StoreSCP, make_instance, run, save

FIND, MOVE, GET = "1.2.840.10008.5.1.4.1.2.2.1", "1.2.840.10008.5.1.4.1.2.2.2", "1.2.840.10008.5.1.4.1.2.2.3"


class QueryModeTest(ArchiveTest):
    def setUp(self):
        super().setUp()
        number = 0
        for study, (name, date, time) in enumerate([("Doe^John", "20200101", "090000"), ("Müller^Anna", "20200102", "110000"), ("Roe^Jane", "20200103", "190000")], 1):
            for series, modality in ((1, "CT"), (2, "MR"))[:3 - study if study < 3 else 1]:
                number += 1
                save(
                    make_instance(
                        f"1.2.3.{study}", f"1.2.3.{study}.{series}", f"1.2.3.{study}.{series}.1", sop_class=CT if modality == "CT" else MR, Modality=modality,
                        SpecificCharacterSet="ISO_IR 192", PatientName=name, PatientID=f"P{study}", StudyDate=date, StudyTime=time, AccessionNumber="" if study == 3 else f"A{study}"),
                    self.area / f"f{number}")

    def ask(self, values, offered=None, sop_class=FIND):
        """The studies that are found, or the status and what it says; and the bytes that were agreed on."""
        ae = AE(ae_title="PYNET")
        ae.add_requested_context(sop_class)
        items = []
        if offered is not None:
            item = SOPClassExtendedNegotiation()
            item.sop_class_uid, item.service_class_application_information = sop_class, bytes(offered)
            items.append(item)
        association = ae.associate("127.0.0.1", self.port, ae_title="ARCHIVE", ext_neg=items)
        self.assertTrue(association.is_established)
        agreed = [list(item.service_class_application_information) for item in association.acceptor.user_information if isinstance(item, SOPClassExtendedNegotiation)]
        identifier = Dataset()
        identifier.SpecificCharacterSet = "ISO_IR 192"
        for keyword, value in values.items():
            setattr(identifier, keyword, value)
        *found, (status, _) = association.send_c_find(identifier, sop_class)
        association.release()
        if status.Status != 0:
            return status, agreed
        return sorted(one.get("StudyInstanceUID", "") for _, one in found), agreed


class LenientTests(QueryModeTest):
    def setUp(self):
        super().setUp()
        self.destination_port = self.free_port()
        self.open_archive(hosts=f"dest = (DEST, 127.0.0.1, {self.destination_port})", peers="ANY")

    def test_a_level_that_is_left_out_is_inferred_and_returned(self):
        for words, count, level in ((("-P", "-k", "0010,0020=*"), 3, "PATIENT"), (("-S", "-k", "0020,000D=*"), 3, "STUDY"), (("-S", "-k", "0020,000D", "-k", "0020,000E"), 4, "SERIES")):
            with self.subTest(words=words):
                out = self.folder / f"out{len(list(self.folder.iterdir()))}"
                out.mkdir()
                run("findscu", "-aet", "TESTSCU", "-aec", "ARCHIVE", *words, "-X", "-od", out, "127.0.0.1", self.port, check=0)
                from pydicom import dcmread

                found = [dcmread(path, force=True) for path in out.iterdir()]
                self.assertEqual([one.QueryRetrieveLevel for one in found], [level] * count)

    def test_a_retrieval_without_a_level_is_understood(self):
        out = self.folder / "got"
        out.mkdir()
        self.dcmtk("getscu", "-S", "-od", out, "-k", "0020,000D=1.2.3.1")
        self.assertEqual(len(list(out.iterdir())), 2)
        with StoreSCP(self.folder / "moved", self.destination_port) as destination:
            self.dcmtk("movescu", "-S", "-aem", "DEST", "-k", "0020,000D=1.2.3.1")
            self.assertEqual(len(destination.files), 2)

    def test_each_byte_is_agreed_on_as_far_as_it_is_done(self):
        every = ["1.2.3.1", "1.2.3.2", "1.2.3.3"]
        level = {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": ""}
        self.assertEqual(self.ask(level, [1] * 7), (every, [[1, 1, 1, 1, 0, 1, 1]]))
        self.assertEqual(self.ask(level, [1]), (every, [[1]]))
        self.assertEqual(self.ask(level), (every, []))
        cases = [
            # 2: one range of moments (C.2.2.2.5.3); else the times of each day
            (2, {"StudyDate": "20200101-20200103", "StudyTime": "100000-180000"}, ["1.2.3.2"], ["1.2.3.2"]),
            (2, {"StudyDate": "20200101-20200103", "StudyTime": "080000-120000"}, ["1.2.3.1", "1.2.3.2"], ["1.2.3.1", "1.2.3.2"]),
            (2, {"StudyDate": "20200101-20200103", "StudyTime": "100000-200000"}, ["1.2.3.2", "1.2.3.3"], ["1.2.3.2", "1.2.3.3"]),
            (2, {"StudyDate": "20200102-", "StudyTime": "120000-"}, ["1.2.3.3"], ["1.2.3.3"]),
            (2, {"StudyDate": "20200101-", "StudyTime": "100000-"}, ["1.2.3.2", "1.2.3.3"], ["1.2.3.2", "1.2.3.3"]),
            (2, {"StudyDate": "-20200103", "StudyTime": "-100000"}, ["1.2.3.1"], ["1.2.3.1", "1.2.3.2"]),
            # 3: words of a name, in any order, without accents
            (3, {"PatientName": "anna muller"}, [], ["1.2.3.2"]),
            # 6: what is empty (C.2.2.2.7)
            (6, {"AccessionNumber": '""'}, [], ["1.2.3.3"]),
            # 7: all values (C.2.2.2.8), else any
            (7, {"ModalitiesInStudy": ["CT", "MR"]}, every, ["1.2.3.1"]),
        ]
        for byte, keys, without, with_it in cases:
            with self.subTest(byte=byte, keys=keys):
                offered = [int(number == byte) for number in range(1, 8)]
                self.assertEqual(self.ask(level | keys), (without, []))
                self.assertEqual(self.ask(level | keys, offered), (with_it, [offered]))

    def test_relational_retrieval_is_agreed_on_and_conversion_is_not(self):
        for sop_class in (MOVE, GET):
            ae = AE(ae_title="PYNET")
            ae.add_requested_context(sop_class)
            item = SOPClassExtendedNegotiation()
            item.sop_class_uid, item.service_class_application_information = sop_class, b"\1\1"
            association = ae.associate("127.0.0.1", self.port, ae_title="ARCHIVE", ext_neg=[item])
            agreed = [item.service_class_application_information for item in association.acceptor.user_information if isinstance(item, SOPClassExtendedNegotiation)]
            association.release()
            self.assertEqual(agreed, [b"\1\0"])


class StrictTests(QueryModeTest):
    def setUp(self):
        super().setUp()
        self.open_archive("QueryMode = strict")

    def test_what_breaks_the_rules_is_refused_with_the_key_that_does(self):
        cases = [
            ({"StudyInstanceUID": ""}, 0x00080052, "level"),
            ({"QueryRetrieveLevel": "SERIES", "SeriesInstanceUID": ""}, 0x0020000D, "StudyInstanceUID"),
            ({"QueryRetrieveLevel": "SERIES", "StudyInstanceUID": "1.2.3.1", "SeriesInstanceUID": "", "PatientName": "Doe"}, 0x00100010, "PatientName"),
            ({"QueryRetrieveLevel": "STUDY", "PatientName": "Doe*"}, 0x0020000D, "StudyInstanceUID"),
        ]
        for keys, tag, words in cases:
            with self.subTest(keys=keys):
                status, _ = self.ask(keys)
                self.assertEqual(status.Status, 0xA900)
                self.assertEqual(status.OffendingElement, tag)
                self.assertIn(words, status.ErrorComment)
                self.assertLessEqual(len(status.ErrorComment), 64)
                # Relational queries, where negotiated, are free of them; a level is never guessed.
                answer, _ = self.ask(keys, [1])
                self.assertEqual(isinstance(answer, list), "QueryRetrieveLevel" in keys, answer)

    def test_what_keeps_to_them_is_answered(self):
        self.assertEqual(self.ask({"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": "", "PatientName": "Doe*"})[0], ["1.2.3.1"])
