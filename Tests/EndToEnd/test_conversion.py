"""Retrievals in another transfer syntax than the stored one (PS3.5 Annex A, Annex G), and without bulk data (PS3.4 Annex Z)."""

import os
import pathlib
import struct
import zlib

from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.pixels.decoders.rle import _rle_decode_frame
from pydicom.pixels.encoders.native import _encode_segment
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    RLELossless,
)
from pynetdicom import AE, build_role, evt
from pynetdicom.sop_class import (
    CTImageStorage,
    CompositeInstanceRetrieveWithoutBulkDataGet,
    StudyRootQueryRetrieveInformationModelGet,
)

from fileroom import ArchiveTest, StoreSCP, elements, make_instance, run, save

SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]


def words(value, size):
    """The words of a value turned around."""
    return b"".join(value[at : at + size][::-1] for at in range(0, len(value), size))


def without_vrs(rows):
    """Values by tag, those of items likewise: Implicit VR has no VRs, so a reader's may differ."""
    return {tag: [without_vrs(item) for item in value] if vr == "SQ" else value for tag, vr, value in rows}


class ConversionTests(ArchiveTest):
    def get(self, syntaxes, keys=None, model=StudyRootQueryRetrieveInformationModelGet):
        """What a C-GET brings that accepts these syntaxes alone, by instance, and the final response."""
        received = {}
        ae = AE(ae_title="PYNET")
        ae.add_requested_context(model)
        for syntax in syntaxes:
            ae.add_requested_context(CTImageStorage, syntax)

        def store(event):
            ds = event.dataset
            ds.file_meta = event.file_meta
            self.assertEqual(str(event.request.AffectedSOPInstanceUID), str(ds.SOPInstanceUID))
            received[str(ds.SOPInstanceUID)] = ds
            return 0x0000

        association = ae.associate("127.0.0.1", self.port, ae_title="ARCHIVE", ext_neg=[build_role(CTImageStorage, scp_role=True)], evt_handlers=[(evt.EVT_C_STORE, store)])
        self.assertTrue(association.is_established)
        if keys is None:
            keys = Dataset()
            keys.QueryRetrieveLevel, keys.StudyInstanceUID = "STUDY", "1.2.3.1"
        answers = list(association.send_c_get(keys, model))
        self.assertTrue(association.is_established, "a sub-operation that fails leaves the association as it is")
        association.release()
        return received, answers[-1]

    # MARK: Uncompressed and deflated

    def rich(self, uid):
        """Every VR with words, text past a 16-bit length, private elements and sequences within sequences."""
        ds = make_instance("1.2.3.1", "1.2.3.1.1", uid)
        ds.SpecificCharacterSet, ds.PatientName = "ISO_IR 100", "Müller^Ünal"
        ds.SmallestImagePixelValue = 3
        ds.add_new(0x00281201, "OW", b"\1\2\3\4")
        ds.add_new(0x00660016, "OF", b"\0\1\2\3\4\5\6\7")
        ds.add_new(0x00660023, "OW", b"\1\2")
        ds.add_new(0x00660040, "OL", b"\0\1\2\3\4\5\6\7")
        ds.add_new(0x00720082, "SV", [-5, 7])
        ds.add_new(0x00720083, "UV", [5, 7])
        ds.add_new(0x0040A161, "FD", [1.5, -2.25])
        ds.add_new(0x00280009, "AT", [0x00181063])
        ds.add_new(0x30060050, "DS", [f"{number}.5" for number in range(10_500)])
        inner = Dataset()
        inner.add_new(0x00189810, "SS" if ds.PixelRepresentation else "US", 7)
        inner.CodeValue = "CT"
        outer = Dataset()
        outer.ProcedureCodeSequence = Sequence([inner, Dataset(), inner])
        ds.RequestAttributesSequence = Sequence([outer, Dataset()])
        ds.ReferencedImageSequence = Sequence([])
        block = ds.private_block(0x0009, "FILEROOM TEST", create=True)
        block.add_new(0x01, "OB", b"\1\2\3\4")
        return ds

    def stored(self, ds, syntax, path):
        """Writes `ds` in that syntax, pixel data as the syntax has it."""
        if syntax == ExplicitVRBigEndian:
            plain = save(ds, self.folder / "plain.dcm")
            run("dcmconv", "+tb", "-e", plain, path, check=0)
        elif syntax == DeflatedExplicitVRLittleEndian:
            plain = save(ds, self.folder / "plain.dcm")
            run("dcmconv", "+td", "-e", plain, path, check=0)
        else:
            ds.file_meta.TransferSyntaxUID = syntax
            dcmwrite(path, ds, implicit_vr=syntax.is_implicit_VR, little_endian=True, enforce_file_format=True)
        return path

    def test_every_syntax_in_every_other_element_by_element(self):
        for number, syntax in enumerate(SYNTAXES):
            uid = f"1.2.3.1.1.{number + 1}"
            self.stored(self.rich(uid), syntax, self.area / uid)
        self.open_archive()
        original = elements(dcmread(save(self.rich("1.2.3.1.1.1"), self.folder / "original")))
        values = without_vrs(original)
        for syntax in SYNTAXES:
            with self.subTest(syntax=syntax.name):
                received, (status, _) = self.get([syntax])
                self.assertEqual((status.Status, len(received)), (0, 4))
                for ds in received.values():
                    self.assertEqual(ds.file_meta.TransferSyntaxUID, syntax)
                    got = without_vrs(elements(ds))
                    self.assertEqual(list(got), list(values))
                    for tag, value in values.items():
                        if tag == 0x00080018:
                            continue
                        found = got[tag]
                        if tag == 0x30060050:
                            # Past a 16-bit length it is UN in Explicit VR (PS3.5 §6.2.2).
                            found, value = (rows.decode().strip().split("\\") if isinstance(rows, bytes) else [str(row) for row in rows] for rows in (found, value))
                        if syntax == ExplicitVRBigEndian and isinstance(found, bytes) and tag in (0x7FE00010, 0x00281201, 0x00660016, 0x00660023, 0x00660040):
                            found = words(found, 4 if tag in (0x00660016, 0x00660040) else 2)
                        self.assertTrue(found == value, f"{tag:08X}: {str(found)[:200]}, not {str(value)[:200]}")

    def test_a_strict_reader_takes_what_arrives(self):
        self.stored(self.rich("1.2.3.1.1.1"), ImplicitVRLittleEndian, self.area / "a")
        port = self.free_port()
        self.open_archive(hosts=f"dest = (DEST, 127.0.0.1, {port})")
        for option in ("+xi", "+xe", "+xb", "+xd"):
            with self.subTest(option=option), StoreSCP(self.folder / f"moved{option}", port, option) as scp:
                self.dcmtk("movescu", "-S", "-aem", "DEST", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1.2.3.1")
                (path,) = scp.files
                dump = run("dcmdump", path, check=0)
                self.assertNotIn("E:", dump.stderr)
                self.assertNotIn("W:", dump.stderr)

    # MARK: RLE Lossless

    def image(self, bits, samples, planar, frames, uid):
        """An image of runs and noise, and its pixel data in frames."""
        rows, columns = 5, 7
        width = bits // 8 * samples
        value = 7
        data = []
        for _ in range(frames):
            frame = bytearray()
            while len(frame) < rows * columns * width:
                value = (value * 1_103_515_245 + 12_345) & 0x7FFFFFFF
                frame += bytes([value >> 16 & 0xFF]) * (1 + value % 9)
            data.append(bytes(frame[: rows * columns * width]))
        ds = make_instance("1.2.3.1", "1.2.3.1.1", uid, Rows=rows, Columns=columns, BitsAllocated=bits, BitsStored=bits, HighBit=bits - 1, SamplesPerPixel=samples)
        if samples > 1:
            ds.PhotometricInterpretation, ds.PlanarConfiguration = "RGB", planar
        if frames > 1:
            ds.NumberOfFrames = frames
        ds.PixelData = b"".join(data) + b"\0" * (len(data[0]) * frames % 2)
        ds["PixelData"].VR = "OW" if bits > 8 else "OB"
        return ds, data

    def run_length(self, ds, data):
        """The same in RLE Lossless as pydicom writes it."""
        size, samples = ds.BitsAllocated // 8, ds.SamplesPerPixel
        pixels = ds.Rows * ds.Columns
        encoded = []
        for frame in data:
            segments = []
            for sample in range(samples):
                for byte in reversed(range(size)):
                    if samples > 1 and ds.PlanarConfiguration == 1:
                        plane = frame[sample * pixels * size + byte : (sample + 1) * pixels * size : size]
                    else:
                        plane = frame[sample * size + byte :: samples * size]
                    segments.append(bytes(_encode_segment(plane, ds.Columns)))
            offsets = [64 + sum(map(len, segments[:index])) for index in range(len(segments))]
            encoded.append(struct.pack("<16L", len(segments), *offsets, *[0] * (15 - len(segments))) + b"".join(segments))
        ds.file_meta.TransferSyntaxUID = RLELossless
        ds.PixelData = encapsulate(encoded)
        ds["PixelData"].VR = "OB"
        ds["PixelData"].is_undefined_length = True
        return ds

    def test_rle_lossless_against_pydicom_and_dcmtk(self):
        natives, number = {}, 0
        for bits in (8, 16, 32):
            for samples, planar in ((1, 0), (3, 0), (3, 1)):
                for frames in (1, 3):
                    number += 1
                    uid = f"1.2.3.1.1.{number}"
                    ds, data = self.image(bits, samples, planar, frames, uid)
                    natives[uid] = bytes(ds.PixelData)
                    save(self.run_length(ds, data), self.area / uid)
                    # Both encoders and both decoders mean the same.
                    stored = dcmread(self.area / uid)
                    for frame, native in zip(generate_frames(stored.PixelData, number_of_frames=frames), data):
                        decoded = bytes(_rle_decode_frame(frame, 5, 7, samples, bits))
                        if samples > 1 and not planar:
                            size = bits // 8
                            planes = [decoded[sample * 35 * size : (sample + 1) * 35 * size] for sample in range(samples)]
                            decoded = b"".join(plane[at * size : (at + 1) * size] for at in range(35) for plane in planes)
                        self.assertEqual(decoded, native)
        for bits, samples in ((8, 1), (8, 3), (16, 1), (16, 3)):
            number += 1
            uid = f"1.2.3.1.1.{number}"
            ds, _ = self.image(bits, samples, 0, 3, uid)
            natives[uid] = bytes(ds.PixelData)
            plain = save(ds, self.folder / "plain.dcm")
            run("dcmcrle", plain, self.area / uid, check=0)
            run("dcmdrle", self.area / uid, self.folder / "native.dcm", check=0)
            self.assertEqual(dcmread(self.folder / "native.dcm").PixelData, natives[uid])
        self.open_archive()
        for syntax in SYNTAXES:
            with self.subTest(syntax=syntax.name):
                received, (status, _) = self.get([syntax])
                self.assertEqual((status.Status, len(received)), (0, len(natives)))
                for uid, native in natives.items():
                    ds = received[uid]
                    self.assertEqual(ds.file_meta.TransferSyntaxUID, syntax)
                    pixels = bytes(ds.PixelData)
                    if syntax == ExplicitVRBigEndian and ds.BitsAllocated > 8:
                        pixels = words(pixels, 2)
                    self.assertEqual(pixels, native, uid)
        received, (status, _) = self.get([RLELossless])
        self.assertEqual((status.Status, len(received)), (0, len(natives)))
        for uid, ds in received.items():
            self.assertEqual(ds.PixelData, dcmread(self.area / uid).PixelData, "as it is stored where that is taken")

    def test_what_cannot_be_converted_is_listed_and_the_rest_arrives(self):
        ds, data = self.image(16, 1, 0, 2, "1.2.3.1.1.1")
        save(self.run_length(ds, data), self.area / "1")
        ds, data = self.image(16, 1, 0, 2, "1.2.3.1.1.2")
        ds = self.run_length(ds, data)
        ds.PixelData = ds.PixelData[:60] + b"\xff" * 40 + ds.PixelData[100:]
        save(ds, self.area / "2")
        ds, data = self.image(16, 1, 0, 2, "1.2.3.1.1.3")
        ds = self.run_length(ds, data)
        ds.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
        save(ds, self.area / "3")
        # Cut short before it was indexed: it goes as far as it goes, or not at all.
        cut = save(make_instance("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.4"), self.area / "4")
        cut.write_bytes(cut.read_bytes()[:-100])
        save(make_instance("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.5"), self.area / "5")
        self.open_archive()
        received, (status, failed) = self.get([ImplicitVRLittleEndian])
        self.assertEqual(sorted(received), ["1.2.3.1.1.1", "1.2.3.1.1.5"])
        self.assertEqual((status.Status, status.NumberOfCompletedSuboperations, status.NumberOfFailedSuboperations), (0xB000, 2, 3))
        self.assertEqual(sorted(failed.FailedSOPInstanceUIDList), ["1.2.3.1.1.2", "1.2.3.1.1.3", "1.2.3.1.1.4"])

    def test_files_without_meta_and_with_wrong_meta(self):
        original = dcmread(save(make_instance("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.1"), self.folder / "whole"))
        for number, (implicit, little) in enumerate(((True, True), (False, True), (False, False))):
            bare = make_instance("1.2.3.1", "1.2.3.1.1", f"1.2.3.1.1.{number + 1}")
            if not little:
                bare.PixelData = words(bare.PixelData, 2)
            plain = Dataset({element.tag: element for element in bare})
            dcmwrite(self.area / f"bare{number}", plain, implicit_vr=implicit, little_endian=little)
        wrong = make_instance("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.9")
        path = save(wrong, self.area / "wrong")
        path.write_bytes(path.read_bytes().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2\0\0\0", 1))
        self.open_archive()
        for syntaxes in ([ImplicitVRLittleEndian], [ExplicitVRLittleEndian], [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian]):
            received, (status, _) = self.get(syntaxes)
            self.assertEqual((status.Status, len(received)), (0, 4))
            for ds in received.values():
                pixels = bytes(ds.PixelData)
                if ds.file_meta.TransferSyntaxUID == ExplicitVRBigEndian:
                    pixels = words(pixels, 2)
                self.assertEqual(pixels, original.PixelData)
                self.assertEqual([row[0] for row in elements(ds)], [row[0] for row in elements(original)])

    # MARK: Without bulk data

    def images(self, *uids):
        keys = Dataset()
        keys.QueryRetrieveLevel, keys.SOPInstanceUID = "IMAGE", list(uids)
        return keys

    def test_without_bulk_data(self):
        plain = self.rich("1.2.3.1.1.1")
        plain.add_new(0x60003000, "OW", b"\1\2")
        plain.add_new(0x60000010, "US", 1)
        plain.add_new(0x56000020, "OF", b"\0\0\0\0")
        wave = Dataset()
        wave.SamplingFrequency = "500"
        wave.WaveformBitsAllocated = 16
        wave.add_new(0x54001010, "OW", b"\1\2")
        plain.WaveformSequence = Sequence([wave])
        icon = Dataset()
        icon.Rows = icon.Columns = 2
        icon.add_new(0x7FE00010, "OW", b"\1\2\3\4")
        plain.IconImageSequence = Sequence([icon])
        save(plain, self.area / "1")
        ds, data = self.image(8, 1, 0, 1, "1.2.3.1.1.2")
        ds = self.run_length(ds, data)
        ds.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
        save(ds, self.area / "2")
        self.open_archive()
        for syntax in SYNTAXES:
            with self.subTest(syntax=syntax.name):
                received, (status, _) = self.get([syntax], self.images("1.2.3.1.1.1", "1.2.3.1.1.2"), CompositeInstanceRetrieveWithoutBulkDataGet)
                self.assertEqual((status.Status, status.NumberOfCompletedSuboperations, len(received)), (0, 2, 2))
                for uid, stored in (("1.2.3.1.1.1", plain), ("1.2.3.1.1.2", ds)):
                    got = received[uid]
                    self.assertEqual(got.file_meta.TransferSyntaxUID, syntax)
                    gone = {0x7FE00010, 0x60003000, 0x56000020}
                    self.assertEqual([row[0] for row in elements(got)], [row[0] for row in elements(stored) if row[0] not in gone])
                got = received["1.2.3.1.1.1"]
                self.assertNotIn("WaveformData", got.WaveformSequence[0])
                self.assertEqual(got.WaveformSequence[0].WaveformBitsAllocated, 16)
                self.assertIn("PixelData", got.IconImageSequence[0])

    def test_without_bulk_data_there_is_one_level(self):
        save(make_instance("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.1"), self.area / "1")
        self.open_archive()
        for level in ("STUDY", "SERIES", "PATIENT", "FRAME"):
            keys = self.images("1.2.3.1.1.1")
            keys.QueryRetrieveLevel, keys.StudyInstanceUID = level, "1.2.3.1"
            received, (status, _) = self.get([ExplicitVRLittleEndian], keys, CompositeInstanceRetrieveWithoutBulkDataGet)
            self.assertEqual((received, status.Status), ({}, 0xA900))
        received, (status, _) = self.get([ExplicitVRLittleEndian], self.images("1.2.3.9", "1.2.3.1.1.1"), CompositeInstanceRetrieveWithoutBulkDataGet)
        self.assertEqual((list(received), status.Status), (["1.2.3.1.1.1"], 0))

    # MARK: Memory

    def peak_bytes(self):
        """The most memory that a worker has had of its own."""
        peaks = []
        for worker in self.daemon.workers:
            status = pathlib.Path(f"/proc/{worker}/status").read_text()
            peaks.append(int(status.split("VmHWM:")[1].split()[0]) * 1024)
        return max(peaks)

    def test_memory_does_not_grow_with_what_is_converted(self):
        """FILEROOM_CONVERTED_MIB=1024 makes it 1 GiB."""
        mebibytes = int(os.environ.get("FILEROOM_CONVERTED_MIB", "192"))
        header = make_instance("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.1", Rows=1024, Columns=1024, NumberOfFrames=mebibytes // 2, PixelData=None)
        path = save(header, self.area / "large")
        with open(path, "ab") as file:
            file.write(struct.pack("<HH2sHL", 0x7FE0, 0x0010, b"OW", 0, mebibytes << 20))
            file.truncate(file.tell() + (mebibytes << 20))
        # A frame of 64 MiB in runs of 128 bytes.
        ds = make_instance("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.2", Rows=8192, Columns=8192, BitsAllocated=8, BitsStored=8, HighBit=7)
        ds.file_meta.TransferSyntaxUID = RLELossless
        ds.PixelData = encapsulate([struct.pack("<16L", 1, 64, *[0] * 14) + b"\x81\x07" * (8192 * 8192 // 128)])
        ds["PixelData"].VR = "OB"
        ds["PixelData"].is_undefined_length = True
        save(ds, self.area / "runs")
        # As much deflated, and not so well that it would pass for a bomb.
        def data_set(path):
            return 132 + 12 + dcmread(path).file_meta.FileMetaInformationGroupLength

        ds = make_instance("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.3", PixelData=None)
        plain = save(ds, self.folder / "plain")
        elements_before = plain.read_bytes()[data_set(plain) :]
        ds.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
        head = save(ds, self.folder / "head")
        piece = bytes(range(256)) * 16
        deflating = zlib.compressobj(1, zlib.DEFLATED, -15)
        with open(self.area / "deflated", "wb") as file:
            file.write(head.read_bytes()[: data_set(head)])
            file.write(deflating.compress(elements_before + struct.pack("<HH2sHL", 0x7FE0, 0x0010, b"OW", 0, mebibytes << 20)))
            for number in range(mebibytes << 8):
                file.write(deflating.compress(number.to_bytes(8, "little") + piece[8:]))
            file.write(deflating.flush())
        # One that is small tells what a worker takes anyway.
        save(make_instance("1.2.3.2", "1.2.3.2.1", "1.2.3.2.1.1"), self.area / "small")
        port = self.free_port()
        self.open_archive(hosts=f"dest = (DEST, 127.0.0.1, {port})")
        def move(study):
            words = ["-S", "-aet", "TESTSCU", "-aec", "ARCHIVE", "-aem", "DEST", "-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={study}"]
            run("movescu", *words, "127.0.0.1", self.port, timeout=600, check=0)

        with StoreSCP(self.folder / "moved", port, "+xi", "--ignore"):
            for _ in range(8):
                move("1.2.3.2")
            before = self.peak_bytes()
            move("1.2.3.1")
        self.assertRegex(self.daemon.text, r"C-MOVE.*instances=3 completed=3")
        self.assertLess(self.peak_bytes() - before, 16 << 20)
