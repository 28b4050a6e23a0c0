"""Limits, what a document may cost, and WbxmlError, the one thing a bad document raises."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may cost before it is refused.

    `nodes`: elements, and again as many page switches and further pieces of texts. `depth`: elements open at once.
    `string_bytes`: the content of one element. `integer_bytes`: the longest multi-byte integer. The default sizes
    fit a mail with its attachments; whoever knows the command knows smaller ones.
    """

    nodes: int = 20_000
    depth: int = 32
    size_bytes: int = 64 * 1024 * 1024
    string_bytes: int = 64 * 1024 * 1024
    integer_bytes: int = 5


class WbxmlError(Exception):
    """This is not WBXML as ActiveSync has it. `reason` holds names and numbers, never contents."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(f"{reason} (at byte {offset})")
        self.reason = reason
        self.offset = offset


DEFAULT_LIMITS: Final = Limits()
