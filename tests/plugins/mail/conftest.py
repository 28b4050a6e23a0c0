from collections.abc import Iterator
from pathlib import Path

import pytest

from plugins.mail.village import Village, village


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Village]:
    with village(tmp_path / "mail") as home:
        yield home
