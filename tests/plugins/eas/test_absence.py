"""A phone says that its person is away, and a real mail server answers; also after the gateway was started anew."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from gateway.mail.sieve.scripts_server import ScriptsServer, scripts_server
from pimgate_eas.out_of_office import TIME
from pimgate_eas.wbxml.element import Element
from plugins.eas.wire import Wire

ANNA = "anna@example.org"


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptsServer]:
    with scripts_server() as made:
        yield made


@pytest.fixture
def kind() -> str:
    return "sqlite"


def s(name: str, *children: Element, text: str | None = None) -> Element:
    return Element(f"Settings:{name}", *children, text=text)


def status(wire: Wire, *said: Element) -> str | None:
    answer = wire.ask("Settings", s("Settings", s("Oof", s("Set", *said))))
    part = answer.find("Settings:Oof") if answer is not None else None
    return part.text_of("Settings:Status") if part is not None else None


def message(applies: str, words: str) -> Element:
    return s(
        "OofMessage", s(applies), s("Enabled", text="1"), s("ReplyMessage", text=words), s("BodyType", text="HTML")
    )


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(time.time() + seconds, UTC).strftime(TIME)


def test_phone_is_away_and_comes_back(make_core, server: ScriptsServer) -> None:
    with Wire(make_core("eas", mail=server.mail)) as wire:
        times = s("StartTime", text=moment(-60)), s("EndTime", text=moment(3600))
        words = message("AppliesToInternal", "<p>On a <b>boat</b>, “far” away</p>")
        assert status(wire, s("OofState", text="2"), *times, words) == "1"
        (answer,) = server.deliver("bert@example.org", ANNA)
        assert "multipart/alternative" in answer
        assert server.deliver("eve@elsewhere.example", ANNA) == []
    with Wire(make_core("eas", mail=server.mail)) as wire:
        assert len(server.deliver("cleo@example.org", ANNA)) == 1
        assert status(wire, s("OofState", text="0")) == "1"
        assert server.deliver("dora@example.org", ANNA) == []
