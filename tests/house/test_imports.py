"""Who may import whom.

1. A wing imports `pimgate.api`, `pimgate.text`, `pimgate.mail`, `pimgate.web` and its own package; never another wing, never rows.
2. sqlalchemy only in the store, radicale only in the DAV wing, HTTP only at the edges.
3. The rooms that only think do no I/O and know no clock.
"""

import ast
import re
import sys

import pytest

from house.rooms import WINGS, core, everything, is_in, sample, wings
from pimgate.testing.source import OPEN_ROOMS, Source, imports_of, touches_rows

OWNERS = {
    "sqlalchemy": ("pimgate.store",),
    "alembic": ("pimgate.store",),
    "psycopg": ("pimgate.store",),
    "radicale": ("pimgate_dav",),
    "uvicorn": ("pimgate.web", "pimgate.testing"),
    "argon2": ("pimgate.passwords",),
    "aiosmtpd": ("pimgate_mail",),
    "pymap": ("pimgate_mail",),
    "nh3": ("pimgate.mail.mime",),
    "charset_normalizer": ("pimgate.mail.mime",),
    "starlette": (
        "pimgate.app",
        "pimgate.web",
        "pimgate.testing",
        # For their types alone.
        "pimgate.hookspecs",
        "pimgate.plugins",
        "pimgate.cli.serve",
        *WINGS,
    ),
}
"""Libraries, and the rooms that may know them."""

PURE = frozenset(("nh3", "charset_normalizer"))
"""Libraries among them that only think."""

THINKING = (
    "pimgate.model",
    "pimgate.visibility",
    "pimgate.text",
    "pimgate.mail.mime",
    "pimgate.mail.offers",
    "pimgate.mail.reconcile",
    "pimgate.mail.senders",
    "pimgate.mail.sieve.hearing",
    "pimgate.mail.sieve.scripts",
    "pimgate_eas.wbxml",
    "pimgate_eas.mapping",
    "pimgate_eas.sync.engine",
)
"""The rooms that only think."""

DOING = frozenset(
    (
        *(
            "asyncio",
            "concurrent",
            "http",
            "logging",
            "multiprocessing",
            "os",
            "pathlib",
            "selectors",
            "shutil",
            "socket",
        ),
        *("sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "urllib.request", "random", "secrets"),
        *(OWNERS.keys() - PURE),
        *("anyio", "click", "httpx", "jinja2", "pluggy"),
    )
)
"""Modules that read, write, wait, ask the clock or throw dice."""

CLOCK = re.compile(r"(datetime|date|time)\.(now|utcnow|today|time|monotonic|perf_counter)|open|print|input|uuid\.uuid1")


def places(found: list[tuple[Source, int, str]]) -> list[str]:
    return [f"{source.module}:{line} {words}" for source, line, words in found]


def test_core_never_imports_a_wing() -> None:
    """But for the simulated phone, which is on the other end of the line and speaks in the same octets."""
    found = [
        (source, each.line, each.name)
        for source in core()
        for each in imports_of(source)
        if in_a_wing(each.name) and not (is_in(source, "pimgate.testing") and each.is_within("pimgate_eas.wbxml"))
    ]
    assert places(found) == []


def in_a_wing(name: str) -> bool:
    return name.partition(".")[0] in WINGS


def test_wings_never_import_each_other() -> None:
    found = [
        (source, each.line, each.name)
        for source in wings()
        for each in imports_of(source)
        if in_a_wing(each.name) and not is_in(source, each.name.partition(".")[0])
    ]
    assert places(found) == []


@pytest.mark.parametrize("wing", [*WINGS, "pimgate_sample"])
def test_wing_imports_only_the_open_rooms_of_the_core(wing: str) -> None:
    found = [
        (source, each.line, each.name)
        for source in (*wings(), *sample())
        if is_in(source, wing)
        for each in imports_of(source)
        if each.is_within("pimgate") and not any(each.is_within(room) for room in OPEN_ROOMS)
    ]
    assert places(found) == []


@pytest.mark.parametrize("wing", [*WINGS, "pimgate_sample"])
def test_wing_never_touches_rows(wing: str) -> None:
    found = [
        (source, line, words)
        for source in (*wings(), *sample())
        if is_in(source, wing)
        for line, words in touches_rows(source)
    ]
    assert places(found) == []


@pytest.mark.parametrize("library", OWNERS)
def test_library_is_known_only_to_its_rooms(library: str) -> None:
    found = [
        (source, each.line, each.name)
        for source in everything()
        if not is_in(source, *OWNERS[library])
        for each in imports_of(source)
        if each.is_within(library)
    ]
    assert places(found) == []


@pytest.mark.parametrize("room", THINKING)
def test_thinking_room_imports_nothing_that_acts(room: str) -> None:
    found = [
        (source, each.line, each.name)
        for source in everything()
        if is_in(source, room)
        for each in imports_of(source)
        if any(each.is_within(module) for module in DOING)
    ]
    assert places(found) == []


@pytest.mark.parametrize("room", THINKING)
def test_thinking_room_asks_no_clock_and_opens_no_file(room: str) -> None:
    found = [
        (source, node.lineno, ast.unparse(node.func))
        for source in everything()
        if is_in(source, room)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and CLOCK.fullmatch(ast.unparse(node.func))
    ]
    assert places(found) == []


@pytest.mark.parametrize("room", THINKING)
def test_thinking_room_is_where_the_map_says(room: str) -> None:
    assert any(is_in(source, room) for source in everything())


def test_model_needs_nothing_but_the_standard_library() -> None:
    found = [
        (source, each.line, each.name)
        for source in core()
        if is_in(source, "pimgate.model")
        for each in imports_of(source)
        if not each.is_within("pimgate.model") and each.name.partition(".")[0] not in sys.stdlib_module_names
    ]
    assert places(found) == []


def test_only_the_catalogue_asks_the_visibility_table() -> None:
    found = [
        (source, each.line, each.name)
        for source in everything()
        if not is_in(source, "pimgate.catalogue", "pimgate.visibility")
        for each in imports_of(source)
        if each.name == "pimgate.visibility.decide"
    ]
    assert places(found) == []
