"""Every study of pydicom's own test files that has the three UIDs is found and retrieved; the others are listed with reasons."""

import json
import pathlib

import pydicom
from pydicom import dcmread
from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, AllStoragePresentationContexts, _config, build_context, evt

from fileroom import ArchiveTest, listing

FILES = pathlib.Path(pydicom.__file__).parent / "data" / "test_files"


def with_uids():
    """The files that pydicom reads and that have the UIDs of an archive: SOP Instance UID -> paths."""
    found = {}
    for path in sorted(FILES.rglob("*")):
        if not path.is_file():
            continue
        try:
            ds = dcmread(path, stop_before_pixels=True)
            sop_class = ds.get("SOPClassUID") or ds.file_meta.get("MediaStorageSOPClassUID")
            uids = [ds.get(keyword) for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")]
        except Exception:
            continue
        if sop_class and all(uids) and sop_class != "1.2.840.10008.1.3.10":
            found.setdefault(str(uids[2]), []).append(path)
    return found


class PydicomFilesTests(ArchiveTest):
    def test_all_are_found_and_retrieved_or_refused_with_a_reason(self):
        expected = with_uids()
        self.assertGreater(len(expected), 40)
        received = {}

        def store(event):
            # Bytes as they arrived: some of these files are too odd for a receiver that decodes them.
            received[str(event.request.AffectedSOPInstanceUID)] = event.request.DataSet.getvalue()
            return 0x0000

        _config.UNRESTRICTED_STORAGE_SERVICE = True
        self.addCleanup(setattr, _config, "UNRESTRICTED_STORAGE_SERVICE", False)
        ae = AE(ae_title="DEST")
        ae.supported_contexts = [build_context(context.abstract_syntax, ALL_TRANSFER_SYNTAXES) for context in AllStoragePresentationContexts]
        server = ae.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, store)])
        self.addCleanup(server.shutdown)
        port = server.socket.getsockname()[1]
        config = self.configure(f"IndexDirectory = {self.folder / 'indexes'}", hosts=f"dest = (DEST, 127.0.0.1, {port})")
        done = self.index(config, "import", "--json", FILES, check=None)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        for refused in json.loads(done.stdout)["refused"]:
            self.assertTrue(refused["path"] and refused["reason"], refused)
        rows = listing(self.index(config, "list", "instances", "--json", "--limit", "0"))
        indexed = {row["SOPInstanceUID"] for row in rows}
        self.assertEqual(sorted(set(expected) - indexed), [])
        self.daemon = self.serve(config)
        self.port = self.daemon.port
        studies = sorted({ds.StudyInstanceUID for ds in self.findscu("STUDY", "StudyInstanceUID")})
        for study in studies:
            self.dcmtk("movescu", "-S", "-aem", "DEST", "-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={study}")
        self.assertEqual(sorted(set(expected) - set(received)), [])
        for uid, paths in expected.items():
            sent = received[uid]
            self.assertGreater(len(sent), 100, uid)
            # A deflated data set of odd length is padded on its way.
            self.assertTrue(any(path.read_bytes().endswith((sent, sent.removesuffix(b"\0"))) for path in paths), f"{uid} is none of {paths}")
