"""What a mail server may offer that makes a difference here, and what happens without it. For operators; pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

OFFERS: Final[Mapping[str, str]] = {
    "IDLE": "new mail rings at once; without it the server is asked every poll_seconds",
    "NOTIFY": "so does what happens in other folders than the inbox",
    "CONDSTORE": "a look at a folder costs what changed; without it flags are looked at one by one",
    "QRESYNC": "so it does where messages were removed",
    "MOVE": "a move is one step; without it copy and removal",
    "UIDPLUS": "what was moved or filed is found again at once; without it a removal takes several steps",
    "SPECIAL-USE": "sent, drafts and trash are told from other folders; without it by their names",
    "LIST-STATUS": "all folders are looked at by one question",
    "OBJECTID": "messages and folders keep their identity when the server numbers anew",
    "ESEARCH": "searches are answered in short",
}
"""By the name of the capability. Sources: RFC 2177, 5465, 7162, 6851, 4315, 6154, 5819, 8474, 4731."""


def told(capabilities: Collection[str]) -> dict[str, bool]:
    """Which of these are offered."""
    return {name: name in capabilities for name in OFFERS}
