"""Queries made at random from an archive's own values and mutations of them, as clients and people write them, and worse."""

import unicodedata

from asking import vr_of
from awkward_archive import HEADER
from character_sets import decode, encode
from naive_answer import LEVEL, SYNTAXES, chain
from naive_archive import CHARACTER_SET, LEVELS, MODEL_LEVELS, UNIQUE
from naive_matcher import DATES_OF

# Keys that nobody holds, of which a private one, and one of group 0002.
STRANGE = [0x00091001, 0x00020010, 0x7FE00010]
MODELS = ["patient", "study", "only"]


class Asker:
    def __init__(self, random, archive, known):
        self.random, self.archive, self.known = random, archive, known
        self.by_level = {level: sorted(tag for tag, own in known.items() if own == level) for level in LEVELS}

    def chance(self, of_hundred):
        return self.random.randrange(100) < of_hundred

    def find(self, model):
        """The keys of a C-FIND, by tag as VR and value."""
        pick = self.random.choice
        levels = MODEL_LEVELS[model]
        level = pick(levels)
        entity = pick(self.archive.entities[level])
        patient = entity if level == "PATIENT" else pick(chain(entity, None)["STUDY"].patients)
        top = chain(entity, patient)
        keys = {}
        for own in LEVELS[:LEVELS.index(level) + 1]:
            if own == level or self.chance(55):
                keys[UNIQUE[own]] = self.unique(own, own == level, top)
        at = LEVELS.index(level)
        for _ in range(self.random.choice([0, 0, 1, 1, 1, 2, 3])):
            own = level if self.chance(65) else pick(LEVELS[:at + 1])
            tag = pick(self.by_level[own])
            # What it is converted to says CONFORMANCE.md, and not the file.
            keys[tag] = self.universal(tag) if tag == SYNTAXES else self.condition(tag, top[own] if self.chance(85) else pick(self.archive.entities[own]))
            other = DATES_OF.get(tag)
            if other and self.chance(50):
                keys[other] = self.condition(other, top[own])
        for _ in range(self.random.choice([0, 1, 2, 4, 8])):
            tag = pick(self.by_level[pick(LEVELS[:at + 1])])
            keys.setdefault(tag, self.universal(tag))
        if self.chance(6):
            tag = pick(self.by_level[pick(LEVELS)])
            keys.setdefault(tag, self.universal(tag))
        if self.chance(8) and level != "PATIENT":
            # Of headers; where Fileroom reads none, they are not supported.
            tag = pick(HEADER)
            keys[tag] = self.condition(tag, entity) if self.chance(60) else self.universal(tag)
        if self.chance(5):
            tag = pick(STRANGE)
            keys[tag] = (vr_of(tag), "")
        is_plain = any(tag in HEADER for tag in keys) or not self.chance(4)
        return self.written(keys, level if is_plain else pick(["", None, "IMAGES", "PATIENT"]), top)

    def get(self, model):
        """The keys of a C-GET: unique ones, lists at times."""
        # Patients in Study Root, too: Orthanc asks for them.
        levels = MODEL_LEVELS["patient" if model == "study" and self.chance(10) else model]
        level = self.random.choice(levels)
        entity = self.random.choice(self.archive.entities[level])
        top = chain(entity, entity if level == "PATIENT" else self.random.choice(chain(entity, None)["STUDY"].patients))
        keys = {}
        for own in LEVELS[:LEVELS.index(level) + 1]:
            if own == level:
                keys[UNIQUE[own]] = self.named(own, top, self.random.choice([1, 1, 1, 2, 5]))
            elif self.chance(70):
                keys[UNIQUE[own]] = self.named(own, top, 1)
        if self.chance(3):
            keys[UNIQUE[level]] = (vr_of(UNIQUE[level]), self.random.choice(["", "*", "1.2.*"]))
        if self.chance(3):
            keys[0x00100010] = ("PN", "Doe*")
        return self.written(keys, level if not self.chance(4) else None, top)

    def written(self, keys, level, top):
        """With the level, and in a character set that carries all."""
        if level is not None:
            keys[LEVEL] = ("CS", level)
        own = next((one.files[0].elements[CHARACTER_SET].value.decode() for one in top.values() if one and CHARACTER_SET in one.files[0].elements), "")
        choices = ["", "ISO_IR 100", own, "ISO_IR 192", "GB18030"]
        self.random.shuffle(choices)
        for terms in [*choices, "ISO_IR 192"]:
            found = self.coded(keys, terms)
            if found is not None:
                return found | ({CHARACTER_SET: ("CS", terms.encode())} if terms or self.chance(10) else {})
        raise AssertionError(f"no character set carries {keys}")

    def coded(self, keys, terms):
        found = {}
        for tag, (vr, value) in keys.items():
            if vr == "SQ":
                value = [self.coded(one, terms) for one in value]
                if None in value:
                    return None
            elif isinstance(value, str):
                value = encode(value, terms, vr)
                if value is None:
                    return None
            found[tag] = (vr, value)
        return found

    # MARK: Values of keys; text is encoded at the end

    def universal(self, tag):
        vr = vr_of(tag)
        if vr == "SQ":
            inner = {one: ("SQ", []) if vr_of(one) == "SQ" else (vr_of(one), "") for one in (0x00080100, 0x00080104, 0x00400007, 0x00400008, 0x00401001)[:self.random.randrange(6)]}
            return vr, [] if self.chance(40) else [inner]
        return vr, b"" if vr == "US" else self.random.choice(["", "", "", "*"])

    def named(self, level, top, count):
        entities = [top[level]] + [self.random.choice(self.archive.entities[level]) for _ in range(count - 1)]
        tag = UNIQUE[level]
        values = [self.text(tag, one) for one in entities]
        if level == "PATIENT":
            return "LO", values[0]
        if self.chance(10):
            values.append("1.2.3.4.5.6")
        self.random.shuffle(values)
        return "UI", "\\".join(values)

    def text(self, tag, entity):
        stored = entity.value(tag)
        return decode(stored.value, stored.terms, stored.vr).rstrip(" \0") if stored else ""

    def unique(self, level, is_own, top):
        if is_own and self.chance(60):
            return self.universal(UNIQUE[level])
        if level == "PATIENT" and self.chance(30):
            return "LO", self.mutated("LO", self.text(UNIQUE[level], top[level]))
        if self.chance(2):
            return vr_of(UNIQUE[level]), "1.2.*"
        return self.named(level, top, self.random.choice([1, 2, 4]) if is_own else 1 if self.chance(95) else 2)

    def condition(self, tag, entity):
        vr = vr_of(tag)
        if vr == "SQ":
            return self.sequence(tag, entity)
        if vr == "US":
            stored = entity.value(tag)
            return vr, (stored.value if stored else b"\1\0") + (b"\2\0" if self.chance(20) else b"")
        text = self.text(tag, entity)
        if self.chance(10):
            # Several values: any of them, or all where that was negotiated.
            text += "\\" + self.text(tag, self.random.choice(self.archive.entities[entity.level]))
        return vr, self.mutated(vr, text)

    def sequence(self, tag, entity):
        stored = entity.value(tag)
        if not stored or not stored.value or self.chance(10):
            return self.universal(tag)
        return "SQ", [self.item(dict(self.random.choice(stored.value)), 3)]

    def item(self, stored, most):
        one = {}
        for tag in self.random.sample(sorted(stored), min(len(stored), self.random.randint(1, most))):
            vr, value, terms = stored[tag]
            if tag == CHARACTER_SET:
                continue
            if vr == "SQ":
                one[tag] = "SQ", [self.item(dict(value[0]), 2)] if value and self.chance(70) else []
            elif vr == "US":
                one[tag] = vr, value
            else:
                one[tag] = vr, self.mutated(vr, decode(value, terms, vr).rstrip(" \0")) if self.chance(70) else ""
        if self.chance(30):
            one.setdefault(0x00080104, ("LO", ""))
        return one

    def mutated(self, vr, text):
        if self.chance(5):
            return self.random.choice(["", "*", '""'])
        if vr in ("DA", "TM"):
            return self.moment(vr, text)
        if vr in ("IS", "DS"):
            return self.random.choice([text, text, "+" + text, "0" + text, text + ".0", text + "E0", " " + text, text + "*" if self.chance(20) else text])
        if vr == "UI":
            return self.random.choice([text, text, text + "\\1.2.3", text[:-1], text + "*" if self.chance(20) else text])
        at, to = sorted((self.random.randint(0, len(text)), self.random.randint(0, len(text))))
        found = self.random.choice([
            lambda: text, lambda: text, lambda: text[:at] + "*", lambda: "*" + text[at:], lambda: "*" + text[at:to] + "*", lambda: text[:at] + "*" + text[to:],
            lambda: text[:at] + "?" + text[at + 1:], lambda: "?" * len(text), lambda: text.swapcase(), lambda: text + " ", lambda: " " + text, lambda: text[:at],
            lambda: text[:at] + "*" + text[at:], lambda: text.upper() + "*", lambda: text.replace("^", " "), lambda: text.replace("^", ", "),
            lambda: text + self.random.choice(["^", "^*", "=", "^^^"]) if vr == "PN" else text, lambda: text.split("=")[-1], lambda: text.split("^")[0] + "^*" if vr == "PN" else text[::-1],
            lambda: " ".join(reversed(text.split("^"))), lambda: unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode(), lambda: unicodedata.normalize("NFD", text)])()
        # As a key's, empty ones of several values mean nothing anywhere.
        parts = [part for part in found.split("\\") if part.strip()]
        return "\\".join(parts) if vr not in ("ST", "LT") else found

    def moment(self, vr, text):
        first = text.split("\\")[0].strip()
        other = self.random.choice(["20200101", "20200229", "1999.12.31", "20201231"] if vr == "DA" else ["10", "1011", "101112", "23:59:59", "0000", "101112.5"])
        low, high = sorted((first, other))
        return self.random.choice([
            text, text, first, first + "-", "-" + first, f"{low}-{high}", f"{high}-{low}", f"{first}-{first}", f" {low} - {high} ", first[:4], first[:6], first + "*" if self.chance(20) else first,
            f"{first}\\{other}", f"{low}-{high}\\{other}", "-" if self.chance(20) else first, other])
