"""The requests about push: a program subscribes to a collection, subscribes anew before that ends, and leaves.

Source: WebDAV-Push, "Subscription Management". What the draft calls the public key of the client has had two names; both are
taken. A program that names no trigger, as DAVx5 did for long, wants to hear of changed contents.
"""

from __future__ import annotations

from email.utils import formatdate, parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from pimgate.api import Bookmark, BookmarkExpired, DeviceId, View
from pimgate_dav.answer import Answer
from pimgate_dav.errors import BadRequest, NotPossible, Precondition
from pimgate_dav.layout import PUSH, Place
from pimgate_dav.names import webdav_push
from pimgate_dav.push.keys import from_base64
from pimgate_dav.push.message import client_point
from pimgate_dav.push.properties import keys_here
from pimgate_dav.push.reaching import is_acceptable
from pimgate_dav.push.subscriptions import Subscription, id_of, leave, of_person, one, subscribe, told_of_own
from pimgate_dav.visit import Visit, exposure_of

ROOT: Final = webdav_push("push-register")
KEY_NAMES: Final = (webdav_push("subscription-public-key"), webdav_push("client-public-key"))
LEAST_DAYS: Final = 3
SECONDS_A_DAY: Final = 86_400
LONGEST_RESOURCE: Final = 2_000
LONGEST_ID: Final = 64
MOST_NAMED: Final = 10
MOST_CHANGES: Final = 100
AUTH_OCTETS: Final = 16


def register(visit: Visit, root: Element) -> Answer:
    """Subscribe to a collection, for as long as was asked for and the settings allow."""
    view = visit.view(visit.ask.place)
    if keys_here(visit) is None or not exposure_of(view).is_readable:
        raise Precondition(403, webdav_push("push-not-available"))
    visit.work.lock_device(DeviceId(visit.viewer.origin))
    wanted = _wanted(visit, view, root)
    before = one(visit.work, wanted.id)
    subscribe(visit.work, wanted, visit.settings.push_subscriptions)
    headers = {"Location": _address(visit, wanted.id), "Expires": formatdate(wanted.expires_at, usegmt=True)}
    return Answer(204 if before else 201, headers)


def unregister(visit: Visit) -> Answer:
    """Leave: the address that came with the answer to the subscription is deleted. NoSuchItem."""
    if not visit.ask.place.item:
        raise NotPossible("OPTIONS")
    leave(visit.work, visit.viewer.account.id, visit.ask.place.item)
    return Answer(204)


def heed(visit: Visit) -> None:
    """`Push-Dont-Notify`: a program that has just written something wants no message about it (WebDAV-Push, "Suppressing
    Notifications"). It speaks for its own subscriptions only, all of them by a star; and changes of others that came in between are
    told all the same."""
    header = visit.ask.headers.get("push-dont-notify", "")
    view = visit.opened()
    if not header or view is None or not visit.work.is_writing:
        return
    for each in _named(visit, header):
        upto = _own_end(visit, view, each.told) if each.collection == view.id else None
        if upto is not None:
            told_of_own(visit.work, each, upto)


def _named(visit: Visit, header: str) -> list[Subscription]:
    """This device's subscriptions that a header names."""
    if header.strip() == "*":
        found: list[Subscription | None] = [*of_person(visit.work, visit.viewer.account.id)]
    else:
        addresses = [each.strip().strip('"') for each in header.split(",")[:MOST_NAMED]]
        found = [one(visit.work, address.rpartition("/")[2][:LONGEST_ID]) for address in addresses]
    return [each for each in found if each is not None and each.device == visit.viewer.origin]


def _own_end(visit: Visit, view: View, told: Bookmark) -> Bookmark | None:
    """The end of the journal, if everything since `told` was done by this device."""
    try:
        changes = view.changes_since(told, MOST_CHANGES)
    except BookmarkExpired:
        return None
    is_own = all(change.origin == visit.viewer.origin for change in changes.changes)
    return changes.upto if is_own and not changes.has_more else None


def _wanted(visit: Visit, view: View, root: Element) -> Subscription:
    web_push = root.find(f"{webdav_push('subscription')}/{webdav_push('web-push-subscription')}")
    if web_push is None:
        raise _invalid("Only Web Push is spoken here.")
    trigger = root.find(webdav_push("trigger"))
    if trigger is not None and trigger.find(webdav_push("content-update")) is None:
        raise Precondition(403, webdav_push("no-supported-trigger"))
    resource = _resource(visit, _text(web_push, webdav_push("push-resource")))
    client_key, auth = _client_key(web_push), _text(web_push, webdav_push("auth-secret"))
    if _length(auth) != AUTH_OCTETS:
        raise _invalid("The secret is none.")
    account = visit.viewer.account.id
    return Subscription(
        id=id_of(account, view.id, resource),
        account=account,
        device=DeviceId(visit.viewer.origin),
        collection=view.id,
        resource=resource,
        client_key=client_key,
        auth=auth,
        expires_at=_expiry(visit, root),
        told=view.bookmark(),
    )


def _resource(visit: Visit, text: str) -> str:
    if len(text) > LONGEST_RESOURCE or not is_acceptable(text, visit.settings.push_to_private_addresses):
        raise _invalid("The push service must be at a public address, over HTTPS.")
    return text


def _client_key(web_push: Element) -> str:
    if _text(web_push, webdav_push("content-encoding")) not in ("", "aes128gcm"):
        raise _invalid("Messages are encrypted as aes128gcm.")
    found = next((each for name in KEY_NAMES if (each := web_push.find(name)) is not None), None)
    text = (found.text or "").strip() if found is not None else ""
    try:
        client_point(from_base64(text))
    except ValueError as error:
        raise _invalid("The public key is none.") from error
    return text


def _length(text: str) -> int:
    try:
        return len(from_base64(text))
    except ValueError:
        return 0


def _expiry(visit: Visit, root: Element) -> float:
    """When the subscription ends. A client may ask for less than the settings allow, but always has three days."""
    now = visit.work.now
    latest = now + max(visit.settings.push_days, LEAST_DAYS) * SECONDS_A_DAY
    text = _text(root, webdav_push("expires"))
    if not text:
        return latest
    try:
        asked = parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise BadRequest("The time of expiry is none.") from error
    return min(max(asked, now + LEAST_DAYS * SECONDS_A_DAY), latest)


def _text(parent: Element, name: str) -> str:
    return (parent.findtext(name) or "").strip()


def _address(visit: Visit, subscription_id: str) -> str:
    """The whole address: programs keep it as it stands."""
    path = Place(visit.viewer.account.id, PUSH, subscription_id).href
    public = urlsplit(visit.core.settings.http.public_url)
    server = f"{public.scheme}://{public.netloc}" if public.netloc else f"https://{visit.ask.host}"
    return server + path


def _invalid(public: str) -> Precondition:
    return Precondition(403, webdav_push("invalid-subscription"), public)
