"""An answer before it is HTTP: made in a worker thread, sent once the unit of work is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

XML_TYPE = "application/xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def is_error(self) -> bool:
        """Whether nothing that was written on the way may stay."""
        return self.status >= 400

    def plus(self, headers: Mapping[str, str]) -> Answer:
        """The same with further headers; those that it has stay."""
        return replace(self, headers={**headers, **self.headers})


def plain(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Answer:
    """One sentence for people."""
    return Answer(status, {"Content-Type": "text/plain; charset=utf-8", **(headers or {})}, f"{sentence}\n".encode())


def xml(status: int, document: bytes) -> Answer:
    return Answer(status, {"Content-Type": XML_TYPE}, document)
