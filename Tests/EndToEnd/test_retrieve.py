"""C-GET and C-MOVE (PS3.4 §C.4.2, §C.4.3): what arrives equals what is stored, and what fails is named."""

import os
import pathlib
import threading
import time

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGBaseline8Bit, RLELossless
from pynetdicom import AE, build_role, evt
from pynetdicom.sop_class import (
    CTImageStorage,
    PatientRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)

from fileroom import ArchiveTest, StoreSCP, elements, make_instance, run, save

LEVELS = [
    ("-P", "PATIENT", ["PatientID=P1"], 4),
    ("-S", "STUDY", ["StudyInstanceUID=1.2.3.1"], 4),
    ("-S", "SERIES", ["StudyInstanceUID=1.2.3.1", "SeriesInstanceUID=1.2.3.1.1"], 2),
    ("-S", "IMAGE", ["StudyInstanceUID=1.2.3.1", "SeriesInstanceUID=1.2.3.1.1", "SOPInstanceUID=1.2.3.1.1.2"], 1),
]


class RetrieveTests(ArchiveTest):
    def setUp(self):
        super().setUp()
        self.originals = {}
        for series in (1, 2):
            for instance in (1, 2):
                uid = f"1.2.3.1.{series}.{instance}"
                path = save(make_instance("1.2.3.1", f"1.2.3.1.{series}", uid, InstanceNumber=str(instance)), self.area / uid)
                self.originals[uid] = dcmread(path)
        save(make_instance("1.2.3.2", "1.2.3.2.1", "1.2.3.2.1.1", PatientID="P2"), self.area / "other")

    def keys(self, level, keys):
        words = ["-k", f"QueryRetrieveLevel={level}"]
        for key in keys:
            words += ["-k", key]
        return words

    def same(self, folder, count=None):
        got = [dcmread(path, force=True) for path in sorted(pathlib.Path(folder).iterdir())]
        for ds in got:
            self.assertEqual(elements(ds), elements(self.originals[ds.SOPInstanceUID]))
        if count is not None:
            self.assertEqual(len({ds.SOPInstanceUID for ds in got}), count)
        return got

    def test_getscu_at_each_level(self):
        self.open_archive()
        for model, level, keys, count in LEVELS:
            with self.subTest(level=level):
                out = self.folder / f"get-{level}"
                out.mkdir()
                self.dcmtk("getscu", model, *self.keys(level, keys), "-od", out)
                self.same(out, count)

    def test_movescu_to_storescp_at_each_level(self):
        port = self.free_port()
        self.open_archive(hosts=f"dest = (DEST, 127.0.0.1, {port})")
        for model, level, keys, count in LEVELS:
            with self.subTest(level=level):
                with StoreSCP(self.folder / f"move-{level}", port) as scp:
                    self.dcmtk("movescu", model, "-aem", "DEST", *self.keys(level, keys))
                    self.same(scp.folder, count)

    def test_every_uncompressed_syntax_reaches_a_stock_client(self):
        self.originals = {}
        for path in self.area.iterdir():
            path.unlink()
        for number, syntax in enumerate((ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, "deflated")):
            uid = f"1.2.3.1.1.{number + 1}"
            ds = make_instance("1.2.3.1", "1.2.3.1.1", uid, syntax=syntax if syntax != "deflated" else ExplicitVRLittleEndian)
            path = self.area / uid
            if syntax == ExplicitVRBigEndian or syntax == "deflated":
                plain = save(make_instance("1.2.3.1", "1.2.3.1.1", uid), self.folder / "plain.dcm")
                run("dcmconv", "+te" if syntax == "deflated" else "+tb", plain, path, check=0)
                if syntax == "deflated":
                    run("dcmconv", "+td", plain, path, check=0)
                self.originals[uid] = dcmread(plain)
            else:
                self.originals[uid] = dcmread(save(ds, path))
        self.open_archive()
        out = self.folder / "got"
        out.mkdir()
        self.dcmtk("getscu", "-S", *self.keys("STUDY", ["StudyInstanceUID=1.2.3.1"]), "-od", out)
        got = [dcmread(path, force=True) for path in out.iterdir()]
        self.assertEqual(len(got), 4)
        for ds in got:
            self.assertEqual(ds.PixelData, self.originals[ds.SOPInstanceUID].PixelData)
            self.assertEqual([row[0] for row in elements(ds)], [row[0] for row in elements(self.originals[ds.SOPInstanceUID])])

    def compressed(self):
        """A series whose pixel data is encapsulated; the codec does not matter, the bytes do."""
        from pydicom.encaps import encapsulate

        for path in self.area.iterdir():
            path.unlink()
        self.originals = {}
        for number, syntax in enumerate((JPEGBaseline8Bit, RLELossless)):
            uid = f"1.2.3.1.1.{number + 1}"
            ds = make_instance("1.2.3.1", "1.2.3.1.1", uid, syntax=syntax)
            ds.PixelData = encapsulate([bytes(range(200)), b"odd"])
            ds["PixelData"].VR = "OB"
            ds["PixelData"].is_undefined_length = True
            self.originals[uid] = dcmread(save(ds, self.area / uid))

    def test_compressed_instances_go_out_as_stored_where_the_client_takes_them(self):
        self.compressed()
        port = self.free_port()
        self.open_archive(hosts=f"dest = (DEST, 127.0.0.1, {port})")
        with StoreSCP(self.folder / "moved", port, "+xa") as scp:
            self.dcmtk("movescu", "-S", "-aem", "DEST", *self.keys("STUDY", ["StudyInstanceUID=1.2.3.1"]))
            for ds in self.same(scp.folder, 2):
                self.assertEqual(ds.file_meta.TransferSyntaxUID, self.originals[ds.SOPInstanceUID].file_meta.TransferSyntaxUID)
        for option, uid in (("+xy", "1.2.3.1.1.1"), ("+xr", "1.2.3.1.1.2")):
            out = self.folder / f"got{option}"
            out.mkdir()
            self.dcmtk("getscu", "-S", option, *self.keys("IMAGE", ["StudyInstanceUID=1.2.3.1", "SeriesInstanceUID=1.2.3.1.1", f"SOPInstanceUID={uid}"]), "-od", out)
            self.same(out, 1)

    def get(self, syntaxes, identifier, model=StudyRootQueryRetrieveInformationModelGet, on_store=None):
        received = []
        ae = AE(ae_title="PYNET")
        ae.add_requested_context(model)
        ae.add_requested_context(CTImageStorage, syntaxes)

        def store(event):
            ds = event.dataset
            ds.file_meta = event.file_meta
            received.append(ds)
            return on_store(event) if on_store else 0x0000

        association = ae.associate("127.0.0.1", self.port, ae_title="ARCHIVE", ext_neg=[build_role(CTImageStorage, scp_role=True)], evt_handlers=[(evt.EVT_C_STORE, store)])
        self.assertTrue(association.is_established)
        answers = list(association.send_c_get(identifier, model))
        association.release()
        return received, answers

    def study(self, uid="1.2.3.1"):
        keys = Dataset()
        keys.QueryRetrieveLevel, keys.StudyInstanceUID = "STUDY", uid
        return keys

    def test_the_error_comment_names_the_syntax_that_was_not_offered(self):
        self.compressed()
        self.open_archive()
        received, answers = self.get([ExplicitVRLittleEndian], self.study())
        status, failed = answers[-1]
        self.assertEqual(received, [])
        self.assertEqual(status.Status, 0xA702)
        self.assertEqual(status.NumberOfFailedSuboperations, 2)
        self.assertIn("JPEG Baseline", status.ErrorComment)
        self.assertEqual(sorted(failed.FailedSOPInstanceUIDList), ["1.2.3.1.1.1", "1.2.3.1.1.2"])

    def test_pynetdicom_gets_a_study_and_counts_are_right(self):
        self.open_archive()
        received, answers = self.get([ExplicitVRLittleEndian], self.study())
        for ds in received:
            self.assertEqual(elements(ds), elements(self.originals[ds.SOPInstanceUID]))
        self.assertEqual(len(received), 4)
        final = answers[-1][0]
        self.assertEqual((final.Status, final.NumberOfCompletedSuboperations, final.NumberOfFailedSuboperations, final.NumberOfWarningSuboperations), (0, 4, 0, 0))
        self.assertNotIn("NumberOfRemainingSuboperations", final)
        self.assertIsNone(answers[-1][1])
        pending = [status for status, _ in answers[:-1]]
        self.assertTrue(pending)
        for status in pending:
            self.assertEqual(status.Status, 0xFF00)
            total = sum(getattr(status, f"NumberOf{kind}Suboperations") for kind in ("Remaining", "Completed", "Failed", "Warning"))
            self.assertEqual(total, 4)

    def test_failures_and_warnings_of_the_destination_are_counted(self):
        self.open_archive()
        statuses = iter([0xA700, 0xB000, 0x0000, 0x0000])
        _, answers = self.get([ExplicitVRLittleEndian], self.study(), on_store=lambda event: next(statuses))
        final, failed = answers[-1]
        self.assertEqual((final.Status, final.NumberOfCompletedSuboperations, final.NumberOfFailedSuboperations, final.NumberOfWarningSuboperations), (0xB000, 2, 1, 1))
        uids = failed.FailedSOPInstanceUIDList
        self.assertEqual(len([uids] if isinstance(uids, str) else list(uids)), 1)

    def test_nothing_to_retrieve_is_success_with_zero_counts(self):
        self.open_archive()
        received, answers = self.get([ExplicitVRLittleEndian], self.study("1.2.3.99"))
        self.assertEqual([status.Status for status, _ in answers], [0])
        self.assertEqual(answers[0][0].NumberOfCompletedSuboperations, 0)

    def move(self, destination, identifier=None):
        ae = AE(ae_title="PYNET")
        ae.add_requested_context(StudyRootQueryRetrieveInformationModelMove)
        association = ae.associate("127.0.0.1", self.port, ae_title="ARCHIVE")
        answers = list(association.send_c_move(identifier or self.study(), destination, StudyRootQueryRetrieveInformationModelMove))
        association.release()
        return answers

    def test_an_unknown_destination_is_a801_and_names_the_nearest(self):
        self.open_archive(hosts="dest = (DEST, 127.0.0.1, 4)")
        [(status, _)] = self.move("DEXT")
        self.assertEqual(status.Status, 0xA801)
        self.assertIn("DEXT", status.ErrorComment)
        self.assertIn("DEST", status.ErrorComment)

    def test_a_destination_that_cannot_be_reached_is_a702_with_the_reason(self):
        port = self.free_port()
        self.open_archive(hosts=f"dest = (DEST, 127.0.0.1, {port})")
        status, failed = self.move("DEST")[-1]
        self.assertEqual(status.Status, 0xA702)
        self.assertIn("DEST", status.ErrorComment)
        self.assertIn("refused", status.ErrorComment)
        self.assertEqual(status.NumberOfFailedSuboperations, 4)
        self.assertEqual(len(failed.FailedSOPInstanceUIDList), 4)

    def test_a_host_of_star_is_the_caller(self):
        port = self.free_port()
        self.open_archive(hosts=f"dest = (DEST, *, {port})")
        with StoreSCP(self.folder / "moved", port) as scp:
            self.assertEqual(self.move("DEST")[-1][0].Status, 0)
            self.same(scp.folder, 4)

    def test_c_store_carries_who_asked(self):
        port = self.free_port()
        self.open_archive(hosts=f"dest = (DEST, 127.0.0.1, {port})")
        seen = []

        def store(event):
            seen.append((event.request.MoveOriginatorApplicationEntityTitle, event.request.MoveOriginatorMessageID, event.assoc.requestor.ae_title))
            return 0

        ae = AE(ae_title="DEST")
        ae.add_supported_context(CTImageStorage)
        server = ae.start_server(("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_C_STORE, store)])
        try:
            self.assertEqual(self.move("DEST")[-1][0].Status, 0)
        finally:
            server.shutdown()
        self.assertEqual(len(seen), 4)
        title, message, calling = seen[0]
        self.assertEqual((str(title).strip(), message, calling.strip()), ("PYNET", 1, "ARCHIVE"))

    def test_a_file_that_vanished_fails_alone(self):
        self.open_archive()
        (self.area / "1.2.3.1.1.1").unlink()
        received, answers = self.get([ExplicitVRLittleEndian], self.study())
        final, failed = answers[-1]
        self.assertEqual((final.Status, len(received), final.NumberOfFailedSuboperations), (0xB000, 3, 1))
        self.assertEqual(failed.FailedSOPInstanceUIDList, "1.2.3.1.1.1")

    def test_a_file_that_is_not_what_was_indexed_fails_alone(self):
        def pipe(path):
            path.unlink()
            os.mkfifo(path)

        changes = {
            "cut short": lambda path: path.write_bytes(path.read_bytes()[:-300]),
            "longer": lambda path: path.write_bytes(path.read_bytes() + bytes(778)),
            "another instance": lambda path: save(make_instance("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.9"), path),
            "a pipe": pipe,
            "a folder": lambda path: (path.unlink(), path.mkdir()),
        }
        for number, change in enumerate(changes):
            save(make_instance(f"1.2.9.{number}", f"1.2.9.{number}.1", f"1.2.9.{number}.1.1"), self.area / f"c{number}")
            save(make_instance(f"1.2.9.{number}", f"1.2.9.{number}.1", f"1.2.9.{number}.1.2"), self.area / f"d{number}")
        self.open_archive()
        for number, (name, change) in enumerate(changes.items()):
            with self.subTest(change=name):
                change(self.area / f"c{number}")
                received, answers = self.get([ExplicitVRLittleEndian], self.study(f"1.2.9.{number}"))
                final, failed = answers[-1]
                self.assertEqual([ds.SOPInstanceUID for ds in received], [f"1.2.9.{number}.1.2"])
                self.assertEqual((final.Status, failed.FailedSOPInstanceUIDList), (0xB000, f"1.2.9.{number}.1.1"))

    def test_a_file_of_odd_length_fails_alone(self):
        path = save(make_instance("1.2.8", "1.2.8.1", "1.2.8.1.1"), self.area / "odd")
        path.write_bytes(path.read_bytes()[:-101])
        save(make_instance("1.2.8", "1.2.8.1", "1.2.8.1.2"), self.area / "even")
        self.config = self.configure()
        self.assertRegex(self.index(self.config, "import").stdout, r"odd: cut short: 101 bytes")
        self.daemon = self.serve(self.config)
        self.port = self.daemon.port
        received, answers = self.get([ExplicitVRLittleEndian], self.study("1.2.8"))
        self.assertEqual([ds.SOPInstanceUID for ds in received], ["1.2.8.1.2"])
        self.assertEqual(answers[-1][0].Status, 0xB000)

    def test_keys_that_are_not_unique_are_passed_over(self):
        self.open_archive()
        identifier = self.study()
        identifier.PatientID, identifier.PatientName = "*", "Nobody"
        identifier.SeriesInstanceUID = "junk"
        received, answers = self.get([ExplicitVRLittleEndian], identifier)
        self.assertEqual((answers[-1][0].Status, len(received)), (0, 4))

    def test_what_is_found_by_a_name_of_another_character_set_is_retrieved(self):
        save(make_instance("1.2.7", "1.2.7.1", "1.2.7.1.1", SpecificCharacterSet="ISO_IR 100", PatientID="MÜ1"), self.area / "latin")
        self.open_archive()
        identifier = Dataset()
        identifier.SpecificCharacterSet, identifier.QueryRetrieveLevel, identifier.PatientID = "ISO_IR 192", "PATIENT", "MÜ1"
        received, answers = self.get([ExplicitVRLittleEndian], identifier, model=PatientRootQueryRetrieveInformationModelGet)
        self.assertEqual((answers[-1][0].Status, len(received)), (0, 1))

    def test_a_destination_that_breaks_off_gets_the_rest(self):
        for number in range(3, 8):
            save(make_instance("1.2.3.1", "1.2.3.1.1", f"1.2.3.1.1.{number}"), self.area / f"n{number}")
        arrived = []

        def store(event):
            arrived.append(str(event.request.AffectedSOPInstanceUID))
            if arrived[-1] == "1.2.3.1.1.4":
                event.assoc.abort()
            return 0

        ae = AE(ae_title="DEST")
        ae.add_supported_context(CTImageStorage)
        server = ae.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, store)])
        self.addCleanup(server.shutdown)
        self.open_archive("MoveRetries = 0", hosts=f"dest = (DEST, 127.0.0.1, {server.socket.getsockname()[1]})")
        final, failed = self.move("DEST", self.study())[-1]
        self.assertEqual((final.Status, final.NumberOfCompletedSuboperations, final.NumberOfFailedSuboperations), (0xB000, 8, 1))
        self.assertEqual(failed.FailedSOPInstanceUIDList, "1.2.3.1.1.4")
        self.assertEqual(len(arrived), 9)

    def test_nothing_is_stored_where_another_daemon_does(self):
        self.open_archive("StorageTCPPort = 0")
        done = run("storescu", "-aec", "ARCHIVE", "127.0.0.1", self.port, self.area / "other")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("No Acceptable Presentation Contexts", done.stdout + done.stderr)

    def test_cancel_stops_a_retrieval(self):
        for number in range(3, 200):
            save(make_instance("1.2.3.1", "1.2.3.1.1", f"1.2.3.1.1.{number}"), self.area / f"n{number}")
        port = self.free_port()
        self.open_archive(hosts=f"dest = (DEST, 127.0.0.1, {port})")
        ae = AE(ae_title="DEST")
        ae.add_supported_context(CTImageStorage)

        def slow(event):
            time.sleep(0.02)
            return 0

        server = ae.start_server(("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_C_STORE, slow)])
        scu = AE(ae_title="PYNET")
        scu.add_requested_context(StudyRootQueryRetrieveInformationModelMove)
        try:
            association = scu.associate("127.0.0.1", self.port, ae_title="ARCHIVE")
            final = None
            for status, _ in association.send_c_move(self.study(), "DEST", StudyRootQueryRetrieveInformationModelMove, msg_id=7):
                if final is None:
                    association.send_c_cancel(7, query_model=StudyRootQueryRetrieveInformationModelMove)
                final = status
            association.release()
        finally:
            server.shutdown()
        self.assertEqual(final.Status, 0xFE00)
        self.assertLess(final.NumberOfCompletedSuboperations, 199)

    def test_sigterm_lets_a_running_retrieval_finish(self):
        for number in range(3, 60):
            save(make_instance("1.2.3.1", "1.2.3.1.1", f"1.2.3.1.1.{number}"), self.area / f"n{number}")
        started = threading.Event()

        def slow(event):
            started.set()
            time.sleep(0.02)
            return 0

        destination = AE(ae_title="DEST")
        destination.add_supported_context(CTImageStorage)
        server = destination.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, slow)])
        self.addCleanup(server.shutdown)
        for operation in ("C-MOVE", "C-GET"):
            with self.subTest(operation=operation):
                started.clear()
                self.open_archive(hosts=f"dest = (DEST, 127.0.0.1, {server.socket.getsockname()[1]})")
                outcome = []

                def retrieve():
                    if operation == "C-MOVE":
                        outcome.append(self.move("DEST", self.study())[-1][0])
                    else:
                        outcome.append(self.get([ExplicitVRLittleEndian], self.study(), on_store=slow)[1][-1][0])

                running = threading.Thread(target=retrieve)
                running.start()
                self.assertTrue(started.wait(10))
                self.assertEqual(self.daemon.stop(), 0)
                running.join(20)
                self.assertEqual((outcome[0].Status, outcome[0].NumberOfCompletedSuboperations), (0, 61))
