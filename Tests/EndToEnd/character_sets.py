"""Text of data sets in every defined term of Specific Character Set (PS3.3 C.12.1.1.2, PS3.5 6.1), by Python's codecs."""

import functools

ESCAPE = 0x1B
# By registration: what the term brings to the left half (G0) and to the right half (G1).
SINGLE = {
    6: ("ascii", None), 13: ("romaji", "katakana"), 100: ("ascii", "iso8859-1"), 101: ("ascii", "iso8859-2"), 109: ("ascii", "iso8859-3"),
    110: ("ascii", "iso8859-4"), 126: ("ascii", "iso8859-7"), 127: ("ascii", "iso8859-6"), 138: ("ascii", "iso8859-8"), 144: ("ascii", "iso8859-5"),
    148: ("ascii", "iso8859-9"), 166: ("ascii", "tis-620"), 203: ("ascii", "iso8859-15")}
DOUBLE = {87: ("jis0208", None), 159: ("jis0212", None), 149: (None, "euc-kr"), 58: (None, "gb2312")}
SETS = SINGLE | DOUBLE
ESCAPES = {
    b"(B": (0, "ascii"), b"(J": (0, "romaji"), b"$B": (0, "jis0208"), b"$(D": (0, "jis0212"), b")I": (1, "katakana"), b"$)C": (1, "euc-kr"), b"$)A": (1, "gb2312"),
    b"-A": (1, "iso8859-1"), b"-B": (1, "iso8859-2"), b"-C": (1, "iso8859-3"), b"-D": (1, "iso8859-4"), b"-L": (1, "iso8859-5"), b"-G": (1, "iso8859-6"),
    b"-F": (1, "iso8859-7"), b"-H": (1, "iso8859-8"), b"-M": (1, "iso8859-9"), b"-b": (1, "iso8859-15"), b"-T": (1, "tis-620")}
SEQUENCES = {name: sequence for sequence, (_, name) in ESCAPES.items()}
TWO_BYTES = {"jis0208", "jis0212", "euc-kr", "gb2312"}
WHOLE = {"ISO_IR 192": "utf-8", "GB18030": "gb18030", "GBK": "gbk"}
SINGLE_VALUED = {"LT", "ST", "UT", "UR"}
GOVERNED = {"LO", "LT", "PN", "SH", "ST", "UC", "UT"}


def registration(term):
    return int(term.rsplit(" ", 1)[1]) if term else 6


def delimiters(vr):
    """Before and after these, and control characters, the sets of value 1 hold (PS3.5 6.1.2.5.3)."""
    return ("" if vr in SINGLE_VALUED else "\\") + ("^=" if vr == "PN" else "")


def one(name, code):
    """The character of a code of a set; two-byte codes without their high bits."""
    if name == "ascii":
        return code.decode("ascii")
    if name == "romaji":
        return {b"\x5c": "\xa5", b"\x7e": "\u203e"}.get(code) or code.decode("ascii")
    if name == "katakana":
        return code.decode("shift_jis")
    if name in TWO_BYTES:
        high = bytes(byte | 0x80 for byte in code)
        return {"jis0208": lambda: high.decode("euc_jp"), "jis0212": lambda: (b"\x8f" + high).decode("euc_jp")}.get(name, lambda: high.decode(name))()
    return code.decode(name)


@functools.lru_cache(100_000)
def decode(value, terms, vr):
    """The text of a Value Field. `terms` is the value of (0008,0005) as text, without padding."""
    if vr not in GOVERNED:
        return value.decode("latin-1")
    terms = [term.strip(" ") for term in terms.split("\\")]
    for term in terms:
        if term in WHOLE:
            return value.decode(WHOLE[term], errors="replace")
    initial = SETS[registration(terms[0])]
    active = [initial[0] or "ascii", initial[1]]
    stops, text, at = delimiters(vr), "", 0
    while at < len(value):
        byte = value[at]
        if byte == ESCAPE:
            sequence = next(known for known in sorted(ESCAPES, key=len, reverse=True) if value.startswith(known, at + 1))
            half, name = ESCAPES[sequence]
            active[half] = name
            at += 1 + len(sequence)
            continue
        name = active[byte >> 7]
        width = 2 if name in TWO_BYTES and (byte & 0x7F) > 0x20 else 1
        if width == 1 and byte < 0x80 and (byte < 0x20 or chr(byte) in stops):
            active = [initial[0] or "ascii", initial[1]]
            text += chr(byte)
        else:
            text += chr(byte) if byte in (0x20, 0x7F) else one(name, value[at:at + 1] if width == 1 else bytes(part & 0x7F for part in value[at:at + 2]))
        at += width
    return text


def code(name, character):
    """The code of a character in a set; None where it has none."""
    try:
        if name == "ascii":
            return character.encode("ascii")
        if name == "romaji":
            return {"\xa5": b"\x5c", "\u203e": b"\x7e"}.get(character) or (None if character in "\\~" else character.encode("ascii"))
        if name == "katakana":
            found = character.encode("shift_jis")
            return found if len(found) == 1 and found[0] >= 0x80 else None
        if name in ("jis0208", "jis0212"):
            found = character.encode("euc_jp")
            if name == "jis0212":
                return bytes(byte & 0x7F for byte in found[1:]) if len(found) == 3 else None
            return bytes(byte & 0x7F for byte in found) if len(found) == 2 and found[0] != 0x8E else None
        found = character.encode(name)
        return found if found[0] >= 0x80 and len(found) == (2 if name in TWO_BYTES else 1) else None
    except UnicodeEncodeError:
        return None


@functools.lru_cache(100_000)
def encode(text, terms, vr):
    """A Value Field; None where the character sets can't carry the text."""
    if vr not in GOVERNED:
        return text.encode("ascii") if text.isascii() else None
    values = terms.split("\\")
    if values[0] in WHOLE:
        try:
            return text.encode(WHOLE[values[0]])
        except UnicodeEncodeError:
            return None
    initial = [SETS[registration(values[0])][0] or "ascii", SETS[registration(values[0])][1]]
    names = [name for term in values for name in SETS[registration(term)] if name] + ["ascii"]
    active, found = list(initial), b""

    def back():
        nonlocal active
        pieces = b"".join(b"\x1b" + SEQUENCES[was] for was, now in zip(initial, active) if was != now and was)
        active = list(initial)
        return pieces

    for character in text:
        if character in delimiters(vr) or ord(character) < 0x20:
            found += back() + character.encode("ascii")
            continue
        if character == " " and active[0] not in TWO_BYTES:
            found += b" "
            continue
        for name in active + names:
            coded = code(name, character) if name else None
            if coded is None:
                continue
            if name not in active:
                if len(values) == 1:
                    continue
                active[coded[0] >> 7] = name
                found += b"\x1b" + SEQUENCES[name]
            found += coded
            break
        else:
            return None
    return found + back()


def values_of(value, terms, vr):
    """The values of a text VR as text: split, and without what its VR calls padding (PS3.5 6.2)."""
    text = decode(value, terms, vr)
    parts = [text] if vr in SINGLE_VALUED else text.split("\\")
    leading = "" if vr in ("ST", "LT", "UT", "UC") else " "
    return [part.rstrip(" \0").lstrip(leading) if leading else part.rstrip(" \0") for part in parts]
