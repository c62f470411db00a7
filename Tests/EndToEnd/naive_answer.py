"""What a C-FIND must answer and a C-GET must bring (PS3.4 C.4.1, C.4.2), by the naive matcher; and responses in a form that can be compared."""

import collections

from asking import decoded, vr_of
from awkward_archive import HEADER
from character_sets import GOVERNED, decode
from naive_archive import CHARACTER_SET, LEVELS, MODEL_LEVELS, TEXT_VRS, TIMEZONE, UNIQUE, Stored, reads_headers
from naive_matcher import COMBINED, DATES_OF, RELATIONAL, Refused, date, item_test, span, test, time
from character_sets import values_of

LEVEL, RETRIEVE_AE, AVAILABILITY = 0x00080052, 0x00080054, 0x00080056
NO_KEYS = {CHARACTER_SET, LEVEL, RETRIEVE_AE, AVAILABILITY, TIMEZONE}
SYNTAXES = 0x00083002
# Values whose order says nothing.
UNORDERED = {0x00080061, 0x00080062}


class Question:
    """An identifier: VR and value of each key by tag, with the model that it is asked in."""

    def __init__(self, model, keys, site):
        self.model, self.keys, self.site = model, keys, site
        self.levels = MODEL_LEVELS[model]
        self.terms = keys.get(CHARACTER_SET, ("CS", b""))[1].decode().strip(" \0")

    def level(self, needs_value=False):
        name = self.keys.get(LEVEL, ("CS", b""))[1].decode().strip(" \0")
        if name in self.levels:
            return name
        if name or self.site.is_strict:
            raise Refused(LEVEL)
        # The lowest level whose unique key is there, else the model's first.
        there = [one for one in self.levels if UNIQUE[one] in self.keys and (not needs_value or self.keys[UNIQUE[one]][1].strip(b" \0"))]
        return there[-1] if there else self.levels[0]

    def check_hierarchy(self, level, known):
        """The rules of the baseline (C.4.1.2.1, C.4.1.3.1.1), all that are broken."""
        at, broken = LEVELS.index(level), set()
        for tag in self.keys:
            own = known.get(tag)
            if own == "PATIENT" and self.model == "study":
                own = "STUDY"
            if own and own != level and (LEVELS.index(own) > at or tag != UNIQUE[own]):
                broken.add(tag)
        broken |= self.upper_broken(level)
        if UNIQUE[level] not in self.keys:
            broken.add(UNIQUE[level])
        return broken

    def upper_broken(self, level):
        broken = set()
        for above in self.levels[:self.levels.index(level)]:
            value = self.keys.get(UNIQUE[above], ("", b""))[1].strip(b" \0")
            if not value or set(value) & set(b"\\*?"):
                broken.add(UNIQUE[above])
        return broken


def combined_test(date_key, time_key, unless):
    """A range of dates and one of times of one form are one range of moments (C.2.2.2.5.3); None where they aren't."""
    if any(b"\\" in key[1] for key in (date_key, time_key)):
        return None
    days, times = span(date_key[1].decode(), date), span(time_key[1].decode(), time)
    if not days or not times or not days[2] or not times[2] or [one is None for one in days[:2]] != [one is None for one in times[:2]]:
        return None

    def holds(stored_date, stored_time):
        if stored_time is None or stored_time.is_empty:
            return unless(stored_time)
        if stored_date is None:
            return False
        for day, hours in zip(values_of(stored_date.value, "", "DA"), values_of(stored_time.value, "", "TM")):
            day, hours = date(day), time(hours)
            if day and hours and (days[0] is None or (day[1], hours[1]) >= (days[0], times[0])) and (days[1] is None or (day[0], hours[0]) <= (days[1], times[1])):
                return True
        return False

    return holds


def conditions(question, level, known):
    """The tests by level: each takes a way to values."""
    site, found, broken = question.site, collections.defaultdict(list), set()
    at = LEVELS.index(level)
    if site.is_strict and RELATIONAL not in site.extensions:
        broken |= question.check_hierarchy(level, known)
    for tag, (vr, value) in sorted(question.keys.items()):
        is_read = tag in HEADER and reads_headers()
        if not is_read and (tag in NO_KEYS or tag not in known or LEVELS.index(known[tag]) > at):
            continue
        own = level if is_read else known[tag]
        try:
            holds = test(tag, vr, value, question.terms, site)
        except Refused as refused:
            broken |= refused.tags
            continue
        if own != level and own in question.levels and tag == UNIQUE[own] and vr != "UI" and holds and set(decode(value, question.terms, vr)) & set("*?"):
            # A unique key above has a single value.
            broken.add(tag)
        if holds is None:
            continue
        if is_read:
            found[own].append(lambda entity, tag=tag, holds=holds: any(holds(one) for one in entity.of_headers(tag)))
            continue
        combined = None
        if COMBINED in site.extensions and DATES_OF.get(tag) in question.keys:
            combined = combined_test(question.keys[DATES_OF[tag]], (vr, value), holds)
        if combined:
            found[own].append(lambda entity, tag=tag, combined=combined: combined(entity.value(DATES_OF[tag]), entity.value(tag)))
        else:
            found[own].append(lambda entity, tag=tag, holds=holds: holds(entity.value(tag)))
    if broken:
        raise Refused(*broken)
    return found


def chain(entity, patient):
    """The entity and those above it, by level."""
    found = {"PATIENT": patient}
    while entity is not None:
        found[entity.level] = entity
        entity = entity.parent
    return found


def answers(archive, question, known):
    """The responses that must come, comparable, and whether all keys are supported."""
    level = question.level()
    tests = conditions(question, level, known)
    at = LEVELS.index(level)
    keys = [tag for tag in question.keys if tag not in NO_KEYS and tag >> 16 >= 8]
    returned = [tag for tag in keys if tag in known and LEVELS.index(known[tag]) <= at]
    read = [tag for tag in keys if tag in HEADER and reads_headers()]
    unsupported = [tag for tag in keys if tag not in returned + read and not (tag >> 16) & 1]
    found = []
    for entity in archive.entities[level]:
        top = chain(entity, None)
        if not all(holds(top[own]) for own in LEVELS[1:at + 1] for holds in tests[own]):
            continue
        # A study is shown with the patient that was asked for, else with that of most files.
        patients = [entity] if level == "PATIENT" else top["STUDY"].patients
        patient = next((one for one in patients if all(holds(one) for holds in tests["PATIENT"])), None)
        if patient is not None:
            own = chain(entity, patient)
            values = {tag: own[known[tag]].value(tag) for tag in returned} | {tag: first_of(entity.of_headers(tag), tag, question) for tag in read}
            found.append(frozenset((tag, shown(tag, value, question)) for tag, value in values.items()))
    return collections.Counter(found), not unsupported, level


def first_of(values, tag, question):
    """Of several headers' values the first that matches."""
    holds = test(tag, *question.keys[tag], question.terms, question.site)
    return next((one for one in values if holds is None or holds(one)), None)


def shown(tag, stored, question):
    """A returned value, comparable: of a sequence the items that match, with what was asked for."""
    if tag in question.keys and vr_of(tag) == "SQ":
        return items_shown(stored.value if stored else (), question.keys[tag][1], question.terms, question.site)
    return text_of(tag, stored) if stored is not None else ""


def items_shown(items, key, terms, site):
    if not key or not set(key[0]) - {CHARACTER_SET}:
        return tuple(frozenset((tag, items_shown(value.value, [], terms, site) if value.vr == "SQ" else text_of(tag, value)) for tag, value in item if tag != CHARACTER_SET) for item in items)
    holds = item_test(key[0], terms, site)
    own = key[0][CHARACTER_SET][1].decode().strip(" \0") if CHARACTER_SET in key[0] else terms
    found = []
    for item in items:
        if holds is None or holds(item):
            values = dict(item)
            found.append(frozenset(
                (tag, items_shown(values[tag].value if tag in values else (), key[0][tag][1], own, site) if vr_of(tag) == "SQ" else text_of(tag, values[tag]) if tag in values else "")
                for tag in key[0] if tag != CHARACTER_SET))
    return tuple(found)


def text_of(tag, stored):
    if stored.vr not in TEXT_VRS:
        return stored.value or ""
    text = decode(stored.value, stored.terms, stored.vr).rstrip(" \0")
    if tag == SYNTAXES:
        text = text.split("\\")[0]
    return "\\".join(sorted(text.split("\\"))) if tag in UNORDERED else text


class Mistake(AssertionError):
    pass


def response(body, syntax, level):
    """A response's identifier, comparable. What every response has is checked here (C.4.1.1.3.2)."""
    elements = decoded(body, syntax)
    terms = elements.pop(CHARACTER_SET, ("CS", b""))[1].decode().strip(" \0")
    if elements.pop(LEVEL, ("", b""))[1].decode().strip(" \0") != level:
        raise Mistake("another Query/Retrieve Level than the request's")
    if elements.pop(RETRIEVE_AE, ("", b""))[1].strip() != b"ARCHIVE":
        raise Mistake("no Retrieve AE Title")
    if elements.pop(AVAILABILITY, ("", b""))[1].strip() != b"ONLINE":
        raise Mistake("no Instance Availability, though every file is there")
    uses = [False]
    found = frozenset((tag, received(tag, *one, terms, uses)) for tag, one in elements.items())
    if bool(terms) != uses[0]:
        raise Mistake(f"Specific Character Set is {terms!r}")
    return found


def received(tag, vr, value, terms, uses):
    if vr != vr_of(tag):
        raise Mistake(f"{tag:08X} has the VR {vr}")
    if vr == "SQ":
        return tuple(frozenset((inner, received(inner, *one, terms, uses)) for inner, one in item.items()) for item in value)
    if vr not in TEXT_VRS:
        return value or ""
    text = decode(value, terms, vr)
    if vr in GOVERNED and (not text.isascii() or text.encode() != value):
        uses[0] = True
    elif vr not in GOVERNED and not value.isascii():
        raise Mistake(f"{tag:08X} is not of ISO 646")
    text = text.rstrip(" \0")
    if tag == SYNTAXES:
        # The stored one comes first, those behind it are what it is converted to.
        text = text.split("\\")[0]
    return "\\".join(sorted(text.split("\\"))) if tag in UNORDERED else text


def retrieved(archive, question):
    """The SOP Instance UIDs that a retrieval brings; keys other than unique ones don't count."""
    if question.model == "study" and not question.site.is_strict and question.keys.get(LEVEL, ("", b""))[1].strip(b" \0") == b"PATIENT":
        # Taken as it is meant (CONFORMANCE.md), although the model has no such level.
        question = Question("patient", question.keys, question.site)
    level = question.level(needs_value=True)
    site, at = question.site, LEVELS.index(level)
    if site.is_strict and RELATIONAL not in site.extensions:
        broken = question.upper_broken(level) | {tag for tag in question.keys if tag not in NO_KEYS and tag not in [UNIQUE[one] for one in LEVELS[:at + 1] if one in question.levels]}
        if level == "PATIENT" and set(question.keys[UNIQUE[level]][1].strip(b" \0")) & set(b"\\*?"):
            broken.add(UNIQUE[level])
        if broken:
            raise Refused(*broken)
    wanted = {}
    for own in LEVELS[:at + 1]:
        value = question.keys.get(UNIQUE[own], ("", b""))[1].strip(b" \0")
        if not value or own == "PATIENT" and (own not in question.levels or own != level and not value.strip(b"*")):
            continue
        if set(value) & set(b"*?"):
            raise Refused(UNIQUE[own])
        wanted[own] = {decode(value, question.terms, "LO")} if own == "PATIENT" else {part.strip() for part in value.decode().split("\\") if part.strip()}
    if not wanted.get(level):
        raise Refused(UNIQUE[level])
    found = set()
    for image in archive.entities["IMAGE"]:
        top = chain(image, None)
        ids = {text_of(0, Stored("LO", file.patient_id, file.elements[CHARACTER_SET].value.decode() if CHARACTER_SET in file.elements else "")).strip(" ") for file in top["STUDY"].files}
        if all(ids & some if own == "PATIENT" else top[own].files[0].uid[own] in some for own, some in wanted.items()):
            found.add(image.files[0].uid["IMAGE"])
    return found
