"""Cards in books for phones to find, and pictures for the cards."""

from __future__ import annotations

import base64
import io
from random import Random

from PIL import Image

from gateway.seen import through
from gateway.texts import card
from pimgate import collections
from pimgate.core import Core
from pimgate.model.collections import Collection, CollectionKind, Role


def book_of(core: Core, login: str, role: Role) -> Collection:
    """A person's book of this role; the organisation's directory is everybody's."""
    with core.database.read() as work:
        person = core.people.get(work, login)
        return next(
            each.collection
            for each in work.collections.standings(person.id)
            if each.collection.kind is CollectionKind.BOOK and each.collection.role is role
        )


def put_card(
    core: Core,
    uid: str,
    name: str,
    email: str = "",
    *more: str,
    login: str = "anna@example.org",
    role: Role = Role.DEFAULT,
) -> None:
    book = book_of(core, login, role)
    with core.database.write() as work:
        person = core.people.get(work, login)
        core.catalogue.open_view(work, through(person), book.id).put(f"{uid}.vcf", card(uid, name, email, *more))


def second_book(core: Core, login: str, name: str) -> Collection:
    with core.database.write() as work:
        return collections.create(work, core.people.get(work, login).id, CollectionKind.BOOK, name)


def picture(width: int, height: int, kind: str = "JPEG", mode: str = "RGB") -> bytes:
    """A picture that cannot be compressed much: each pixel has a colour of its own."""
    noise = Image.frombytes("RGB", (width, height), Random(7).randbytes(3 * width * height)).convert(mode)
    written = io.BytesIO()
    noise.save(written, kind)
    return written.getvalue()


def photo_line(octets: bytes, kind: str = "JPEG") -> str:
    return f"PHOTO;ENCODING=b;TYPE={kind}:{base64.b64encode(octets).decode()}"
