"""What somebody looks for in their mail, as phones write it in Find: a part of KQL, read. Pure.

    parse_kql('from:"anna" OR subject:"anna"') -> AnyOf((Term("anna", "from"), Term("anna", "subject")))
    parse_kql("breakfast -lunch (egg OR ham*)")
        -> All((Term("breakfast"), Not(Term("lunch")), AnyOf((Term("egg"), Term("ham", is_prefix=True)))))

Words beside each other must all be there. What people type is no program: a property that nobody knows is a word ("re:minder"), a
quotation that does not end ends with the text.

Sources: MS-ASCMD "Find"; MS-KQL "Property Restriction", "Boolean Operators", "Operator Precedence".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 4_096
"""Characters."""
MOST_TERMS: Final = 128
DEEPEST: Final = 16
"""Parentheses and negations within each other."""

PROPERTIES: Final = frozenset(
    (
        *("from", "to", "cc", "bcc", "participants", "recipients", "subject", "body", "attachment", "category", "kind"),
        *("received", "sent", "size", "importance", "isread", "isflagged", "hasattachment", "hasattachments"),
    )
)
"""What a word may be looked for in."""

_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<bracket>[()])
      | (?P<minus>[-+](?=[^\s()]))
      | (?P<property>[A-Za-z]+)(?P<operator><=|>=|<>|[:=<>])
      | "(?P<quoted>[^"]*)(?:"|\Z)(?P<quoted_star>\*?)
      | (?P<bare>[^\s()"]+)
    )""",
    re.VERBOSE,
)
_VALUE: Final = re.compile(r'\s*(?:"(?P<quoted>[^"]*)(?:"|\Z)(?P<quoted_star>\*?)|(?P<bare>[^\s()"]+))')


class BadKql(ValueError):
    """The text cannot be read; `reason` quotes nothing of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase, in one property or ("") anywhere. `operator` is one of : = < > <= >= <>, `is_prefix` says that words may go
    on after it."""

    text: str
    property: str = ""
    operator: str = ":"
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Query


Query = Term | All | AnyOf | Not


def parse_kql(text: str) -> Query:
    """What the text looks for. BadKql if it looks for nothing, is malformed, or is too large."""
    if len(text) > LONGEST:
        raise BadKql(f"A query has at most {LONGEST} characters.")
    return _Reader(_tokens(text)).whole()


_Token = str | Term
"""One of ( ) - + AND OR NOT, or a term."""


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        assert found is not None, "every character is part of some token"
        token, at = _token(text, found)
        if token is not None:
            tokens.append(token)
    if sum(isinstance(each, Term) for each in tokens) > MOST_TERMS:
        raise BadKql(f"A query has at most {MOST_TERMS} terms.")
    return tokens


def _token(text: str, found: re.Match[str]) -> tuple[_Token | None, int]:
    """The token of a match, and where the next one begins; None for an empty quotation."""
    if sign := found["bracket"] or found["minus"]:
        return sign, found.end()
    if found["property"]:
        return _restriction(text, found)
    if found["bare"] in ("AND", "OR", "NOT"):
        return found["bare"], found.end()
    return _term(found), found.end()


def _restriction(text: str, found: re.Match[str]) -> tuple[_Token | None, int]:
    value = _VALUE.match(text, found.end())
    name = found["property"].lower()
    if name in PROPERTIES and value is not None:
        return _term(value, name, found["operator"]), value.end()
    whole = _VALUE.match(text, found.start("property"))
    assert whole is not None, "a word begins here"
    return _term(whole), whole.end()


def _term(found: re.Match[str], name: str = "", operator: str = ":") -> Term | None:
    quoted, bare = found["quoted"], found["bare"]
    text = bare if quoted is None else quoted
    is_prefix = bool(found["quoted_star"]) if quoted is not None else text.endswith("*")
    text = " ".join((text.rstrip("*") if quoted is None else text).split())
    return Term(text, name, operator, is_prefix) if text else None


class _Reader:
    """Tokens, read from the loosest operator to the tightest: OR, AND (or nothing), NOT."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Query:
        query = self._any_of()
        if self._next is not None:
            raise BadKql("A query has a parenthesis that was never opened.")
        return query

    @property
    def _next(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, *tokens: str) -> bool:
        if self._next in tokens:
            self._at += 1
            return True
        return False

    def _any_of(self) -> Query:
        parts = [self._all()]
        while self._take("OR"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _all(self) -> Query:
        parts = [self._one()]
        while self._take("AND") or self._next not in (None, "OR", ")"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self) -> Query:
        if self._take("NOT", "-"):
            return Not(self._deeper(self._one))
        if self._take("+"):
            return self._deeper(self._one)
        if self._take("("):
            inside = self._deeper(self._any_of)
            self._take(")")  # one that is missing at the end is forgiven
            return inside
        token = self._next
        if not isinstance(token, Term):
            raise BadKql("A query has an operator with nothing to look for beside it.")
        self._at += 1
        return token

    def _deeper(self, read: Callable[[], Query]) -> Query:
        self._depth += 1
        if self._depth > DEEPEST:
            raise BadKql("A query is nested too deeply.")
        found = read()
        self._depth -= 1
        return found
