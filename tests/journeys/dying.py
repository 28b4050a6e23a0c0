"""A gateway that dies at a named point, once: `python dying.py POINT ARMED -- pimgate's own arguments`.

It is `pimgate` itself with one function wrapped. It dies where it comes by the point while the file ARMED is there, which it takes
away first: the next one lives. Nothing is flushed, closed or said goodbye to.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine


class Death:
    def __init__(self, armed: Path) -> None:
        self.armed = armed

    def comes(self) -> None:
        """Die, if it is time."""
        try:
            self.armed.unlink()
        except FileNotFoundError:
            return
        os._exit(9)


def before_commit(death: Death) -> None:
    """All rows are written, none is kept."""

    def commit(connection: Any) -> None:
        if connection.get_execution_options().get("writes") or _has_written(connection):
            death.comes()

    event.listen(Engine, "commit", commit)


def _has_written(connection: Any) -> bool:
    return bool(getattr(connection.connection.driver_connection, "total_changes", 1))


def after_commit(death: Death) -> None:
    """All is kept, and nobody has heard of it."""
    from pimgate.core import Core

    write = Core.write

    async def dying(self: Core, job: Callable[..., Any]) -> Any:
        result = await write(self, job)
        death.comes()
        return result

    Core.write = dying  # type: ignore[method-assign]


def amid_answer(death: Death) -> None:
    """Half of the answer is on the line."""
    from starlette.responses import Response

    respond = Response.__call__

    async def dying(self: Response, scope: Any, receive: Any, send: Any) -> None:
        async def half(message: Any) -> None:
            if message["type"] == "http.response.body" and self.body and death.armed.exists():
                await send({**message, "body": bytes(self.body)[: len(self.body) // 2], "more_body": True})
                await asyncio.sleep(0.05)
                death.comes()
            await send(message)

        await respond(self, scope, receive, half)

    Response.__call__ = dying  # type: ignore[method-assign]


def before_sending(death: Death) -> None:
    """A message is in the outbox, and on its way to nobody."""
    from pimgate.store.outbox import OutboxRows

    claim = OutboxRows.claim

    def dying(self: OutboxRows, *given: Any) -> Any:
        entry = claim(self, *given)
        if entry is not None:
            death.comes()
        return entry

    OutboxRows.claim = dying  # type: ignore[method-assign]


def after_filing(death: Death) -> None:
    """A copy lies in its folder on the mail server, and nobody has noted it."""
    from pimgate.mail.acting import Acting

    append = Acting.append

    async def dying(self: Acting, *given: Any, **more: Any) -> Any:
        item_id = await append(self, *given, **more)
        death.comes()
        return item_id

    Acting.append = dying  # type: ignore[method-assign]


def amid_migration(statements: int) -> Callable[[Death], None]:
    """So many statements change the tables before it dies."""

    def install(death: Death) -> None:
        left = [statements]

        def executed(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            if statement.lstrip().upper().startswith(("ALTER", "CREATE", "DROP", "UPDATE", "INSERT")):
                left[0] -= 1
                if left[0] <= 0:
                    death.comes()

        event.listen(Engine, "after_cursor_execute", executed)

    return install


POINTS = {
    "before the commit": before_commit,
    "after the commit": after_commit,
    "amid the answer": amid_answer,
    "before sending": before_sending,
    "after filing": after_filing,
    **{f"amid migration {count}": amid_migration(count) for count in range(1, 41)},
}

if __name__ == "__main__":
    POINTS[sys.argv[1]](Death(Path(sys.argv[2])))
    from pimgate.cli import main

    sys.argv = ["pimgate", *sys.argv[4:]]
    main()
