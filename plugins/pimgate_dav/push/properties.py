"""What a collection says of push (WebDAV-Push, "Collection Properties")."""

from __future__ import annotations

from pimgate.api import CollectionId
from pimgate_dav.names import dav, webdav_push
from pimgate_dav.push.keys import Keys, keys_in
from pimgate_dav.visit import Visit
from pimgate_dav.xml_out import element


def transports(visit: Visit) -> str | None:
    keys = keys_here(visit)
    if keys is None:
        return None
    return f'<W:web-push><W:vapid-public-key type="p256ecdsa">{keys.public}</W:vapid-public-key></W:web-push>'


def topic(visit: Visit, collection_id: CollectionId) -> str | None:
    keys = keys_here(visit)
    return None if keys is None else keys.topic(collection_id)


def triggers(visit: Visit) -> str | None:
    """Changed contents. The draft said sync-level and now says depth; programs look for one of them."""
    if keys_here(visit) is None:
        return None
    return element(webdav_push("content-update"), element(dav("sync-level"), "1") + element(dav("depth"), "1"))


def keys_here(visit: Visit) -> Keys | None:
    """The keys, if programs here are told of changes at all."""
    return keys_in(visit.work) if visit.settings.push else None
