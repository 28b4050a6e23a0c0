from collections.abc import Callable, Iterator

import pytest

from pimgate.core import Core
from pimgate.settings import Accounts, Log
from plugins.dav.stage import Stage, staged


@pytest.fixture
def stage(make_core: Callable[..., Core]) -> Iterator[Stage]:
    """A gateway that listens, with nothing but this plugin."""
    accounts = Accounts(guesses_per_minute=1000, guesses_per_day=10_000)
    with staged(make_core("dav", accounts=accounts, log=Log(requests=False))) as found:
        yield found
