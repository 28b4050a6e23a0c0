"""Handing a message over by SMTP submission.

The body goes first, then the caller is told, then the final dot: so a process that is killed knows whether the server can have
taken the message. Source: RFC 5321 "DATA", "Reply Codes"; RFC 6409.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from pathlib import Path

from pimgate.mail.carrying import Letter, Lost, Never, NotNow
from pimgate.settings import Outgoing, Security

TAKEN, GO_ON = 250, 354


class Submission:
    """One submission server."""

    def __init__(self, settings: Outgoing, directory: Path) -> None:
        self._settings = settings
        self._directory = directory
        self.name = f"{settings.host}:{settings.port}"

    def carry(self, letter: Letter, last_octet: Callable[[], None]) -> None:
        """Hand over one letter on a connection of its own. NotNow, Never, Lost."""
        try:
            line = self._line()
        except (OSError, smtplib.SMTPException) as error:
            raise NotNow(_words(error)) from error
        try:
            self._prepare(line, letter)
            self._finish(line, last_octet)
        finally:
            line.close()

    def _line(self) -> smtplib.SMTP:
        chosen, context = self._settings, ssl.create_default_context()
        if chosen.security is Security.TLS:
            line: smtplib.SMTP = smtplib.SMTP_SSL(
                chosen.host, chosen.port, timeout=chosen.timeout_seconds, context=context
            )
        else:
            line = smtplib.SMTP(chosen.host, chosen.port, timeout=chosen.timeout_seconds)
        try:
            if chosen.security is Security.STARTTLS:
                line.starttls(context=context)
            if chosen.user:
                line.login(chosen.user, self._password())
        except BaseException:
            line.close()
            raise
        return line

    def _password(self) -> str:
        if not self._settings.password_file:
            return self._settings.password
        return (self._directory / self._settings.password_file).read_text(encoding="utf-8").strip()

    def _prepare(self, line: smtplib.SMTP, letter: Letter) -> None:
        """Everything up to the final dot: until then the server has nothing."""
        try:
            line.ehlo_or_helo_if_needed()
            _expect(*line.mail(letter.sender), TAKEN)
            answers = [line.rcpt(each) for each in letter.recipients]
            if not any(code in (250, 251) for code, _ in answers):
                _expect(*min(answers), TAKEN)
            _expect(*line.docmd("DATA"), GO_ON)
            line.send(_quoted(letter.octets))
        except (OSError, smtplib.SMTPException) as error:
            raise NotNow(_words(error)) from error

    def _finish(self, line: smtplib.SMTP, last_octet: Callable[[], None]) -> None:
        last_octet()
        try:
            line.send(b".\r\n")
            answer = line.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise Lost(_words(error)) from error
        _expect(*answer, TAKEN)


def _expect(code: int, _text: bytes, wanted: int) -> None:
    """Their words may quote the message, so only the code is kept."""
    if code == wanted:
        return
    if 500 <= code < 600:
        raise Never(f"refused with {code}")
    raise NotNow(f"refused for the moment with {code}")


def _quoted(octets: bytes) -> bytes:
    """Octets as they travel in DATA: dots at the beginning of a line doubled, a line end at the end."""
    body = octets if octets.endswith(b"\r\n") else octets + b"\r\n"
    return (b"." if body.startswith(b".") else b"") + body.replace(b"\r\n.", b"\r\n..")


def _words(error: Exception) -> str:
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__
