"""The overview as JSON: the twin of the page, for programs. Words stay out of it, except the reasons."""

from __future__ import annotations

from datetime import UTC, datetime

from pimgate.api import Account, Device, explaining
from pimgate_web.overview import Overview, Row, Section


def document_of(account: Account, seen: Overview) -> dict[str, object]:
    """`{"account": ..., "sections": [{"kind": "book", "mine": true, "collections": [...]}], "devices": [...],
    "storage": {"used_bytes": ..., "limit_bytes": null}}`"""
    return {
        "account": {"login": account.login, "name": account.name, "language": account.language or None},
        "sections": [_section(each) for each in seen.sections],
        "devices": [_device(each) for each in seen.devices],
        "storage": {"used_bytes": seen.kept.used_bytes, "limit_bytes": seen.kept.most_bytes},
    }


def _section(section: Section) -> dict[str, object]:
    return {
        "kind": section.kind.value,
        "mine": section.is_mine,
        "collections": [_collection(each) for each in section.rows],
    }


def _collection(row: Row) -> dict[str, object]:
    found = row.standing.collection
    volume = row.volume
    warning = None
    if volume is not None:
        warning = {"items": volume.items, "size_bytes": volume.size_bytes, "devices": list(volume.devices)}
    return {
        "id": found.id,
        "name": found.name,
        "owner": row.owner,
        "ownership": row.standing.ownership.value,
        "items": found.item_count,
        "size_bytes": found.size_bytes,
        "right": row.standing.right.word,
        "subscribed": row.standing.subscription is not None,
        "may_unsubscribe": row.may_unsubscribe,
        "is_on": row.is_on,
        "warning": warning,
        "kinds": [each.document() for each in row.kinds],
        "devices": [each.document() for each in row.devices],
    }


def _device(device: Device) -> dict[str, object]:
    return {
        "id": device.id,
        "title": explaining.title_of(device),
        "agent": device.agent,
        "protocol": device.protocol,
        "state": device.state.value,
        "last_seen": datetime.fromtimestamp(device.last_seen, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
