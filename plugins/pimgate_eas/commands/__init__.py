"""The commands, a file a command, and the table of them: what is in it is announced and served, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from pimgate_eas.answer import Answer
from pimgate_eas.commands import (
    find,
    folderchanges,
    foldersync,
    getattachment,
    getitemestimate,
    itemoperations,
    meetingresponse,
    moveitems,
    ping,
    provision,
    resolverecipients,
    search,
    sendmail,
    settings,
    smartforward,
    smartreply,
    sync,
    validatecert,
)
from pimgate_eas.dialect import Ending
from pimgate_eas.exchange import Exchange
from pimgate_eas.versions import VERSIONS


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `root` is the element of its answers, where a status of the whole stands; `most_bytes` bounds its body;
    `may_be_empty` tells whether a request without a body has a meaning; `is_free` whether it is served before the policy is
    acknowledged. It is announced to devices that may speak a version from `since` to `until`, and served to all.
    `is_mail_below_14`: before 14.0 the body is the mail itself, which is in `Exchange.octets` and not in `Exchange.body`."""

    serve: Callable[[Exchange], Coroutine[Any, Any, Answer | Ending]]
    root: str
    most_bytes: int = 65_536
    may_be_empty: bool = False
    is_free: bool = False
    since: str = VERSIONS[0]
    until: str = VERSIONS[-1]
    is_mail_below_14: bool = False


MAIL_BYTES = 64 * 1024 * 1024
"""Of a mail with its files; `http.max_body_bytes` is mostly less, and `outgoing.message_bytes` counts in the end."""
DRAFT_BYTES = 25 * 1024 * 1024
"""Of a Sync, which may bring drafts with their files; it is compared with the last question, so several copies are in memory."""

COMMANDS: Mapping[str, Command] = {
    "FolderCreate": Command(folderchanges.create, "FolderHierarchy:FolderCreate"),
    "FolderDelete": Command(folderchanges.delete, "FolderHierarchy:FolderDelete"),
    "FolderUpdate": Command(folderchanges.update, "FolderHierarchy:FolderUpdate"),
    "GetAttachment": Command(getattachment.serve, "", may_be_empty=True, until="12.1"),
    "GetItemEstimate": Command(getitemestimate.serve, "GetItemEstimate:GetItemEstimate", most_bytes=524_288),
    "ItemOperations": Command(itemoperations.serve, "ItemOperations:ItemOperations", most_bytes=262_144),
    "MeetingResponse": Command(meetingresponse.serve, "MeetingResponse:MeetingResponse", most_bytes=1_048_576),
    "MoveItems": Command(moveitems.serve, "Move:MoveItems", most_bytes=524_288),
    "ValidateCert": Command(validatecert.serve, "ValidateCert:ValidateCert", most_bytes=1_048_576),
    "FolderSync": Command(foldersync.serve, "FolderHierarchy:FolderSync"),
    "Ping": Command(ping.serve, "Ping:Ping", may_be_empty=True),
    "Provision": Command(provision.serve, "Provision:Provision", may_be_empty=True, is_free=True),
    "Search": Command(search.serve, "Search:Search"),
    "Find": Command(find.serve, "Find:Find", since="16.1"),
    "ResolveRecipients": Command(resolverecipients.serve, "ResolveRecipients:ResolveRecipients", most_bytes=131_072),
    "SendMail": Command(sendmail.serve, "ComposeMail:SendMail", most_bytes=MAIL_BYTES, is_mail_below_14=True),
    "SmartForward": Command(
        smartforward.serve, "ComposeMail:SmartForward", most_bytes=MAIL_BYTES, is_mail_below_14=True
    ),
    "SmartReply": Command(smartreply.serve, "ComposeMail:SmartReply", most_bytes=MAIL_BYTES, is_mail_below_14=True),
    "Settings": Command(settings.serve, "Settings:Settings"),
    "Sync": Command(sync.serve, "AirSync:Sync", most_bytes=DRAFT_BYTES, may_be_empty=True),
}
