"""Names in every character set of PS3.3 §C.12.1.1.2, queried in each (PS3.4 §C.2.2.2, §C.4.1.1.3.2), and text without one, through pynetdicom and DCMTK's findscu."""

import json
import pathlib
import subprocess
import tempfile

import pydicom.charset
from pydicom import dcmread
from pydicom.dataset import Dataset
from pynetdicom import AE

from fileroom import ArchiveTest, make_instance, run, save

FIND = "1.2.840.10008.5.1.4.1.2.2.1"
pydicom.charset.python_encoding.setdefault("ISO_IR 203", "iso8859_15")

# Terms, a name, and its bytes where pydicom isn't asked for them (PS3.5 Annexes H to K).
NAMES = [
    ("ISO_IR 100", "Buc^Jérôme", "Buc^Jérôme".encode("latin-1")),
    ("ISO_IR 101", "Wałęsa^Łódź", "Wałęsa^Łódź".encode("iso8859-2")),
    ("ISO_IR 109", "Ħal^Ġorġ", "Ħal^Ġorġ".encode("iso8859-3")),
    ("ISO_IR 110", "Bērziņš", "Bērziņš".encode("iso8859-4")),
    ("ISO_IR 126", "Διονυσιος", "Διονυσιος".encode("iso8859-7")),
    ("ISO_IR 127", "قباني^لنزار", "قباني^لنزار".encode("iso8859-6")),
    ("ISO_IR 138", "שרון^דבורה", "שרון^דבורה".encode("iso8859-8")),
    ("ISO_IR 144", "Люкceмбypг", "Люкceмбypг".encode("iso8859-5")),
    ("ISO_IR 148", "Çavuşoğlu", "Çavuşoğlu".encode("iso8859-9")),
    ("ISO_IR 203", "Bœuf^€uro", "Bœuf^€uro".encode("iso8859-15")),
    ("ISO_IR 166", "นามสกุล", "นามสกุล".encode("tis-620")),
    ("ISO_IR 13", "ﾔﾏﾀﾞ^ﾀﾛｳ", "ﾔﾏﾀﾞ^ﾀﾛｳ".encode("shift_jis")),
    ("\\ISO 2022 IR 87", "Yamada^Tarou=山田^太郎=やまだ^たろう", b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B"),
    ("ISO 2022 IR 13\\ISO 2022 IR 87", "ﾊﾔｼ^ﾀﾛｳ=林^太郎", "ﾊﾔｼ^ﾀﾛｳ".encode("shift_jis") + b"=\x1b$BNS\x1b(J^\x1b$BB@O:\x1b(J"),
    ("\\ISO 2022 IR 159", "=丂^A", b"=\x1b$(D0!\x1b(B^A"),
    ("\\ISO 2022 IR 149", "Hong^Gildong=洪^吉洞=홍^길동", b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf"),
    ("\\ISO 2022 IR 58", "Zhang^XiaoDong=张^小东", b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab"),
    ("ISO_IR 192", "Wang^XiaoDong=王^小東", "Wang^XiaoDong=王^小東".encode()),
    ("GB18030", "Li^XiaoDong=李^小东", "Li^XiaoDong=李^小东".encode("gb18030")),
    ("GBK", "Zhao^XiaoDong=赵^小东", "Zhao^XiaoDong=赵^小东".encode("gbk")),
    (None, "SMITH^JOHN", b"SMITH^JOHN"),
]
LUK = "Люк".encode("iso8859-5")


class CharacterSetTest(ArchiveTest):
    def put(self, number, terms, name=None, raw=None, area=None):
        """An instance of a study of its own; with raw bytes pydicom only leaves room for them."""
        ds = make_instance(f"1.2.3.{number}", f"1.2.3.{number}.1", f"1.2.3.{number}.1.1", SpecificCharacterSet=terms, PatientID=f"P{number}",
                           PatientName="#" * len(raw) if raw else name)
        path = save(ds, (area or self.area) / f"f{number}")
        if raw:
            path.write_bytes(path.read_bytes().replace(b"#" * len(raw), raw))

    def ask(self, name=None, terms="ISO_IR 192", study="", called="ARCHIVE"):
        """The responses' identifiers by study, to a key that pydicom encodes."""
        ae = AE(ae_title="PYNET")
        ae.add_requested_context(FIND)
        association = ae.associate("127.0.0.1", self.port, ae_title=called)
        self.assertTrue(association.is_established)
        identifier = Dataset()
        if terms:
            identifier.SpecificCharacterSet = terms.split("\\")
        identifier.QueryRetrieveLevel, identifier.StudyInstanceUID, identifier.PatientName = "STUDY", study, name or ""
        *found, (status, _) = association.send_c_find(identifier, FIND)
        association.release()
        self.assertEqual(status.Status, 0)
        return {one.StudyInstanceUID: one for _, one in found}

    def find(self, name=b"", terms=None, study="", calling="TESTSCU", called="ARCHIVE"):
        """The same through findscu, whose keys are bytes: the response's character set and name, as they came."""
        out = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        words = ["findscu", "-aet", calling, "-aec", called, "-S", "-X", "-od", out, "-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={study}", "-k", b"PatientName=" + name]
        if terms is not None:
            words += ["-k", f"SpecificCharacterSet={terms}"]
        done = subprocess.run([*words, "127.0.0.1", str(self.port)], capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        found = {}
        for path in out.iterdir():
            ds = dcmread(path, force=True)
            raw = path.read_bytes()
            at = raw.index(b"\x10\0\x10\0")
            # findscu writes Explicit VR Little Endian: tag, VR, 2 bytes of length.
            self.assertEqual(raw[at + 4:at + 6], b"PN")
            length = int.from_bytes(raw[at + 6:at + 8], "little")
            terms = "\\".join([ds.SpecificCharacterSet] if isinstance(ds.SpecificCharacterSet, str) else [term or "" for term in ds.SpecificCharacterSet]) if "SpecificCharacterSet" in ds else None
            found[ds.StudyInstanceUID] = (terms, raw[at + 8:at + 8 + length].rstrip(b" "))
        return found


class EverySetTests(CharacterSetTest):
    def setUp(self):
        super().setUp()
        for number, (terms, name, raw) in enumerate(NAMES, 1):
            # Half of them are what pydicom makes of the text, half what the standard's annexes say.
            if number % 2 or terms == "ISO_IR 203":
                self.put(number, terms.split("\\") if terms else None, raw=raw)
            else:
                self.put(number, terms.split("\\") if terms else None, name=name)
        self.open_archive("AccentInsensitiveNames = no")

    def test_a_name_is_found_in_its_own_set_and_comes_back_in_it(self):
        for number, (terms, name, _) in enumerate(NAMES, 1):
            with self.subTest(terms=terms):
                found = self.ask(name, terms)
                self.assertEqual(list(found), [f"1.2.3.{number}"])
                one = found[f"1.2.3.{number}"]
                returned = one.get("SpecificCharacterSet")
                self.assertEqual([term or "" for term in returned] if isinstance(returned, list) or hasattr(returned, "append") else returned,
                                 terms.split("\\") if terms and "\\" in terms else terms)
                # pydicom decodes ISO 2022 IR 58 and leaves its escapes where they were.
                self.assertEqual(str(one.PatientName).replace("\x1b$)A", "").rstrip("="), name)

    def test_findscu_gets_the_bytes_that_the_annexes_of_the_standard_have(self):
        for number, (terms, _, raw) in enumerate(NAMES, 1):
            with self.subTest(terms=terms):
                self.assertEqual(self.find(raw, terms), {f"1.2.3.{number}": (terms, raw)})

    def test_a_name_is_found_in_utf8_and_comes_back_in_it(self):
        for number, (terms, name, _) in enumerate(NAMES, 1):
            with self.subTest(terms=terms):
                for key in (name, name.lower(), name.split("^")[0] + "*"):
                    self.assertIn(f"1.2.3.{number}", self.ask(key))
                one = self.find(name.encode(), "ISO_IR 192")[f"1.2.3.{number}"]
                self.assertEqual(one, ("ISO_IR 192" if terms else None, name.encode()))

    def test_what_the_requests_set_cannot_carry_comes_in_utf8_and_never_as_a_question_mark(self):
        for asked in (None, "", "ISO_IR 6", "ISO_IR 100", "ISO_IR 144", "\\ISO 2022 IR 87", "NONSENSE"):
            found = self.find(terms=asked)
            self.assertEqual(len(found), len(NAMES))
            for number, (_, name, _) in enumerate(NAMES, 1):
                with self.subTest(asked=asked, name=name):
                    terms, raw = found[f"1.2.3.{number}"]
                    if terms == asked and asked:
                        carried = Dataset()
                        carried.SpecificCharacterSet, carried.PatientName = asked.split("\\"), pydicom.valuerep.PersonName(raw, [pydicom.charset.python_encoding[term] for term in asked.split("\\")])
                        self.assertEqual(str(carried.PatientName), name)
                    else:
                        self.assertEqual((terms, raw), (None if name.isascii() else "ISO_IR 192", name.encode()))
                        # In ISO 2022 IR 87 the byte is a part of characters.
                        self.assertNotIn(b"?", raw)

    def test_a_question_mark_is_one_character_of_any_set(self):
        for number, (terms, name, _) in enumerate(NAMES, 1):
            for position, character in enumerate(name):
                if character.isascii():
                    continue
                with self.subTest(terms=terms, position=position):
                    masked = name[:position] + "?" + name[position + 1:]
                    self.assertIn(f"1.2.3.{number}", self.ask(masked))
                    self.assertIn(f"1.2.3.{number}", self.ask(masked, terms))
                    doubled = name[:position] + "??" + name[position + 1:]
                    self.assertNotIn(f"1.2.3.{number}", self.ask(doubled))


class ResponseOptionTests(CharacterSetTest):
    """dcmqrscp's SpecificCharacterSet: which set responses are in."""

    def setUp(self):
        super().setUp()
        self.put(1, "ISO_IR 100", "Müller")
        self.put(2, "ISO_IR 144", "Люк")
        self.put(3, None, "SMITH")

    def sets(self, asked):
        return [self.find(terms=asked)[f"1.2.3.{number}"][0] for number in (1, 2, 3)]

    def test_each_option(self):
        utf8, latin1, latin2, cyrillic = "ISO_IR 192", "ISO_IR 100", "ISO_IR 101", "ISO_IR 144"
        cases = [
            # the value, then what is answered to a request without a set, in ISO_IR 100 and in ISO_IR 144
            ("", [utf8, utf8, None], [latin1, utf8, None], [utf8, cyrillic, None]),
            ("SpecificCharacterSet = fallback", [utf8, utf8, None], [latin1, utf8, None], [utf8, cyrillic, None]),
            ('SpecificCharacterSet = "ISO_IR 101"', [latin2, utf8, None], [latin1, utf8, None], [latin2, cyrillic, None]),
            ('SpecificCharacterSet = "ISO_IR 101", fallback', [latin2, utf8, None], [latin1, utf8, None], [latin2, cyrillic, None]),
            ('SpecificCharacterSet = "ISO_IR 100", override', [latin1, utf8, None], [latin1, utf8, None], [latin1, utf8, None]),
            ('SpecificCharacterSet = "ISO_IR 192", override, discard, transliterate', [utf8, utf8, None], [utf8, utf8, None], [utf8, utf8, None]),
            ('SpecificCharacterSet = "ISO_IR 101", transliterate', [latin2, utf8, None], [latin1, utf8, None], [latin2, cyrillic, None]),
            ('SpecificCharacterSet = "ISO_IR 100", override, discard', [latin1, utf8, None], [latin1, utf8, None], [latin1, utf8, None]),
        ]
        for words, *expected in cases:
            with self.subTest(words=words):
                daemon = self.open_archive(words)
                self.assertEqual([self.sets(asked) for asked in (None, latin1, cyrillic)], expected)
                # Nothing is discarded, and the log says so.
                self.assertEqual("nothing is replaced" in daemon.text, "discard" in words or "transliterate" in words)
                for number, name in ((1, "Müller"), (2, "Люк")):
                    for asked in (None, latin1, cyrillic):
                        terms, raw = self.find(terms=asked)[f"1.2.3.{number}"]
                        self.assertEqual(raw.decode({utf8: "utf-8", latin1: "latin-1", latin2: "iso8859-2", cyrillic: "iso8859-5"}[terms]), name)


class FallbackTests(CharacterSetTest):
    """Text of files and requests that name no character set."""

    def setUp(self):
        super().setUp()
        self.put(1, None, raw=LUK)
        self.put(2, "ISO_IR 100", "Müller")

    def fallback_of(self, config):
        return json.loads(self.index(config, "stat", "--json").stdout)["fallbackCharacterSet"]

    def test_without_a_setting_it_is_latin_1(self):
        self.open_archive()
        self.assertEqual(self.find(terms="ISO_IR 192")["1.2.3.1"], ("ISO_IR 192", LUK.decode("latin-1").encode()))
        self.assertEqual(list(self.ask(LUK.decode("latin-1"))), ["1.2.3.1"])

    def test_files_of_an_area_are_read_by_it(self):
        self.open_archive(area_table='ARCHIVE FallbackCharacterSet = "ISO_IR 144"')
        self.assertEqual(self.fallback_of(self.config), "ISO_IR 144")
        for key in ("Люк", "люк", "Лю*", "*к", "?юк"):
            self.assertEqual(list(self.ask(key)), ["1.2.3.1"], key)
        self.assertEqual(self.find("Люк".encode(), "ISO_IR 192"), {"1.2.3.1": ("ISO_IR 192", "Люк".encode())})
        self.assertEqual(self.find(LUK, "ISO_IR 144"), {"1.2.3.1": ("ISO_IR 144", LUK)})
        self.assertEqual(self.find()["1.2.3.2"], ("ISO_IR 192", "Müller".encode()))
        # A request without a set is read by it as well.
        self.assertEqual(self.find(LUK), {"1.2.3.1": ("ISO_IR 144", LUK)})
        self.assertEqual(self.index(self.config, "verify").returncode, 0)

    def test_a_change_asks_for_a_rebuild_and_takes_effect_with_it(self):
        self.open_archive()
        changed = self.configure('FallbackCharacterSet = "ISO_IR 144"', name="changed.cfg")
        words = 'was indexed with FallbackCharacterSet = "ISO_IR 100", and the configuration says "ISO_IR 144": run fileroom-index rebuild'
        for command in (["stat"], ["verify"], ["import"], ["list", "studies"]):
            self.assertIn(words, self.index(changed, *command).stderr, command)
        daemon = self.serve(changed)
        self.assertIn(words, daemon.text)
        self.port = daemon.port
        # Until then the answers are those of the index.
        self.assertEqual(self.find(terms="ISO_IR 192")["1.2.3.1"], ("ISO_IR 192", LUK.decode("latin-1").encode()))
        self.assertEqual(list(self.ask(LUK.decode("latin-1"))), ["1.2.3.1"])
        self.assertEqual(self.ask("Люк"), {})
        self.put(3, None, raw=LUK)
        self.index(changed, "import")
        self.assertEqual(sorted(self.ask(LUK.decode("latin-1"))), ["1.2.3.1", "1.2.3.3"])
        self.index(changed, "rebuild")
        self.assertEqual(sorted(self.ask("Люк")), ["1.2.3.1", "1.2.3.3"])
        self.assertEqual(self.ask(LUK.decode("latin-1")), {})
        self.assertEqual(self.find(terms="ISO_IR 144")["1.2.3.3"], ("ISO_IR 144", LUK))
        done = self.index(changed, "verify")
        self.assertNotIn("FallbackCharacterSet", done.stderr)
        self.assertEqual(self.fallback_of(changed), "ISO_IR 144")
        # What is stored now is read so too.
        self.put(4, None, raw=LUK, area=self.folder)
        run("storescu", "-aec", "ARCHIVE", "127.0.0.1", self.port, self.folder / "f4", check=0)
        self.assertEqual(sorted(self.ask("Люк")), ["1.2.3.1", "1.2.3.3", "1.2.3.4"])

    def test_an_area_that_is_stored_to_first_has_it(self):
        for path in self.area.iterdir():
            path.unlink()
        daemon = self.serve(self.configure('FallbackCharacterSet = "ISO_IR 144"'))
        self.port = daemon.port
        self.put(4, None, raw=LUK, area=self.folder)
        run("storescu", "-aec", "ARCHIVE", "127.0.0.1", self.port, self.folder / "f4", check=0)
        self.assertEqual(list(self.ask("Люк")), ["1.2.3.4"])

    def test_requests_of_a_peer_are_read_and_answered_in_its_set(self):
        config = self.configure(hosts="old = (OLDVIEWER, 127.0.0.1, 104)")
        text = config.read_text().replace("VendorTable BEGIN\n", 'VendorTable BEGIN\n"Old Viewers" = old\n')
        config.write_text(text + 'PeerTable BEGIN\n"Old Viewers" FallbackCharacterSet = "ISO_IR 144"\nPeerTable END\n')
        self.put(3, "ISO_IR 192", "Люк")
        self.index(config, "import")
        self.port = self.serve(config).port
        self.assertEqual(self.find(LUK, calling="OLDVIEWER"), {"1.2.3.3": ("ISO_IR 144", LUK)})
        self.assertEqual(self.find(calling="OLDVIEWER")["1.2.3.3"], ("ISO_IR 144", LUK))
        # Not where it can't be, nor where the request names one, nor of others.
        self.assertEqual(self.find(calling="OLDVIEWER")["1.2.3.2"], ("ISO_IR 192", "Müller".encode()))
        self.assertEqual(self.find("Люк".encode(), "ISO_IR 192", calling="OLDVIEWER"), {"1.2.3.3": ("ISO_IR 192", "Люк".encode())})
        self.assertEqual(self.find(calling="OTHER")["1.2.3.3"], ("ISO_IR 192", "Люк".encode()))
        self.assertEqual(self.find(LUK, calling="OTHER"), {"1.2.3.1": ("ISO_IR 192", LUK.decode("latin-1").encode())})


class AccentTests(CharacterSetTest):
    def test_names_match_whatever_their_accents_unless_told_otherwise(self):
        for number, name in enumerate(("Müller^Jürgen", "MULLER^JURGEN", "Mueller^J", "Παπαδόπουλος"), 1):
            self.put(number, "ISO_IR 192", name)
        self.open_archive()
        self.assertEqual(sorted(self.ask("muller*")), ["1.2.3.1", "1.2.3.2"])
        self.assertEqual(sorted(self.ask("MÜLLER*")), ["1.2.3.1", "1.2.3.2"])
        self.assertEqual(sorted(self.ask("*jurgen")), ["1.2.3.1", "1.2.3.2"])
        self.assertEqual(list(self.ask("ΠΑΠΑΔΟΠΟΥΛΟΣ")), ["1.2.3.4"])
        self.open_archive("AccentInsensitiveNames = no")
        self.assertEqual(list(self.ask("muller*")), ["1.2.3.2"])
        self.assertEqual(list(self.ask("müller*")), ["1.2.3.1"])
        self.assertEqual(self.ask("ΠΑΠΑΔΟΠΟΥΛΟΣ"), {})
