"""No answer grows without bounds, whatever is asked: it says each thing once, and is an error where it would be too long."""

from collections.abc import Callable, Iterator

import pytest

from pimgate.api import CollectionKind
from pimgate.core import Core
from pimgate.settings import Accounts, Log
from pimgate_dav.properties import many_items
from pimgate_dav.settings import DavSettings
from pimgate_dav.xml_out import TooLong, multistatus, response
from plugins.dav.stage import SPACES, Program, Stage, event, parsed, staged

MOST = 1_000_000
LONG = f"DESCRIPTION:{'x' * 300_000}"
TEXT = "<D:getetag/><C:calendar-data/>"
WHOLE = '<C:filter><C:comp-filter name="VCALENDAR"/></C:filter>'


@pytest.fixture
def kind() -> str:
    return "sqlite"


@pytest.fixture
def stage(make_core: Callable[..., Core]) -> Iterator[Stage]:
    accounts, settings = Accounts(guesses_per_minute=1000, guesses_per_day=10_000), DavSettings(answer_bytes=MOST)
    with staged(make_core("dav", accounts=accounts, log=Log(requests=False), **{"plugins.dav": settings})) as found:
        yield found


def multiget(*addresses: str) -> str:
    hrefs = "".join(f"<D:href>{each}</D:href>" for each in addresses)
    return f"<C:calendar-multiget {SPACES}><D:prop>{TEXT}</D:prop>{hrefs}</C:calendar-multiget>"


def listing(program: Program, path: str, names: list[str]) -> str:
    wanted = "".join(f"<{name}/>" for name in names)
    body = f"<D:propfind {SPACES}><D:prop><D:getetag/>{wanted}</D:prop></D:propfind>"
    answer = program.ask("PROPFIND", path, body, depth="1")
    return answer.text if answer.status_code == 207 else str(answer.status_code)


def test_responses_are_made_only_as_far_as_the_answer_may_go() -> None:
    made: list[int] = []

    def parts() -> Iterator[str]:
        for number in range(1_000):
            made.append(number)
            yield response(f"/{number}", "é" * 500)

    with pytest.raises(TooLong):
        multistatus(parts(), 10_000)
    assert len(made) == 10
    assert multistatus(parts(), None).count("é".encode()) == 500_000


def test_what_is_too_long_is_an_error_and_no_answer_is_cut(stage: Stage) -> None:
    program, calendar = stage.program(), stage.owned(CollectionKind.CALENDAR)
    path = stage.path(calendar)
    for number in range(4):
        stage.put(calendar, f"{number}.ics", event(str(number), "Lunch", "20270301T120000Z", LONG))
    query = f"<C:calendar-query {SPACES}><D:prop>{TEXT}</D:prop>{WHOLE}</C:calendar-query>"
    names = [f"{path}{number}.ics" for number in range(4)]
    for answer in (
        program.report(path, multiget(*names)),
        program.report(path, query),
        program.sync(path, props=TEXT),
    ):
        assert (answer.status_code, "number-of-matches-within-limits" in answer.text) == (507, True)
        assert "BEGIN:" not in answer.text
    assert len(parsed(program.sync(path)).hrefs) == 4
    assert len(parsed(program.report(path, multiget(*names[:3]))).hrefs) == 3
    page = parsed(program.sync(path, props=TEXT, more="<D:limit><D:nresults>3</D:nresults></D:limit>"))
    rest = parsed(program.sync(path, page.token, props=TEXT))
    assert sorted({*page.hrefs, *rest.hrefs}) == sorted([path, *names])


def test_item_is_given_once_whatever_addresses_name_it(stage: Stage) -> None:
    program, calendar = stage.program(), stage.owned(CollectionKind.CALENDAR)
    path = stage.path(calendar)
    stage.put(calendar, "long.ics", event("long", "Lunch", "20270301T120000Z", LONG))
    addresses = [f"{path}long.ics", f"{path}%6Cong.ics", *(f"{path}long.ics?{n}" for n in range(600)), f"{path}no.ics"]
    answer = program.report(path, multiget(*addresses))
    assert parsed(answer).hrefs == [f"{path}long.ics", f"{path}no.ics"]


def test_names_of_what_is_not_there_do_not_fill_the_answer(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    program, calendar = stage.program(), stage.owned(CollectionKind.CALENDAR)
    path = stage.path(calendar)
    for number in range(12):
        stage.put(calendar, f"{number}.ics", event(str(number)))
    names = [f"I:no{number}" for number in range(50)]
    assert listing(program, path, [f"I:{'n' * 100}{number}" for number in range(200)]) == "400"
    assert listing(program, path, names).count("no7") == 13
    monkeypatch.setattr(many_items, "MOST_MISSING", 2_000)
    assert 1 < listing(program, path, names).count("no7") < 6
