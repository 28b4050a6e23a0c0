"""Radicale's paths are texts, decoded and without the mount."""

from __future__ import annotations

from pimgate_dav.layout import Place


def place_of_path(path: str) -> Place:
    """The place of one of Radicale's sanitised paths."""
    parts = path.strip("/").split("/", 2) if path.strip("/") else []
    return Place(*parts)
