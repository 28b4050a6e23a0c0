"""The one style sheet: colours that can be read, and nothing from elsewhere."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[3] / "plugins" / "pimgate_web" / "static"
TEMPLATES = STATIC.parent / "templates"
CSS = (STATIC / "style.css").read_text()

TEXT_ON_GROUND = [
    ("ink", "paper"),
    ("ink", "card"),
    ("ink", "chip"),
    ("ink", "tint"),
    ("soft", "paper"),
    ("soft", "card"),
    ("soft", "chip"),
    ("soft", "tint"),
    ("accent", "card"),
    ("accent", "paper"),
    ("accent", "tint"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("warn-ink", "warn-ground"),
    ("bad-ink", "bad-ground"),
]
PARTS_ON_GROUND = [("edge", "card"), ("edge", "paper"), ("accent", "card"), ("on-accent", "accent")]


def colours(scheme: str) -> dict[str, str]:
    light, dark = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)[:2]
    named = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    return named | (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark)) if scheme == "dark" else {})


def luminance(colour: str) -> float:
    """Source: WCAG 2.2, "Relative luminance"."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def contrast(scheme: str, one: str, other: str) -> float:
    named = colours(scheme)
    darker, lighter = sorted((luminance(named[one]), luminance(named[other])))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_text_can_be_read(scheme: str, text: str, ground: str) -> None:
    assert contrast(scheme, text, ground) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("part", "ground"), PARTS_ON_GROUND)
def test_controls_can_be_told_from_their_ground(scheme: str, part: str, ground: str) -> None:
    assert contrast(scheme, part, ground) >= 3.0


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert "url(" not in CSS
    assert "@import" not in CSS
    for file in TEMPLATES.iterdir():
        assert not re.search(r"(src|href|action)=\"(https?:)?//", file.read_text()), file.name


def test_templates_hold_neither_script_nor_style_nor_unescaped_text() -> None:
    for file in TEMPLATES.iterdir():
        text = file.read_text()
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|\|\s*safe|autoescape false|javascript:", text), (
            file.name
        )
