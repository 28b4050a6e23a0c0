"""An operator at a deployment of their own: a settings file in an empty directory."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pimgate.cli import program

PASSWORD = "correct horse"
SETTINGS = '[plugins]\nenabled = ["web"]\n'


@dataclass(frozen=True, slots=True)
class Operator:
    """Types commands, and reads what comes back."""

    directory: Path

    @property
    def file(self) -> Path:
        return self.directory / "pimgate.toml"

    def settings(self, text: str) -> None:
        self.file.write_text(text)

    def types(self, *words: str, keys: str = "") -> Result:
        """What a command answers; `keys` is what is typed or piped into it."""
        return CliRunner().invoke(program, ["--settings", str(self.file), *words], input=keys)

    def does(self, *words: str, keys: str = "") -> str:
        """The answer of a command that must succeed."""
        answer = self.types(*words, keys=keys)
        assert answer.exit_code == 0, answer.output
        return answer.stdout

    def asks(self, *words: str) -> Any:
        """The JSON answer of a command that must succeed."""
        return json.loads(self.does(*words, "--json"))

    def fails(self, *words: str, keys: str = "", code: int = 1) -> str:
        """What a command that must fail says on standard error: sentences, never a traceback."""
        answer = self.types(*words, keys=keys)
        assert answer.exit_code == code, answer.output
        assert isinstance(answer.exception, SystemExit), answer.exception
        assert "Traceback" not in answer.output
        return answer.stderr

    def adds(self, login: str, **options: str) -> None:
        """Add a person with PASSWORD."""
        given = [word for name, value in options.items() for word in (f"--{name}", value)]
        self.does("account", "add", login, *given, "--password-file", "-", keys=f"{PASSWORD}\n")


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    found = Operator(tmp_path)
    found.settings(SETTINGS)
    return found


@pytest.fixture
def collection_id(operator: Operator) -> Callable[[str, str], str]:
    """The id of a person's collection of this name."""

    def find(login: str, name: str) -> str:
        found = operator.asks("collection", "list", "--person", login)
        return next(str(each["id"]) for each in found if each["name"] == name)

    return find
