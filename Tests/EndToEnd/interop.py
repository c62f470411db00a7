"""An archive for clients and destinations of all kinds: names of several character sets, instances of several transfer syntaxes."""

from pydicom import dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from fileroom import CT, MR, ArchiveTest, elements, make_instance, run, save
from storing import data_set_of

JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
# Study, name and its character set, date, modality, SOP class, transfer syntax or how dcmconv makes it, by instance.
STUDIES = [
    ("1.2.3.1", "Müller^Jörg", "ISO_IR 100", "20200102", "CT", CT, ["+te", "+te", "+ti", "+tb"]),
    ("1.2.3.2", "Yamada^Tarou=山田^太郎=やまだ^たろう", ["", "ISO 2022 IR 87"], "20200315", "MR", MR, ["+ti", "+td"]),
    ("1.2.3.3", "Dvořák^Antonín", "ISO_IR 192", "20210101", "OT", SECONDARY_CAPTURE, [JPEG_LOSSLESS, "+te", JPEG_LOSSLESS]),
]


def encapsulated(one):
    one.PixelData = encapsulate([b"\xff\xd8first\xff\xd9", b"\xff\xd8second frame\xff\xd9"])
    one.NumberOfFrames = "2"
    one["PixelData"].VR = "OB"
    one["PixelData"].is_undefined_length = True
    return one


class InteropTest(ArchiveTest):
    """An archive with names of several character sets and instances of several transfer syntaxes."""

    def setUp(self):
        super().setUp()
        self.originals = {}
        for study, (uid, name, terms, date, modality, sop_class, syntaxes) in enumerate(STUDIES, 1):
            for number, syntax in enumerate(syntaxes, 1):
                series, path = f"{uid}.{1 + number % 2}", self.area / f"{uid}-{number}"
                one = make_instance(
                    uid, series, f"{series}.{number}", sop_class=sop_class, PatientName=name, SpecificCharacterSet=terms, PatientID=f"P{study}", StudyDate=date, Modality=modality,
                    AccessionNumber=f"A_{study}", InstanceNumber=str(number), SeriesNumber=str(1 + number % 2))
                if syntax.startswith("+"):
                    run("dcmconv", syntax, save(one, self.folder / "made"), path, check=0)
                else:
                    one.file_meta.TransferSyntaxUID = UID(syntax)
                    save(encapsulated(one), path)
                self.originals[one.SOPInstanceUID] = path
        (self.folder / "made").unlink()

    def of_study(self, *studies):
        return sorted(uid for uid in self.originals if ".".join(uid.split(".")[:4]) in studies)

    def check(self, came, *studies):
        """`came` are data sets' bytes by SOP Instance UID: those of the studies, byte for byte."""
        self.assertEqual(sorted(came), self.of_study(*studies))
        for uid, content in came.items():
            self.assertEqual(content, data_set_of(self.originals[uid]), uid)

    def check_same(self, came, *studies):
        """The same of files that a peer has written anew."""
        self.assertEqual(sorted(came), self.of_study(*studies))
        for uid, path in came.items():
            one, original = dcmread(path), dcmread(self.originals[uid])
            self.assertEqual(one.file_meta.TransferSyntaxUID, original.file_meta.TransferSyntaxUID)
            self.assertEqual(elements(one), elements(original))
