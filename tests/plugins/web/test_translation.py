"""The words of the three languages."""

import re
from pathlib import Path

import pytest

from pimgate.api import Cause, CollectionKind, DeviceState, Exposure
from pimgate_web.errors import ERRORS, OWN_ERRORS
from pimgate_web.translation import Counted, Words, all_languages, preferred

LANGUAGES = all_languages()
TEMPLATES = Path(__file__).parents[3] / "plugins" / "pimgate_web" / "templates"
NAMED = re.compile(r"\{(\w*)\}")


def forms(entry: str | Counted) -> list[str]:
    return [entry.one, entry.other] if isinstance(entry, Counted) else [entry]


def test_every_language_has_the_same_keys() -> None:
    keys = {language: set(words.entries) for language, words in LANGUAGES.items()}
    assert keys["fr"] == keys["en"] == keys["de"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_fills_in_the_same_values_as_english(language: str) -> None:
    for key, entry in LANGUAGES[language].entries.items():
        english = forms(LANGUAGES["en"].entries[key])
        assert type(entry) is type(LANGUAGES["en"].entries[key]), key
        assert [set(NAMED.findall(each)) for each in forms(entry)] == [set(NAMED.findall(each)) for each in english], (
            key
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_entry_is_empty_or_holds_markup(language: str) -> None:
    for key, entry in LANGUAGES[language].entries.items():
        assert all(each and "<" not in each and "&" not in each for each in forms(entry)), key


def test_translations_are_translated() -> None:
    """What is the same in two languages is a name, a number or a word that both have."""
    same = {key for key, entry in LANGUAGES["en"].entries.items() if entry == LANGUAGES["de"].entries[key]}
    names = {"kind.", "protocol.", "size.", "language."}
    assert {key for key in same if not any(key.startswith(each) for each in names)} <= {
        "devices.program",
        "device.imei",
    }


def test_every_closed_set_has_its_words() -> None:
    keys = set(LANGUAGES["en"].entries)
    assert {f"exposure.{each.value}" for each in Exposure} <= keys
    assert {f"state.{each.value}" for each in DeviceState} <= keys
    assert {f"cause.{each.value}" for each in Cause if each is not Cause.SWITCH} <= keys
    assert {f"items.{each.value}" for each in CollectionKind if each is not CollectionKind.MAILBOX} <= keys
    assert {key for _, key in (*ERRORS.values(), *OWN_ERRORS.values())} <= keys


def test_every_sentence_of_the_templates_exists() -> None:
    said = {key for file in TEMPLATES.iterdir() for key in re.findall(r"say\('([\w.]+)'[,)]", file.read_text())}
    assert len(said) > 30
    assert said <= set(LANGUAGES["en"].entries)


@pytest.mark.parametrize(
    ("language", "n", "words"),
    [
        ("en", 0, "0 contacts"),
        ("en", 1, "1 contact"),
        ("en", 12345, "12,345 contacts"),
        ("fr", 0, "0 contact"),
        ("fr", 1, "1 contact"),
        ("fr", 2, "2 contacts"),
        ("fr", 12345, "12\u202f345 contacts"),
        ("de", 0, "0 Kontakte"),
        ("de", 1, "1 Kontakt"),
        ("de", 12345, "12.345 Kontakte"),
    ],
)
def test_numbers_take_the_form_of_their_language(language: str, n: int, words: str) -> None:
    assert LANGUAGES[language].count("items.book", n) == words


@pytest.mark.parametrize(
    ("language", "size_bytes", "words"),
    [
        ("en", 1, "1 byte"),
        ("en", 999, "999 bytes"),
        ("en", 38_400_000, "38 MB"),
        ("fr", 2_560_000, "2,6 Mo"),
        ("de", 1_100_000_000, "1,1 GB"),
        ("de", 0, "0 Byte"),
    ],
)
def test_sizes_are_said_in_the_unit_that_suits_them(language: str, size_bytes: int, words: str) -> None:
    assert LANGUAGES[language].size(size_bytes) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "just now"), (299, "just now"), (300, "5 minutes ago"), (3600, "1 hour ago"), (200_000, "2 days ago")],
)
def test_times_are_said_in_the_largest_whole_unit(seconds: float, words: str) -> None:
    assert LANGUAGES["en"].ago(seconds) == words


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        ("", "", "en"),
        ("", "de", "de"),
        ("", "fr-CH, fr;q=0.9, en;q=0.8", "fr"),
        ("", "ja, de;q=0.3, fr;q=0.7", "fr"),
        ("", "de;q=0, fr;q=0.1", "fr"),
        ("", "nl, es", "en"),
        ("", "de;q=x,,;;q", "en"),
        ("de", "fr", "de"),
        ("xx", "fr", "fr"),
    ],
)
def test_language_is_the_choice_of_the_person_then_of_the_browser(chosen: str, accepted: str, language: str) -> None:
    assert preferred(chosen, accepted, LANGUAGES).language == language


def test_value_is_never_read_as_a_pattern() -> None:
    words = Words("en", {"row.owner": "of {owner}"})
    assert words.say("row.owner", owner="{0.__class__} {owner}") == "of {0.__class__} {owner}"
