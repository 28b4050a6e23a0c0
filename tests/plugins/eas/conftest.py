"""A phone's wire on a running gateway, on each database."""

from collections.abc import Callable, Iterator

import pytest

from pimgate.core import Core
from plugins.eas.wire import Wire


@pytest.fixture
def wire(make_core: Callable[..., Core]) -> Iterator[Wire]:
    with Wire(make_core("eas")) as made:
        yield made
