"""The DNS records by which programs find calendars and address books from an e-mail address alone.

Source: RFC 6764, "DNS SRV Service Labels" and "Use of DNS TXT Resource Record".
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass

import click

ROOT = "/dav/"
SERVICES = ("caldavs", "carddavs")
SECURE_PORT = 443
NAME = re.compile(r"(?=.{1,253}\Z)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a zone file."""

    name: str
    type: str
    value: str

    def __str__(self) -> str:
        return f"{self.name:<40} IN {self.type:<4} {self.value}"


def records(domain: str, host: str, port: int = SECURE_PORT) -> list[Record]:
    """The records for the mail domain `domain` whose gateway answers at `host`. Programs only look for the TLS services."""
    found = []
    for service in SERVICES:
        name = f"_{service}._tcp.{domain}."
        found.append(Record(name, "SRV", f"0 1 {port} {host}."))
        found.append(Record(name, "TXT", f'"path={ROOT}"'))
    return found


@click.command("dns", epilog="Example: pimgate dns example.org --host mail.example.org")
@click.argument("domain")
@click.option("--host", required=True, help="The name under which programs reach the gateway.")
@click.option("--port", type=click.IntRange(1, 65535), default=SECURE_PORT, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document.")
def dns(domain: str, host: str, port: int, as_json: bool) -> None:
    """Print the DNS records by which programs find calendars and address books of DOMAIN."""
    for word in (domain, host):
        if NAME.fullmatch(word) is None:
            raise click.BadParameter(f"'{word}' is not the name of a domain or a host.")
    found = records(domain.lower(), host.lower(), port)
    if as_json:
        click.echo(json.dumps({"records": [asdict(record) for record in found]}, indent=2))
        return
    for record in found:
        click.echo(str(record))
