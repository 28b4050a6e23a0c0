"""What every command has, and how mistakes are said."""

import json
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from gateway.cli.conftest import Operator
from pimgate.cli import program
from pimgate.cli.program import COMMANDS, own_command


def all_commands(of: click.Command, *before: str) -> Iterator[tuple[str, ...]]:
    if isinstance(of, click.Group):
        for name, each in of.commands.items():
            yield from all_commands(each, *before, name)
    else:
        yield before


EVERY_COMMAND = [words for name in COMMANDS for words in all_commands(own_command(name), name)]


@pytest.mark.parametrize("words", EVERY_COMMAND, ids=" ".join)
def test_every_command_has_help_with_an_example_and_answers_in_json(words: tuple[str, ...]) -> None:
    answer = CliRunner().invoke(program, [*words, "--help"])
    assert answer.exit_code == 0
    assert f"Example: pimgate {' '.join(words)}" in answer.output or "Example: pimgate --settings" in answer.output
    assert "--json" in answer.output


def test_no_password_is_ever_an_argument() -> None:
    for words in EVERY_COMMAND:
        usage = CliRunner().invoke(program, [*words, "--help"]).output.partition("\n")[0]
        assert "PASSWORD" not in usage.replace("--password-file", ""), usage


@pytest.mark.parametrize(
    "words", [("nonsense",), ("account", "add"), ("collection", "create", "shoe", "Left"), ("--x",)]
)
def test_wrong_usage_ends_with_two(operator: Operator, words: tuple[str, ...]) -> None:
    assert operator.types(*words).exit_code == 2


def test_all_mistakes_of_the_settings_are_said_one_a_line(operator: Operator) -> None:
    operator.settings('[http]\nport = "many"\nhots = "x"\n[plugins]\nenabled = ["wbe"]\n[devics]\n')
    lines = operator.fails("account", "list", code=2).splitlines()
    places = [line.removeprefix(f"{operator.file}:").partition(":")[0] for line in lines]
    assert sorted(places) == ["2", "3", "5", "6"]
    assert any("Did you mean 'host'?" in line for line in lines)
    assert any("no plugin 'wbe' is installed" in line for line in lines)


def test_mistakes_are_in_the_document_when_json_is_wanted(operator: Operator) -> None:
    operator.settings("[http]\nport = 1.5\n")
    answer = operator.types("device", "list", "--json")
    assert answer.exit_code == 2
    assert json.loads(answer.stdout)["problems"] == answer.stderr.splitlines()


def test_settings_that_are_not_there_are_one_sentence(operator: Operator) -> None:
    operator.file.unlink()
    assert f"{operator.file}: cannot be read" in operator.fails("check", code=2)


def test_database_that_is_away_is_one_sentence(operator: Operator) -> None:
    operator.settings(
        '[plugins]\nenabled = []\n[database]\nurl = "postgresql://nobody@127.0.0.1:1/none"\nbusy_timeout_seconds = 1\n'
    )
    assert operator.fails("account", "list") == "The service is not available now; please try again later.\n"
    assert operator.fails("check").startswith("The database cannot be reached: database: OperationalError")


def test_unforeseen_fault_is_a_line_and_not_a_traceback(operator: Operator) -> None:
    code = (
        "import sys, pimgate.cli.account, pimgate.cli\n"
        "def boom(*_): raise RuntimeError('unforeseen')\n"
        "pimgate.cli.account.table = boom\n"
        f"sys.argv = ['pimgate', '--settings', {str(operator.file)!r}, 'account', 'list']\n"
        "pimgate.cli.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith("pimgate: unforeseen RuntimeError at ")
    assert done.stderr.count("\n") == 1
