"""Handing a message over by SMTP submission.

The body goes first, then the caller is told, then the final dot: so a process that is killed knows whether the server can have
taken the message. Source: RFC 5321 "DATA", "Reply Codes"; RFC 6409; RFC 1870 (SIZE); RFC 6152 (8BITMIME); RFC 6531 (SMTPUTF8);
RFC 4954 (AUTH).
"""

from __future__ import annotations

import base64
import smtplib
import ssl
from collections.abc import Callable
from pathlib import Path

from pimgate.mail.carrying import LeftOut, Letter, Lost, Never, NotLetIn, NotNow
from pimgate.mail.imap.errors import BadLogin
from pimgate.mail.imap.sasl import Login, Way, said
from pimgate.settings import Outgoing, Security

TAKEN, FORWARDED, GO_ON, LOGGED_IN = 250, 251, 354, 235


class Submission:
    """One submission server."""

    def __init__(self, settings: Outgoing, directory: Path) -> None:
        self._settings = settings
        self._directory = directory
        self.name = f"{settings.host}:{settings.port}"

    def carry(self, letter: Letter, last_octet: Callable[[], None]) -> LeftOut:
        """Hand over one letter on a connection of its own, as `letter.login` or with the login of the settings. NotNow,
        NotLetIn, Never, Lost."""
        try:
            line = self._line(letter.login)
        except (OSError, smtplib.SMTPException) as error:
            raise NotNow(_words(error)) from error
        try:
            left_out = self._prepare(line, letter)
            self._finish(line, last_octet)
        finally:
            line.close()
        return left_out

    def _line(self, login: Login | None) -> smtplib.SMTP:
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
            if login is not None:
                self._log_in(line, login)
            elif chosen.user:
                line.login(chosen.user, self._password())
        except BaseException:
            line.close()
            raise
        return line

    def _log_in(self, line: smtplib.SMTP, login: Login) -> None:
        line.ehlo_or_helo_if_needed()
        mechanisms = line.esmtp_features.get("auth", "").upper().split()
        try:
            found = said(login, mechanisms, self._settings.host, self._settings.port)
        except BadLogin as error:
            raise NotNow("this login cannot be said") from error
        if found is None and login.way is Way.PASSWORD:
            try:
                line.login(login.person, login.secret)
            except smtplib.SMTPAuthenticationError as error:
                raise _refused(error.smtp_code) from error
            return
        if found is None:
            raise NotNow("the server offers no way for this login")
        code, _ = line.docmd("AUTH", f"{found.mechanism} {base64.b64encode(found.message).decode()}")
        if code == 334 and found.last_word is not None:
            code, _ = line.docmd(base64.b64encode(found.last_word).decode())
        if code != LOGGED_IN:
            raise _refused(code)

    def _password(self) -> str:
        if not self._settings.password_file:
            return self._settings.password
        return (self._directory / self._settings.password_file).read_text(encoding="utf-8").strip()

    def _prepare(self, line: smtplib.SMTP, letter: Letter) -> LeftOut:
        """Everything up to the final dot: until then the server has nothing. Gives who will not get it."""
        try:
            line.ehlo_or_helo_if_needed()
            _expect(*line.mail(letter.sender, _options(line, letter)), TAKEN)
            answers = {each: line.rcpt(each) for each in letter.recipients}
            if not any(code in (TAKEN, FORWARDED) for code, _ in answers.values()):
                _expect(*min(answers.values()), TAKEN)
            _expect(*line.docmd("DATA"), GO_ON)
            line.send(_quoted(letter.octets))
        except (OSError, smtplib.SMTPException) as error:
            raise NotNow(_words(error)) from error
        codes = {each: code for each, (code, _) in answers.items() if code not in (TAKEN, FORWARDED)}
        return LeftOut(
            {each: f"refused with {code}" for each, code in codes.items() if _is_final(code)},
            tuple(each for each, code in codes.items() if not _is_final(code)),
        )

    def _finish(self, line: smtplib.SMTP, last_octet: Callable[[], None]) -> None:
        last_octet()
        try:
            line.send(b".\r\n")
            answer = line.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise Lost(_words(error)) from error
        _expect(*answer, TAKEN)


def _options(line: smtplib.SMTP, letter: Letter) -> list[str]:
    """What the server is told of the message beforehand, as far as it wants to know. Never for an address that it cannot read."""
    found = [f"SIZE={len(letter.octets)}"] if line.has_extn("size") else []
    if not letter.octets.isascii() and line.has_extn("8bitmime"):
        found.append("BODY=8BITMIME")
    if not all(each.isascii() for each in (letter.sender, *letter.recipients)):
        if not line.has_extn("smtputf8"):
            raise Never("the server takes no addresses beyond ASCII")
        found.append("SMTPUTF8")
    return found


def _refused(code: int) -> NotNow:
    """What a login came to that was not accepted. Source: RFC 4954, "Additional Codes"."""
    words = f"the login was refused with {code}"
    return NotLetIn(words) if _is_final(code) else NotNow(words)


def _expect(code: int, _text: bytes, wanted: int) -> None:
    """Their words may quote the message, so only the code is kept."""
    if code == wanted:
        return
    if _is_final(code):
        raise Never(f"refused with {code}")
    raise NotNow(f"refused for the moment with {code}")


def _is_final(code: int) -> bool:
    return 500 <= code < 600


def _quoted(octets: bytes) -> bytes:
    """Octets as they travel in DATA: dots at the beginning of a line doubled, a line end at the end."""
    body = octets if octets.endswith(b"\r\n") else octets + b"\r\n"
    return (b"." if body.startswith(b".") else b"") + body.replace(b"\r\n.", b"\r\n..")


def _words(error: Exception) -> str:
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__
