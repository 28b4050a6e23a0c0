"""The table of commands: who may say which when, and whether its answer may tell that messages are gone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import connection, listing, mailboxes, messages, selecting, writing
from .states import State

if TYPE_CHECKING:
    from ..parser import Arguments
    from ..session import Session

Run = Callable[["Session", "Arguments"], Awaitable[str | None]]
"""A command: given the session and its arguments, it gives the text after OK (None for the usual one)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One command of the table."""

    run: Run
    state: State
    tells_expunges: bool = True


COMMANDS: Mapping[str, Entry] = {
    "CAPABILITY": Entry(connection.capability, State.ANY),
    "NOOP": Entry(connection.noop, State.ANY),
    "LOGOUT": Entry(connection.logout, State.ANY),
    "ID": Entry(connection.identify, State.ANY),
    "LOGIN": Entry(connection.log_in, State.LOGGED_OUT),
    "AUTHENTICATE": Entry(connection.authenticate, State.LOGGED_OUT),
    "ENABLE": Entry(connection.enable, State.LOGGED_IN),
    "NAMESPACE": Entry(listing.namespace, State.LOGGED_IN),
    "LIST": Entry(listing.list_mailboxes, State.LOGGED_IN),
    "LSUB": Entry(listing.list_subscribed, State.LOGGED_IN),
    "STATUS": Entry(listing.status, State.LOGGED_IN),
    "CREATE": Entry(mailboxes.create, State.LOGGED_IN),
    "DELETE": Entry(mailboxes.delete, State.LOGGED_IN),
    "RENAME": Entry(mailboxes.rename, State.LOGGED_IN),
    "SUBSCRIBE": Entry(mailboxes.subscribe, State.LOGGED_IN),
    "UNSUBSCRIBE": Entry(mailboxes.unsubscribe, State.LOGGED_IN),
    "SELECT": Entry(selecting.select, State.LOGGED_IN),
    "EXAMINE": Entry(selecting.examine, State.LOGGED_IN),
    "CHECK": Entry(selecting.check, State.SELECTED),
    "CLOSE": Entry(selecting.close, State.SELECTED),
    "UNSELECT": Entry(selecting.unselect, State.SELECTED),
    "IDLE": Entry(selecting.idle, State.LOGGED_IN),
    "APPEND": Entry(writing.append, State.LOGGED_IN),
    "FETCH": Entry(messages.fetch, State.SELECTED, tells_expunges=False),
    "SEARCH": Entry(messages.search, State.SELECTED, tells_expunges=False),
    "STORE": Entry(writing.store, State.SELECTED, tells_expunges=False),
    "COPY": Entry(writing.copy, State.SELECTED, tells_expunges=False),
    "MOVE": Entry(writing.move, State.SELECTED),
    "EXPUNGE": Entry(writing.expunge, State.SELECTED),
    "UID": Entry(messages.by_uid, State.SELECTED),
}
