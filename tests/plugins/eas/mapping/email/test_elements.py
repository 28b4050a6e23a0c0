"""Which elements of the class are sent: all that the dialect knows, but for those named here."""

import pytest

from gateway.mail.mime.letters import sample, samples
from pimgate_eas.mapping.email import FollowUp
from pimgate_eas.mapping.email.flagging import FIELDS, STATUS
from pimgate_eas.mapping.email.options import HTML, Options, Preference
from pimgate_eas.wbxml.codepages import PAGES
from plugins.eas.mapping.email.mails import VERSIONS, seen

LEFT_OUT = {
    "Email2:UmCallerID": "voice mail",
    "Email2:UmUserNotes": "voice mail",
    "Email2:UmAttDuration": "voice mail",
    "Email2:UmAttOrder": "voice mail",
    "Email2:AccountId": "of people with several accounts on one server",
    "Email2:ReceivedAsBcc": "nobody can tell it from a mailing list",
    "Email2:LastVerbExecutionTime": "IMAP keeps that a message was answered, not when",
    "Email2:IsLeapMonth": "of other calendars",
    "Email2:Send": "said by devices alone",
}
NOT_IN_16 = {"Email:GlobalObjId": "Calendar:UID instead", "Email:Location": "AirSyncBase:Location instead"}
BELOW_14 = {"Email:Categories": "of 14.0", "Email:Category": "of 14.0"}

PEOPLE = b"From: a@x\r\nSender: b@x\r\nReply-To: c@x\r\nCc: d@x\r\nBcc: e@x\r\nSubject: s\r\n\r\nx"
WEEKLY = b"RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=5"
RULES = (
    b"RRULE:FREQ=MONTHLY;BYMONTHDAY=12;UNTIL=20261231T000000Z",
    b"RRULE:FREQ=YEARLY;BYMONTH=1;BYDAY=2MO",
    b"RECURRENCE-ID;TZID=Europe/Berlin:20260112T090000",
)


def sent_in(version: str) -> set[str]:
    invitations = [sample("invitation.eml").replace(WEEKLY, rule) for rule in RULES]
    kept = FollowUp({**dict.fromkeys(FIELDS, "2026-01-01T00:00:00.000Z"), STATUS: "2"})
    found: set[str] = set()
    for octets in (*map(sample, samples()), PEOPLE, *invitations):
        waiting = [
            seen(octets, Options((Preference(HTML),)), version, "\\Flagged", "\\Answered", "Reisen", follow_up=kept)
        ]
        while waiting:
            each = waiting.pop()
            found.add(each.name)
            waiting += each.children
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_every_element_is_sent_but_those_named_here(version: str) -> None:
    rows = [row for page in PAGES if page.namespace in ("Email", "Email2") for row in page.rows()]
    known = {name for _, name, since in rows if float(since) <= float(version)}
    left_out = {*LEFT_OUT, *(NOT_IN_16 if version.startswith("16") else ()), *(BELOW_14 if version == "12.1" else ())}
    assert known - sent_in(version) == known & left_out
