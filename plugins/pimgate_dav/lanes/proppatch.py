"""PROPPATCH (RFC 4918, "PROPPATCH Method"): what programs keep with a collection or an item, and what of it we understand.

Everything is decided before anything is written, so a request is done as a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pimgate.api import CollectionId, NoRoom, NoSuchItem, PimgateError, ReadOnly, Refused, Right, View
from pimgate_dav.answer import Answer
from pimgate_dav.conditions import check_write
from pimgate_dav.errors import Precondition, row_of
from pimgate_dav.lanes.whole import check_downloaded
from pimgate_dav.properties import personal
from pimgate_dav.properties.dead import stored_name, stored_value
from pimgate_dav.properties.instructions import Instruction, Refusal, instructions_of, patched, protected_among
from pimgate_dav.properties.of_people import OF_HOME
from pimgate_dav.properties.protected import PROTECTED, WRITABLE
from pimgate_dav.properties.writable import Change, change_by, text_of, write
from pimgate_dav.visit import Visit

Refusals = Mapping[str, Refusal]


def proppatch(visit: Visit) -> Answer:
    """Change properties of a collection or an item: all of the request or nothing."""
    visit.check_there()
    instructions = instructions_of(visit.ask.xml)
    place = visit.ask.place
    if not place.collection:
        return patched(visit.ask, instructions, _change_home(visit, instructions))
    change = _change_item if place.item else _change_collection
    return patched(visit.ask, instructions, change(visit, visit.view(place), instructions))


def _change_item(visit: Visit, view: View, instructions: Sequence[Instruction]) -> Refusals:
    check_downloaded(view)
    view.begin_writing()
    head = view.head(visit.ask.place.item)
    if head is None:
        raise NoSuchItem(visit.ask.place.item)
    check_write(visit.ask, head)
    refusals = protected_among(instructions, PROTECTED)
    if refusals:
        return refusals
    properties = view.properties([head.id]).get(head.id, {})
    try:
        for each in instructions:
            name = stored_name(each.name)
            properties.pop(name, None)
            if each.value is not None:
                properties[name] = stored_value(each.value)
        view.set_properties(head, properties)
    except NoRoom as error:
        return _without_room(instructions, error)
    return {}


def _change_collection(visit: Visit, view: View, instructions: Sequence[Instruction]) -> Refusals:
    refusals = protected_among(instructions, PROTECTED)
    if view.sight.standing.right < Right.MANAGE:
        if any(each.name in WRITABLE and each.name != personal.COLOUR for each in instructions):
            raise ReadOnly(f"properties of {view.id}")
        return refusals or _change_own(visit, view.id, instructions)
    change = Change()
    for each in instructions:
        if each.name not in refusals:
            try:
                change = change_by(view.collection, each).after(change)
            except (Refused, Precondition) as error:
                refusals[each.name] = _refusal(error)
    if not refusals:
        try:
            write(visit, view.collection, change)
        except NoRoom as error:
            return _without_room(instructions, error)
    return refusals


def _change_home(visit: Visit, instructions: Sequence[Instruction]) -> Refusals:
    if visit.ask.place.is_root:
        raise Refused("the root", public="The root has no properties that can be changed.")
    rules = (*PROTECTED, *(name for name in WRITABLE if name in OF_HOME))
    return protected_among(instructions, rules) or _change_own(visit, personal.HOME, instructions)


def _change_own(visit: Visit, collection: CollectionId, instructions: Sequence[Instruction]) -> Refusals:
    """What a person keeps for their own programs alone."""
    personal.begin(visit)
    properties = dict(personal.kept(visit, collection))
    try:
        for each in instructions:
            name = stored_name(each.name)
            properties.pop(name, None)
            if each.value is not None:
                is_colour = each.name == personal.COLOUR
                properties[name] = text_of(each.value) if is_colour else stored_value(each.value)
        personal.keep(visit, collection, properties)
    except NoRoom as error:
        return _without_room(instructions, error)
    return {}


def _refusal(error: PimgateError | Precondition) -> Refusal:
    if isinstance(error, Precondition):
        return Refusal(error.status, error.precondition)
    row = row_of(error)
    return Refusal(row.status, row.precondition)


def _without_room(instructions: Sequence[Instruction], error: NoRoom) -> Refusals:
    """Whoever sets less has room: all that were to be set are named."""
    return {each.name: _refusal(error) for each in instructions if each.value is not None}
