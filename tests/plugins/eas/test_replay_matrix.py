"""Whatever becomes of an answer, a question that is asked again has one effect: every command that changes something, in every
dialect, on both databases.

Source: MS-ASCMD, "Detecting duplicate requests", "SyncKey".
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from pimgate_eas.versions import VERSIONS
from pimgate_eas.wbxml.codec import decode
from pimgate_eas.wbxml.element import Element
from plugins.eas.replay_cases import CASES, WITH_MORE
from plugins.eas.replaying import CUT, HALF_ASKED, HUNG_UP, Case, Effects, cut_off, effects
from plugins.eas.test_move_items import card
from plugins.eas.wire import Wire

NOTHING = Effects()
EVERY_DAY = {("sqlite", "16.1")}


def pairs() -> Iterator[Any]:
    """Databases and dialects; most of them only when there is time."""
    for pair in product(("sqlite", "postgresql"), VERSIONS):
        yield pytest.param(*pair, marks=[] if pair in EVERY_DAY else pytest.mark.slow)


pytestmark = pytest.mark.parametrize(("kind", "version"), list(pairs()))


@pytest.fixture
def phone(wire: Wire, version: str) -> Wire:
    return wire.twin(version=version)


@pytest.fixture(params=CASES)
def case(phone: Wire, request: pytest.FixtureRequest) -> Case:
    return CASES[request.param](phone)


def somebody_writes(wire: Wire) -> None:
    card(wire, wire.twin(device="ApplOTHER").folders()["Contacts"], "somebody")


def test_the_same_again_gets_the_same_bytes_and_does_nothing(phone: Wire, case: Case) -> None:
    before = effects(phone.core)
    first = phone.octets(case.command, case.question)
    assert phone.status == 200
    assert first
    done, held = effects(phone.core), case.holds(phone)
    assert done - before == case.does
    assert phone.octets(case.command, case.question) == first
    assert (effects(phone.core), case.holds(phone)) == (done, held)
    somebody_writes(phone)
    done = effects(phone.core)
    assert phone.octets(case.command, case.question) == first
    assert (effects(phone.core), case.holds(phone)) == (done, held)


def test_a_lost_answer_is_given_again(phone: Wire, case: Case) -> None:
    """The line breaks in the question, before the answer, and within it; then the answer comes."""
    before = effects(phone.core)
    cut_off(phone, case.command, case.question, HALF_ASKED)
    assert effects(phone.core) - before == NOTHING
    for fate in (HUNG_UP, HALF_ASKED, CUT):
        cut_off(phone, case.command, case.question, fate)
    assert effects(phone.core) - before == case.does
    first = phone.octets(case.command, case.question)
    assert phone.status == 200
    assert phone.octets(case.command, case.question) == first
    assert effects(phone.core) - before == case.does


@pytest.mark.parametrize("case", WITH_MORE, indirect=True)
@pytest.mark.parametrize("is_lost", [False, True], ids=["answered", "lost"])
def test_a_changed_question_adds_only_what_is_new(phone: Wire, case: Case, is_lost: bool) -> None:
    before = effects(phone.core)
    if is_lost:
        cut_off(phone, case.command, case.question, CUT)
    else:
        phone.octets(case.command, case.question)
    done = effects(phone.core)
    assert done - before == case.does
    assert case.changed is not None
    answer = phone.octets(case.command, case.changed)
    assert phone.status == 200
    assert not refusals(decode(answer))
    assert effects(phone.core) - done == case.adds
    assert phone.octets(case.command, case.changed) == answer
    assert effects(phone.core) - done == case.adds


def test_a_question_from_before_the_last_is_refused_and_does_nothing(phone: Wire, case: Case) -> None:
    first = phone.octets(case.command, case.question)
    if case.onward is not None:
        answer = phone.ask(*case.onward(decode(first)))
        assert answer is not None
        assert not refusals(answer)
    done = effects(phone.core)
    again = phone.octets(case.command, case.question)
    assert phone.status == 200
    if case.onward is None:
        assert again == first
    else:
        assert refusals(decode(again)) == [case.outdated]
    assert effects(phone.core) - done == NOTHING


def refusals(answer: Element) -> list[str]:
    """The statuses in an answer that do not say that it went well."""
    fine = {"Move:Status": "3"}
    found = [each.text or "" for each in _statuses(answer) if each.text != fine.get(each.name, "1")]
    return [each for each in found if each]


def _statuses(element: Element) -> list[Element]:
    own = [element] if element.tag == "Status" else []
    return own + [found for child in element.children for found in _statuses(child)]
