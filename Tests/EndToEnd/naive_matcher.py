"""Matching as PS3.4 C.2.2.2 has it, written from the clause and, where that leaves a choice, from CONFORMANCE.md: slow and obvious."""

import calendar
import decimal
import functools
import re
import unicodedata

from pydicom.datadict import dictionary_VM

from character_sets import values_of
from naive_archive import CHARACTER_SET, TEXT_VRS

WILDCARD_VRS = {"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"}
RELATIONAL, COMBINED, FUZZY, EMPTY, MULTIPLE = 1, 2, 3, 6, 7
# Times, and the dates that they belong to (C.2.2.2.5.3).
DATES_OF = {0x00080030: 0x00080020, 0x00080031: 0x00080021, 0x00080033: 0x00080023, 0x00100032: 0x00100030, 0x00400245: 0x00400244}
SEVERAL_VALUES = {"AE", "AS", "AT", "CS", "LO", "PN", "SH", "UC"}


class Refused(Exception):
    """A900H: the tags that may be named as offending."""

    def __init__(self, *tags):
        super().__init__(*map(hex, tags))
        self.tags = set(tags)


class Site:
    """What the configuration and the negotiation decide."""

    def __init__(self, is_strict=False, unknown_matches=False, ignores_accents=True, extensions=()):
        self.is_strict, self.unknown_matches, self.ignores_accents, self.extensions = is_strict, unknown_matches, ignores_accents, frozenset(extensions)


# MARK: Values

@functools.lru_cache(50_000)
def wildcard(pattern):
    return re.compile("".join(".*" if one == "*" else "." if one == "?" else re.escape(one) for one in pattern), re.S)


def like(pattern, text):
    """`*` is any run of characters, `?` is one; nothing else is special."""
    return wildcard(pattern).fullmatch(text) is not None


def folded(text):
    """Without case, character by character: those that share an upper case are the same."""
    upper = (one.upper() if len(one.upper()) == 1 else one for one in text)
    return "".join(one.lower() if len(one.lower()) == 1 else one for one in upper)


@functools.lru_cache(50_000)
def plain(text):
    """Without case and accents: those of the Latin, Greek and Cyrillic alphabets, by what Unicode makes a letter of."""
    found = ""
    for one in folded(text):
        name = unicodedata.name(one, "")
        if name.startswith(("LATIN ", "GREEK ", "CYRILLIC ")) and " LETTER " in name:
            base = unicodedata.normalize("NFD", one)[0]
            # A stroke is no mark of its own.
            found += folded(unicodedata.lookup(name.split(" WITH ")[0]) if base == one and " WITH " in name else base)
        elif not "\u0300" <= one <= "\u036f":
            found += one
    return found


@functools.lru_cache(50_000)
def groups(name, fold):
    """The component groups of a name, without case, spaces around components, and delimiters at the end."""
    found = []
    for group in name.split("=")[:3]:
        found.append(fold("^".join(component.strip(" \0") for component in group.split("^")).rstrip("^")))
    return found + [""] * (3 - len(found))


def name_matches(key, stored, fold):
    wanted, found = groups(key, fold), groups(stored, fold)

    def fits(pattern, group):
        # `DOE^*` is said of a name of one component too: the others are empty.
        short = pattern
        while short.endswith(("^*", "^")):
            short = short[:-2] if short.endswith("^*") else short[:-1]
        return like(pattern, group) or like(short, group)

    if "=" not in key:
        return any(group and fits(wanted[0], group) for group in found)
    return all(not pattern or fits(pattern, group) for pattern, group in zip(wanted, found))


def words(text):
    return [word for word in re.split(r"[ ^=,\-.']", plain(text)) if word]


def fuzzy_matches(key, stored, _):
    wanted = [word for word in words(key) if word != "*"]
    return any(all(any(like(word + "*", found) for found in words(group)) for word in wanted) and words(group) for group in stored.split("=")[:3])


def number(text):
    text = text.strip(" \0")
    return decimal.Decimal(text) if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text) else None


def date(text):
    """The day as a pair of equal ends; None where it is none of the calendar."""
    found = re.fullmatch(r"(\d{4})(\d\d)(\d\d)|(\d{4})\.(\d\d)\.(\d\d)", text.strip(" \0"), re.A)
    if not found:
        return None
    year, month, day = (int(one) for one in found.groups() if one is not None)
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year or 2000, month)[1]:
        return None
    return (year, month, day), (year, month, day)


def time(text):
    """First and last microsecond of the day that a time may mean."""
    found = re.fullmatch(r"(\d\d)(?:(\d\d)(?:(\d\d)(?:\.(\d*))?)?)?|(\d\d):(\d\d)(?::(\d\d)(?:\.(\d*))?)?", text.strip(" \0"), re.A)
    if not found:
        return None
    hour, minute, second, fraction = found.groups()[:4] if found.group(1) else found.groups()[4:]
    if int(hour) > 23 or int(minute or 0) > 59 or int(second or 0) > 60:
        return None
    start = (int(hour) * 60 + int(minute or 0)) * 60_000_000
    if minute is None:
        return start, start + 3_600_000_000 - 1
    if second is None:
        return start, start + 60_000_000 - 1
    if int(second) == 60:
        return start + 60_000_000 - 1, start + 60_000_000 - 1
    digits = (fraction or "")[:6]
    start += int(second) * 1_000_000 + int(digits.ljust(6, "0"))
    return start, start + 10 ** (6 - len(digits)) - 1


def span(text, parse):
    """A range as its ends, None where it is open, and whether it is one; None where it is neither range nor value."""
    text = text.strip(" \0")
    if "-" not in text:
        one = parse(text)
        return None if one is None else (one[0], one[1], False)
    first, last = (part.strip(" \0") for part in text.split("-", 1))
    ends = parse(first) if first else None, parse(last) if last else None
    if not first and not last or first and ends[0] is None or last and ends[1] is None:
        return None
    return (ends[0][0] if first else None, ends[1][1] if last else None, True)


def overlaps(wanted, stored):
    first, last, _ = wanted
    if first is not None and last is not None and first > last:
        return False
    return stored is not None and (first is None or stored[1] >= first) and (last is None or stored[0] <= last)


# MARK: Keys

def is_universal(vr, value):
    """Zero length; `*` alone is universal for every VR of text."""
    if vr == "SQ":
        return all(is_universal(*inner) for one in value for tag, inner in one.items() if tag != CHARACTER_SET)
    if vr in TEXT_VRS:
        value = value.strip(b" \0")
        return not value.strip(b"*") or vr == "PN" and not value.strip(b"^=\\ ") or vr in ("UI", "DA", "TM", "IS", "DS") and not value.strip(b"\\ \0")
    return not value


def alternatives(tag, vr, value, terms, site):
    """A test for each value of a key; each takes the values of an attribute."""
    if vr in ("DA", "TM", "IS", "DS", "UI"):
        parts = [part for part in value.decode("latin-1").split("\\") if part.strip(" \0")]
        if vr == "UI":
            if any(set(part) & set("*?") or not part.strip(" \0").isprintable() for part in parts):
                raise Refused(tag)
            return [lambda found, part=part.strip(" \0"): part in [one.strip(" \0") for one in found] for part in parts]
        if vr in ("IS", "DS"):
            keys = [number(part) for part in parts]
            tests = [lambda found, key=key: key in [number(one) for one in found] for key in keys]
        else:
            parse = date if vr == "DA" else time
            keys = [span(part, parse) for part in parts]
            tests = [lambda found, key=key: any(overlaps(key, parse(one)) for one in found) for key in keys]
        if None in keys:
            raise Refused(tag)
        return tests
    parts = values_of(value, terms, vr)
    if vr == "AS" and any(set(part) & set("*?") for part in parts):
        raise Refused(tag)
    if vr == "PN":
        fits, fold = fuzzy_matches if FUZZY in site.extensions else name_matches, plain if site.ignores_accents else folded
        asked = [part for part in parts if (words(part) and set(words(part)) != {"*"} if FUZZY in site.extensions else part.strip("^= "))]
        return [lambda found, part=part: any(fits(part, one, fold) for one in found if one.strip("^= \0")) for part in asked]
    return [lambda found, part=part: any(like(part, one) if vr in WILDCARD_VRS else part == one for one in found) for part in parts]


def test(tag, vr, value, terms, site):
    """What a key asks of an attribute; None where it asks nothing."""
    def unless_unknown(fits):
        def holds(stored):
            if stored is None or stored.is_empty or stored.vr == "PN" and not any(one.strip("^= \0") for one in values_of(stored.value, stored.terms, "PN")):
                return site.unknown_matches
            return fits(stored)

        return holds

    if vr == "SQ":
        if len(value) > 1:
            raise Refused(tag)
        inner = [item_test(one, terms, site) for one in value]
        if is_universal(vr, value) or inner == [None]:
            return None
        return unless_unknown(lambda stored: any(inner[0](item) for item in stored.value))
    if EMPTY in site.extensions and vr in TEXT_VRS and value.strip(b" \0") == b'""':
        return lambda stored: stored is None or stored.is_empty
    if is_universal(vr, value):
        return None
    if vr == "US":
        return unless_unknown(lambda stored: any(stored.value[at:at + 2] in (value[of:of + 2] for of in range(0, len(value), 2)) for at in range(0, len(stored.value), 2)))
    tests = alternatives(tag, vr, value, terms, site)
    if not tests:
        return None
    # Several values of a key: any of them, or all of them where that was negotiated (C.2.2.2.8).
    several = all if MULTIPLE in site.extensions and vr != "UI" and (vr in SEVERAL_VALUES or dictionary_VM(tag) != "1") else any
    return unless_unknown(lambda stored: several(one(values_of(stored.value, stored.terms, vr)) for one in tests))


def item_test(keys, outer, site):
    """Whether an item matches all keys of an item; None where they ask nothing."""
    terms = keys[CHARACTER_SET][1].decode().strip(" \0") if CHARACTER_SET in keys else outer
    tests = [(tag, test(tag, *key, terms, site)) for tag, key in keys.items() if tag != CHARACTER_SET]
    tests = [(tag, one) for tag, one in tests if one is not None]
    if not tests:
        return None
    return lambda item: all(one(dict(item).get(tag)) for tag, one in tests)
