"""The page "My address books and calendars", and the changes that are made on it."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.responses import JSONResponse, Response

from pimgate.api import CollectionId, Work, explaining, subscriptions
from pimgate_web.document import document_of
from pimgate_web.errors import BadForm
from pimgate_web.overview import overview
from pimgate_web.signing import HOME
from pimgate_web.visit import Visit

POSITIONS = {"on": True, "off": False}
WISHES = {"yes": True, "no": False}


async def preferences(visit: Visit) -> Response:
    """The page, or its twin in JSON."""
    account = visit.account
    seen = await visit.core.read(lambda work: overview(visit.core, work, account))
    if visit.wants_json:
        return JSONResponse(document_of(account, seen))
    panels = await visit.core.in_thread(visit.core.plugins.panels, visit.core, account)
    return visit.page(
        "preferences.html",
        seen=seen,
        panels=panels,
        setup=_setup(visit),
        device_title=explaining.title_of,
        has_mail=visit.core.mail is not None,
        keeps_mail_passwords=visit.core.mail is not None and visit.core.mail.vault is not None,
    )


async def turn_switch(visit: Visit) -> Response:
    """Turn the switch of one collection; devices hear of it at their next contact."""
    account, collection_id = visit.account, _collection_id(visit)
    is_on = _chosen(await visit.form(), "turn", POSITIONS)
    await visit.core.write(lambda work: subscriptions.turn(work, account.id, collection_id, is_on=is_on))
    return visit.done(f"{HOME}#{collection_id}", {"id": collection_id, "is_on": is_on})


async def change_subscription(visit: Visit) -> Response:
    """Subscribe or unsubscribe. A subscription begins with the switch on, except to what is large: then the person sees the
    warning first."""
    account, collection_id = visit.account, _collection_id(visit)
    is_wanted = _chosen(await visit.form(), "subscribe", WISHES)

    def job(work: Work) -> bool | None:
        if not is_wanted:
            subscriptions.unsubscribe(work, account.id, collection_id)
            return None
        standing = visit.core.catalogue.standing(work, account.id, collection_id)
        if standing.subscription is not None:
            return standing.subscription.is_on
        is_on = not explaining.volume_when_on(visit.core, work, standing).is_large
        subscriptions.subscribe(work, account.id, collection_id, is_on=is_on)
        return is_on

    is_on = await visit.core.write(job)
    return visit.done(f"{HOME}#{collection_id}", {"id": collection_id, "subscribed": is_wanted, "is_on": is_on})


async def choose_language(visit: Visit) -> Response:
    """Keep the language of the pages with the account."""
    account = visit.account
    language = (await visit.form()).get("language", "")
    if language not in visit.site.languages:
        raise BadForm("language")
    await visit.core.write(lambda work: visit.core.people.set_language(work, account.id, language))
    return visit.done(HOME, {"language": language})


def _collection_id(visit: Visit) -> CollectionId:
    return CollectionId(visit.request.path_params["collection"])


def _chosen(fields: dict[str, str], name: str, values: dict[str, bool]) -> bool:
    word = fields.get(name, "")
    if word not in values:
        raise BadForm(name)
    return values[word]


def _setup(visit: Visit) -> list[tuple[str, str]]:
    """What to enter on a device: keys of the words and addresses, for the protocols that this gateway speaks."""
    address = visit.site.address(visit.request)
    parts = urlsplit(address)
    host = parts.hostname or address
    of_protocol = {"eas": ("setup.phone", parts.netloc or address), "dav": ("setup.dav", f"{address}/")}
    of_protocol["imap"] = ("setup.imap", visit.site.settings.imap_address or host)
    return [entry for name, entry in of_protocol.items() if name in visit.core.plugins.enabled]
