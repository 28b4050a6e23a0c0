"""Content lines: what vCard and iCalendar texts are made of, read without losing an octet.

A `Line` keeps the text it was read from in `raw`, with its folding and its line end, so that writing back the lines
nobody touched gives back what the client sent. Name and value are split at once, parameters when first asked for.

Sources: RFC 5545 "Content Lines", RFC 6350 "Line Delimiting and Folding", RFC 6868, vCard 2.1 "Encoding".
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable
from typing import Final

Params = tuple[tuple[str, tuple[str, ...]], ...]

FOLD_AT_OCTETS: Final = 75

_LOGICAL: Final = re.compile(r"[^\n]+(?:\n[ \t][^\n]*)*\n?|\n(?:[ \t][^\n]*\n?)*")
_BREAK: Final = re.compile(r"\r*\n[ \t]?")
_SOFT_BREAK: Final = re.compile(r"=\r*\n")
_HEAD: Final = re.compile(r'[^":]*(?:"[^"]*"[^":]*)*(?=:)')
_PARAM: Final = re.compile(r';([^=;:"]*)(=?)((?:"[^"]*"|[^";])*)')
_PARAM_VALUE: Final = re.compile(r'((?:"[^"]*"|[^",])*)(?:,|$)')
_TOKEN: Final = re.compile(r"[A-Za-z0-9-]+\Z")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NEWLINE: Final = re.compile(r"\r\n?|\n")
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_CARET: Final = re.compile(r"\^([n^'])")
_CARET_MEANS: Final = {"n": "\n", "^": "^", "'": '"'}

# vCard 2.1 leaves parameter names out: `TEL;HOME;VOICE:` means TYPE, but these words are encodings and value kinds.
_BARE_WORDS: Final = {
    "QUOTED-PRINTABLE": "ENCODING",
    "BASE64": "ENCODING",
    "8BIT": "ENCODING",
    "7BIT": "ENCODING",
    "INLINE": "VALUE",
    "URL": "VALUE",
    "CONTENT-ID": "VALUE",
    "CID": "VALUE",
}

# Python knows codecs that are no character sets; a card names one of these or is read as UTF-8.
_CHARSETS: Final = frozenset(
    {
        *("UTF-8", "US-ASCII", "UTF-16", "KOI8-R", "KOI8-U", "BIG5", "GB2312", "GBK", "GB18030"),
        *("SHIFT_JIS", "EUC-JP", "EUC-KR", "ISO-2022-JP"),
        *(f"ISO-8859-{part}" for part in range(1, 17)),
        *(f"WINDOWS-125{part}" for part in range(9)),
    }
)


class Line:
    """One content line. Never changed once made: an edit puts another line in its place.

    `BEGIN:VCARD` gives name "BEGIN" and value "VCARD"; `item1.EMAIL;TYPE=home:a@b.example` gives group "item1", name
    "EMAIL", value "a@b.example". `value` is unfolded but still escaped and encoded. A line without a colon has the
    empty name and its whole content as value; blank lines are such lines.
    """

    __slots__ = ("_head", "_params", "group", "name", "raw", "value")

    name: str
    group: str | None
    value: str
    raw: str

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self._params: Params | None = None
        self.group = None
        body = raw.rstrip("\r\n")
        if "\n" in body:
            body = _unfold(body)
        head, colon, value = body.partition(":")
        if '"' in head and (quoted := _HEAD.match(body)):
            head, value = quoted.group(), body[quoted.end() + 1 :]
        if not colon:
            self.name = self._head = ""
            self.value = body
            return
        self._head = head
        self.value = value
        name = head.partition(";")[0] if ";" in head else head
        if "." in name:
            self.group, _, name = name.partition(".")
        self.name = name.upper()

    def __repr__(self) -> str:
        return f"Line({self.name or 'blank'})"

    @property
    def params(self) -> Params:
        """Parameters as written: names in capitals, values with quotes and RFC 6868 carets taken off."""
        if self._params is None:
            self._params = _read_params(self._head) if ";" in self._head else ()
        return self._params

    def param(self, name: str) -> tuple[str, ...]:
        """Every value of a parameter whose values are keywords, in capitals: `TYPE=home,cell;TYPE=pref` gives
        ("HOME", "CELL", "PREF")."""
        if ";" not in self._head:
            return ()
        values = [value for key, given in self.params if key == name for value in given]
        if name == "TYPE":  # RFC 6350 itself writes TYPE="voice,home" and means two
            values = [part for value in values for part in value.split(",")]
        return tuple(value.strip().upper() for value in values)

    def param_text(self, name: str) -> str | None:
        """The first value of a parameter that holds text (CN, TZID, ...), as written; None if it is absent."""
        if ";" not in self._head:
            return None
        return next((given[0] for key, given in self.params if key == name and given), None)

    @property
    def is_blank(self) -> bool:
        return not self.name and not self.value.strip()

    @property
    def is_quoted_printable(self) -> bool:
        return ";" in self._head and "QUOTED-PRINTABLE" in self._head.upper()

    @property
    def is_base64(self) -> bool:
        return ";" in self._head and bool({"B", "BASE64"}.intersection(self.param("ENCODING")))

    @property
    def decoded(self) -> str:
        """The value with vCard 2.1's quoted-printable undone; its backslashes still stand (see `split_unescaped`)."""
        return _from_quoted_printable(self) if self.is_quoted_printable else self.value

    @property
    def text(self) -> str:
        """The value as a person reads it: decoded and unescaped."""
        value = self.decoded if self.is_quoted_printable else self.value
        return unescape(value) if "\\" in value else value


def read_lines(text: str) -> list[Line]:
    """Every content line of a text, blank ones too: joining their `raw` gives back the text, octet for octet."""
    lines: list[Line] = []
    pieces: list[str] = []  # of the last line, when it goes on without a fold
    ending = ""
    for raw in _LOGICAL.findall(text):
        line = Line(raw)
        if (ending == "=" or not line.name) and lines and _continues(lines[-1], ending, line):
            pieces = pieces or [lines[-1].raw]
            pieces.append(raw)
        else:
            if pieces:
                lines[-1] = Line("".join(pieces))
                pieces = []
            lines.append(line)
        ending = line.value[-1:]
    if pieces:
        lines[-1] = Line("".join(pieces))
    if lines and lines[0].name.startswith("\ufeff"):
        lines[0].name = lines[0].name[1:]
    return lines


def make_line(name: str, value: str, params: Params = (), group: str | None = None) -> Line:
    """A new line, folded and ended as the standards ask. `value` is taken as already escaped.

    A line break in `value` can only have meant an escaped one and is written so; control characters are dropped:
    nothing that is put into a value can become a line of its own. ValueError for a name that is no name.
    """
    for token in (name, *(key for key, _ in params), *((group,) if group else ())):
        if not _TOKEN.match(token):
            raise ValueError("not a property or parameter name")
    head = f"{group}.{name}" if group else name
    written = "".join(f";{key}={','.join(map(_quote_param, values))}" for key, values in params)
    safe_value = _CONTROL.sub("", _NEWLINE.sub(r"\\n", value))
    return Line(_fold(f"{head}{written}:{safe_value}"))


def escape(value: str) -> str:
    """Text made safe to stand as a value, or as one field of a structured value."""
    value = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return _NEWLINE.sub(r"\\n", value)


def unescape(value: str) -> str:
    """Text of a value: `\\n` and `\\N` are line breaks, any other escaped character is itself."""
    if "\\" not in value:
        return value
    return _ESCAPED.sub(lambda found: "\n" if found.group(1) in "nN" else found.group(1), value)


def split_unescaped(value: str, separator: str) -> list[str]:
    """The fields of a structured value, still escaped: `split_unescaped("Doe\\\\;;Jane;", ";")` gives three fields."""
    if "\\" not in value:
        return value.split(separator)
    fields: list[str] = []
    field_start = position = 0
    while position < len(value):
        if value[position] == "\\":
            position += 2
            continue
        if value[position] == separator:
            fields.append(value[field_start:position])
            field_start = position + 1
        position += 1
    return [*fields, value[field_start:]]


def _unfold(body: str) -> str:
    # The white space after a soft break is content (vCard 2.1), after any other break it is only the fold.
    head = body.partition(":")[0]
    if "QUOTED-PRINTABLE" in head.upper():
        body = _SOFT_BREAK.sub("", body)
    return _BREAK.sub("", body)


def _continues(first: Line, ending: str, line: Line) -> bool:
    """Whether `line` is the rest of `first` without the white space that a fold should begin with.

    True after a quoted-printable soft break (`ending` is the last character so far), and for the bare base64 lines
    that old phones write below `PHOTO`.
    """
    if ending == "=" and first.is_quoted_printable:
        return True
    return not line.name and bool(line.value.strip()) and first.is_base64


def _read_params(head: str) -> Params:
    params: list[tuple[str, tuple[str, ...]]] = []
    for found in _PARAM.finditer(head, head.index(";")):
        name, equals, values = found.group(1).strip().upper(), found.group(2), found.group(3)
        if not equals:
            params.append((_BARE_WORDS.get(name, "TYPE"), (found.group(1).strip(),)))
        elif '"' in values or "," in values:
            params.append((name, tuple(_plain_param(part) for part in _split_param(values))))
        else:
            params.append((name, (_plain_param(values),)))
    return tuple(params)


def _split_param(values: str) -> list[str]:
    parts: list[str] = []
    position = 0
    while position <= len(values):
        found = _PARAM_VALUE.match(values, position)
        if found is None:  # a quote without its partner: the rest is one value
            return [*parts, values[position:]]
        parts.append(found.group(1))
        if found.end() == len(values) and not found.group().endswith(","):
            break
        position = found.end()
    return parts


def _plain_param(value: str) -> str:
    value = value.strip().replace('"', "")
    return _CARET.sub(lambda found: _CARET_MEANS[found.group(1)], value) if "^" in value else value


def _quote_param(value: str) -> str:
    value = _NEWLINE.sub("\n", _CONTROL.sub("", value)).replace("^", "^^").replace("\n", "^n").replace('"', "^'")
    return f'"{value}"' if any(character in value for character in ",;: ") else value


def _fold(content: str) -> str:
    octets = content.encode()
    if len(octets) <= FOLD_AT_OCTETS:
        return content + "\r\n"
    pieces: list[bytes] = []
    start, room = 0, FOLD_AT_OCTETS
    while len(octets) - start > room:
        end = start + room
        while octets[end] & 0xC0 == 0x80:  # not inside a character
            end -= 1
        pieces.append(octets[start:end])
        start, room = end, FOLD_AT_OCTETS - 1
    pieces.append(octets[start:])
    return b"\r\n ".join(pieces).decode() + "\r\n"


def _from_quoted_printable(line: Line) -> str:
    """In the character set that the line names. Where it names none, or a wrong one, old programs wrote what their machine
    spoke: mostly Western European."""
    octets = binascii.a2b_qp(line.value.encode())
    named = (line.param_text("CHARSET") or "UTF-8").upper()
    for charset in (named if named in _CHARSETS else "UTF-8", "UTF-8", "WINDOWS-1252"):
        try:
            return octets.decode(charset)
        except UnicodeDecodeError:
            continue
    return octets.decode("ISO-8859-1")


def joined(lines: Iterable[Line]) -> str:
    """The text that these lines were read from."""
    return "".join(line.raw for line in lines)
