"""The meeting rooms, as directory entries."""

from pimgate.api import DirectoryEntry
from pimgate_sample.settings import SampleSettings

SOURCE = "Meeting rooms"


def rooms_matching(settings: SampleSettings, query: str, limit: int) -> list[DirectoryEntry]:
    """The rooms whose name or address contains `query`, at most `limit`."""
    wanted = query.casefold()
    entries = [_entry(room, settings.domain) for room in settings.rooms]
    return [each for each in entries if wanted in f"{each.name} {each.email}".casefold()][:limit]


def _entry(room: str, domain: str) -> DirectoryEntry:
    mailbox = "-".join(room.casefold().split())
    return DirectoryEntry(name=room, email=f"{mailbox}@{domain}", source=SOURCE, fields={"title": "Meeting room"})
