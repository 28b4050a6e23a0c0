"""Messages as they lie on a server, and short ways to see them as a device does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from gateway.mail.mime.letters import sample
from pimgate.mail.mime.layout import layout_of
from pimgate.mail.mime.pieces import Piece
from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.email import FollowUp, Message, Options, render, wanted
from pimgate_eas.wbxml.codec import decode, encode
from pimgate_eas.wbxml.element import Element

VERSIONS = ("12.1", "14.0", "14.1", "16.0", "16.1")
ARRIVED = datetime(2026, 1, 6, 8, 20, 5, 250_000, tzinfo=UTC)
SERVER_ID = "c7:12"


def context(version: str = "16.1", **more: object) -> Context:
    known: Mapping[str, object] = {
        "owner_email": "ben@example.org",
        "owner_name": "Ben",
        "server_id": SERVER_ID,
        "now": ARRIVED,
    }
    return Context(version, "Europe/Berlin", **{**known, **more})  # type: ignore[arg-type]


def on_server(octets: bytes, *flags: str, follow_up: FollowUp | None = None) -> Message:
    """What is known of a message without its octets."""
    return Message(layout_of(octets).structure, frozenset(flags), ARRIVED, len(octets), follow_up)


def seen(
    octets: bytes,
    options: Options | None = None,
    version: str = "16.1",
    *flags: str,
    follow_up: FollowUp | None = None,
) -> Element:
    """The message on a device: only what is wanted is fetched, and everything has crossed the wire."""
    options = options or Options()
    message = on_server(octets, *flags, follow_up=follow_up)
    layout = layout_of(octets)
    pieces = {each: layout.piece(each) for each in wanted(message.structure, options)}
    data = Element("AirSync:ApplicationData", *render(message, pieces, options, context(version)))
    arrived = decode(encode(data))
    assert arrived == data
    return arrived


def seen_sample(name: str, options: Options | None = None, version: str = "16.1", *flags: str) -> Element:
    return seen(sample(name), options, version, *flags)


def fetched_octets(octets: bytes, options: Options) -> int:
    """How much is fetched of a message."""
    layout = layout_of(octets)
    return sum(len(layout.piece(each)) for each in wanted(layout.structure, options) if isinstance(each, Piece))


def body_of(data: Element) -> Element:
    found = data.find("AirSyncBase:Body")
    assert found is not None
    return found
