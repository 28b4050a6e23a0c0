"""KQL as phones and people write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pimgate_eas.mail.searching.kql import (
    DEEPEST,
    LONGEST,
    MOST_TERMS,
    PROPERTIES,
    All,
    AnyOf,
    BadKql,
    Not,
    Query,
    Term,
    parse_kql,
)


def test_what_an_iphone_sends() -> None:
    found = parse_kql('to:"anna b" OR cc:"anna b" OR from:"anna b" OR subject:"anna b"')
    assert found == AnyOf(tuple(Term("anna b", each) for each in ("to", "cc", "from", "subject")))


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("breakfast", Term("breakfast")),
        ("  breakfast  ", Term("breakfast")),
        ("egg ham", All((Term("egg"), Term("ham")))),
        ("egg AND ham", All((Term("egg"), Term("ham")))),
        ("egg and ham", All((Term("egg"), Term("and"), Term("ham")))),
        ("egg OR ham spam", AnyOf((Term("egg"), All((Term("ham"), Term("spam")))))),
        ("(egg OR ham) spam", All((AnyOf((Term("egg"), Term("ham"))), Term("spam")))),
        ("NOT egg", Not(Term("egg"))),
        ("egg -ham", All((Term("egg"), Not(Term("ham"))))),
        ("+egg", Term("egg")),
        ("-from:anna", Not(Term("anna", "from"))),
        ("egg - ham", All((Term("egg"), Term("-"), Term("ham")))),
        ("well-known", Term("well-known")),
        ("ham*", Term("ham", is_prefix=True)),
        ('"ham and egg"*', Term("ham and egg", is_prefix=True)),
        ('"ham  and\tegg"', Term("ham and egg")),
        ("From:anna@example.org", Term("anna@example.org", "from")),
        ("subject: breakfast", Term("breakfast", "subject")),
        ("received>=2026-11-21", Term("2026-11-21", "received", ">=")),
        ("size<>5", Term("5", "size", "<>")),
        ("re:minder", Term("re:minder")),
        ("10:30", Term("10:30")),
        ("subject:", Term("subject:")),
        ('say "hello', All((Term("say"), Term("hello")))),
        ("(egg", Term("egg")),
        ("Frühstück 朝食", All((Term("Frühstück"), Term("朝食")))),
    ],
)
def test_text_and_what_it_looks_for(text: str, query: Query) -> None:
    assert parse_kql(text) == query


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", "()", "AND", "egg AND", "OR egg", "egg OR OR ham", "NOT", "egg)", '""', "*", "-(", "egg AND )"),
        "x" * (LONGEST + 1),
        "x " * (MOST_TERMS + 1),
        "(" * (DEEPEST + 1) + "egg" + ")" * (DEEPEST + 1),
        "NOT " * (DEEPEST + 1) + "egg",
        "-" * (DEEPEST + 1) + "egg",
        "(" * LONGEST,
    ],
)
def test_text_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(BadKql):
        parse_kql(text)


def test_as_many_terms_and_as_deep_as_allowed() -> None:
    parse_kql("x " * MOST_TERMS)
    assert parse_kql("(" * DEEPEST + "egg" + ")" * DEEPEST) == Term("egg")


WORDS = st.text(st.characters(exclude_characters='"', exclude_categories=("Cs",)), min_size=1, max_size=12).map(
    lambda text: " ".join(text.split())
)
TERMS = st.builds(
    Term,
    WORDS.filter(bool),
    st.sampled_from(("", *sorted(PROPERTIES))),
    st.just(":"),
    st.booleans(),
)
QUERIES: st.SearchStrategy[Query] = st.recursive(
    TERMS,
    lambda inside: st.one_of(
        st.builds(All, st.lists(inside, min_size=2, max_size=4).map(tuple)),
        st.builds(AnyOf, st.lists(inside, min_size=2, max_size=4).map(tuple)),
        st.builds(Not, inside),
    ),
    max_leaves=12,
)


def written(query: Query) -> str:
    if isinstance(query, Term):
        return f'{query.property}{query.operator if query.property else ""}"{query.text}"' + "*" * query.is_prefix
    if isinstance(query, Not):
        return f"NOT ({written(query.part)})"
    return f" {'AND' if isinstance(query, All) else 'OR'} ".join(f"({written(each)})" for each in query.parts)


def depth(query: Query) -> int:
    if isinstance(query, Term):
        return 0
    if isinstance(query, Not):
        return 2 + depth(query.part)
    return 1 + max(map(depth, query.parts))


@given(QUERIES.filter(lambda query: depth(query) <= DEEPEST))
def test_query_that_is_written_down_is_read_as_it_was(query: Query) -> None:
    assert parse_kql(written(query)) == query


@given(st.text(max_size=200) | st.text(st.sampled_from('()"-+*: <>=ANDORTfromx'), max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_kql(text)
    except BadKql as refused:
        assert refused.reason.isascii()
