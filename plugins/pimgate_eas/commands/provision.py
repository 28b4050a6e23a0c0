"""Provision: the device fetches the policy, and acknowledges it. Source: MS-ASPROV, "Provision" and "Phase 1" to "Phase 4"."""

from __future__ import annotations

import secrets

from pimgate.api import Document, Work
from pimgate_eas import shelved
from pimgate_eas.exchange import Exchange
from pimgate_eas.policy import POLICY_TYPE, provision_document
from pimgate_eas.status import Policy, Provision
from pimgate_eas.wbxml.element import Element


async def serve(exchange: Exchange) -> Element:
    """The policy with a temporary key; or, for an acknowledgement of that, the final key."""
    body = exchange.body
    if body is None or body.name != "Provision:Provision":
        return _answer(Provision.PROTOCOL)
    policies = body.path("Provision:Policies", "Provision:Policy")
    if not policies:
        return _answer(Provision.OK if body.children else Provision.PROTOCOL, *_information(body))
    asked = policies[0]
    if asked.text_of("Provision:PolicyType") != POLICY_TYPE:
        return _answer(Provision.OK, *_information(body), _policies(Policy.UNKNOWN_TYPE))
    key = asked.text_of("Provision:PolicyKey")
    if not key:
        offered = await exchange.core.write(lambda work: _offer(work, exchange))
        return _answer(Provision.OK, *_information(body), _policies(Policy.OK, offered, with_document=True))
    final = await exchange.core.write(lambda work: _acknowledge(work, exchange, key))
    if final is None:
        return _answer(Provision.OK, _policies(Policy.WRONG_KEY))
    return _answer(Provision.OK, _policies(Policy.OK, final))


def _offer(work: Work, exchange: Exchange) -> int:
    exchange.hold(work)
    offered = _new_key()
    work.shelf.put(exchange.device.id, shelved.POLICY, Document({"offered": offered, "final": 0}))
    return offered


def _acknowledge(work: Work, exchange: Exchange, key: str) -> int | None:
    """The final key for the offered one: the same for each repetition. None for a key that was not offered."""
    exchange.hold(work)
    device = exchange.device
    found = work.shelf.get(device.id, shelved.POLICY)
    kept = found.content if found else {}
    if key not in (str(kept.get("offered", "")), str(kept.get("final") or "")):
        return None
    if kept["final"]:
        return int(kept["final"])
    final = _new_key()
    work.shelf.put(device.id, shelved.POLICY, Document({"offered": kept["offered"], "final": final}))
    exchange.core.devices.set_policy_key(work, device.id, final)
    return final


def _new_key() -> int:
    """Random and above zero: old devices break on zero."""
    return secrets.randbelow(2**32 - 2) + 1


def _information(body: Element) -> list[Element]:
    """Devices from 14.1 on send what they are along; it is acknowledged."""
    if not body.has("Settings:DeviceInformation"):
        return []
    return [Element("Settings:DeviceInformation", Element("Settings:Status", text="1"))]


def _policies(status: Policy, key: int | None = None, *, with_document: bool = False) -> Element:
    policy = Element(
        "Provision:Policy",
        Element("Provision:PolicyType", text=POLICY_TYPE),
        Element("Provision:Status", text=str(int(status))),
    )
    if key is not None:
        policy.append(Element("Provision:PolicyKey", text=str(key)))
    if with_document:
        policy.append(Element("Provision:Data", provision_document()))
    return Element("Provision:Policies", policy)


def _answer(status: Provision, *parts: Element) -> Element:
    information = [part for part in parts if part.namespace == "Settings"]
    rest = [part for part in parts if part.namespace != "Settings"]
    return Element("Provision:Provision", *information, Element("Provision:Status", text=str(int(status))), *rest)
