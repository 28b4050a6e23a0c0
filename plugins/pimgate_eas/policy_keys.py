"""The keys of a policy: offered with the document, exchanged for the final one when the device has acknowledged it.

A document and its key belong together by the document's fingerprint: when that is no longer the present one, the device is asked to
fetch the policy again.
Source: MS-ASPROV, "PolicyKey" and "Status (Policy)".
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from pimgate.api import Document, Work, device_notes
from pimgate_eas import shelved
from pimgate_eas.exchange import Exchange
from pimgate_eas.policy import fingerprint, policy_for
from pimgate_eas.policy_settings import Compliance
from pimgate_eas.status import Common, Policy

COMPLIANCE: Mapping[str, str] = {"1": "full", "2": "partial", "3": "refused", "4": "managed"}
"""What a device says it did with the policy."""

ACCEPTED: Mapping[Compliance, frozenset[str]] = {
    Compliance.FULL: frozenset({"full"}),
    Compliance.PARTIAL: frozenset({"full", "partial"}),
    Compliance.ANY: frozenset({"full", "partial", "managed"}),
}
REFUSALS: Mapping[str, Common] = {
    "partial": Common.NOT_FULLY_PROVISIONABLE,
    "refused": Common.NOT_FULLY_PROVISIONABLE,
    "managed": Common.EXTERNALLY_MANAGED,
}


def offer(work: Work, exchange: Exchange) -> int:
    """A temporary key for the document that the device is handed now. What it acknowledged before holds until it does so again."""
    exchange.hold(work)
    found = work.shelf.get(exchange.device.id, shelved.POLICY)
    offered = _new_key()
    content = {"offered": offered, "document": _present(exchange), "final": 0, "kept": ""}
    if found is not None:
        content["kept"] = found.content.get("kept", "")
    work.shelf.put(exchange.device.id, shelved.POLICY, Document(content))
    return offered


def acknowledge(work: Work, exchange: Exchange, key: str, status: str) -> int | Policy | Common:
    """The final key for the offered one, the same for each repetition; or why there is none: the key was not offered, or what the
    device did with the policy is not enough."""
    exchange.hold(work)
    device = exchange.device
    found = work.shelf.get(device.id, shelved.POLICY)
    kept = found.content if found else {}
    if key not in (str(kept.get("offered", "")), str(kept.get("final") or "")):
        return Policy.WRONG_KEY
    compliance = COMPLIANCE[status]
    device_notes.set_policy_kept(work, device.id, compliance)
    if not _is_enough(exchange, compliance):
        return REFUSALS[compliance]
    if kept["final"]:
        return int(kept["final"])
    final = _new_key()
    content = {**kept, "final": final, "kept": kept.get("document", "")}
    work.shelf.put(device.id, shelved.POLICY, Document(content))
    exchange.core.devices.set_policy_key(work, device.id, final)
    return final


def _is_enough(exchange: Exchange, compliance: str) -> bool:
    settings = exchange.settings
    is_demanded = settings.require_policy and exchange.viewer.profile.keeps_policies
    return not is_demanded or compliance in ACCEPTED[settings.policy.accept]


def _present(exchange: Exchange) -> str:
    return fingerprint(policy_for(exchange.settings.policy, exchange.viewer.profile), exchange.version)


def _new_key() -> int:
    """Random and above zero: old devices break on zero."""
    return secrets.randbelow(2**32 - 2) + 1
