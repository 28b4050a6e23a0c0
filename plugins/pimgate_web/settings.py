"""What the operator sets for the pages."""

from dataclasses import dataclass

from pimgate.api import setting


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The pages for people."""

    session_days: int = setting(14, "A browser that was away for longer signs in again.", least=1, most=365)
    sessions_per_person: int = setting(20, "Browsers a person may be signed in with; the oldest gives way.", least=1)
    imap_address: str = setting("", "What people enter for IMAP, as in mail.example.org; empty: the host of the pages.")
