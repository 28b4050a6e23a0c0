"""The doors: TLS from the first octet or by STARTTLS, and how many may stand in them."""

import ssl
from pathlib import Path

import pytest

from gateway.mail.dovecot import make_certificate
from pimgate_imap.listener import Door, network_of
from pimgate_imap.settings import Limits
from plugins.imap.stage import (
    OpenGate,
    Wire,
    both_loops,
    client_context,
    house_for,
    on_stage,
    proxy,
    scripted_server,
    server_context,
)

UPSTREAM = (b"* OK [CAPABILITY IMAP4rev1] hi\r\n", None, b"pg1 OK [CAPABILITY X] in\r\n", None, b"b OK ping\r\n")


def a_gate() -> OpenGate:
    return OpenGate({"alice": "sesame"})


@both_loops()
def test_person_logs_in_under_tls_from_the_first_octet(tmp_path: Path, new_loop: object) -> None:
    make_certificate(tmp_path)
    with (
        on_stage(new_loop()) as stage,  # type: ignore[operator]
        scripted_server(stage, *UPSTREAM) as (upstream, heard),
        proxy(stage, house_for(a_gate(), upstream), Door("127.0.0.1", 0, server_context(tmp_path))) as port,
        Wire(port, client_context(tmp_path)) as wire,
    ):
        assert b"STARTTLS" not in wire.line()
        assert wire.ask(b"a LOGIN alice sesame").startswith(b"a OK")
        assert wire.ask(b"b NOOP") == b"b OK ping"
        assert heard[-1] == b"b NOOP\r\n"


@both_loops()
def test_person_logs_in_after_starttls(tmp_path: Path, new_loop: object) -> None:
    make_certificate(tmp_path)
    with (
        on_stage(new_loop()) as stage,  # type: ignore[operator]
        scripted_server(stage, *UPSTREAM) as (upstream, _),
        proxy(stage, house_for(a_gate(), upstream, starttls=server_context(tmp_path))) as port,
        Wire(port) as wire,
    ):
        assert b"STARTTLS" in wire.line()
        assert wire.ask(b"s STARTTLS").startswith(b"s OK")
        wire.secure(client_context(tmp_path))
        assert wire.ask(b"t STARTTLS").startswith(b"t BAD")
        assert wire.ask(b"a LOGIN alice sesame").startswith(b"a OK")
        assert wire.ask(b"b NOOP") == b"b OK ping"


def test_commands_smuggled_in_before_tls_are_never_obeyed(tmp_path: Path) -> None:
    make_certificate(tmp_path)
    gate = a_gate()
    with (
        on_stage() as stage,
        proxy(stage, house_for(gate, 1, starttls=server_context(tmp_path))) as port,
        Wire(port) as wire,
    ):
        wire.line()
        wire.send(b"s STARTTLS\r\nx LOGIN alice sesame\r\n")
        assert wire.line() == b""
    assert gate.visitors == []


def test_handshake_that_is_none_is_closed(tmp_path: Path) -> None:
    make_certificate(tmp_path)
    with (
        on_stage() as stage,
        proxy(stage, house_for(a_gate(), 1), Door("127.0.0.1", 0, server_context(tmp_path))) as port,
        Wire(port) as wire,
    ):
        wire.send(b"a LOGIN alice sesame\r\n")
        assert not wire.line().startswith(b"a ")


def test_one_network_cannot_take_every_place() -> None:
    with (
        on_stage() as stage,
        proxy(stage, house_for(a_gate(), 1, Limits(max_connections_per_network=2))) as port,
    ):
        with Wire(port) as first, Wire(port) as second, Wire(port) as third:
            assert first.line().startswith(b"* OK")
            assert second.line().startswith(b"* OK")
            assert third.line() == b"* BYE [LIMIT] Too many connections."
            first.ask(b"a LOGOUT")
            assert first.line() == b""
        with Wire(port) as next_one:
            assert next_one.line().startswith(b"* OK")


def test_all_places_together_are_limited() -> None:
    with (
        on_stage() as stage,
        proxy(stage, house_for(a_gate(), 1, Limits(max_connections=1))) as port,
        Wire(port) as first,
        Wire(port) as second,
    ):
        assert first.line().startswith(b"* OK")
        assert second.line().startswith(b"* BYE [LIMIT]")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
    ],
)
def test_visitors_are_counted_by_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_no_login_is_offered_in_the_clear_to_other_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    from pimgate_imap.peer import Peer

    monkeypatch.setattr(Peer, "is_loopback", property(lambda peer: False))
    gate = a_gate()
    with on_stage() as stage, proxy(stage, house_for(gate, 1)) as port, Wire(port) as wire:
        assert b"LOGINDISABLED" in wire.line()
        assert wire.ask(b"a LOGIN alice sesame").startswith(b"a NO [PRIVACYREQUIRED]")
        assert wire.ask(b"b AUTHENTICATE PLAIN").startswith(b"b NO [PRIVACYREQUIRED]")
    assert gate.visitors == []


def test_leaving_ends_every_session() -> None:
    with on_stage() as stage:
        with proxy(stage, house_for(a_gate(), 1)) as port:
            wire = Wire(port)
            wire.line()
        with wire:
            assert wire.line() == b""


def test_old_tls_is_not_spoken(tmp_path: Path) -> None:
    from pimgate_imap.tls import listening_context

    make_certificate(tmp_path)
    context = listening_context(tmp_path / "certificate.pem", tmp_path / "key.pem")
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
