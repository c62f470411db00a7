"""Random queries and retrievals over an awkward archive (PS3.4 C.2.2.2, C.4.1, C.4.3): answers are those of a naive matcher that is written from the standard.

RANDOM_QUERIES_SEED chooses archive and queries, RANDOM_QUERIES how many; RANDOM_QUERIES_KEEP is a folder for the archive where one fails.
A query that fails is printed whole, without the keys that it fails without too: it goes into FIXED then."""

import contextlib
import os
import random
import shutil
import time

from asking import EXPLICIT, IMPLICIT, Association, number
from awkward_archive import CLASSES, write
from fileroom import ArchiveTest
from naive_answer import Mistake, Question, answers, response, retrieved
from naive_archive import Archive, agreed_bytes, supported
from naive_matcher import Refused, Site
from random_queries import MODELS, Asker

SEED = int(os.environ.get("RANDOM_QUERIES_SEED") or 20261122)
COUNT = int(os.environ.get("RANDOM_QUERIES") or 10_000)
STUDIES = 60
EACH = 50
# How the daemons are configured; most queries go to the first.
SITES = [("", {}), ("UnknownMatches = yes\nAccentInsensitiveNames = no", {"unknown_matches": True, "ignores_accents": False}), ("QueryMode = strict", {"is_strict": True})]
STORAGE = [(uid, syntax) for uid in CLASSES.values() for syntax in (EXPLICIT, IMPLICIT)]
DONE = agreed_bytes()
# Queries that once failed: how and what was asked.
PLAIN = {"site": 0, "model": "study", "syntax": IMPLICIT, "extensions": None}
FIXED = [
    # Blank ones of several values ask nothing, and none but blank ones are no condition.
    (PLAIN, {0x0020000E: ("UI", b""), 0x00400244: ("DA", b"\\")}), (PLAIN, {0x0020000D: ("UI", b""), 0x00080030: ("TM", b"00\\ ")}), (PLAIN, {0x0020000D: ("UI", b""), 0x00101030: ("DS", b" \\70")}),
    (PLAIN | {"extensions": [1, 0, 0, 0, 0, 0, 1]}, {0x0020000D: ("UI", b""), 0x00201070: ("IS", b"+7\\")}),
    # A wildcard in a unique key above, in a list of which all are asked for.
    (PLAIN | {"model": "patient", "extensions": [0, 0, 0, 0, 1, 1, 1]}, {0x00100020: ("LO", b"P1\\*B"), 0x00080052: ("CS", b"IMAGE")}),
    # A letter whose upper case is another's.
    (PLAIN, {0x0020000D: ("UI", b""), 0x00081060: ("PN", "I\u015eIK*".encode()), 0x00080005: ("CS", b"ISO_IR 192")}),
]


class RandomQueryTest(ArchiveTest):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        write(self.area / "files", self.random, STUDIES)
        config = self.configure()
        self.index(config, "import")
        self.ports = [self.serve(self.configure(parameters, name=f"{index}.cfg")).port for index, (parameters, _) in enumerate(SITES)]
        self.archive, self.known = Archive(self.area / "files"), supported()
        print(f"seed {SEED}: {len(self.archive.files)} files, {({level: len(some) for level, some in self.archive.entities.items()})}", flush=True)

    def settings(self):
        """Where and how a few queries are asked."""
        pick = self.random.choice
        length = pick([0, 0, 1, 3, 7, 7, 7])
        return {"site": pick([0, 0, 0, 0, 1, 2]), "model": pick(MODELS), "syntax": pick([IMPLICIT, EXPLICIT]), "extensions": [pick([0, 1]) for _ in range(length)] if length else None}

    def associate(self, settings, storage=()):
        association = Association(self.ports[settings["site"]], settings["model"], settings["syntax"], settings["extensions"], settings.get("get_extensions"), storage)
        offered = settings["extensions"]
        self.assertEqual(association.find_agreed, None if offered is None else bytes(one & done for one, done in zip(offered, DONE)), "C.5.1.1")
        return association

    def question(self, settings, keys, offered):
        agreed = [index + 1 for index, one in enumerate(offered or []) if one and DONE[index]]
        return Question(settings["model"], keys, Site(extensions=agreed, **SITES[settings["site"]][1]))

    def fault_of_find(self, association, settings, keys):
        """What is wrong with the answer; None where nothing is."""
        found, final = association.find(keys)
        status = number(final, 0x0900)
        try:
            expected, is_supported, level = answers(self.archive, self.question(settings, keys, settings["extensions"]), self.known)
        except Refused as refused:
            return self.fault_of_refusal(refused, status, final) or (found and "responses before a refusal")
        if status != 0x0000:
            return f"{status:04X}H {final.get(0x0902)}, and not {sum(expected.values())} responses"
        if {one for one, _ in found} - {0xFF00 if is_supported else 0xFF01}:
            return f"pending statuses {sorted({hex(one) for one, _ in found})}"
        try:
            got = [response(body, settings["syntax"], level) for _, body in found]
        except Mistake as mistake:
            return str(mistake)
        left = dict(expected)
        more = []
        for one in got:
            if left.get(one):
                left[one] -= 1
            else:
                more.append(sorted(one))
        missing = [sorted(one) for one, count in left.items() for _ in range(count)]
        return f"{len(missing)} of {sum(expected.values())} are missing, as {missing[:1]}\n{len(more)} are wrong, as {more[:1]}" if missing or more else None

    def fault_of_refusal(self, refused, status, final):
        if status != 0xA900:
            return f"{status:04X}H and not A900H for {[f'{tag:08X}' for tag in refused.tags]}"
        offending = final.get(0x0901, b"")
        tag = int.from_bytes(offending[:2], "little") << 16 | int.from_bytes(offending[2:], "little")
        return None if tag in refused.tags else f"Offending Element {tag:08X}, and not {[f'{tag:08X}' for tag in refused.tags]}"

    def fault_of_get(self, association, settings, keys):
        came, final = association.get(keys)
        status = number(final, 0x0900)
        try:
            expected = retrieved(self.archive, self.question(settings, keys, settings["get_extensions"]))
        except Refused as refused:
            return self.fault_of_refusal(refused, status, final) or (came and "instances before a refusal")
        uids = [uid for uid, _ in came]
        if status != 0x0000 or number(final, 0x1021) != len(uids):
            return f"{status:04X}H {final.get(0x0902)} with {final.get(0x1021)} completed; {len(uids)} of {len(expected)} came"
        return None if len(uids) == len(set(uids)) and set(uids) == expected else f"not sent: {sorted(expected - set(uids))[:3]}, sent: {sorted(set(uids) - expected)[:3]}"

    def shrunk(self, fault, settings, keys, storage=()):
        """The keys that are needed to fail."""
        smaller = True
        while smaller:
            smaller = False
            for tag in sorted(keys):
                less = {one: value for one, value in keys.items() if one != tag}
                association = self.associate(settings, storage)
                with contextlib.suppress(TypeError):
                    # Without its character set a key may mean nothing.
                    if fault(association, settings, less):
                        keys, smaller = less, True
                association.close()
        return keys

    def fail_with(self, what, fault, settings, keys, storage=()):
        keys = self.shrunk(fault, settings, keys, storage)
        association = self.associate(settings, storage)
        text = {f"0x{tag:08X}": value for tag, value in keys.items()}
        problem = fault(association, settings, keys)
        association.close()
        kept = os.environ.get("RANDOM_QUERIES_KEEP")
        if kept:
            shutil.copytree(self.folder, kept, dirs_exist_ok=True)
        self.fail(f"{what} fails, seed {SEED}: {settings}\n" + "{" + ", ".join(f"{tag}: {value!r}" for tag, value in text.items()) + "}\n" + str(problem))

    def test_queries_that_once_failed_are_answered(self):
        for settings, keys in FIXED:
            with self.subTest(settings=settings, keys=keys):
                association = self.associate(settings)
                self.assertFalse(self.fault_of_find(association, settings, keys))
                association.close()

    def test_random_queries_are_answered_as_the_standard_has_it(self):
        asker, asked, started = Asker(self.random, self.archive, self.known), 0, time.monotonic()
        while asked < COUNT:
            settings = self.settings()
            association = self.associate(settings)
            for _ in range(EACH):
                keys = asker.find(settings["model"])
                if self.fault_of_find(association, settings, keys):
                    self.fail_with("a query", self.fault_of_find, settings, keys)
                asked += 1
            association.close()
        print(f"{asked} queries in {time.monotonic() - started:.1f} s", flush=True)

    def test_random_retrievals_bring_what_they_name(self):
        asker, asked, started = Asker(self.random, self.archive, self.known), 0, time.monotonic()
        while asked < COUNT // 20:
            settings = self.settings() | {"get_extensions": self.random.choice([None, None, [1], [0], [1, 1]])}
            association = self.associate(settings, STORAGE)
            for _ in range(EACH // 5):
                keys = asker.get(settings["model"])
                if self.fault_of_get(association, settings, keys):
                    self.fail_with("a retrieval", self.fault_of_get, settings, keys, STORAGE)
                asked += 1
            association.close()
        print(f"{asked} retrievals in {time.monotonic() - started:.1f} s", flush=True)
