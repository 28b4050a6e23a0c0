"""The tests of vdirsyncer that it runs against servers: storages of CalDAV and CardDAV."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from suites.borrowed import environment, source_of
from suites.place import LOGIN, PASSWORD, Place
from suites.tests_of import tests_of

SERVER = Path(__file__).with_name("vdirsyncer_server.py")


def vdirsyncer(place: Place) -> Mapping[str, bool]:
    with tempfile.TemporaryDirectory(prefix="pimgate-suite-") as folder:
        source = source_of("vdirsyncer", "vdirsyncer", Path(folder))
        server = source / "tests" / "storage" / "servers" / "pimgate"
        server.mkdir()
        shutil.copyfile(SERVER, server / "__init__.py")
        surroundings = {
            "DAV_SERVER": "pimgate",
            "PIMGATE_URL": place.url,
            "PIMGATE_LOGIN": LOGIN,
            "PIMGATE_PASSWORD": PASSWORD,
        }
        arguments = ["-o", "asyncio_mode=auto", "--no-cov", "tests/storage/dav"]
        return tests_of(environment("vdirsyncer"), source, arguments, surroundings)
