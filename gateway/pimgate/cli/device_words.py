"""A device as the operator reads it: one document for programs, lines for people."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

from pimgate.cli.finding import login_of
from pimgate.device_notes import notes_of
from pimgate.explaining import title_of
from pimgate.model.devices import Device
from pimgate.store.work import Work

TIMES = frozenset({"at", "first_at", "last_at", "asked_at", "sent_at", "failed_at", "done_at"})


def document_of(work: Work, device: Device) -> dict[str, object]:
    """Everything about one device but its recovery password; times as in 2026-01-31T12:00:00Z, what never was as null."""
    notes = notes_of(work, device.id)
    return {
        "id": device.id,
        "person": login_of(work, device),
        "protocol": device.protocol,
        "identifier": device.identifier,
        "title": title_of(device),
        "device_type": device.device_type,
        "agent": device.agent,
        "protocol_version": device.protocol_version,
        "kind": device.client_kind,
        "profile": device.profile,
        "state": device.state.value,
        "first_seen": time_text(device.first_seen),
        "last_seen": time_text(device.last_seen),
        "information": asdict(notes.information),
        "policy": _timed(asdict(notes.policy)) if notes.policy else None,
        "slowed": _timed(asdict(notes.slowing)) if notes.slowing else None,
        "wipe": _timed(asdict(notes.wipe)) if notes.wipe else None,
        "refused": [_timed(asdict(each)) for each in notes.refusals],
    }


def lines_of(document: dict[str, object]) -> list[str]:
    """The document in lines: what is empty is left out."""
    lines: list[str] = []
    for name, value in document.items():
        if name == "refused" and isinstance(value, list):
            lines += [f"refused: {_parts(each)}" for each in value]
        elif isinstance(value, dict):
            lines += [f"{name}: {_parts(value)}"] if any(value.values()) else []
        elif value not in ("", None):
            lines.append(f"{name.replace('_', ' ')}: {value}")
    return lines


def time_text(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _parts(values: dict[str, object]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in values.items() if value not in ("", None))


def _timed(content: dict[str, object]) -> dict[str, object]:
    return {
        name: time_text(value) if name in TIMES and isinstance(value, float) else value
        for name, value in content.items()
    }
