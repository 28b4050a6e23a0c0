"""What the demonstration says to the person who started it: addresses, logins, and what to type where."""

from __future__ import annotations

from urllib.parse import urlsplit

from pimgate.demo.stage import Addresses


def introduction(addresses: Addresses, directory: str) -> list[str]:
    """Lines for a terminal."""
    first = addresses.people[0]
    host = urlsplit(addresses.http).netloc
    return [
        f"The demonstration listens on this machine. It is kept in {directory}.",
        "",
        "People (the first is the operator)",
        *(f"  {each.login:<20} {each.password}" for each in addresses.people),
        "",
        f"Browser           {addresses.http}/  and sign in",
        f"iPhone, Android   account of type Exchange, mail included: server {host}, login {first.login};",
        "                  a phone reaches this machine only through a proxy with TLS",
        "Thunderbird       new address book (CardDAV) and new calendar (network), both with the location",
        f"                  {addresses.http}/",
        f"  or by address   {first.carddav}",
        f"                  {first.caldav}",
        f"Mail program      IMAP {addresses.imap}, SMTP {addresses.smtp}, without TLS, normal password",
        "",
        "Things to try: turn a switch in the browser, and see who loses what.",
        "Ctrl-C ends it.",
    ]
