"""A request body, read under the cap of its route."""

from __future__ import annotations

from starlette.requests import Request

from pimgate.web.guard import BodyTooLarge


async def read_body(request: Request, most_bytes: int) -> bytes:
    """The whole body. BodyTooLarge beyond `most_bytes`: the guard answers 413 and closes."""
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > most_bytes:
            raise BodyTooLarge
        pieces.append(piece)
    return b"".join(pieces)
