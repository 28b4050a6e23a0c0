"""The tests of python-caldav that it runs against servers, those of scheduling among people included."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from suites.borrowed import environment, source_of
from suites.place import PASSWORD, PEOPLE, Place
from suites.tests_of import tests_of

NAME = "pimgate"
ARGUMENTS = (
    *("-o", "asyncio_default_fixture_loop_scope=function"),
    *("-W", "default::DeprecationWarning"),
    *("-k", f"{NAME} and not CheckCompatibility"),
    *("tests/test_caldav.py", "tests/test_async_integration.py"),
)
"""Warnings are errors there, but its tests still call what it warns of. What they skip is about the program alone, or is the suite
of its own, caldav-server-tester, once more."""

ONLY_OURS = {"PYTHON_CALDAV_TEST_EMBEDDED": "0", "PYTHON_CALDAV_TEST_DOCKER": "0"}


def python_caldav(place: Place) -> Mapping[str, bool]:
    people = [{"url": place.url, "username": login, "password": PASSWORD} for login in PEOPLE]
    server = {
        **people[0],
        "type": "external",
        "enabled": True,
        "scheduling_users": people,
        "features": {"scheduling": "full"},
    }
    with tempfile.TemporaryDirectory(prefix="pimgate-suite-") as folder:
        source = source_of("caldav", "caldav", Path(folder))
        settings = source / "tests" / "caldav_test_servers.json"
        settings.write_text(json.dumps({"test-servers": {NAME: server}}))
        surroundings = {**ONLY_OURS, "HOME": folder, "TMPDIR": folder}
        return tests_of(environment("caldav"), source, ARGUMENTS, surroundings)
