"""The section [mail]: what is missing for the way in is said at the start, and secrets may lie in files."""

from pathlib import Path

import pytest

from pimgate.app import open_settings
from pimgate.errors import SettingsProblem

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


def keys_of_mistakes(directory: Path, text: str) -> list[str]:
    file = directory / "pimgate.toml"
    file.write_text(f'[plugins]\nenabled = []\n[mail]\nhost = "mail.example.org"\n{text}')
    try:
        open_settings(file)
    except SettingsProblem as problem:
        return [each.key for each in problem.mistakes]
    return []


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", []),
        ('login = "master"', ["mail.master_login", "mail.master_password"]),
        ('login = "master"\nmaster_login = "gateway"\nmaster_password = "x"', []),
        ('login = "master"\nmaster_login = "gateway"\nmaster_password_file = "secret"', []),
        ('login = "master"\nmaster_login = "gateway"\nmaster_password_file = "missing"', ["mail.master_password_file"]),
        ('login = "stored"', ["mail.key"]),
        ('login = "stored"\nkey = "too short"', ["mail.key"]),
        ('login = "stored"\nkey = "grün"', ["mail.key"]),
        (f'login = "stored"\nkey = "{KEY}"', []),
        ('login = "stored"\nkey_file = "key"', []),
        ('login = "pasthrough"', ["mail.login"]),
        ('tls = "ssl"', ["mail.tls"]),
        ("poll_seconds = 1", ["mail.poll_seconds"]),
        ('invitations = "authenticated"', ["mail.authenticated_by"]),
        ('invitations = "authenticated"\nauthenticated_by = "mx.example.org"', []),
    ],
)
def test_what_the_way_in_needs_is_asked_for(tmp_path: Path, text: str, keys: list[str]) -> None:
    (tmp_path / "secret").write_text("x\n")
    (tmp_path / "key").write_text(KEY + "\n")
    assert keys_of_mistakes(tmp_path, text) == keys


def test_nothing_is_asked_for_where_phones_see_no_mail(tmp_path: Path) -> None:
    file = tmp_path / "pimgate.toml"
    file.write_text('[plugins]\nenabled = []\n[mail]\nlogin = "master"\n')
    assert open_settings(file)[0].mail.host == ""


def test_secret_is_not_part_of_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "pimgate.toml"
    file.write_text('[plugins]\nenabled = []\n[mail]\nhost = "x"\nlogin = "stored"\nkey = "hush hush"\n')
    with pytest.raises(SettingsProblem) as problem:
        open_settings(file)
    assert "hush" not in str(problem.value)
