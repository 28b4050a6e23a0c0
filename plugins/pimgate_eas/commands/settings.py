"""Settings: what the device says of itself, the person's addresses, their answer while away, the recovery password.

Each part has a status of its own; one that cannot be done costs the others nothing. Source: MS-ASCMD, "Settings".
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from pimgate.api import AwayNow, Refused, absences, device_notes
from pimgate_eas import out_of_office
from pimgate_eas.exchange import Exchange
from pimgate_eas.information import told_in
from pimgate_eas.out_of_office import Unclear
from pimgate_eas.status import Settings
from pimgate_eas.versions import number
from pimgate_eas.wbxml.element import Element

LONGEST_PASSWORD = 256
ACCOUNTS_SINCE = 14.1

Part = Callable[[Exchange, Element], Coroutine[Any, Any, list[Element]]]
"""What the answer holds for one part of the question: its status, and what was asked for."""


async def serve(exchange: Exchange) -> Element:
    """The parts in the order in which they were asked; a question with an unknown part, or one part twice, is no question."""
    body = exchange.body
    if body is None or body.name != "Settings:Settings" or not body.children:
        return _answer(Settings.PROTOCOL)
    names = [part.name for part in body.children]
    if len(set(names)) < len(names) or not set(names) <= PARTS.keys():
        return _answer(Settings.PROTOCOL)
    return _answer(Settings.OK, *[await _part(exchange, part) for part in body.children])


async def _part(exchange: Exchange, asked: Element) -> Element:
    try:
        return Element(asked.name, *await PARTS[asked.name](exchange, asked))
    except Unclear as problem:
        return Element(asked.name, _status(problem.status))


async def _information(exchange: Exchange, asked: Element) -> list[Element]:
    told = told_in(asked)
    if told is None:
        raise Unclear(Settings.PROTOCOL)
    await exchange.core.write(lambda work: device_notes.set_information(work, exchange.device.id, told))
    return [_status(Settings.OK)]


async def _addresses(exchange: Exchange, asked: Element) -> list[Element]:
    """The person's addresses: from 14.1 on below an account, and the first of them named."""
    if not asked.has("Settings:Get"):
        raise Unclear(Settings.PROTOCOL)
    account = exchange.identity.account
    addresses = Element("Settings:EmailAddresses", Element("Settings:SMTPAddress", text=account.login))
    if number(exchange.version) < ACCOUNTS_SINCE:
        return [_status(Settings.OK), Element("Settings:Get", addresses)]
    addresses.append(Element("Settings:PrimarySmtpAddress", text=account.login))
    name = Element("Settings:UserDisplayName", text=account.name or account.login)
    accounts = Element("Settings:Accounts", Element("Settings:Account", name, addresses))
    return [_status(Settings.OK), Element("Settings:Get", accounts)]


async def _absence(exchange: Exchange, asked: Element) -> list[Element]:
    core, account = exchange.core, exchange.identity.account
    given, wanted = asked.find("Settings:Get"), asked.find("Settings:Set")
    if given is not None:
        kept = await core.read(lambda work: absences.absence_of(work, account.id))
        return [_status(Settings.OK), out_of_office.told(kept, given)]
    if wanted is None:
        raise Unclear(Settings.PROTOCOL)

    try:
        await absences.change(core, account, lambda before: out_of_office.wanted(wanted, before), exchange.hold)
    except Refused as error:
        raise Unclear(Settings.ACCESS_DENIED) from error
    except AwayNow as error:
        raise Unclear(Settings.SERVER) from error
    return [_status(Settings.OK)]


async def _password(exchange: Exchange, asked: Element) -> list[Element]:
    """The recovery password, kept for the operator only where the policy asks for one."""
    given = asked.find("Settings:Set")
    password = given.text_of("Settings:Password") if given is not None else None
    if password is None:
        raise Unclear(Settings.PROTOCOL)
    policy = exchange.settings.policy
    if not policy.password or not policy.password_recovery:
        raise Unclear(Settings.DENIED_BY_POLICY)
    if len(password) > LONGEST_PASSWORD:
        raise Unclear(Settings.INVALID_ARGUMENTS)
    await exchange.core.write(lambda work: device_notes.set_recovery_password(work, exchange.device.id, password))
    return [_status(Settings.OK)]


async def _rights_management(exchange: Exchange, asked: Element) -> list[Element]:
    """There is none here. A device that hears so does not ask again."""
    raise Unclear(Settings.RIGHTS_MANAGEMENT_OFF if asked.has("Settings:Get") else Settings.PROTOCOL)


PARTS: Mapping[str, Part] = {
    "Settings:DeviceInformation": _information,
    "Settings:UserInformation": _addresses,
    "Settings:Oof": _absence,
    "Settings:DevicePassword": _password,
    "Settings:RightsManagementInformation": _rights_management,
}


def _status(status: Settings) -> Element:
    return Element("Settings:Status", text=str(int(status)))


def _answer(status: Settings, *parts: Element) -> Element:
    return Element("Settings:Settings", _status(status), *parts)
