"""The extension for Thunderbird as it is handed out: whole, the same every time, and in three languages."""

import hashlib
import io
import json
import re
import tomllib
import zipfile
from pathlib import Path

import pytest

from house.rooms import ROOT
from pimgate_dav.extension import FILES, PATH, packed
from pimgate_dav.panel import WORDS, extension
from plugins.dav.stage import Stage

LANGUAGES = ("en", "fr", "de")


def messages(language: str) -> dict[str, str]:
    file = FILES / "_locales" / language / "messages.json"
    return {name: each["message"] for name, each in json.loads(file.read_text(encoding="utf-8")).items()}


def test_extension_is_packed_to_the_same_octets_and_holds_what_its_manifest_names() -> None:
    octets = packed()
    assert hashlib.sha256(octets).digest() == hashlib.sha256(packed()).digest()
    archive = zipfile.ZipFile(io.BytesIO(octets))
    names = archive.namelist()
    assert names == sorted(names)
    manifest = json.loads(archive.read("manifest.json"))
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert manifest["version"] == version
    api = manifest["experiment_apis"]["pimgate"]
    named = [manifest["background"]["page"], manifest["options_ui"]["page"], api["schema"], api["parent"]["script"]]
    named += [manifest["browser_action"]["default_popup"], *manifest["icons"].values()]
    assert set(named) <= set(names)
    for page in (each for each in names if each.endswith(".html")):
        for source in re.findall(r'(?:src|href)="([^"]+)"', archive.read(page).decode()):
            assert (Path(page).parent / source).as_posix() in names


def test_every_word_is_there_in_every_language() -> None:
    words = {language: messages(language) for language in LANGUAGES}
    assert len({frozenset(each) for each in words.values()}) == 1
    used = set()
    for file in FILES.rglob("*"):
        if file.suffix in (".js", ".html", ".json") and "_locales" not in file.parts:
            text = file.read_text(encoding="utf-8")
            used |= set(
                re.findall(r'data-word="(\w+)"|\bword\("(\w+)"|getMessage\("(\w+)"|__MSG_(\w+)__|"(mark\w+)"', text)
            )
    assert {next(filter(None, each)) for each in used} == set(words["en"])
    for name, text in words["en"].items():
        marks = re.findall(r"\$\w+\$", text)
        assert all(re.findall(r"\$\w+\$", words[language][name]) == marks for language in LANGUAGES), name
    assert set(WORDS) == set(LANGUAGES)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_extension_is_handed_to_whoever_asks_and_a_person_s_page_names_it(stage: Stage) -> None:
    program = stage.program(password="wrong")
    answer = program.client.get(PATH, auth=lambda request: request)
    assert (answer.status_code, answer.content) == (200, packed())
    assert answer.headers["content-type"] == "application/x-xpinstall"
    (panel,) = stage.core.plugins.panels(stage.core, stage.alice)
    assert PATH in panel.lines
    assert extension("https://pim.example.org/", stage.alice).lines[1] == f"https://pim.example.org{PATH}"
