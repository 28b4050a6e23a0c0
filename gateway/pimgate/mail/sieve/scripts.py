"""An absence as a Sieve script. Pure.

What a person wrote is text between quotation marks, whatever it holds: a script asks for nothing that would make more of it
("variables", "encoded-character"). Times are compared in UTC, day and time of day apart, which every server understands alike.

Who wrote is told by the envelope, since that is who gets the answer: a forged header makes nobody a colleague. A server does not
know the person's contacts, so everybody outside counts as unknown.

Source: RFC 5228; RFC 5230 (vacation); RFC 5260 "Currentdate Test" (date); RFC 6609 (include).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from pimgate.mail.mime.html_text import text_of
from pimgate.model.absence import Audience, OutOfOffice, Reply

NAME: Final = "pimgate-absence"
"""The script with the answer."""
WRAPPER: Final = "pimgate-absence-and-own"
"""The script that is active where the person has one of their own: it includes ours, and theirs."""
DAYS: Final = 7
"""Nobody is answered again within so many days."""
LONGEST: Final = 262_144
_HEAD: Final = "# Made by pimgate, which writes it anew whenever the absence changes.\r\n"
_ANSWERS: Final = re.compile(r"""["'](?:vacation|vacation-seconds|reject|ereject)["']""", re.IGNORECASE)
_INCLUDED: Final = re.compile(r'^include :personal "((?:[^"\\]|\\.)*)";\r?$', re.MULTILINE)


class Lacking(Exception):
    """The server cannot carry this out: it lacks the extension `name`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def quoted(text: str) -> str:
    """A text as a Sieve string. Source: RFC 5228, "Strings"."""
    lines = "\r\n".join("".join(filter(_is_sayable, each)) for each in text[:LONGEST].splitlines())
    return '"' + lines.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(quoted(each) for each in texts)}]"


def _is_sayable(character: str) -> bool:
    return character == "\t" or (character >= " " and character != "\x7f" and not "\ud800" <= character <= "\udfff")


def script_of(absence: OutOfOffice, address: str, domains: Collection[str], extensions: Collection[str]) -> str:
    """The script that answers for `address`; `domains` are those of colleagues, `extensions` what the server can do. Lacking."""
    inside = _reply(absence, Audience.INTERNAL)
    outside = _reply(absence, Audience.UNKNOWN)
    needs = ["vacation"]
    body = _answer(inside, address)
    if inside != outside:
        needs.append("envelope")
        test = f'envelope :domain :is "from" {_list(sorted(domains))}'
        body = f"if {test} {{\r\n{_answer(inside, address)}}} else {{\r\n{_answer(outside, address)}}}\r\n"
    if absence.starts_at is not None and absence.ends_at is not None:
        needs += ["date", "relational"]
        body = f"if {_between(absence.starts_at, absence.ends_at)} {{\r\n{body}}}\r\n"
    for each in needs:
        if each not in extensions:
            raise Lacking(each)
    return f"{_HEAD}require {_list(needs)};\r\n{body}"


def says_anything(absence: OutOfOffice) -> bool:
    """Whether anybody would be answered."""
    return absence.is_on and any(_reply(absence, each) for each in (Audience.INTERNAL, Audience.UNKNOWN))


def _reply(absence: OutOfOffice, audience: Audience) -> Reply | None:
    reply = absence.replies.get(audience)
    return reply if reply is not None and reply.is_on and reply.text.strip() else None


def _answer(reply: Reply | None, address: str) -> str:
    if reply is None:
        return "keep;\r\n"
    head = f"vacation :days {DAYS} :addresses {_list([address])}"
    if not reply.is_html:
        return f"{head} {quoted(reply.text)};\r\n"
    return f"{head} :mime {quoted(_in_both_forms(reply.text))};\r\n"


def _in_both_forms(html: str) -> str:
    """A part of a message, its fields included, that every mail program can show."""
    part = EmailMessage(policy=SMTP)
    part.set_content(text_of(html), cte="base64")
    part.add_alternative(html.encode("utf-8", "replace").decode(), subtype="html", cte="base64")
    part.set_boundary("-pimgate-absence-")
    del part["MIME-Version"]
    return part.as_bytes().decode("ascii")


def _between(starts_at: float, ends_at: float) -> str:
    return f"allof({_at_the_earliest(starts_at, 'ge')}, not {_at_the_earliest(ends_at, 'gt')})"


def _at_the_earliest(at: float, relation: str) -> str:
    """Now is a later day, or this day at (`ge`) or after (`gt`) this time."""
    moment = datetime.fromtimestamp(at, UTC)
    now = 'currentdate :zone "+0000"'
    day, time = moment.strftime("%Y-%m-%d"), moment.strftime("%H:%M:%S")
    is_later = f'{now} :value "gt" "date" "{day}"'
    is_today = f'allof({now} :is "date" "{day}", {now} :value "{relation}" "time" "{time}")'
    return f"anyof({is_later}, {is_today})"


def nothing() -> str:
    """A script that does nothing, for where another one includes ours."""
    return _HEAD + "keep;\r\n"


def wrapper_of(own: str) -> str:
    """The script that runs ours and then the one that the person had active, as if that stood alone."""
    includes = "".join(f"include :personal {quoted(each)};\r\n" for each in (NAME, own))
    return f'{_HEAD}require ["include"];\r\n{includes}'


def included_in(wrapper: str) -> Sequence[str]:
    """The scripts that a wrapper of ours includes, besides ours."""
    names = [re.sub(r"\\(.)", r"\1", each) for each in _INCLUDED.findall(wrapper)]
    return [each for each in names if each != NAME]


def runs_ours(script: str) -> bool:
    """Whether somebody's own script includes ours."""
    return quoted(NAME) in script


def answers_already(script: str) -> bool:
    """Whether somebody's own script answers, or refuses, messages: a second answer would make both fail.

    Source: RFC 5230, "Interaction with Other Sieve Actions"."""
    return _ANSWERS.search(script) is not None
