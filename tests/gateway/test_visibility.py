"""The table against the documented one, `visibility.csv`, and every question that can be asked of it.

What is expected is said here a second time and in another way: as a list of rules of which the first that applies decides.
"""

import csv
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from pimgate.model.clients import Cause, Exposure
from pimgate.model.collections import CollectionKind, Ownership, Right
from pimgate.visibility import CELLS, CLASSES, KINDS, OthersOnPhones, Policy, Preset, Question, decide

COLUMNS = ("web", "eas-ios", "eas-other", "dav", "outlook", "thunderbird")
CLASS_OF = {"book": "book", "calendar": "calendar", "tasks": "calendar", "notes": "calendar"}
SWITCHES = {True: "on", False: "off"}
STORED_OR_ONLINE = ("full", "online")


def documented() -> dict[tuple[str, str, str, str], str]:
    """The documented table: (kind, class, ownership, switch) -> exposure, with `any` spelt out."""
    lines = (Path(__file__).parent / "visibility.csv").read_text(encoding="utf-8").splitlines()
    table: dict[tuple[str, str, str, str], str] = {}
    for kind, class_, ownership, switch, exposure in csv.reader(line for line in lines if not line.startswith("#")):
        for each in ("default", "own", "shared", "domain") if ownership == "any" else (ownership,):
            assert (kind, class_, each, switch) not in table, "the document says it twice"
            table[kind, class_, each, switch] = exposure
    return table


DOCUMENTED = documented()


def test_table_is_the_documented_one_cell_by_cell() -> None:
    ours = {
        (kind, class_, ownership.value, SWITCHES[is_on]): exposure.value
        for (kind, class_, ownership, is_on), exposure in CELLS.items()
        if (kind, class_) != ("eas-other+multicalendar", "book")
    }
    assert ours == DOCUMENTED


def test_document_answers_for_every_kind_class_ownership_and_switch() -> None:
    whole = set(itertools.product(KINDS, CLASSES, ("default", "own", "shared", "domain"), ("on", "off")))
    assert whole - set(DOCUMENTED) == {each for each in whole if each[:2] == ("eas-other+multicalendar", "book")}


@dataclass(frozen=True)
class Asked:
    """One question with the policy it is asked under, in plain words."""

    column: str
    kind: str
    ownership: str
    right: str
    switch: str
    several: bool
    needs_default: bool

    @property
    def row(self) -> str:
        several = self.column == "eas-other" and self.several and self.kind != "book"
        return "eas-other+multicalendar" if several else self.column

    @property
    def cell(self) -> tuple[str, str, str, str]:
        return (self.row, CLASS_OF[self.kind], self.ownership, self.switch)

    def put(self) -> Question:
        switch = {"on": True, "off": False, "not subscribed": None}[self.switch]
        return Question(
            self.column,
            CollectionKind(self.kind),
            Ownership(self.ownership),
            Right[self.right.upper()],
            switch,
            self.several,
            self.needs_default,
        )


@dataclass(frozen=True)
class Decided:
    """The operator's decisions in plain words; `cell` and `as_` are one replaced cell."""

    preset: str
    shared: str
    domain: str
    cell: tuple[str, str, str, str] | None = None
    as_: str = ""


@cache
def policy_of(decided: Decided) -> Policy:
    cells = {}
    if decided.cell:
        kind, class_, ownership, switch = decided.cell
        cells[kind, class_, Ownership(ownership), switch == "on"] = Exposure(decided.as_)
    return Policy(Preset(decided.preset), OthersOnPhones(decided.shared), OthersOnPhones(decided.domain), cells)


def expected(asked: Asked, decided: Decided) -> tuple[str, bool, str, Cause]:
    """Exposure, whether edits are taken, a word that the reason must hold, and the cause."""
    writer = asked.right in ("write", "manage")
    if asked.right == "none":
        return "hidden", False, "no right", Cause.NO_RIGHT
    if asked.switch == "not subscribed":
        return "hidden", False, "not subscribed", Cause.NO_SUBSCRIPTION
    if asked.needs_default and asked.ownership == "default" and asked.column.startswith("eas"):
        return "full", writer, "needs its default folders", Cause.DEVICE_NEEDS_IT
    if decided.cell == asked.cell:
        return decided.as_, writer and decided.as_ in STORED_OR_ONLINE, "operator", Cause.OPERATOR
    word = {"shared": decided.shared, "domain": decided.domain}.get(asked.ownership, "off")
    if word != "off" and asked.switch == "on" and asked.row in ("eas-ios", "eas-other+multicalendar"):
        return "full", writer and word == "full", word, Cause.OPERATOR
    if decided.preset == "open" and asked.switch == "on":
        return "full", writer, "'open'", Cause.PRESET
    exposure = DOCUMENTED[asked.cell]
    other = DOCUMENTED[(*asked.cell[:3], "off" if asked.switch == "on" else "on")]
    switch_decides = exposure != other
    reason = f"switch is {asked.switch}" if switch_decides else "switch has no effect"
    cause = Cause.SWITCH if switch_decides else Cause.NO_EFFECT
    return exposure, writer and exposure in STORED_OR_ONLINE, reason, cause


def questions(column: str) -> Iterator[Asked]:
    return itertools.starmap(
        Asked,
        itertools.product(
            (column,),
            ("book", "calendar", "tasks", "notes"),
            ("default", "own", "shared", "domain"),
            ("none", "read", "write", "manage"),
            ("on", "off", "not subscribed"),
            (False, True),
            (False, True),
        ),
    )


def decisions(asked: Asked) -> Iterator[Decided]:
    """Every policy: without a replaced cell, with the cell in question replaced, and with its neighbour replaced."""
    flip = {"on": "off", "off": "on"}
    for preset, shared, domain in itertools.product(
        ("documented", "open"), ("off", "read-only", "full"), ("off", "read-only", "full")
    ):
        yield Decided(preset, shared, domain)
        if asked.switch in flip:
            yield Decided(preset, shared, domain, (*asked.cell[:3], flip[asked.switch]), "remote")
            for exposure in Exposure:
                yield Decided(preset, shared, domain, asked.cell, exposure.value)


@pytest.mark.parametrize("column", COLUMNS)
def test_every_question_has_the_expected_verdict_and_a_reason_that_names_what_decided(column: str) -> None:
    for asked in questions(column):
        question = asked.put()
        for decided in decisions(asked):
            verdict = decide(question, policy_of(decided))
            exposure, may_write, words, cause = expected(asked, decided)
            got = (verdict.exposure.value, verdict.may_write, verdict.cause)
            assert got == (exposure, may_write, cause), (asked, decided, verdict)
            assert words in verdict.reason, (asked, decided, verdict)


def test_mail_is_there_on_phones_whatever_a_switch_says_and_nowhere_else() -> None:
    for column, right, switch in itertools.product(COLUMNS, Right, (True, False, None)):
        verdict = decide(Question(column, CollectionKind.MAILBOX, Ownership.OWN, right, switch), Policy())
        is_shown = column.startswith("eas-") and right is not Right.NONE
        assert verdict.exposure is (Exposure.FULL if is_shown else Exposure.HIDDEN)
        assert verdict.reason


def test_kind_of_client_that_the_table_does_not_name_sees_nothing_and_is_told_so() -> None:
    verdict = decide(Question("telex", CollectionKind.BOOK, Ownership.DEFAULT, Right.MANAGE, True), Policy())
    assert verdict.exposure is Exposure.HIDDEN
    assert "telex" in verdict.reason


@pytest.mark.parametrize("kind", CollectionKind)
def test_client_without_a_place_for_such_collections_sees_none_under_any_preset(kind: CollectionKind) -> None:
    for preset, right, switch in itertools.product(Preset, Right, (True, False, None)):
        verdict = decide(Question("", kind, Ownership.DEFAULT, right, switch, True, True), Policy(preset))
        assert verdict.exposure is Exposure.HIDDEN
        assert not verdict.may_write
        assert verdict.reason


def test_several_calendars_make_no_difference_to_books() -> None:
    for ownership, is_on in itertools.product(Ownership, (True, False)):
        question = Question("eas-other", CollectionKind.BOOK, ownership, Right.READ, is_on, has_many_calendars=True)
        plain = Question("eas-other", CollectionKind.BOOK, ownership, Right.READ, is_on)
        assert decide(question, Policy()) == decide(plain, Policy())
