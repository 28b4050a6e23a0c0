"""Is it alive, is it ready: for supervisors and proxies."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from pimgate.core import Core


def health_routes(core: Core) -> list[BaseRoute]:
    """`/healthz` (the process answers) and `/readyz` (the database answers, too; 503 if not)."""

    async def alive(_request: Request) -> Response:
        return JSONResponse({"alive": True})

    async def ready(_request: Request) -> Response:
        await core.read(lambda work: work.journal.latest_line())
        return JSONResponse({"ready": True})

    return [Route("/healthz", alive), Route("/readyz", ready)]
