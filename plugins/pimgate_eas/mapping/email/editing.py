"""What a device changes of a message that is there: whether it was read, its flag, its categories.

Source: MS-ASEMAIL "Read", "Flag", "Categories"; MS-ASCMD "Change". What is left out stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pimgate_eas.mapping.email import flagging
from pimgate_eas.mapping.email.keywords import MOST, category_of, keyword_of
from pimgate_eas.mapping.email.message import FLAGGED, SEEN, FollowUp
from pimgate_eas.wbxml.element import Element

CATEGORIES: Final = "Email:Categories"
READ: Final = "Email:Read"
TAGS: Final = frozenset({READ, flagging.TAG, CATEGORIES})


@dataclass(frozen=True, slots=True)
class FlagEdit:
    """None stands for what stays. `follow_up` is to be kept in place of what was, wherever `is_flagged` is not None; `keywords` are
    all that the message has from now on in categories."""

    is_read: bool | None = None
    is_flagged: bool | None = None
    follow_up: FollowUp | None = None
    keywords: frozenset[str] | None = None

    @property
    def is_empty(self) -> bool:
        return self.is_read is None and self.is_flagged is None and self.keywords is None

    def after(self, earlier: FlagEdit | None) -> FlagEdit:
        """This edit and an earlier one of the same message as one."""
        if earlier is None:
            return self
        flag = self if self.is_flagged is not None else earlier
        return FlagEdit(
            earlier.is_read if self.is_read is None else self.is_read,
            flag.is_flagged,
            flag.follow_up,
            earlier.keywords if self.keywords is None else self.keywords,
        )

    def changes(self, flags: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
        """The flags to be added to a message that has these, and those to be taken away."""
        now = frozenset(flags)
        added: set[str] = set()
        removed: set[str] = set()
        for flag, wish in ((SEEN, self.is_read), (FLAGGED, self.is_flagged)):
            if wish is not None:
                (added if wish else removed).add(flag)
        if self.keywords is not None:
            added |= self.keywords
            kept = {each.lower() for each in self.keywords}
            removed |= {each for each in now if category_of(each) and each.lower() not in kept}
        return frozenset(added - now), frozenset(removed & now)


def read_edit(data: Element) -> FlagEdit:
    """From the ApplicationData of a Change."""
    is_flagged, follow_up = None, None
    flag = data.find(flagging.TAG)
    if flag is not None:
        is_flagged, follow_up = flagging.read(flag)
    read = (data.text_of(READ) or "").strip()
    return FlagEdit(read == "1" if read in ("0", "1") else None, is_flagged, follow_up, _keywords(data))


def _keywords(data: Element) -> frozenset[str] | None:
    categories = data.find(CATEGORIES)
    if categories is None:
        return None
    words = [each.text or "" for each in categories.find_all("Email:Category")][:MOST]
    return frozenset(keyword for each in words if (keyword := keyword_of(each)))
