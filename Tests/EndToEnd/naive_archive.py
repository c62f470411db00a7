"""What an archive should hold, read from its files once more: slow and obvious, over whole data sets, and nothing of Fileroom's own code.
Who a patient is and what an entity shows follow CONFORMANCE.md."""

import collections
import pathlib
import re
import typing

from pydicom.datadict import DicomDictionary

from asking import EXPLICIT, decoded, encoded
from character_sets import GOVERNED

STATEMENT = pathlib.Path(__file__).resolve().parent.parent.parent / "CONFORMANCE.md"
LEVELS = ["PATIENT", "STUDY", "SERIES", "IMAGE"]
MODEL_LEVELS = {"patient": LEVELS, "study": LEVELS[1:], "only": LEVELS[:2]}
UNIQUE = {"PATIENT": 0x00100020, "STUDY": 0x0020000D, "SERIES": 0x0020000E, "IMAGE": 0x00080018}
CHARACTER_SET, TIMEZONE = 0x00080005, 0x00080201
TEXT_VRS = {"AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT"}

NATIVE = ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"]


class Stored(typing.NamedTuple):
    """A value as it stands in a file: bytes, or items; `terms` are those of (0008,0005) that hold there."""
    vr: str
    value: typing.Any
    terms: str

    @property
    def is_empty(self):
        return not self.value


def elements_of(elements, outer=""):
    """A data set by tag; text without padding at its end, which no VR counts (PS3.5 6.2)."""
    terms = elements[CHARACTER_SET][1].decode().rstrip(" \0") if CHARACTER_SET in elements else outer
    found = {}
    for tag, (vr, value) in elements.items():
        if vr == "SQ":
            found[tag] = Stored(vr, tuple(freeze(elements_of(item, terms)) for item in value), "")
        else:
            found[tag] = Stored(vr, value.rstrip(b" \0") if vr in TEXT_VRS else value, terms if vr in GOVERNED else "")
    return found


def agreed_bytes():
    """What is answered to each byte of a C-FIND's extended negotiation that is offered as 1 (PS3.4 C.5.1.1)."""
    found = [int(answer) for answer in re.findall(r"^\| [1-7] \| [^|]* \| ([01]) \|$", STATEMENT.read_text(), re.M)[:7]]
    if len(found) != 7:
        raise AssertionError("CONFORMANCE.md has no table of extended negotiation any more")
    return found


def reads_headers():
    """Whether CONFORMANCE.md says that other attributes than those of the index are keys too."""
    return "may be a key too: it is read from the instances' files" in STATEMENT.read_text()


def freeze(elements):
    return tuple(sorted(elements.items()))


def supported():
    """The level of each key that CONFORMANCE.md says is held, by tag."""
    tags = {entry[2]: tag for tag, entry in DicomDictionary.items()}
    found = {}
    for level, names in re.findall(r"^\| (PATIENT|STUDY|SERIES|IMAGE) \| ([^|]*)\|$", STATEMENT.read_text(), re.M):
        for name in names.strip().split(", "):
            found[tags[name]] = level
    if len(found) < 80:
        raise AssertionError("CONFORMANCE.md has no table of keys any more")
    return found


def order(stored):
    """Of equally frequent values the smallest is shown."""
    value = stored.value if stored.vr != "SQ" else b"".join(encoded({1: ("SQ", [thaw(item)])}, EXPLICIT)[12:] for item in stored.value)
    return value, stored.terms


def thaw(item):
    return {tag: (stored.vr, [thaw(inner) for inner in stored.value] if stored.vr == "SQ" else stored.value) for tag, stored in item}


class Entity:
    def __init__(self, level, files, parent=None):
        self.level, self.files, self.parent = level, files, parent
        self.shown = {}

    def value(self, tag):
        """The most frequent value of its files that isn't empty, of several the smallest; None where no file has one."""
        if tag not in self.shown:
            counts = collections.Counter(file.elements[tag] for file in self.files if tag in file.elements)
            filled = [(-count, order(value), value) for value, count in counts.items() if not value.is_empty]
            self.shown[tag] = min(filled, key=lambda one: one[:2])[2] if filled else next(iter(counts), None)
        return self.shown[tag]

    def of_headers(self, tag):
        """The values in a file of each of its series, in the order of their UIDs, without empty ones; None alone where there is no other."""
        first = {file.uid["SERIES"]: file for file in reversed(self.files)}
        found = [first[uid].elements.get(tag) for uid in sorted(first)]
        return [one for one in found if one is not None and not one.is_empty] or [None]


class File:
    def __init__(self, path):
        content = path.read_bytes()
        # Behind the preamble File Meta Information, whose length is its first value (PS3.10 7.1).
        start = 144 + int.from_bytes(content[140:144], "little")
        self.syntax = decoded(content[132:start], EXPLICIT)[0x00020010][1].decode().rstrip("\0")
        self.elements = elements_of(decoded(content[start:], self.syntax))
        self.uid = {level: self.elements[tag].value.decode() for level, tag in UNIQUE.items() if level != "PATIENT"}
        self.patient_id, self.issuer = (self.elements.get(tag, Stored("LO", b"", "")).value.strip(b" \0") for tag in (0x00100020, 0x00100021))
        # Without an ID there is one patient for each study.
        self.patient_key = self.own_key = (self.patient_id, self.issuer) if self.patient_id else (b"", b"", self.uid["STUDY"])


class Archive:
    """`entities` by level; a study knows the patients that it was sent with, the one of most files first."""

    def __init__(self, folder):
        files = [File(path) for path in sorted(pathlib.Path(folder).iterdir())]
        issuers = collections.defaultdict(set)
        for file in files:
            if file.patient_id:
                issuers[file.patient_id].add(file.issuer)
        for file in files:
            # Without an issuer it is the one patient of that ID.
            others = issuers[file.patient_id] - {b""}
            if file.patient_id and not file.issuer and len(others) == 1:
                file.patient_key = (file.patient_id, *others)
        grouped = {level: collections.defaultdict(list) for level in LEVELS}
        for file in files:
            grouped["PATIENT"][file.patient_key].append(file)
            grouped["STUDY"][file.uid["STUDY"]].append(file)
            grouped["SERIES"][file.uid["STUDY"], file.uid["SERIES"]].append(file)
            grouped["IMAGE"][file.uid["STUDY"], file.uid["SERIES"], file.uid["IMAGE"]].append(file)
        patients = {key: Entity("PATIENT", some) for key, some in grouped["PATIENT"].items()}
        studies = {key: Entity("STUDY", some) for key, some in grouped["STUDY"].items()}
        series = {key: Entity("SERIES", some, studies[key[0]]) for key, some in grouped["SERIES"].items()}
        # Several files of one instance are one; the first one is served.
        images = {key: Entity("IMAGE", some[:1], series[key[:2]]) for key, some in grouped["IMAGE"].items()}
        self.entities = {"PATIENT": list(patients.values()), "STUDY": list(studies.values()), "SERIES": list(series.values()), "IMAGE": list(images.values())}
        for study in studies.values():
            # Those without an issuer count for themselves here, although they are of one patient with others.
            counts = collections.Counter(file.own_key for file in study.files)
            joined = {file.own_key: file.patient_key for file in study.files}
            study.patients = list(dict.fromkeys(patients[joined[key]] for key in sorted(counts, key=lambda key: (-counts[key], key))))
        for patient in patients.values():
            patient.studies = [study for study in studies.values() if patient in study.patients]
        self.files = files
        self.count(patients.values(), studies.values(), series.values())

    def count(self, patients, studies, series):
        def within(entity, level):
            return [one for one in self.entities[level] if one.parent is entity or one.parent is not None and one.parent.parent is entity]

        def texts(vr, values):
            return Stored(vr, b"\\".join(sorted(values)), "")

        def number(count):
            return Stored("IS", str(count).encode(), "")

        for one in self.entities["IMAGE"]:
            stored = one.files[0].syntax
            # What native pixel data is converted to for a retrieval (C.6.1.1.5.2); what is compressed goes as it is.
            others = [syntax for syntax in NATIVE if syntax != stored] if stored in NATIVE else []
            one.shown[0x00083002] = Stored("UI", "\\".join([stored, *others]).encode(), "")
        for one in series:
            one.shown[0x00201209] = number(len(within(one, "IMAGE")))
        for study in studies:
            own = within(study, "SERIES")
            study.shown[0x00201206], study.shown[0x00201208] = number(len(own)), number(len(within(study, "IMAGE")))
            modalities = {one.value(0x00080060).value.strip(b" \0") for one in own if one.value(0x00080060) is not None}
            study.shown[0x00080061] = texts("CS", modalities - {b""})
            study.shown[0x00080062] = texts("UI", {one.value(0x00080016).value for one in within(study, "IMAGE")})
        for patient in patients:
            patient.shown[0x00201200] = number(len(patient.studies))
            patient.shown[0x00201202] = number(sum(int(study.shown[0x00201206].value) for study in patient.studies))
            patient.shown[0x00201204] = number(sum(int(study.shown[0x00201208].value) for study in patient.studies))
