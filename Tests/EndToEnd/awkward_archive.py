"""An archive of some hundred small files whose values are as awkward as those that one meets: seeded, so that it can be made again."""

import struct

from asking import EXPLICIT, IMPLICIT, encoded, vr_of
from character_sets import GOVERNED, encode

CLASSES = {"CT": "1.2.840.10008.5.1.4.1.1.2", "MR": "1.2.840.10008.5.1.4.1.1.4", "SR": "1.2.840.10008.5.1.4.1.1.88.22", "OT": "1.2.840.10008.5.1.4.1.1.7"}
# Names of persons, and other text, by the terms of Specific Character Set that carry them.
TEXTS = {
    "": ["Doe^John", "DOE^JOHN^^^", "doe ^ john", "O'Neil^Mary Ann^^Dr.^PhD", "Smith-Jones^A*B", "Who?^Is", "Roe", "Roe^", "^Jane", "100%_sure", "a_b", "=", "^^", "Doe=", "Li^A=Li^B=Li^C"],
    "ISO_IR 100": ["M\xfcller^J\xf6rg", "M\xdcLLER^Anna", "\xc4neas^Ru\xdf", "Caf\xe9 au lait", "\xc5se^\xd8rsted"],
    "ISO_IR 101": ["Dvo\u0159\xe1k^Anton\xedn", "Wa\u0142\u0119sa^Lech"],
    "ISO_IR 109": ["\u0108apek^\u011cis", "\u0126al"],
    "ISO_IR 110": ["\u0160\u0137\u0113le^Andris"],
    "ISO_IR 144": ["\u041b\u044e\u043ace\u043c\u0431yp\u0433^\u0418\u0432\u0430\u043d", "\u0418\u0412\u0410\u041d\u041e\u0412"],
    "ISO_IR 127": ["\u0642\u0628\u0627\u0646\u064a^\u0644\u0646\u0632\u0627\u0631"],
    "ISO_IR 126": ["\u0394\u03b9\u03bf\u03bd\u03c5\u03c3\u03b9\u03bf\u03c2^\u039d\u03b9\u03ba\u03bf\u03c2", "\u03c3\u03bf\u03c6\u03cc\u03c2"],
    "ISO_IR 138": ["\u05e9\u05e8\u05d5\u05df^\u05d3\u05d1\u05d5\u05e8\u05d4"],
    "ISO_IR 148": ["\xc7avu\u015fo\u011flu^\u0130nan", "I\u015f\u0131k"],
    "ISO_IR 203": ["\u0152uvre^\u017dan", "1 \u20ac"],
    "ISO_IR 166": ["\u0e19\u0e32\u0e21\u0e2a\u0e01\u0e38\u0e25^\u0e0a\u0e37\u0e48\u0e2d"],
    "ISO_IR 13": ["\uff94\uff8f\uff80\uff9e^\uff80\uff9b\uff73", "TARO 5"],
    "\\ISO 2022 IR 87": ["Yamada^Tarou=\u5c71\u7530^\u592a\u90ce=\u3084\u307e\u3060^\u305f\u308d\u3046", "=\u5c71\u7530^\u592a\u90ce", "\u7e4b\u304c\u308b",
                              # Bytes 5CH, 5EH and 3DH are parts of these characters.
                              "=\u65ec\u79fb^\u6b89\u7def=\u79c0", "\u5ce0\u9813^\u6625\u7dbe"],
    "ISO 2022 IR 13\\ISO 2022 IR 87": ["\uff94\uff8f\uff80\uff9e^\uff80\uff9b\uff73=\u5c71\u7530^\u592a\u90ce=\u3084\u307e\u3060^\u305f\u308d\u3046"],
    "\\ISO 2022 IR 159": ["A^B=\u4e02\u4e04^\u4e05"],
    "\\ISO 2022 IR 149": ["Hong^Gildong=\u6d2a^\u5409\u6d1e=\ud64d^\uae38\ub3d9", "Kim=\u91d1="],
    "\\ISO 2022 IR 58": ["Zhang^XiaoDong=\u5f20^\u5c0f\u4e1c="],
    "ISO 2022 IR 100\\ISO 2022 IR 144": ["M\xfcller^\u041b\u044e\u043a"],
    "ISO_IR 192": ["Wang^XiaoDong=\u738b^\u5c0f\u6771=", "e\u0301clair", "\U0001d11e^Clef", "M\xfcller^J\xf6rg", "\ufb01n^\u1e9e"],
    "GB18030": ["Wang^XiaoDong=\u738b^\u5c0f\u4e1c=", "\u4e57^\u8aa0", "\u3402^\U00020000"],
    # Second bytes 5CH and 5EH.
    "GBK": ["\u4e57^\u8aa0", "\u738b^\u5c0f\u4e1c"],
}
DATES = ["20200102", "20200102", "20200229", "19991231", "2020.01.02", "20210229", "202001", "2020", "00010101", "99991231", " 20200103", "20200103 ", "abc", "20200104\\20190104", "20200131", "20200201"]
TIMES = ["10", "1011", "101112", "101112.5", "101112.123456", "10:11:12", "10:11", "235960", "000000", "00", "235959.999999", "24", "1", "101112.000000", "2230", "223000", " 1011 ", "1200\\1300", "9999"]
IDS = ["P1", "P1 ", " P1", "P2", "p1", "P_1", "P%", "P*1", "P?", "0001", "1", ""]
TEXT_IDS = ["A1", "A_1", "A%1", " A1", "a1", "", "A1*", "A?1", "00017", "17", "A1-B2", "A1\\A2"]
NUMBERS = ["1", "007", "+7", "-3", " 12 ", "", "1\\2", "x", "2147483647", "12"]
MODALITIES = ["CT", "MR", "ct", "", "SR", "US", "CT "]
CODES = ["CT\\AXIAL", "ORIGINAL\\PRIMARY\\AXIAL", "DERIVED\\SECONDARY", "ORIGINAL", "", "HEAD", "CHEST", "M", "F", "O", "PARTIAL", "VERIFIED"]
DECIMALS = ["70", "70.0", "7E1", "1.75", "", "-0", "0"]
AGES = ["045Y", "001D", "45Y", ""]
EMPTY_OF_TEN, CONTRADICTION_OF_TEN = 2, 1

PATIENT = [0x00100020, 0x00100021, 0x00100010, 0x00100030, 0x00100032, 0x00100040, 0x00101000, 0x00101001, 0x00102160, 0x00104000]
STUDY = [
    0x00080020, 0x00080030, 0x00080050, 0x00080080, 0x00080090, 0x00081030, 0x00081032, 0x00081060, 0x00081080, 0x00101010, 0x00101020, 0x00101030, 0x00102180,
    0x001021B0, 0x00200010, 0x00201070, 0x00321032, 0x00321060]
SERIES = [
    0x00080021, 0x00080031, 0x00080060, 0x00080068, 0x00080070, 0x00081010, 0x0008103E, 0x00081040, 0x00081050, 0x00081070, 0x00081090, 0x00180015, 0x00181030,
    0x00200011, 0x00200060, 0x00400244, 0x00400245, 0x00400253, 0x00400254, 0x00400275]
IMAGE = [0x00080008, 0x00080023, 0x00080033, 0x00200012, 0x00200013, 0x00280008, 0x00280010, 0x00280011, 0x0040A493, 0x00700080, 0x00700081]
# Keys that no index has: ISO 646, and the same in all of a series, of which one file is read.
HEADER = [0x00080022, 0x00080064, 0x00180022, 0x00180050, 0x00181020, 0x00540081]
LEVELS = {"PATIENT": PATIENT, "STUDY": STUDY, "SERIES": SERIES, "IMAGE": IMAGE}


class Maker:
    def __init__(self, random):
        self.random = random

    def text(self, vr, terms):
        texts = TEXTS[terms] if self.random.random() < 0.6 else TEXTS[""]
        text = self.random.choice(texts)
        if vr != "PN" and self.random.random() < 0.3:
            text = self.random.choice(["  ", "\t", ""]) + text + self.random.choice(["", " ", "  "])
        if vr in ("LO", "PN", "SH") and self.random.random() < 0.1:
            text += "\\" + self.random.choice(texts)
        return text

    def value(self, tag, terms):
        """A value of an attribute: bytes, or items."""
        vr, pick = vr_of(tag), self.random.choice
        if vr == "SQ":
            return [self.code_item(terms) for _ in range(pick([0, 1, 1, 2, 3]))]
        if self.random.randrange(10) < EMPTY_OF_TEN:
            return b""
        if vr == "US":
            return struct.pack("<H", pick([1, 16, 512]))
        if tag == 0x00100020:
            # IDs of several bytes a character aren't here: a retrieval takes such a byte for a wildcard.
            text = pick(TEXTS[terms]) if "2022" not in terms and "GB" not in terms and self.random.random() < 0.15 else pick(IDS)
        elif tag == 0x00080060:
            text = pick(MODALITIES)
        elif vr in GOVERNED and tag not in (0x00181020, 0x00080050, 0x00200010, 0x00100021):
            text = self.text(vr, terms)
        else:
            text = pick({"DA": DATES, "TM": TIMES, "IS": NUMBERS, "DS": DECIMALS, "CS": CODES, "AS": AGES, "SH": TEXT_IDS, "LO": ["HOSP", "CLINIC", "", "hosp"]}[vr])
        found = encode(text, terms, vr)
        return found if found is not None else encode(pick(TEXTS[terms]), terms, vr)

    def code_item(self, terms):
        """An item of codes and, where it is one of a request, of a request's attributes."""
        own = self.random.choice(["ISO_IR 192", terms]) if self.random.random() < 0.2 else None
        inner = terms if own is None else own
        one = {} if own is None else {0x00080005: ("CS", own.encode())}
        for tag in (0x00080100, 0x00080102, 0x00080104, 0x00400007, 0x00400009, 0x00401001, 0x00321060):
            if self.random.random() < 0.6:
                one[tag] = (vr_of(tag), self.value(tag, inner))
        if self.random.random() < 0.3:
            one[0x00400008] = ("SQ", [{0x00080100: ("SH", self.random.choice([b"T-1", b"T-2", b"t-1"])), 0x00080104: ("LO", self.value(0x00080104, inner))}])
        return one

    def level(self, level, terms):
        return {tag: self.value(tag, terms) for tag in LEVELS[level] if self.random.random() < 0.75}

    def uid(self, kind, number):
        return f"1.2.{kind}." + self.random.choice(["", "0", "00"]) + str(number)

    def instances(self, studies):
        """Attributes of instances, by tag as VR and value."""
        patients = [(terms, self.level("PATIENT", terms)) for terms in self.random.choices(list(TEXTS), k=max(3, studies * 2 // 3))]
        number = 0
        for study in range(1, studies + 1):
            terms, patient = self.random.choice(patients)
            study_uid, study_values = self.uid(3, study), self.level("STUDY", terms)
            for series in range(1, self.random.choice([1, 1, 2, 3]) + 1):
                series_uid, series_values = f"{study_uid}.{series}", self.level("SERIES", terms)
                kind = self.random.choice(list(CLASSES))
                header = {tag: self.value(tag, "") for tag in HEADER if self.random.random() < 0.6}
                for _ in range(self.random.choice([1, 1, 2, 3, 5])):
                    number += 1
                    own_terms = terms
                    values = patient | study_values | series_values
                    if self.random.randrange(10) < CONTRADICTION_OF_TEN:
                        # Another patient, or values that aren't those of the others.
                        own_terms, other = self.random.choice(patients)
                        values = (other if self.random.random() < 0.4 else self.recoded(patient, terms, own_terms)) | self.level("STUDY", own_terms) | self.level("SERIES", own_terms)
                        # Which of two sequences is the smaller one depends on how they are coded.
                        values = {tag: value for tag, value in values.items() if vr_of(tag) != "SQ"}
                    values = values | self.level("IMAGE", own_terms) | header
                    yield self.instance(values, own_terms, CLASSES[kind], study_uid, series_uid, f"{series_uid}.{number}")

    def recoded(self, values, terms, own_terms):
        """A patient's values in another instance's character set: those that mean the same in both, new ones else."""
        return {tag: value if vr_of(tag) not in GOVERNED or value.isascii() and b"\x1b" not in value and "ISO_IR 13" not in (terms, own_terms) else self.value(tag, own_terms) for tag, value in values.items()}

    def instance(self, values, terms, sop_class, study, series, instance):
        one = {tag: (vr_of(tag), value) for tag, value in values.items()}
        if terms:
            one[0x00080005] = ("CS", terms.encode())
        pad = self.random.choice([b"", b"", b"\0", b" "])
        for tag, uid in ((0x00080016, sop_class), (0x00080018, instance), (0x0020000D, study), (0x0020000E, series)):
            one[tag] = ("UI", uid.encode() + pad if len(uid) % 2 else uid.encode())
        return one


def write(folder, random, studies=100):
    """Writes the archive; some files twice, and some in Implicit VR."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(Maker(random).instances(studies)):
        syntax = IMPLICIT if random.random() < 0.2 else EXPLICIT
        sop_class = one[0x00080016][1].rstrip(b"\0 ")
        meta = encoded({0x00020001: ("OB", b"\0\1"), 0x00020002: ("UI", sop_class), 0x00020003: ("UI", one[0x00080018][1].rstrip(b"\0 ")), 0x00020010: ("UI", syntax.encode()), 0x00020012: ("UI", b"2.25.1")}, EXPLICIT)
        content = bytes(128) + b"DICM" + encoded({0x00020000: ("UL", struct.pack("<I", len(meta)))}, EXPLICIT) + meta + encoded(one, syntax)
        (folder / f"{number:05}").write_bytes(content)
        if random.random() < 0.03:
            (folder / f"{number:05}-again").write_bytes(content)
