"""MeetingResponse: yes, perhaps or no to an invitation, in the calendar or in the mail. Source: MS-ASCMD, "MeetingResponse".

An invitation in the mail is brought into the calendar, answered there, and put into the trash.

From 16.0 on we tell the organizer, if the device wants it told; before, the device mails that itself, and only organizers of this
deployment hear of it from us. A response that is repeated gets the same answer and tells nobody a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from pimgate.api import (
    AwayNow,
    CollectionId,
    CollectionKind,
    Document,
    NoRoom,
    NoSuchCollection,
    PimgateError,
    ReadOnly,
    View,
    Work,
    scheduling,
)
from pimgate.text.errors import BadText
from pimgate_eas import invitations, shelved
from pimgate_eas.exchange import Exchange
from pimgate_eas.invitations import DECLINED, BadResponse, Response
from pimgate_eas.mail import invitations as mail_invitations
from pimgate_eas.mail.invitations import Invitation
from pimgate_eas.mail.names import Name, read_name
from pimgate_eas.status import Common, MeetingResponse
from pimgate_eas.sync.edits import item_of, server_id
from pimgate_eas.sync.turn import open_view
from pimgate_eas.versions import is_16
from pimgate_eas.wbxml.element import Element

MOST = 100
MOST_REMEMBERED = 50


async def serve(exchange: Exchange) -> Element:
    """A Result for each Request."""
    body = exchange.body
    if body is None or body.name != "MeetingResponse:MeetingResponse":
        return _status(Common.INVALID_XML)
    requests = body.find_all("MeetingResponse:Request")
    if not 1 <= len(requests) <= MOST:
        return _status(Common.INVALID_XML)
    questions = [_question(each, exchange.version) for each in requests]
    mail = await _mail(exchange, questions)
    results, answered = await exchange.core.write(lambda work: _answer(work, exchange, questions, mail))
    await mail_invitations.put_away(exchange, answered)
    return Element("MeetingResponse:MeetingResponse", *results)


@dataclass(frozen=True, slots=True)
class Question:
    """One Request: what is answered, and how; without a response, why that cannot be read."""

    request_id: str
    response: Response | None
    status: int = MeetingResponse.OK

    @property
    def name(self) -> Name | None:
        """The message that is answered, if it can be one."""
        return read_name(self.request_id) if self.response is not None else None


@dataclass(frozen=True, slots=True)
class Mail:
    """The messages among what is answered, and what those that are still there invite to."""

    names: frozenset[Name] = frozenset()
    invitations: Mapping[Name, Invitation] = field(default_factory=dict)
    is_away: bool = False


def _question(request: Element, version: str) -> Question:
    request_id = invitations.request_id(request)
    try:
        return Question(request_id, invitations.read(request, version))
    except BadResponse as problem:
        return Question(request_id, None, problem.status)


async def _mail(exchange: Exchange, questions: Iterable[Question]) -> Mail:
    named = {each.name for each in questions if each.name is not None}
    folders = await mail_invitations.mail_folders(exchange, {each.folder for each in named})
    names = frozenset(each for each in named if each.folder in folders)
    try:
        return Mail(names, await mail_invitations.invitations_in(exchange, names) if names else {})
    except AwayNow:
        return Mail(names, is_away=True)


def _answer(
    work: Work, exchange: Exchange, questions: Iterable[Question], mail: Mail
) -> tuple[list[Element], list[Name]]:
    """The results, and the messages that were answered."""
    exchange.hold(work)
    questions = list(questions)
    _hold_calendars(work, exchange, {each.response.collection_id for each in questions if each.response is not None})
    results, answered = [], []
    for each in questions:
        try:
            calendar_id = _answer_one(work, exchange, each, mail)
        except BadResponse as problem:
            results.append(_result(each, problem.status))
        except NoRoom:  # the message stays where it is, to be answered again
            results.append(_result(each, Common.QUOTA_EXCEEDED))
        except (PimgateError, BadText):
            results.append(_result(each, MeetingResponse.INVALID))
        else:
            results.append(_result(each, MeetingResponse.OK, calendar_id))
            answered += [each.name] if each.name in mail.invitations and each.name is not None else []
    return results, answered


def _hold_calendars(work: Work, exchange: Exchange, collection_ids: Iterable[str]) -> None:
    """In the order of their ids, so that two devices never wait for each other."""
    for collection_id in sorted(collection_ids):
        with suppress(NoSuchCollection, ReadOnly):
            open_view(work, exchange, collection_id).begin_writing()


def _answer_one(work: Work, exchange: Exchange, question: Question, mail: Mail) -> str:
    """The id of the event in the calendar, "" if it is no longer there, or not shown on this device."""
    if question.response is None:
        raise BadResponse(question.status)
    if question.name not in mail.names or question.name is None:
        return _respond(work, exchange, question.response, _calendar(work, exchange, question.response))
    response = _taken_up(work, exchange, question.response, question.name, mail)
    # An invitation may lie in a calendar that this device is not shown.
    view = exchange.core.catalogue.open_view(
        work, exchange.viewer, CollectionId(response.collection_id), even_if_unlisted=True
    )
    event_id = _respond(work, exchange, response, view)
    _remember_answered(work, exchange, question.response, response.request_id)
    return event_id if view.sight.verdict.exposure.is_listed else ""


def _taken_up(work: Work, exchange: Exchange, response: Response, name: Name, mail: Mail) -> Response:
    """A response to a message, as one to the event in the calendar."""
    if response.instance or response.collection_id not in ("", name.folder):
        raise BadResponse(MeetingResponse.INVALID)
    if mail.is_away:
        raise BadResponse(MeetingResponse.MAILBOX)
    invitation = mail.invitations.get(name)
    if invitation is None:
        event_id = _answered(work, exchange).get(response.token, "")
        return replace(response, collection_id=event_id.partition(":")[0], request_id=event_id)
    account = exchange.identity.account
    stays = response.user_response != DECLINED
    place, item_id = scheduling.take_up(
        exchange.core, work, account, invitation.text, invitation.header, needs_room=stays
    )
    return replace(response, collection_id=place, request_id=f"{place}:{item_id}")


def _respond(work: Work, exchange: Exchange, response: Response, view: View) -> str:
    """Carry out one response; gives the id of the event in the calendar, "" if it is no longer there."""
    item_id = item_of(response.request_id, view)
    head = view.head_by_id(item_id) if item_id is not None else None
    if head is None:
        if response.user_response == DECLINED and response.token in _declined(work, exchange):
            return ""
        raise BadResponse(MeetingResponse.INVALID)
    answer = invitations.answer_to(response, view.text(head), exchange.context(is_own=True))
    is_ours = is_16(exchange.version)
    sender = scheduling.Sender.SERVER if is_ours else scheduling.Sender.CLIENT
    tells = not is_ours or response.sent is not None
    with work.together():
        kept = scheduling.respond(exchange.core, work, view, head.id, answer, sender, tells=tells)
    if kept is None:
        _remember_declined(work, exchange, response)
        return ""
    return server_id(view, kept.id)


def _calendar(work: Work, exchange: Exchange, response: Response) -> View:
    view = open_view(work, exchange, response.collection_id or response.request_id.partition(":")[0])
    if view.collection.kind is not CollectionKind.CALENDAR:
        raise BadResponse(MeetingResponse.INVALID)
    return view


def _declined(work: Work, exchange: Exchange) -> list[str]:
    """The responses that removed an invitation: what they speak of is gone, and may be asked for once more."""
    document = work.shelf.get(exchange.device.id, shelved.DECLINED)
    return list(document.content["tokens"]) if document is not None else []


def _remember_declined(work: Work, exchange: Exchange, response: Response) -> None:
    tokens = [*_declined(work, exchange), response.token][-MOST_REMEMBERED:]
    work.shelf.put(exchange.device.id, shelved.DECLINED, Document({"tokens": tokens}))


def _answered(work: Work, exchange: Exchange) -> dict[str, str]:
    """The messages that were answered, with their events: a message is put away, and its answer may be repeated."""
    document = work.shelf.get(exchange.device.id, shelved.ANSWERED)
    return dict(document.content["events"]) if document is not None else {}


def _remember_answered(work: Work, exchange: Exchange, response: Response, event_id: str) -> None:
    events = {**_answered(work, exchange), response.token: event_id}
    latest = dict(list(events.items())[-MOST_REMEMBERED:])
    work.shelf.put(exchange.device.id, shelved.ANSWERED, Document({"events": latest}))


def _result(question: Question, status: int, calendar_id: str = "") -> Element:
    result = Element(
        "MeetingResponse:Result",
        Element("MeetingResponse:RequestId", text=question.request_id),
        Element("MeetingResponse:Status", text=str(int(status))),
    )
    if calendar_id:
        result.append(Element("MeetingResponse:CalendarId", text=calendar_id))
    return result


def _status(status: Common) -> Element:
    return Element("MeetingResponse:MeetingResponse", Element("MeetingResponse:Status", text=str(int(status))))
