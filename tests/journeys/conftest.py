"""A gateway that listens, on each kind of database, and clients that know how to reach it. Everything goes over sockets.

`gateway`  eas, dav and web on a free port; anna, bert and cleo at example.org, with the password PASSWORD
"""

from collections.abc import Callable, Iterator

import pytest

from pimgate.core import Core
from pimgate.settings import Log
from pimgate.testing.running import Running, running


@pytest.fixture
def gateway(make_core: Callable[..., Core]) -> Iterator[Running]:
    with running(make_core("eas", "dav", "web", log=Log(requests=False))) as found:
        yield found
