"""`pimgate check`, `pimgate settings` and `pimgate plugins`."""

import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

from gateway.cli.conftest import Operator
from pimgate.app import open_settings
from pimgate.plugins import installed_entry_points
from pimgate.settings import SECTIONS
from pimgate.store.migrate import known_revisions

ROOT = Path(__file__).parents[3]
OURS = ("dav", "eas", "imap", "mail", "web")


def test_check_before_the_first_start_changes_nothing(operator: Operator) -> None:
    answer = operator.asks("check")
    assert answer["ok"] is True
    assert answer["plugins"] == ["web"]
    assert "will be made at the first start" in answer["database"]
    assert [each.name for each in operator.directory.iterdir()] == ["pimgate.toml"]


def test_check_names_the_revision_of_a_database_in_use(operator: Operator) -> None:
    operator.adds("anna@example.org")
    assert operator.asks("check")["database"].endswith(f"pimgate.db: is at {known_revisions()[0]}")


def test_check_refuses_a_database_of_a_newer_release(operator: Operator) -> None:
    operator.adds("anna@example.org")
    with sqlite3.connect(operator.directory / "pimgate.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    assert "revision 9999, which this release does not know" in operator.fails("check", code=2)


def test_check_does_not_show_the_password_of_the_database(operator: Operator) -> None:
    operator.settings(
        "[plugins]\nenabled = []\n"
        '[database]\nurl = "postgresql://pim:topsecret@127.0.0.1:1/none"\nbusy_timeout_seconds = 1\n'
    )
    answer = operator.types("check")
    assert answer.exit_code == 1
    assert "topsecret" not in answer.output


def test_check_finds_a_broken_file_of_profiles(operator: Operator) -> None:
    operator.settings('[plugins]\nenabled = []\n[devices]\nprofiles = "own.toml"\n')
    (operator.directory / "own.toml").write_text('[[profile]]\nname = "x"\ncolour = "red"\n')
    assert "profile 1: unknown keys ['colour']" in operator.fails("check", code=2)


def test_sample_in_config_is_what_the_program_prints(operator: Operator) -> None:
    printed = operator.does("settings")
    assert (ROOT / "config" / "pimgate.toml").read_text() == printed, (
        "write it anew: pimgate settings > config/pimgate.toml"
    )


def test_sample_can_be_used_as_it_is(operator: Operator) -> None:
    operator.settings(operator.does("settings"))
    open_settings(operator.file)


def test_sample_has_every_section_and_can_be_read_back(operator: Operator) -> None:
    printed = operator.does("settings").replace(
        'enabled = ["eas", "dav", "imap", "web"]', f"enabled = {json.dumps(OURS)}"
    )
    head, _, mail = printed.partition("# [plugins.mail]")
    section, blank, rest = mail.partition("\n\n")
    uncommented = "[plugins.mail]" + re.sub(r"(?m)^# (?=\w+ = )", "", section)
    printed = head + uncommented + blank + rest
    for name in (*SECTIONS, *(f"plugins.{name}" for name in OURS)):
        assert f"\n[{name}]\n" in printed, name
    operator.settings(printed)
    open_settings(operator.file)


def test_plugins_lists_what_is_installed(operator: Operator) -> None:
    found = {each["name"]: each for each in operator.asks("plugins")}
    assert set(OURS) <= set(found) == set(installed_entry_points())
    assert found["web"]["is_on"] is True
    assert found["web"]["hooks"] == ["pimgate_client_kinds", "pimgate_routes", "pimgate_settings"]
    assert (found["eas"]["is_on"], found["eas"]["hooks"]) == (False, [])
    assert "web     on   pimgate" in operator.does("plugins")


def test_plugin_that_is_off_is_not_imported(operator: Operator) -> None:
    code = (
        "import json, sys\n"
        "from click.testing import CliRunner\n"
        "from pimgate.cli import program\n"
        f"answer = CliRunner().invoke(program, ['--settings', {str(operator.file)!r}, 'plugins'])\n"
        "assert answer.exit_code == 0, answer.output\n"
        "print(json.dumps([name for name in sys.modules if name.startswith('pimgate_')]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    modules = json.loads(done.stdout)
    assert "pimgate_web.plugin" in modules
    assert {name.partition(".")[0] for name in modules} == {"pimgate_web"}
