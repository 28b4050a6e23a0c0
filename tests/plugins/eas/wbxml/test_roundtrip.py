"""decode(encode(x)) == x, for any tree that a client could read and for the documents phones really fetch."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.effort import examples
from pimgate_eas.wbxml.codec import decode, encode
from pimgate_eas.wbxml.codepages import OPAQUE_ELEMENTS, TOKENS
from pimgate_eas.wbxml.element import Element
from plugins.eas.wbxml import samples

OCTETS_NAMES = st.sampled_from(sorted(OPAQUE_ELEMENTS))
TEXT_NAMES = st.sampled_from(sorted(TOKENS.keys() - OPAQUE_ELEMENTS))
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))

LEAVES = (
    st.builds(Element, TEXT_NAMES)
    | st.builds(lambda name, text: Element(name, text=text), TEXT_NAMES, TEXTS)
    | st.builds(lambda name, octets: Element(name, opaque=octets), OCTETS_NAMES, st.binary(max_size=300))
)
TREES = st.recursive(
    LEAVES,
    lambda children: st.builds(lambda name, inside: Element(name, *inside), TEXT_NAMES, st.lists(children, max_size=5)),
    max_leaves=40,
)


@given(TREES)
@settings(max_examples=examples(170, 1_500), deadline=None)
def test_what_is_written_is_read_back_the_same(document: Element) -> None:
    written = encode(document)
    assert decode(written) == document
    assert encode(decode(written)) == written


@pytest.mark.parametrize("document", [samples.contacts_sync(100), samples.mail_sync(512)], ids=["contacts", "mail"])
def test_a_full_window_is_within_the_default_limits(document: Element) -> None:
    assert decode(encode(document)) == document
