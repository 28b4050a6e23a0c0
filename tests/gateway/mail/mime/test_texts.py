"""Octets to text, HTML to words and back, and everything cut to size."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mail.mime.letters import letter, multipart, part, sample
from pimgate.mail.mime.bodies import ENCRYPTED, FetchedParts, Text, html_body, plain_body, unflowed, words_of
from pimgate.mail.mime.charsets import CODECS, code_page_of, codec_of, decode
from pimgate.mail.mime.cutting import cut, cut_html, cut_original, size_of
from pimgate.mail.mime.html_safe import safe_fragment
from pimgate.mail.mime.html_text import text_of
from pimgate.mail.mime.html_tokens import is_affordable
from pimgate.mail.mime.layout import layout_of
from pimgate.mail.mime.original import original_text
from pimgate.mail.mime.parts import Part, contents_of
from pimgate.mail.mime.pieces import Piece
from pimgate.mail.mime.plain import as_html, preview
from pimgate.mail.mime.transfer import decoded
from pimgate.mail.mime.words import readable


@pytest.mark.parametrize(
    ("octets", "declared", "text"),
    [
        (b"caf\xe9", "iso-8859-1", "café"),
        (b"\x80 5", "iso-8859-1", "€ 5"),
        ("café".encode(), "us-ascii", "café"),
        ("café".encode(), "", "café"),
        (b"caf\xe9", "", "café"),
        (b"caf\xe9", "utf-8", "caf�"),
        ("ок".encode("koi8-r"), "KOI8-R", "ок"),
        ("会議".encode("cp932"), '"Shift_JIS"', "会議"),
        ("你好".encode("gb18030"), "gb2312", "你好"),
        ("한국".encode("cp949"), "ks_c_5601-1987", "한국"),
        (b"\xff\xfeh\0i\0", "utf-8", "hi"),
        (b"\xef\xbb\xbfhi", "", "hi"),
        (b"hi", "rot13", "hi"),
        (b"hi", "unicode_escape", "hi"),
        (b"\\x41", "unicode_escape", "\\x41"),
    ],
)
def test_octets_are_read_as_they_were_meant(octets: bytes, declared: str, text: str) -> None:
    assert decode(octets, declared) == text


def test_every_name_in_the_table_is_a_codec_that_reads() -> None:
    for codec in CODECS:
        assert isinstance(decode(bytes(range(256)), codec), str)
        assert codec_of(codec) == codec
        assert code_page_of(codec).isdigit()


def test_end_that_cuts_a_character_in_two_is_left_out() -> None:
    assert decode("grün".encode()[:3], "utf-8", is_cut=True) == "gr"


@pytest.mark.parametrize(
    ("encoding", "octets", "found"),
    [
        ("base64", b"SGVs\r\nbG8=", b"Hello"),
        ("base64", b"SGVsbG8", b"Hello"),
        ("BASE64", b"S*G V\xffsbG8=junk", b"Hello\x8e\xe9\xe4"),
        ("base64", b"QQ==QUI=", b"AAB"),
        ("base64", b"QQ==Q", b"A"),
        ("quoted-printable", b"a=3Db=\r\nc=ZZ", b"a=bc=ZZ"),
        ("x-uuencode", b"begin 644 a\n%2&5L;&\\\nend\n", b"Hello"),
        ("x-uuencode", b"no begin", b"no begin"),
        ("8bit", b"\xff", b"\xff"),
        ("", b"x", b"x"),
        ("nonsense", b"x", b"x"),
    ],
)
def test_transfer_encodings_are_undone(encoding: str, octets: bytes, found: bytes) -> None:
    assert decoded(octets, encoding) == found


@settings(deadline=None)
@given(st.binary(max_size=300), st.integers(0, 300))
def test_beginning_of_base64_is_the_beginning_of_the_content(octets: bytes, end: int) -> None:
    assert octets.startswith(decoded(base64.encodebytes(octets)[:end], "base64", is_cut=True))


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("One<br>Two<br/>Three", "One\nTwo\nThree"),
        ("<ul><li>a<li>b</ul>", "* a\n* b"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a b\nc"),
        ("a<script>b</script>c<style>d</style>e<title>f</title>", "ace"),
        ("<blockquote>old<blockquote>older</blockquote></blockquote>new", "> old\n\n> > older\n\nnew"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("a&nbsp;b &amp; c&#8364;&euro;&unknown;", "a b & c€€&unknown;"),
        ("a<img alt='Our logo'>b<img>", "a[Our logo]b"),
        ("1 < 2 <3", "1 < 2 <3"),
        ("a<!-- b --> c <!DOCTYPE x>d", "a c d"),
        ("a<script>never ends", "a"),
        ('<a title="a>b">link</a>', "link"),
        ("", ""),
    ],
)
def test_html_as_plain_text(html: str, text: str) -> None:
    assert text_of(html) == text


@pytest.mark.parametrize("depth", [300, 100_000])
def test_no_word_is_lost_in_deep_nesting(depth: int) -> None:
    html = "<div>" * depth + "found" + "</div>" * depth
    assert text_of(html) == "found"
    assert "found" in safe_fragment(html)


ATTACKS = [
    "<script>x</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>x</script></svg>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='java\nscript:alert(1)'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<iframe src=//evil></iframe>",
    "<form action=//evil><input name=password></form>",
    "<style>@import url(//evil)</style>",
    "<p style='x:expression(alert(1))'>x</p>",
    "<meta http-equiv=refresh content='0;url=//evil'>",
    "<base href=//evil>",
    "<object data=x></object><embed src=x>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<img src='data:text/html,x'><img src='data:image/svg+xml,x'>",
    "<xmp><script>alert(1)</script></xmp>",
    "<!--><script>alert(1)</script>-->",
]
FORBIDDEN = (
    "<script",
    "onerror=a",
    "onload=",
    "javascript:",
    "data:text",
    "svg",
    "<iframe",
    "<form",
    "<input",
    "@import",
)
MORE_FORBIDDEN = ("expression(", "<meta", "<base", "<object", "<embed", "<math", 'alert(1)>"')


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_acts_in_html_that_was_made_safe(attack: str) -> None:
    cleaned = safe_fragment(f"<p>before</p>{attack}").lower()
    assert "before" in cleaned
    assert not [each for each in (*FORBIDDEN, *MORE_FORBIDDEN) if each in cleaned]


def test_what_a_mail_looks_like_stays() -> None:
    html = (
        '<style>p{color:red}</style><table bgcolor="#fff" width="600"><tbody><tr><td style="padding:4px" colspan="2">'
        '<a href="https://example.org/?a=1&amp;b=2" target="_blank">x</a><img src="cid:a@b" width="5">'
        '<img src="data:image/png;base64,QQ==">'
        '<font color="red" face="Arial">y</font></td></tr></tbody></table>'
    )
    assert safe_fragment(html) == html


def test_html_that_no_parser_should_see_is_shown_as_its_words() -> None:
    html = "<div>" * 1_000 + "<b>words</b> & <script>alert(1)</script>more"
    assert not is_affordable(html)
    assert safe_fragment(html) == "<div>words &amp; more</div>"


@settings(deadline=None)
@given(st.text(max_size=300))
def test_plain_text_as_html_says_the_same(text: str) -> None:
    assert "".join(text_of(as_html(text)).split()) == "".join(readable(text).split())


@settings(deadline=None)
@given(st.text(max_size=200), st.integers(0, 300))
def test_text_is_cut_between_characters(text: str, octets: int) -> None:
    kept = cut(text, octets)
    assert text.startswith(kept)
    assert size_of(kept) <= octets or kept == ""
    assert kept == text or size_of(text[: len(kept) + 1]) > octets


HTML_BITS = st.lists(st.sampled_from(("<p>", "<a href='x'>", "ü", "&amp;", "words ", "</p>")), max_size=40).map("".join)


@settings(deadline=None)
@given(HTML_BITS, st.integers(0, 200))
def test_html_is_cut_outside_of_tags(html: str, octets: int) -> None:
    kept = cut_html(html, octets)
    assert html.startswith(kept)
    assert size_of(kept) <= octets
    assert kept.count("<") == kept.count(">")


def test_original_is_cut_within_its_header_after_a_line() -> None:
    octets = "Subject: Lunch\r\nTo: x\r\n\r\nbody\r\n"
    assert cut_original(octets, 20) == "Subject: Lunch\r\n"
    assert cut_original(octets, 27) == "Subject: Lunch\r\nTo: x\r\n\r\nbo"
    assert cut_original(octets, 500) == octets


@pytest.mark.parametrize("name", ["newsletter.eml", "signed.eml", "forwarded.eml", "encrypted.eml"])
def test_original_that_fits_into_text_stays_as_it_is(name: str) -> None:
    assert original_text(sample(name)).encode() == sample(name)


def test_part_that_fits_into_no_text_is_encoded_anew_and_means_the_same() -> None:
    octets = multipart(
        "mixed",
        part("text/plain; charset=iso-8859-1", b"caf\xe9", "Content-Transfer-Encoding: 8bit"),
        part("application/x", b"\0\x01\xff", "Content-Transfer-Encoding: binary", "Content-Id: <a>"),
        part("text/plain", b"plain"),
    )
    again = original_text(octets).encode()
    layout = layout_of(again)
    bodies = {
        each.section: decoded(layout.piece(Piece(each.section)), each.encoding) for each in layout.structure.root.parts
    }
    assert bodies == {"1": b"caf\xe9", "2": b"\0\x01\xff", "3": b"plain"}
    assert layout.structure.root.parts[1].content_id == "a"
    assert again.count(b"Content-Transfer-Encoding") == 2


def test_nothing_is_encoded_anew_within_what_is_signed() -> None:
    signed = part("text/plain; charset=iso-8859-1", b"caf\xe9", "Content-Transfer-Encoding: 8bit")
    octets = multipart("signed", signed, part("application/pkcs7-signature", b"QQ=="))
    assert original_text(octets) == octets.decode("latin-1")


def test_lines_that_were_broken_for_transport_are_whole_again() -> None:
    assert unflowed("a \r\nb\r\nc\r\n> q \r\n> r\r\n-- \r\nAnna") == "a b\nc\n> q r\n-- \nAnna"
    assert unflowed("ab \ncd", joins_words=True) == "abcd"


def fetched(octets: bytes) -> tuple[object, FetchedParts]:
    layout = layout_of(octets)
    sections = [each.section for each in layout.structure.root.walk()]
    return contents_of(layout.structure.root), FetchedParts({each: layout.piece(Piece(each)) for each in sections})


def plain_of(octets: bytes) -> Text:
    return plain_body(*fetched(octets))  # type: ignore[arg-type]


def html_of(octets: bytes) -> str:
    return html_body(*fetched(octets)).text  # type: ignore[arg-type]


def test_body_of_a_newsletter() -> None:
    assert plain_of(sample("newsletter.eml")).text == "Frühstück ab 7 Uhr.\nKommen Sie vorbei!"
    assert '<p>Frühstück ab <b>7 Uhr</b>.</p><img src="cid:logo@example.com">' in html_of(sample("newsletter.eml"))


def test_texts_one_after_the_other_are_all_shown() -> None:
    assert plain_of(sample("apple.eml")).text == "First.\n\nSecond."
    assert "<div>First.</div><hr><p>Second.</p>" in html_of(sample("apple.eml"))


def test_enclosed_message_is_no_part_of_the_text() -> None:
    assert (
        plain_of(sample("forwarded.eml")).text
        == "Look at this, it is a long line that goes on and on.\n\n> quoted words that go on"
    )


def test_encrypted_message_says_so() -> None:
    assert plain_of(sample("encrypted.eml")).text == ENCRYPTED
    assert ENCRYPTED in html_of(sample("encrypted.eml"))


def test_undeclared_text_is_taken_for_what_it_looks_like() -> None:
    assert plain_of(sample("undeclared.eml")).text == "Привет, это письмо написано по-русски без указания кодировки."


def test_html_that_names_its_letters_itself_is_believed() -> None:
    octets = b"<html><meta charset='windows-1251'>\xef\xf0\xe8\xe2\xe5\xf2</html>"
    assert "привет" in words_of(Part("1", "text", "html"), octets)


def test_size_of_what_was_fetched_in_part_is_that_of_the_whole() -> None:
    made = letter(text="A line of words.\n" * 10_000).as_bytes()
    contents, whole = fetched(made)
    beginning = FetchedParts({"1": whole.octets["1"][:20_000]}, frozenset({"1"}))
    exact = plain_body(contents, whole)  # type: ignore[arg-type]
    guessed = plain_body(contents, beginning)  # type: ignore[arg-type]
    assert not exact.is_cut
    assert exact.size_bytes == size_of(exact.text)
    assert guessed.is_cut
    assert exact.text.startswith(guessed.text)
    assert abs(guessed.size_bytes - exact.size_bytes) < exact.size_bytes / 10


def test_preview_is_one_short_line() -> None:
    assert preview("Hello,\n\n> old\nnew  words", 255) == "Hello, old new words"
    assert preview("aaaa bbbb", 5) == "aaaa"
