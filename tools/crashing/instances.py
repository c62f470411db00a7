"""The instances that are sent: each follows from its SOP Instance UID, so that whatever comes back can be held against what was sent."""

import random
import struct
import typing

CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
INSTANCES_OF_SERIES, INSTANCES_OF_STUDY = 10, 50
INSTANCE, SERIES, STUDY = 0, 1, 2
LONG_VRS = {"OB", "OW"}
# A version 8 UUID (RFC 9562): what is not version and variant is ours to fill.
VERSION, VARIANT = 8 << 76, 2 << 62
FIXED_BITS = (15 << 76) | (3 << 62)


class Instance(typing.NamedTuple):
    """The `number`th instance that a sender sent before a cut; seed below 2^48, cut below 2^12."""

    seed: int
    cut: int
    sender: int
    number: int

    def uid(self, kind=INSTANCE):
        """Its own UID, or that of its series or study (PS3.5 B.2)."""
        number = self.number // {INSTANCE: 1, SERIES: INSTANCES_OF_SERIES, STUDY: INSTANCES_OF_STUDY}[kind]
        return "2.25." + str(self.seed << 80 | VERSION | self.cut << 64 | VARIANT | kind << 60 | self.sender << 40 | number)

    @staticmethod
    def of(uid):
        """The instance of a SOP Instance UID; None where it is no instance of ours."""
        text = uid.removeprefix("2.25.")
        if text == uid or not text.isdecimal():
            return None
        value = int(text)
        if value & FIXED_BITS != VERSION | VARIANT or value >> 60 & 3 != INSTANCE:
            return None
        return Instance(value >> 80, value >> 64 & 0xFFF, value >> 40 & 0xFFFFF, value & 0xFFFFFFFFFF)

    def data_set(self):
        """Explicit VR Little Endian; mostly up to 32 KiB, one in 50 up to 1 MiB; incompressible, and not like any other."""
        chance = random.Random(self.uid())
        size = 2 * chance.randrange(500, 16_000) if chance.randrange(50) else 2 * chance.randrange(100_000, 500_000)
        return b"".join([
            element(0x00080016, "UI", CT_IMAGE_STORAGE), element(0x00080018, "UI", self.uid()), element(0x00080020, "DA", "20240229"),
            element(0x00080060, "CS", "CT"), element(0x00100010, "PN", f"Crash^Sender {self.sender}"), element(0x00100020, "LO", f"S{self.sender}"),
            element(0x0020000D, "UI", self.uid(STUDY)), element(0x0020000E, "UI", self.uid(SERIES)), element(0x00200010, "SH", "1"),
            element(0x00200011, "IS", str(self.number // INSTANCES_OF_SERIES)), element(0x00200013, "IS", str(self.number)),
            element(0x7FE00010, "OW", chance.randbytes(size))])


def element(tag, vr, value):
    """A data element, Explicit VR Little Endian (PS3.5 7.1.2)."""
    field = value if isinstance(value, bytes) else value.encode()
    field += (b"\0" if vr == "UI" else b" ") * (len(field) % 2)
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode()
    return head + (struct.pack("<HI", 0, len(field)) if vr in LONG_VRS else struct.pack("<H", len(field))) + field


def of_file(content):
    """The instance that a Part 10 file (PS3.10 7.1) holds, byte for byte as it was sent; None where it holds none so."""
    if content[128:132] != b"DICM" or len(content) < 144:
        return None
    # The first element of the file meta information is its length: (0002,0000) UL.
    begin = 144 + struct.unpack_from("<I", content, 140)[0]
    mark = content.find(b"\x08\x00\x18\x00UI", begin, begin + 200)
    if mark < 0:
        return None
    length = struct.unpack_from("<H", content, mark + 6)[0]
    instance = Instance.of(content[mark + 8:mark + 8 + length].rstrip(b"\0").decode("latin-1"))
    return instance if instance and content[begin:] == instance.data_set() else None
