"""Query and retrieve with Orthanc as the client, and Orthanc, storescp and pynetdicom as C-MOVE destinations (PS3.4 C.4.1, C.4.2)."""

import urllib.error

from pydicom import dcmread
from pydicom.uid import AllTransferSyntaxes
from pynetdicom import AE, AllStoragePresentationContexts, evt

from fileroom import StoreSCP
from interop import STUDIES, InteropTest
from orthanc import Orthanc
from storing import data_set_of


class OrthancClientTests(InteropTest):
    def setUp(self):
        super().setUp()
        port, self.other_port = self.free_port(), self.free_port()
        self.open_archive(hosts=f"orthanc = (ORTHANC, 127.0.0.1, {port})\ndest = (DEST, 127.0.0.1, {self.other_port})")
        self.orthanc = Orthanc(self.folder / "orthanc", port, {"fileroom": ["ARCHIVE", "127.0.0.1", self.port]})
        self.orthanc.start(self.free_port())
        self.addCleanup(self.orthanc.stop)

    def ask(self, level, query, path="/modalities/fileroom/query"):
        """The query's number at Orthanc, and its answers."""
        number = self.orthanc.ask(path, {"Level": level, "Query": query} if level else {"Query": query})["ID"]
        return number, [self.orthanc.ask(f"/queries/{number}/answers/{one}/content?simplify") for one in self.orthanc.ask(f"/queries/{number}/answers")]

    def found(self, level, query, keyword="StudyInstanceUID"):
        return sorted(one[keyword] for one in self.ask(level, query)[1])

    def held(self):
        """What Orthanc has by now, as files."""
        found = {}
        for one in self.orthanc.ask("/instances"):
            path = self.folder / f"held-{one}"
            path.write_bytes(self.orthanc.ask(f"/instances/{one}/file", raw=True))
            found[dcmread(path).SOPInstanceUID] = path
        return found

    def test_an_echo_is_answered(self):
        self.assertEqual(self.orthanc.ask("/modalities/fileroom/echo", {}), {})

    def test_studies_are_found_by_every_kind_of_key(self):
        for query, studies in (
                ({}, [1, 2, 3]), ({"PatientName": "M*ller*"}, [1]), ({"PatientName": "Müller*"}, [1]), ({"PatientName": "M?LLER^J*"}, [1]), ({"PatientName": "YAMADA^*"}, [2]),
                ({"StudyDate": "20200101-20201231"}, [1, 2]), ({"StudyDate": "20200315-"}, [2, 3]), ({"StudyDate": "-20200102"}, [1]), ({"StudyDate": "20210101"}, [3]),
                ({"ModalitiesInStudy": "MR"}, [2]), ({"ModalitiesInStudy": "CT\\MR"}, [1, 2]), ({"AccessionNumber": "A_2"}, [2]), ({"AccessionNumber": "A_*"}, [1, 2, 3]), ({"PatientID": "P3"}, [3]),
                ({"StudyInstanceUID": "1.2.3.1\\1.2.3.3"}, [1, 3]), ({"PatientName": "Nobody"}, [])):
            with self.subTest(query=query):
                self.assertEqual(self.found("Study", {"StudyInstanceUID": ""} | query), [STUDIES[one - 1][0] for one in studies])

    def test_names_come_back_in_every_character_set(self):
        # In Latin-1 Orthanc leaves out what that can't carry.
        self.orthanc.stop()
        self.orthanc.start(self.free_port(), encoding="Utf8")
        _, answers = self.ask("Study", {"PatientName": "", "NumberOfStudyRelatedInstances": "", "StudyInstanceUID": ""})
        self.assertEqual(
            sorted((one["StudyInstanceUID"], one["PatientName"], int(one["NumberOfStudyRelatedInstances"])) for one in answers),
            [(uid, name, len(syntaxes)) for uid, name, *_, syntaxes in STUDIES])

    def test_the_other_levels_are_answered(self):
        self.assertEqual(self.found("Patient", {"PatientID": "P*", "PatientName": ""}, "PatientID"), ["P1", "P2", "P3"])
        self.assertEqual(self.found("Series", {"StudyInstanceUID": "1.2.3.1", "SeriesInstanceUID": "", "Modality": "CT"}, "SeriesInstanceUID"), ["1.2.3.1.1", "1.2.3.1.2"])
        # Orthanc leaves the levels above out where it is not told them.
        self.assertEqual(self.found("Series", {"SeriesInstanceUID": "", "Modality": "MR"}, "SeriesInstanceUID"), ["1.2.3.2.1", "1.2.3.2.2"])
        self.assertEqual(self.found("Instance", {"StudyInstanceUID": "1.2.3.1", "SeriesInstanceUID": "1.2.3.1.2", "SOPInstanceUID": ""}, "SOPInstanceUID"), ["1.2.3.1.2.1", "1.2.3.1.2.3"])
        number, _ = self.ask("Study", {"StudyInstanceUID": "1.2.3.3"})
        series, answers = self.ask(None, {}, f"/queries/{number}/answers/0/query-series")
        self.assertEqual(sorted(one["SeriesInstanceUID"] for one in answers), ["1.2.3.3.1", "1.2.3.3.2"])
        _, answers = self.ask(None, {}, f"/queries/{series}/answers/0/query-instances")
        self.assertTrue(answers and {one["SOPInstanceUID"] for one in answers} <= set(self.of_study("1.2.3.3")))

    def test_all_answers_of_a_query_are_retrieved(self):
        number, answers = self.ask("Study", {"StudyInstanceUID": "", "StudyDate": "20200101-"})
        self.assertEqual(len(answers), 3)
        self.orthanc.ask(f"/queries/{number}/retrieve", {"TargetAet": "ORTHANC", "Synchronous": True})
        self.check_same(self.held(), "1.2.3.1", "1.2.3.2", "1.2.3.3")

    def test_one_answer_of_a_query_for_series_is_retrieved(self):
        number, answers = self.ask("Series", {"StudyInstanceUID": "1.2.3.1", "SeriesInstanceUID": "1.2.3.1.1"})
        self.assertEqual(len(answers), 1)
        self.orthanc.ask(f"/queries/{number}/answers/0/retrieve", "ORTHANC")
        self.assertEqual(sorted(self.held()), ["1.2.3.1.1.2", "1.2.3.1.1.4"])

    def test_a_move_goes_where_it_is_sent(self):
        self.orthanc.ask("/modalities/fileroom/move", {"Level": "Study", "Resources": [{"StudyInstanceUID": "1.2.3.1"}, {"StudyInstanceUID": "1.2.3.3"}], "TargetAet": "ORTHANC", "Synchronous": True})
        self.check_same(self.held(), "1.2.3.1", "1.2.3.3")
        with StoreSCP(self.folder / "dest", self.other_port, "+xa", "+B") as scp:
            # It asks for a patient in Study Root, which has no such level (C.6.2).
            self.orthanc.ask("/modalities/fileroom/move", {"Level": "Patient", "Resources": [{"PatientID": "P2"}], "TargetAet": "DEST", "Synchronous": True})
            self.check({dcmread(path).SOPInstanceUID: data_set_of(path) for path in scp.files}, "1.2.3.2")

    def test_a_move_to_a_stranger_fails_in_words(self):
        with self.assertRaises(urllib.error.HTTPError):
            self.orthanc.ask("/modalities/fileroom/move", {"Level": "Study", "Resources": [{"StudyInstanceUID": "1.2.3.1"}], "TargetAet": "NOWHERE", "Synchronous": True})
        self.daemon.wait_for("NOWHERE")
        self.assertEqual(self.held(), {})


class DestinationTests(InteropTest):
    def move(self, study, title="DEST"):
        return self.dcmtk("movescu", "-v", "-S", "-aem", title, "-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={study}")

    def test_storescp_gets_every_byte(self):
        port = self.free_port()
        self.open_archive(hosts=f"dest = (DEST, 127.0.0.1, {port})")
        with StoreSCP(self.folder / "dest", port, "+xa", "+B") as scp:
            for uid, *_ in STUDIES:
                self.move(uid)
            self.check({dcmread(path).SOPInstanceUID: data_set_of(path) for path in scp.files}, *(uid for uid, *_ in STUDIES))

    def test_pynetdicom_gets_every_byte(self):
        came, originators = {}, set()

        def keep(event):
            came[event.request.AffectedSOPInstanceUID] = event.request.DataSet.getvalue()
            originators.add(event.request.MoveOriginatorApplicationEntityTitle)
            return 0x0000

        ae = AE(ae_title="DEST")
        for context in AllStoragePresentationContexts:
            ae.add_supported_context(context.abstract_syntax, AllTransferSyntaxes)
        server = ae.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, keep)])
        self.addCleanup(server.shutdown)
        self.open_archive(hosts=f"dest = (DEST, 127.0.0.1, {server.server_address[1]})")
        for uid, *_ in STUDIES:
            self.move(uid)
        self.check(came, *(uid for uid, *_ in STUDIES))
        self.assertEqual(originators, {"TESTSCU"})

    def test_orthanc_gets_every_element(self):
        port = self.free_port()
        self.open_archive(hosts=f"dest = (DEST, 127.0.0.1, {port})")
        orthanc = Orthanc(self.folder / "orthanc", port, {})
        orthanc.start(self.free_port())
        self.addCleanup(orthanc.stop)
        for uid, *_ in STUDIES:
            self.move(uid)
        came = {}
        for one in orthanc.ask("/instances"):
            path = self.folder / f"held-{one}"
            path.write_bytes(orthanc.ask(f"/instances/{one}/file", raw=True))
            came[dcmread(path).SOPInstanceUID] = path
        self.check_same(came, *(uid for uid, *_ in STUDIES))
