"""Octets to text: what was declared, else what they look like, else windows-1252, which reads anything.

Names are looked up in a table of the encodings that mail is written in, so a message never chooses among everything that Python
calls a codec. Sources: WHATWG Encoding Standard, "Names and labels"; MS-ASEMAIL "InternetCPID".
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Final

from charset_normalizer import from_bytes

FALLBACK: Final = "cp1252"
UTF_8_PAGE: Final = "65001"

CODECS: Final[Mapping[str, tuple[str, str]]] = {
    # Python's name: what others call it, and the number of its code page.
    "utf-8": ("utf8 unicode-1-1-utf-8 x-unicode20utf8 cp65001", UTF_8_PAGE),
    "utf-7": ("utf7 unicode-1-1-utf-7", "65000"),
    "utf-16": ("utf16 unicode ucs-2 iso-10646-ucs-2 csunicode", "1200"),
    "utf-16-le": ("utf-16le utf16le", "1200"),
    "utf-16-be": ("utf-16be utf16be", "1201"),
    "utf-32": ("utf32", "12000"),
    "cp1252": (
        "windows-1252 us-ascii ascii ansi_x3.4-1968 iso-8859-1 iso8859-1 iso88591 iso_8859-1 latin1 latin-1 l1 x-ansi"
        " x-cp1252 cp819 ibm819 iso-ir-100 646 us default 8bit unknown-8bit x-unknown unknown",
        "1252",
    ),
    "cp1250": ("windows-1250 x-cp1250", "1250"),
    "cp1251": ("windows-1251 x-cp1251", "1251"),
    "cp1253": ("windows-1253 x-cp1253", "1253"),
    "cp1254": ("windows-1254 x-cp1254 iso-8859-9 iso8859-9 latin5 l5", "1254"),
    "cp1255": ("windows-1255 x-cp1255", "1255"),
    "cp1256": ("windows-1256 x-cp1256", "1256"),
    "cp1257": ("windows-1257 x-cp1257", "1257"),
    "cp1258": ("windows-1258 x-cp1258", "1258"),
    "cp874": ("windows-874 iso-8859-11 iso8859-11 tis-620 tis620 dos-874", "874"),
    "iso8859-2": ("iso-8859-2 iso_8859-2 latin2 l2", "28592"),
    "iso8859-3": ("iso-8859-3 iso_8859-3 latin3 l3", "28593"),
    "iso8859-4": ("iso-8859-4 iso_8859-4 latin4 l4", "28594"),
    "iso8859-5": ("iso-8859-5 iso_8859-5 cyrillic", "28595"),
    "iso8859-6": ("iso-8859-6 iso_8859-6 arabic iso-8859-6-i iso-8859-6-e", "28596"),
    "iso8859-7": ("iso-8859-7 iso_8859-7 greek", "28597"),
    "iso8859-8": ("iso-8859-8 iso_8859-8 hebrew iso-8859-8-i iso-8859-8-e logical visual", "28598"),
    "iso8859-10": ("iso-8859-10 latin6 l6", "28600"),
    "iso8859-13": ("iso-8859-13", "28603"),
    "iso8859-14": ("iso-8859-14", "28604"),
    "iso8859-15": ("iso-8859-15 iso_8859-15 latin9 l9", "28605"),
    "iso8859-16": ("iso-8859-16 latin10", "28606"),
    "koi8-r": ("koi8 koi koi8_r", "20866"),
    "koi8-u": ("koi8-ru", "21866"),
    "mac-roman": ("macintosh mac x-mac-roman", "10000"),
    "mac-cyrillic": ("x-mac-cyrillic x-mac-ukrainian", "10007"),
    "cp437": ("ibm437", "437"),
    "cp850": ("ibm850", "850"),
    "cp852": ("ibm852", "852"),
    "cp866": ("ibm866 866", "866"),
    "gb18030": ("gbk gb2312 gb_2312 gb_2312-80 chinese csgb2312 x-gbk cp936 windows-936 euc-cn", "54936"),
    "hz": ("hz-gb-2312", "52936"),
    "big5hkscs": ("big5 big5-hkscs cn-big5 x-x-big5 csbig5 cp950", "950"),
    "cp932": ("shift_jis shift-jis sjis x-sjis ms_kanji windows-31j ms932 cp932", "932"),
    "euc_jp": ("euc-jp x-euc-jp eucjp", "51932"),
    "iso2022_jp_ext": ("iso-2022-jp iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-ms csiso2022jp cp50220", "50220"),
    "iso2022_kr": ("iso-2022-kr csiso2022kr", "50225"),
    "cp949": ("euc-kr korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949 uhc cseuckr", "949"),
    "johab": ("cp1361", "1361"),
}

_NAMED: Final[Mapping[str, str]] = {
    name: codec for codec, (names, _) in CODECS.items() for name in (codec, *names.split())
}
_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_GUESSED: Final = ("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949", "cp1251", "koi8_r", "cp1250", "cp1253", "cp1252")
_SAMPLE_BYTES: Final = 4_096
_FEWEST_FOREIGN: Final = 24
"""Octets that are no ASCII; fewer tell nothing."""


def codec_of(name: str) -> str:
    """Python's name of what a message calls its set of characters; "" for what nobody knows."""
    return _NAMED.get(name.strip().strip("\"'").lower(), "")


def code_page_of(name: str) -> str:
    """The number of a Windows code page; that of UTF-8 for names that nobody knows, since that is what is sent."""
    codec = codec_of(name)
    return CODECS[codec][1] if codec else UTF_8_PAGE


def decode(octets: bytes, declared: str = "", *, is_cut: bool = False) -> str:
    """The text that octets stand for. Never fails; what cannot be read becomes U+FFFD. `is_cut`: the end may lack half a
    character."""
    if not declared and octets.isascii():
        return octets.decode("ascii")  # most of what headers hold
    for mark, codec in _MARKS:
        if octets.startswith(mark):
            return _lenient(octets, codec).removeprefix("\ufeff")
    codec = codec_of(declared)
    # Half of the world declares Latin or ASCII for what is UTF-8; hardly any other text happens to be valid UTF-8.
    tried = (codec, "utf-8") if codec not in ("", FALLBACK) else ("utf-8", codec or _guess(octets))
    for each in tried:
        found = _strict(octets, each, is_cut) if each else None
        if found is not None:
            return found
    return _lenient(octets, codec or FALLBACK)


def _strict(octets: bytes, codec: str, is_cut: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder(codec)("strict").decode(octets, final=not is_cut)
    except UnicodeError:
        return None


def _lenient(octets: bytes, codec: str) -> str:
    return octets.decode(codec, "replace")


def _guess(octets: bytes) -> str:
    """What undeclared octets look like, from their beginning."""
    sample = octets[:_SAMPLE_BYTES]
    if sample.isascii() or sum(octet > 127 for octet in sample) < _FEWEST_FOREIGN:
        return ""
    best = from_bytes(sample, steps=3, chunk_size=512, cp_isolation=list(_GUESSED)).best()
    return codec_of(best.encoding.replace("_", "-")) or best.encoding if best is not None else ""
