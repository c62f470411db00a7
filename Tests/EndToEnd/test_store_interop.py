"""Storing with the software that is out there: pynetdicom with all SOP classes and transfer syntaxes, storescu, and Orthanc there and back."""

import csv
import pathlib
import re
import unittest

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian
from pynetdicom import AE, build_role, evt
from pynetdicom.dsutils import encode
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelGet

from fileroom import CT, elements, make_instance, run, save
from interop import encapsulated
from orthanc import Orthanc
from storing import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT, VERIFICATION, StoreTest, data_set_of

DATA = pathlib.Path(__file__).resolve().parent.parent.parent / "tools" / "data"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
CONTEXTS_MAXIMUM = 128


def rows(name):
    with open(DATA / name, newline="") as text:
        return list(csv.DictReader(text))


STORAGE_CLASSES = [row["uid"] for row in rows("sop-classes.csv") if row["service"] == "storage"]
OTHER_CLASSES = [row["uid"] for row in rows("sop-classes.csv") if row["service"] != "storage"]
# JPIP and SMPTE ST 2110 refer to what a server streams, MIME and XML put another encoding around the data set.
SYNTAXES = [row for row in rows("transfer-syntaxes.csv") if not re.match("jpip|smpte|encapsulation-only", row["compression"])]
NOT_STORABLE = [row["uid"] for row in rows("transfer-syntaxes.csv") if row not in SYNTAXES]


def encoded(one):
    """As pynetdicom sends it."""
    syntax = one.file_meta.TransferSyntaxUID
    return encode(one, syntax.is_implicit_VR, syntax.is_little_endian, syntax.is_deflated)


def in_syntax(one, uid):
    """An instance that pynetdicom sends in this transfer syntax and in no other."""
    syntax = UID(uid)
    one.file_meta.TransferSyntaxUID = syntax
    one.set_original_encoding(syntax.is_implicit_VR, syntax.is_little_endian)
    return one


class PynetdicomTests(StoreTest):
    def associate(self, contexts, port, **more):
        ae = AE(ae_title="PYNET")
        for abstract, syntax in contexts:
            ae.add_requested_context(abstract, syntax)
        association = ae.associate("127.0.0.1", port, ae_title="ARCHIVE", **more)
        self.assertTrue(association.is_established)
        return association

    def send_all(self, instances):
        """Stores the instances over as few associations as contexts allow; the data sets that went over the wire, by UID."""
        sent = {}
        for at in range(0, len(instances), CONTEXTS_MAXIMUM):
            some = instances[at:at + CONTEXTS_MAXIMUM]
            association = self.associate([(one.SOPClassUID, one.file_meta.TransferSyntaxUID) for one in some], self.storage_port)
            self.assertEqual(len(association.accepted_contexts), len(some), [context.abstract_syntax for context in association.rejected_contexts])
            for one in some:
                sent[one.SOPInstanceUID] = encoded(one)
                status = association.send_c_store(one)
                self.assertEqual(status.Status, 0x0000, (one.SOPClassUID, one.file_meta.TransferSyntaxUID, status))
            association.release()
        return sent

    def get_all(self, instances):
        """The data sets that come by C-GET as they are stored, by UID."""
        got = {}

        def keep(event):
            got[event.request.AffectedSOPInstanceUID] = event.request.DataSet.getvalue()
            return 0x0000

        for at in range(0, len(instances), CONTEXTS_MAXIMUM - 1):
            some = instances[at:at + CONTEXTS_MAXIMUM - 1]
            contexts = [(StudyRootQueryRetrieveInformationModelGet, ExplicitVRLittleEndian)] + [(one.SOPClassUID, one.file_meta.TransferSyntaxUID) for one in some]
            roles = [build_role(uid, scp_role=True) for uid in {one.SOPClassUID for one in some}]
            association = self.associate(contexts, self.port, ext_neg=roles, evt_handlers=[(evt.EVT_C_STORE, keep)])
            keys = Dataset()
            keys.QueryRetrieveLevel, keys.StudyInstanceUID, keys.SeriesInstanceUID = "IMAGE", some[0].StudyInstanceUID, some[0].SeriesInstanceUID
            keys.SOPInstanceUID = [one.SOPInstanceUID for one in some]
            status, _ = list(association.send_c_get(keys, StudyRootQueryRetrieveInformationModelGet))[-1]
            self.assertEqual((status.Status, status.NumberOfCompletedSuboperations), (0x0000, len(some)), status)
            association.release()
        return got

    def test_one_association_stores_and_is_stored_to_in_one_class(self):
        # Where one port serves all.
        self.config = self.configure(self.ROOM)
        self.daemon = self.serve(self.config)
        self.port = self.daemon.port
        got = []

        def keep(event):
            got.append(event.request.DataSet.getvalue())
            return 0x0000

        association = self.associate(
            [(StudyRootQueryRetrieveInformationModelGet, ExplicitVRLittleEndian), (CT, ExplicitVRLittleEndian)], self.port,
            ext_neg=[build_role(CT, scu_role=True, scp_role=True)], evt_handlers=[(evt.EVT_C_STORE, keep)])
        [storage] = [context for context in association.accepted_contexts if context.abstract_syntax == CT]
        self.assertEqual((storage.as_scu, storage.as_scp), (True, True))
        sent = []
        for number in (1, 2):
            one = in_syntax(make_instance(instance=f"1.2.3.1.1.{number}"), EXPLICIT)
            sent.append(encoded(one))
            self.assertEqual(association.send_c_store(one).Status, 0x0000)
            # What was stored a moment ago comes back on the same context.
            keys = Dataset()
            keys.QueryRetrieveLevel, keys.StudyInstanceUID = "STUDY", "1.2.3.1"
            got.clear()
            status, _ = list(association.send_c_get(keys, StudyRootQueryRetrieveInformationModelGet))[-1]
            self.assertEqual((status.Status, status.NumberOfCompletedSuboperations), (0x0000, number), status)
            self.assertEqual(sorted(got), sorted(sent))
        association.release()

    def check(self, instances):
        sent = self.send_all(instances)
        self.assertEqual(len(sent), len(instances))
        self.assertEqual(self.found(), sorted(sent))
        for path in self.files():
            one = dcmread(path, defer_size=64)
            meta = one.file_meta
            self.assertEqual(data_set_of(path), sent[meta.MediaStorageSOPInstanceUID], meta)
        self.assertEqual(len(self.files()), len(sent))
        got = self.get_all(instances)
        for one in instances:
            self.assertEqual(got[one.SOPInstanceUID], sent[one.SOPInstanceUID], (one.SOPClassUID, one.file_meta.TransferSyntaxUID))
        self.index(self.config, "verify", "--files")

    def test_every_storage_class_is_stored_and_comes_back(self):
        self.open_store()
        self.assertGreater(len(STORAGE_CLASSES), 200)
        self.check([in_syntax(make_instance(instance=f"1.2.3.1.1.{number}", sop_class=uid, pixels=32), EXPLICIT) for number, uid in enumerate(STORAGE_CLASSES, 1)])

    def test_every_storable_transfer_syntax_is_stored_and_comes_back(self):
        self.open_store()
        self.assertGreater(len(SYNTAXES), 50)
        instances = []
        for number, row in enumerate(SYNTAXES, 1):
            one = in_syntax(make_instance(instance=f"1.2.3.1.1.{number}", sop_class=SECONDARY_CAPTURE), row["uid"])
            instances.append(encapsulated(one) if row["encapsulated"] == "Y" else one)
        self.check(instances)

    def test_what_is_no_composite_storage_is_not_taken(self):
        self.open_store()
        for at in range(0, len(OTHER_CLASSES), CONTEXTS_MAXIMUM):
            some = OTHER_CLASSES[at:at + CONTEXTS_MAXIMUM]
            association = self.associate([(uid, EXPLICIT) for uid in some], self.storage_port)
            self.assertEqual({context.abstract_syntax for context in association.accepted_contexts}, {VERIFICATION} & set(some))
            association.release()
        association = self.associate([(CT, uid) for uid in NOT_STORABLE] + [(CT, EXPLICIT)], self.storage_port)
        self.assertEqual([context.transfer_syntax for context in association.accepted_contexts], [[EXPLICIT]])
        association.release()


class StorescuTests(StoreTest):
    # storescu's option for a transfer syntax that it proposes besides the uncompressed ones.
    OPTIONS = {
        "-xe": EXPLICIT, "-xb": BIG_ENDIAN, "-xi": IMPLICIT, "-xd": DEFLATED, "-xs": "1.2.840.10008.1.2.4.70", "-xy": "1.2.840.10008.1.2.4.50",
        "-xx": "1.2.840.10008.1.2.4.51", "-xv": "1.2.840.10008.1.2.4.90", "-xw": "1.2.840.10008.1.2.4.91", "-xt": "1.2.840.10008.1.2.4.80",
        "-xu": "1.2.840.10008.1.2.4.81", "-xm": "1.2.840.10008.1.2.4.100", "-xh": "1.2.840.10008.1.2.4.101", "-xn": "1.2.840.10008.1.2.4.102",
        "-xl": "1.2.840.10008.1.2.4.103", "-x2": "1.2.840.10008.1.2.4.104", "-x3": "1.2.840.10008.1.2.4.105", "-xo": "1.2.840.10008.1.2.4.106",
        "-x4": "1.2.840.10008.1.2.4.107", "-x5": "1.2.840.10008.1.2.4.108", "-xr": "1.2.840.10008.1.2.5"}

    def test_storescu_sends_each_syntax_that_it_knows(self):
        self.open_store()
        encapsulated_syntaxes = {row["uid"] for row in SYNTAXES if row["encapsulated"] == "Y"}
        for number, (option, syntax) in enumerate(self.OPTIONS.items(), 1):
            with self.subTest(option=option):
                uid = f"1.2.3.1.1.{number}"
                one = make_instance(instance=uid, sop_class=SECONDARY_CAPTURE, syntax=syntax)
                sent = self.folder / f"sent-{number}"
                if syntax in encapsulated_syntaxes:
                    encapsulated(one)
                    save(one, sent)
                else:
                    one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
                    save(one, self.folder / "explicit")
                    conversion = {EXPLICIT: "+te", BIG_ENDIAN: "+tb", IMPLICIT: "+ti", DEFLATED: "+td"}[syntax]
                    run("dcmconv", conversion, self.folder / "explicit", sent, check=0)
                run("storescu", option, "-R", "-aec", "ARCHIVE", "127.0.0.1", self.storage_port, sent, check=0)
                [path] = [path for path in self.files() if path.name == f"{uid}.dcm"]
                stored, original = dcmread(path), dcmread(sent)
                # With other proposals storescu has uncompressed syntaxes too, of which the better one is taken, and converts.
                self.assertEqual(stored.file_meta.TransferSyntaxUID, syntax)
                self.assertEqual(elements(stored), elements(original))
        self.assertEqual(len(self.found()), len(self.OPTIONS))


class OrthancTests(StoreTest):
    def test_a_study_goes_to_fileroom_and_comes_back(self):
        port = self.free_port()
        self.open_store(hosts=f"orthanc = (ORTHANC, 127.0.0.1, {port})")
        sent = {}
        for number in range(1, 13):
            uid = f"1.2.3.1.{number % 2}.{number}"
            one = make_instance("1.2.3.1", f"1.2.3.1.{number % 2}", uid, InstanceNumber=str(number), PatientName="M\xfcller^Zo\xeb", SpecificCharacterSet="ISO_IR 100")
            if number > 10:
                one.file_meta.TransferSyntaxUID = UID("1.2.840.10008.1.2.4.70")
                encapsulated(one)
            sent[uid] = dcmread(save(one, self.folder / "sent" / str(number)))
        orthanc = Orthanc(self.folder / "orthanc", port, {"stored": ["ARCHIVE", "127.0.0.1", self.storage_port], "qrd": ["ARCHIVE", "127.0.0.1", self.port]})
        orthanc.start(self.free_port())
        self.addCleanup(orthanc.stop)
        self.assertEqual(orthanc.ask("/modalities/stored/echo", {}), {})
        for path in sorted((self.folder / "sent").iterdir()):
            run("storescu", "-R", *(["-xs"] if int(path.name) > 10 else []), "-aec", "ORTHANC", "127.0.0.1", port, path, check=0)
        [study] = orthanc.ask("/studies")
        held = {orthanc.ask(f"/instances/{one}/simplified-tags")["SOPInstanceUID"]: orthanc.ask(f"/instances/{one}/file", raw=True) for one in orthanc.ask("/instances")}
        self.assertEqual(sorted(held), sorted(sent))

        answer = orthanc.ask("/modalities/stored/store", study)
        self.assertEqual((answer["InstancesCount"], answer["FailedInstancesCount"]), (12, 0), answer)
        self.assertEqual(len(self.files()), 12)
        for path in self.files():
            one = dcmread(path)
            self.assertEqual(elements(one), elements(sent[one.SOPInstanceUID]))
            self.assertEqual(one.file_meta.SourceApplicationEntityTitle, "ORTHANC")

        orthanc.ask(f"/studies/{study}", method="DELETE")
        self.assertEqual(orthanc.ask("/instances"), [])
        query = orthanc.ask("/modalities/qrd/query", {"Level": "Study", "Query": {"StudyInstanceUID": "", "PatientName": "M\xfcller*"}})["ID"]
        self.assertEqual(orthanc.ask(f"/queries/{query}/answers"), ["0"])
        orthanc.ask(f"/queries/{query}/answers/0/retrieve", "ORTHANC")
        back = {}
        for one in orthanc.ask("/instances"):
            path = self.folder / f"back-{one}"
            path.write_bytes(orthanc.ask(f"/instances/{one}/file", raw=True))
            back[dcmread(path).SOPInstanceUID] = dcmread(path)
        self.assertEqual(sorted(back), sorted(sent))
        for uid, one in back.items():
            self.assertEqual(elements(one), elements(sent[uid]))
            self.assertEqual(one.file_meta.TransferSyntaxUID, sent[uid].file_meta.TransferSyntaxUID)


if __name__ == "__main__":
    unittest.main()
