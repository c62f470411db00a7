"""DCMTK's tools as they are typed on many pages: without a level, with keys of no level, in every model, with preferred transfer syntaxes."""

import re

from pydicom import dcmread

from fileroom import ArchiveTest, StoreSCP, elements, make_instance, run, save
from interop import JPEG_LOSSLESS, STUDIES, InteropTest, encapsulated

JPEG_2000 = "1.2.840.10008.1.2.4.90"


class TypedTest(InteropTest):
    def setUp(self):
        super().setUp()
        self.destination_port = self.free_port()
        self.open_archive(hosts=f"dest = (DEST, 127.0.0.1, {self.destination_port})")

    def found(self, *words):
        """The identifiers that findscu writes, by a command line of these words."""
        out = self.folder / f"out{len(list(self.folder.iterdir()))}"
        out.mkdir()
        run("findscu", "-aec", "ARCHIVE", *words, "-X", "-od", out, "127.0.0.1", self.port, check=0)
        return [dcmread(path, force=True) for path in sorted(out.iterdir())]

    def original(self, uid, syntax):
        """What was stored, with its pixel data in the byte order of another transfer syntax."""
        one = dcmread(self.originals[uid])
        if one.file_meta.TransferSyntaxUID.is_little_endian != syntax.is_little_endian:
            one.PixelData = b"".join(one.PixelData[at:at + 2][::-1] for at in range(0, len(one.PixelData), 2))
        return one

    def test_findscu_as_it_is_typed(self):
        studies = [uid for uid, *_ in STUDIES]
        for words, keyword, values in (
                (["-P", "-k", "0010,0020=*"], "PatientID", ["P1", "P2", "P3"]), (["-P", "-k", "0010,0010=YAMADA*", "-k", "0010,0020"], "PatientID", ["P2"]),
                (["-S", "-k", "0020,000D=*"], "StudyInstanceUID", studies), (["-S", "-k", "0020,000D"], "StudyInstanceUID", studies),
                (["-S", "-k", "0008,0052=STUDY", "-k", "0010,0020=P1", "-k", "StudyInstanceUID="], "StudyInstanceUID", studies[:1]),
                (["-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyDate=20200101-20201231", "-k", "StudyInstanceUID"], "StudyInstanceUID", studies[:2]),
                (["-S", "-k", "0008,0052=SERIES", "-k", "0020,000d=1.2.3.1", "-k", "0020,000e"], "SeriesInstanceUID", ["1.2.3.1.1", "1.2.3.1.2"]),
                (["-S", "-k", "0008,0052=IMAGE", "-k", "0008,0060=MR", "-k", "0008,0018"], "SOPInstanceUID", ["1.2.3.2.1.2", "1.2.3.2.2.1"]),
                (["-O", "-k", "0008,0052=STUDY", "-k", "0010,0020=P*", "-k", "0020,000D"], None, None), (["-O", "-k", "0008,0052=PATIENT", "-k", "0010,0020"], "PatientID", ["P1", "P2", "P3"])):
            with self.subTest(words=words):
                if keyword is None:
                    # A wildcard in the unique key above the level (C.4.1.2.1).
                    done = run("findscu", "-v", "-aec", "ARCHIVE", *words, "127.0.0.1", self.port)
                    self.assertIn("DataSetDoesNotMatchSOPClass", done.stdout + done.stderr)
                else:
                    self.assertEqual(sorted(one[keyword].value for one in self.found(*words)), values)

    def test_a_worklist_is_refused_politely(self):
        # The association is accepted without a context (PS3.8 9.3.3.2): nothing is aborted.
        done = run("findscu", "-v", "-W", "-aec", "ARCHIVE", "-k", "0010,0010", "127.0.0.1", self.port)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("No Acceptable Presentation Contexts", done.stdout + done.stderr)
        self.dcmtk("echoscu")
        self.assertNotIn("abort", self.daemon.text.lower())

    def test_getscu_and_movescu_as_they_are_typed(self):
        for number, (words, studies) in enumerate((
                (["-S", "-k", "0020,000D=1.2.3.1"], ["1.2.3.1"]), (["-S", "-k", "0008,0052=STUDY", "-k", "0020,000D=1.2.3.2"], ["1.2.3.2"]),
                (["-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1.2.3.1\\1.2.3.2"], ["1.2.3.1", "1.2.3.2"]), (["-P", "-k", "0010,0020=P2"], ["1.2.3.2"]),
                (["-P", "-k", "0008,0052=PATIENT", "-k", "0010,0020=P1"], ["1.2.3.1"]), (["-P", "-k", "0008,0052=STUDY", "-k", "0020,000D=1.2.3.1"], ["1.2.3.1"]),
                (["-O", "-k", "0010,0020=P2"], ["1.2.3.2"]), (["-O", "-k", "0008,0052=STUDY", "-k", "0010,0020=P2", "-k", "0020,000D=1.2.3.2"], ["1.2.3.2"])), 1):
            with self.subTest(words=words):
                got = self.folder / f"got{number}"
                got.mkdir()
                self.dcmtk("getscu", *words, "-od", got)
                moved = self.folder / f"moved{number}"
                with StoreSCP(moved, self.destination_port, "+xa") as scp:
                    self.dcmtk("movescu", "-aem", "DEST", *words)
                    self.assertEqual(len(scp.files), len(self.of_study(*studies)))
                for folder in (got, moved):
                    came = {one.SOPInstanceUID: one for one in map(dcmread, folder.iterdir())}
                    self.assertEqual(sorted(came), self.of_study(*studies))
                    for uid, one in came.items():
                        self.assertEqual(elements(one), elements(self.original(uid, one.file_meta.TransferSyntaxUID)))

    def test_movescu_receives_what_it_asked_for_itself(self):
        # It is its own destination: the HostTable has its port, and it takes what comes while it waits.
        out = self.folder / "own"
        out.mkdir()
        self.dcmtk("movescu", "-S", "-aem", "DEST", "--port", self.destination_port, "-od", out, "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1.2.3.1")
        self.assertEqual(len(list(out.iterdir())), 4)


class MixedStudyTests(ArchiveTest):
    """getscu proposes one context for each class, with the preferred syntax and the uncompressed ones in it, before anybody knows what the
    study is in. The acceptor has to pick one of them (PS3.8 9.3.3.2), and what that can't carry has failed (PS3.4 C.4.3.1.3)."""

    def setUp(self):
        super().setUp()
        for number, syntax in enumerate([None, None, JPEG_2000, JPEG_LOSSLESS], 1):
            one = make_instance(instance=f"1.2.3.1.1.{number}", InstanceNumber=str(number))
            if syntax:
                one.file_meta.TransferSyntaxUID = syntax
                encapsulated(one)
            save(one, self.area / str(number))
        self.open_archive()

    def get(self, *options):
        """What came, the final status, and the counts that getscu says."""
        out = self.folder / f"got{len(list(self.folder.iterdir()))}"
        out.mkdir()
        done = run("getscu", "-d", "-aec", "ARCHIVE", "-S", *options, "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1.2.3.1", "-od", out, "127.0.0.1", self.port)
        text = (done.stdout + done.stderr).lower()
        # It does not read the list of what failed, and takes it for the answer to its release request.
        counts = {name: int(re.findall(rf"number of {name} suboperations *: (\d+)", text)[-1]) for name in ("completed", "failed", "warning")}
        return sorted(dcmread(path).InstanceNumber for path in out.iterdir()), re.findall(r"dimse status +: 0x(\w{4})", text)[-1], counts

    def test_what_the_context_cannot_carry_is_counted_as_failed(self):
        for options, numbers in (([], [1, 2]), (["+xi"], [1, 2]), (["+xv"], [3]), (["+xs"], [4])):
            with self.subTest(options=options):
                came, status, counts = self.get(*options)
                self.assertEqual((came, status), (numbers, "b000"))
                self.assertEqual(counts, {"completed": len(numbers), "failed": 4 - len(numbers), "warning": 0})
