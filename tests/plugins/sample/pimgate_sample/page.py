"""`GET /sample/collections`: what the person's client sees, as JSON.

{"person": "anna@example.org",
 "collections": [{"name": "Contacts", "kind": "book", "exposure": "full", "why": "its switch is on: ..."}]}
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pimgate.api import Core, DeviceFacts, NotAllowedIn, PimgateError, Sight, Viewer, check_allowed
from pimgate.web.authentication import basic_credentials, refusal
from pimgate_sample.errors import status_of

PROTOCOL = "sample"
PATH = "/sample/collections"


def collections_route(core: Core) -> Route:
    """The page of one gateway."""

    async def collections(request: Request) -> Response:
        try:
            viewer = await _viewer(core, request)
        except NotAllowedIn as error:
            return refusal(error)
        try:
            sights = await core.read(lambda work: core.catalogue.visible_to(work, viewer))
        except PimgateError as error:
            return JSONResponse({"error": error.public}, status_of(error))
        return JSONResponse({"person": viewer.account.login, "collections": [_shown(each) for each in sights]})

    return Route(PATH, collections)


async def _viewer(core: Core, request: Request) -> Viewer:
    """Who asks, and with which program: each User-Agent of a person is a device of theirs. NotAllowedIn."""
    agent = request.headers.get("user-agent", "")
    facts = DeviceFacts(PROTOCOL, identifier=agent.partition("/")[0][:32] or "unknown", agent=agent)
    identity, device = await core.enter(basic_credentials(request, PROTOCOL), lambda _: facts)
    check_allowed(device)
    return core.viewer(identity, device)


def _shown(sight: Sight) -> dict[str, str]:
    collection = sight.standing.collection
    return {
        "name": collection.name,
        "kind": collection.kind.value,
        "exposure": sight.verdict.exposure.value,
        "why": sight.verdict.reason,
    }
