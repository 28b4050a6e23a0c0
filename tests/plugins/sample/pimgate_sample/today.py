"""What the hooks of this plugin share within one gateway; asked for with `core.belonging(Today)`."""

from dataclasses import dataclass, field
from threading import Lock


@dataclass(slots=True)
class Today:
    """How many changes were seen since the start, who said to be away, and where the porter sits while there is one."""

    changes_seen: int = 0
    away: set[str] = field(default_factory=set)
    porter: tuple[str, int] | None = None
    _lock: Lock = field(default_factory=Lock, repr=False)

    def saw(self, changes: int) -> None:
        """Count these changes; they are told by whichever thread made them."""
        with self._lock:
            self.changes_seen += changes

    def knows_of(self, login: str, *, is_away: bool) -> None:
        """Remember who is away."""
        with self._lock:
            (self.away.add if is_away else self.away.discard)(login)
