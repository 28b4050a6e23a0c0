"""What can go wrong with a mail server. None of these carries a password, or words of the server, which may quote one.

Away         it cannot be reached, is silent, or ended the connection; the connection is gone
  BadAnswer  it says what makes no sense, or too much of it
BadLogin     it does not accept this login
Rejected     it said NO or BAD to a command; the connection goes on
Missing      the message, or the part of it, is not there
Unsayable    no command can hold what was asked for; nothing was sent
"""

from __future__ import annotations


class Away(Exception):
    """The server cannot be used on this connection any more. `detail` is for the log."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Busy(Away):
    """The server works, but not for this person at this moment: too many connections of theirs, a mailbox that is being mended."""


class BadAnswer(Away):
    """The server says what makes no sense, or too much of it."""


class BadLogin(Exception):
    """The server does not accept this login, or offers no way for it."""


class Rejected(Exception):
    """The server said NO or BAD. `code` is its response code in capitals ("TRYCREATE"), or "".

    Source: RFC 9051, "Response Codes".
    """

    def __init__(self, word: str, code: str = "") -> None:
        super().__init__(f"{word} [{code}]" if code else word)
        self.code = code
        self.is_our_fault = word == "BAD"


class Missing(Exception):
    """There is no such message any more, or it has no such part."""


class Unsayable(ValueError):
    """No form of IMAP holds this."""
