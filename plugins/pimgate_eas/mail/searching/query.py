"""What Search and Find ask about mail, read. Pure, but for the clock that the caller hands in.

Search says it in elements: `And` with the class, folders, free text and an earliest and a latest moment. Find says it in the words
of KQL; devices write those into Search as well.

Source: MS-ASCMD, "Query", "And", "FreeText", "GreaterThan", "LessThan", "MailBoxSearchCriterion".
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from pimgate.api import CollectionId
from pimgate.mail.finding import Wish
from pimgate.mail.imap import Criterion, Unsayable
from pimgate_eas.mail.searching.criteria import wish_of
from pimgate_eas.mail.searching.kql import LONGEST, BadKql, Query, Term, parse_kql
from pimgate_eas.mail.searching.results import Question
from pimgate_eas.mapping.calendar.instants import read_instant
from pimgate_eas.wbxml.element import Element

MOST_FOLDERS: Final = 1_000
LONGEST_ID: Final = 64
"""Octets of the id of a conversation."""
EMAIL: Final = "Email"
_BOUNDS: Final = ("Search:GreaterThan", "Search:LessThan")


class BadQuestion(ValueError):
    """What is asked makes no sense, or is more than can be asked. `reason` quotes nothing of it."""

    def __init__(self, reason: str, *, is_too_complex: bool = False) -> None:
        super().__init__(reason)
        self.is_too_complex = is_too_complex


def from_search(store: Element, now: datetime) -> Question:
    """The question of a Store of Search. `now` is the clock of whoever asks. BadQuestion."""
    query = store.find("Search:Query")
    parts = query.find("Search:And") or query if query is not None else None
    if parts is None or not parts.children:
        raise BadQuestion("There is no query.")
    strange = {each.name for each in parts.children} - {
        *_BOUNDS,
        *("AirSync:Class", "AirSync:CollectionId", "Search:FreeText", "Search:ConversationId"),
    }
    conversation = parts.find("Search:ConversationId")
    if strange or (conversation is not None and parts.has("Search:FreeText")):
        raise BadQuestion("This cannot be looked for.", is_too_complex=True)
    question = _question(parts, parts.text_of("Search:FreeText"), now, is_typed=True)
    wish = question.wish
    for each in parts.children:
        if each.name in _BOUNDS:
            wish = _bounded(wish, each)
    named = (conversation.opaque or b"") if conversation is not None else b""
    if wish == Wish(Criterion.everything()) and not named:
        raise BadQuestion("Nothing is looked for.")
    options = store.find("Search:Options")
    is_deep = options is not None and options.has("Search:DeepTraversal")
    return replace(question, wish=wish, is_deep=is_deep, conversation=named[:LONGEST_ID])


def from_find(criterion: Element, now: datetime) -> Question:
    """The question of a MailBoxSearchCriterion of Find. BadQuestion."""
    query = criterion.find("Find:Query")
    if query is None:
        raise BadQuestion("There is no query.")
    text = query.text_of("Find:FreeText") or ""
    question = _question(query, text, now, is_typed=False)
    options = criterion.find("Find:Options")
    return replace(question, is_deep=options is not None and options.has("Find:DeepTraversal"))


def _question(parts: Element, text: str | None, now: datetime, *, is_typed: bool) -> Question:
    classes = {(each.text or "").strip() for each in parts.find_all("AirSync:Class")}
    if classes - {EMAIL}:
        raise BadQuestion("Only mail is looked through.")
    folders = {CollectionId((each.text or "").strip()) for each in parts.find_all("AirSync:CollectionId")}
    if len(folders) > MOST_FOLDERS or any(len(each) > LONGEST for each in folders):
        raise BadQuestion("These are too many folders.")
    try:
        wish = Wish(Criterion.everything()) if text is None else wish_of(_query(text, is_typed=is_typed), now)
        wish.for_server  # noqa: B018 - what cannot be asked is no question
    except (BadKql, Unsayable) as error:
        raise BadQuestion(str(error)) from error
    return Question(wish, frozenset(folders))


def _query(text: str, *, is_typed: bool) -> Query:
    """KQL; words that people typed into a device that knows none of it are just words."""
    try:
        return parse_kql(text)
    except BadKql:
        words = " ".join(text.split())
        if not is_typed or not words or len(text) > LONGEST:
            raise
        return Term(words)


def _bounded(wish: Wish, bound: Element) -> Wish:
    """The wish for what arrived after a moment, or before it."""
    if not bound.has("Email:DateReceived"):
        raise BadQuestion("Only dates are compared.", is_too_complex=True)
    try:
        at = int(read_instant(bound.text_of("Search:Value") or "").timestamp())
    except (ValueError, OverflowError):
        raise BadQuestion("A date cannot be read.") from None
    if bound.name == "Search:GreaterThan":
        return replace(wish, since=max(at + 1, wish.since or 0))
    return replace(wish, before=at if wish.before is None else min(at, wish.before))
