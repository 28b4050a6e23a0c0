"""Provision: the device fetches the policy and acknowledges it, or hears that it is to erase itself and says that it did.

Devices do this in more than one order: some say how it went before they say what, some ask for the policy once more after each
acknowledgement.
Source: MS-ASPROV, "Provision Command" and its phases.
"""

from __future__ import annotations

from collections.abc import Mapping

from pimgate.api import DeviceBlocked, DeviceState, Wipe, WipeScope, Work, device_notes, wipes
from pimgate_eas import policy_keys
from pimgate_eas.exchange import Exchange
from pimgate_eas.information import told_in
from pimgate_eas.policy import POLICY_TYPE, policy_for, provision_document
from pimgate_eas.status import Common, Policy, Provision
from pimgate_eas.versions import knows
from pimgate_eas.wbxml.element import Element

DIRECTIVES: Mapping[WipeScope, str] = {
    WipeScope.ACCOUNT: "Provision:AccountOnlyRemoteWipe",
    WipeScope.DEVICE: "Provision:RemoteWipe",
}


async def serve(exchange: Exchange) -> Element:
    """The policy with a temporary key; the final key for an acknowledgement of that; or the wipe that is asked for."""
    body = exchange.body or Element("Provision:Provision")
    if body.name != "Provision:Provision":
        return _answer(Provision.PROTOCOL)
    told = next((scope for scope, name in DIRECTIVES.items() if body.has(name)), None)
    if told is not None:
        return await _wipe_told(exchange, body, told)
    if exchange.device.state is DeviceState.WIPING:
        wipe = await exchange.core.write(lambda work: wipes.note_sent(work, exchange.core.devices, exchange.device.id))
        return _wipe_answer(exchange, Provision.OK, wipe)
    return await _policy_asked(exchange, body)


async def _wipe_told(exchange: Exchange, body: Element, scope: WipeScope) -> Element:
    """How the wipe went, as the device says: inside of the element, or before it. One that failed is asked for again."""
    directive = body.find(DIRECTIVES[scope])
    inside = directive.text_of("Provision:Status") if directive is not None else None
    status = inside or body.text_of("Provision:Status") or str(int(Provision.OK))
    has_succeeded = status.strip() == "1"

    def job(work: Work) -> Wipe | None:
        devices, device = exchange.core.devices, exchange.device.id
        return wipes.acknowledge(work, devices, device, scope, has_succeeded=has_succeeded)

    left = await exchange.core.write(job)
    return _wipe_answer(exchange, Provision.OK if has_succeeded else Provision.PROTOCOL, left)


def _wipe_answer(exchange: Exchange, status: Provision, wipe: Wipe | None) -> Element:
    """What is left to erase, if anything. DeviceBlocked for a device that now speaks a version without a word for that: it must
    not be asked for more than the operator wanted."""
    if wipe is None:
        return _answer(status)
    if not knows(exchange.version, DIRECTIVES[wipe.scope]):
        raise DeviceBlocked(
            f"{exchange.device.id} cannot be asked for a wipe of its {wipe.scope} in {exchange.version}"
        )
    return _answer(status, Element(DIRECTIVES[wipe.scope]))


async def _policy_asked(exchange: Exchange, body: Element) -> Element:
    information = await _information(exchange, body)
    policies = body.path("Provision:Policies", "Provision:Policy")
    if not policies:
        return _answer(Provision.OK, information=information)
    asked = policies[0]
    if asked.text_of("Provision:PolicyType") != POLICY_TYPE:
        return _answer(Provision.OK, _policies(Policy.UNKNOWN_TYPE), information=information)
    key = asked.text_of("Provision:PolicyKey")
    if not key:
        offered = await exchange.core.write(lambda work: policy_keys.offer(work, exchange))
        policy = policy_for(exchange.settings.policy, exchange.viewer.profile)
        document = provision_document(policy, exchange.version)
        return _answer(Provision.OK, _policies(Policy.OK, offered, document), information=information)
    status = (asked.text_of("Provision:Status") or "1").strip()
    if status not in policy_keys.COMPLIANCE:
        return _answer(Provision.PROTOCOL)
    final = await exchange.core.write(lambda work: policy_keys.acknowledge(work, exchange, key, status))
    if isinstance(final, Common):
        return _answer(final)
    if isinstance(final, Policy):
        return _answer(Provision.OK, _policies(final))
    return _answer(Provision.OK, _policies(Policy.OK, final))


async def _information(exchange: Exchange, body: Element) -> Element | None:
    """Devices from 14.1 on send what they are along; it is kept, and acknowledged."""
    given = body.find("Settings:DeviceInformation")
    if given is None:
        return None
    told = told_in(given)
    if told:
        await exchange.core.write(lambda work: device_notes.set_information(work, exchange.device.id, told))
    return Element("Settings:DeviceInformation", Element("Settings:Status", text="2" if told is None else "1"))


def _policies(status: Policy, key: int | None = None, document: Element | None = None) -> Element:
    policy = Element(
        "Provision:Policy",
        Element("Provision:PolicyType", text=POLICY_TYPE),
        Element("Provision:Status", text=str(int(status))),
    )
    if key is not None:
        policy.append(Element("Provision:PolicyKey", text=str(key)))
    if document is not None:
        policy.append(Element("Provision:Data", document))
    return Element("Provision:Policies", policy)


def _answer(status: Provision | Common, *parts: Element, information: Element | None = None) -> Element:
    first = [information] if information is not None else []
    return Element("Provision:Provision", *first, Element("Provision:Status", text=str(int(status))), *parts)
