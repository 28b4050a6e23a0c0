"""The sample settings file, made from the declarations: what `config/pimgate.toml` must be."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from pimgate.settings import SECTIONS, PluginChoice


def sample(of_plugins: Mapping[str, type[Any]]) -> str:
    """A settings file with every setting, its default and its comment: what `config/pimgate.toml` must be. Sections of plugins
    that are not enabled by default are commented out, so that the file can be used as it is."""
    parts = ["# Every setting of pimgate with its default. Lines that begin with # may stay away.\n"]
    parts += [sample_section(name, class_) for name, class_ in SECTIONS.items()]
    enabled = PluginChoice().enabled
    for name, class_ in sorted(of_plugins.items()):
        section = sample_section(f"plugins.{name}", class_)
        parts.append(section if name in enabled else _commented_out(section))
    return "\n".join(parts)


def _commented_out(section: str) -> str:
    return "".join(line if line.startswith("#") else f"# {line}" for line in section.splitlines(keepends=True))


def sample_section(name: str, class_: type[Any]) -> str:
    """One section of the sample: every setting with its comment and default."""
    doc = (class_.__doc__ or "").strip().splitlines()
    lines = [f"# {line.strip()}" for line in doc if line.strip()]
    lines.append(f"[{name}]")
    empty = class_()
    tables = []
    for each in dataclasses.fields(class_):
        value = getattr(empty, each.name)
        words = f"# {each.metadata.get('words', '')}"
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            tables.append(sample_section(f"{name}.{each.name}", type(value)))
        elif isinstance(value, dict):
            tables.append(f"{words}\n[{name}.{each.name}]\n")
        else:
            lines.append(f"{words}\n{each.name} = {_toml(value)}")
    return "\n".join(lines) + "\n" + "".join(f"\n{table}" for table in tables)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
