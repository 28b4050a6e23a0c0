"""Text that crosses the border."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pimgate_eas.mapping.words import clean, without_tags


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [("a\r\nb\rc", "a\nb\nc"), (" a\t ", "a"), ("a\x00\x1fb", "ab"), ("\ud800a", "a"), ("\x00", "")],
)
def test_text_loses_what_one_side_cannot_hold(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(st.text())
def test_clean_text_stays_as_it_is(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("a<br/>b<BR>c", "a\nb\nc"),
        ("<style>p { }</style><!-- no --><b>bold</b> text", "bold text"),
        ("&lt;b&gt; &amp;amp; &#65;&#x42; &nbsp;x &unknown;", "<b> &amp; AB  x &unknown;"),
        ("one\r\nline", "one line"),
        ("&#9999999;&#xd800;", ""),
        ("<", "<"),
    ],
)
def test_html_is_its_words(html: str, words: str) -> None:
    assert without_tags(html) == words
