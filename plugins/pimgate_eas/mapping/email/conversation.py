"""What belongs together: the topic, the id and the place of a message in its conversation.

The id follows from the first message of the thread that the headers name, so all of a thread agree on it without any memory.
Sources: MS-ASEMAIL "ConversationId", "ConversationIndex", "ThreadTopic"; RFC 5322 "Identification Fields".
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import Final

from pimgate.mail.mime.headers import Headers

_PREFIX: Final = re.compile(r"\s*(?:re|aw|sv|vs|antw|fwd?|wg|tr|rv|rif|odp)(?:\[\d{1,3}\])?\s*:\s*", re.IGNORECASE)
_MOST_PREFIXES: Final = 20
_ID_BYTES: Final = 16
_INDEX_HEADER: Final = 22
_STEP: Final = 5
_MOST_STEPS: Final = 50
_FILETIME_START: Final = datetime(1601, 1, 1, tzinfo=UTC)


def topic(headers: Headers) -> str:
    """The subject without the marks of answers."""
    if headers.thread_topic:
        return headers.thread_topic
    found = headers.subject
    for _ in range(_MOST_PREFIXES):
        shorter = _PREFIX.sub("", found, count=1) if _PREFIX.match(found) else found
        if shorter == found:
            break
        found = shorter
    return found


def conversation_id(headers: Headers) -> bytes:
    """Sixteen octets, the same for a message and its answers."""
    first = (*headers.references, headers.in_reply_to, headers.message_id)
    return begun_with(next((each for each in first if each), "") or f"topic:{topic(headers).lower()}")


def begun_with(first: str) -> bytes:
    """The id of the conversation that the message of this Message-ID began."""
    return hashlib.sha256(first.encode("utf-8", "replace")).digest()[:_ID_BYTES]


def conversation_index(headers: Headers, arrived_at: datetime) -> bytes:
    """When the conversation began, in five octets, and a step of five for each answer since, as far as Outlook left any."""
    sent = headers.thread_index
    if len(sent) >= _INDEX_HEADER:
        steps = sent[_INDEX_HEADER:][: _STEP * _MOST_STEPS]
        return sent[1 : 1 + _STEP] + steps[: len(steps) // _STEP * _STEP]
    ticks = int(((headers.date or arrived_at) - _FILETIME_START).total_seconds()) * 10**7
    return max(0, ticks).to_bytes(8, "big")[1 : 1 + _STEP]
