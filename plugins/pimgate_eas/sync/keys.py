"""Generations of a synchronisation key.

A client that lost our answer asks again with the key it had. So the last two generations are kept: with the present key a
question is new; with the previous one it is either the same question (the stored answer is given again, byte for byte,
and nothing changes) or a changed one, which starts from the state that the client is in. Everything else is an unknown key.
Source: MS-ASCMD, "SyncKey (Sync)", and "Detecting duplicate requests".
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

FIRST = "0"
EPOCH_DIGITS = 8


class Turn(Enum):
    """What a question is to what is remembered."""

    BEGIN = "begin"
    NEXT = "next"
    AGAIN = "again"
    BACK = "back"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Generations:
    """The present key and its state; the previous key, its state and the digest of the question that led from it to the present.
    The answer to that question is kept beside (`Document.blob`)."""

    key: str
    state: Mapping[str, Any]
    previous: str = ""
    previous_state: Mapping[str, Any] = field(default_factory=dict)
    question: str = ""

    def turn(self, key: str, question: str) -> Turn:
        """What a question under this key is."""
        if key == FIRST:
            is_repeated = not self.previous and question == self.question
            return Turn.AGAIN if is_repeated else Turn.BEGIN
        if key == self.key:
            return Turn.NEXT
        if key == self.previous:
            return Turn.AGAIN if question == self.question else Turn.BACK
        return Turn.UNKNOWN

    def state_for(self, turn: Turn) -> Mapping[str, Any]:
        """The state that the client is in."""
        return self.previous_state if turn is Turn.BACK else self.state

    def advanced(self, turn: Turn, state: Mapping[str, Any], question: str) -> Generations:
        """The next generation, after a NEXT or a BACK turn. The lost generation's key is never given again."""
        previous, previous_state = (self.previous, self.previous_state) if turn is Turn.BACK else (self.key, self.state)
        return Generations(next_key(self.key), state, previous, previous_state, question)

    def to_document(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "state": dict(self.state),
            "previous": self.previous,
            "previous_state": dict(self.previous_state),
            "question": self.question,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Generations:
        return cls(
            key=document["key"],
            state=document["state"],
            previous=document["previous"],
            previous_state=document["previous_state"],
            question=document["question"],
        )


def first_key(epoch: int) -> str:
    """The first key of a new life of a collection on a device: an epoch (eight digits, so that a key of an earlier life is never
    taken for one of this), and a counter."""
    return f"{10 ** (EPOCH_DIGITS - 1) + epoch % (9 * 10 ** (EPOCH_DIGITS - 1))}1"


def next_key(key: str) -> str:
    return key[:EPOCH_DIGITS] + str(int(key[EPOCH_DIGITS:]) + 1)


def digest(question: bytes) -> str:
    """What is kept of a question to know it again."""
    return hashlib.sha256(question).hexdigest()[:32]
