"""Android tries an account out before it saves it, as a device named `validate`: it is answered, and nothing is kept of it.

It asks for the folders. An answer that they are the same as before, none, tells it that the account works; whether a policy is
demanded the saved account learns by itself.
"""

from __future__ import annotations

from pimgate_eas.query import Query
from pimgate_eas.status import FolderSync, Policy, Provision
from pimgate_eas.wbxml.element import Element

DEVICE_ID = "validate"
FIRST_KEY = "1"


def is_probe(query: Query) -> bool:
    return query.device_id.lower() == DEVICE_ID


def answer(query: Query) -> Element | None:
    """What a probe hears; None to a command that a device which is none has no use for."""
    answers = {"FolderSync": _no_folders, "Provision": _no_policy}
    return answers[query.command]() if query.command in answers else None


def _no_folders() -> Element:
    return Element(
        "FolderHierarchy:FolderSync",
        Element("FolderHierarchy:Status", text=str(int(FolderSync.OK))),
        Element("FolderHierarchy:SyncKey", text=FIRST_KEY),
        Element("FolderHierarchy:Changes", Element("FolderHierarchy:Count", text="0")),
    )


def _no_policy() -> Element:
    policy = Element(
        "Provision:Policy",
        Element("Provision:PolicyType", text="MS-EAS-Provisioning-WBXML"),
        Element("Provision:Status", text=str(int(Policy.NONE))),
    )
    return Element(
        "Provision:Provision",
        Element("Provision:Status", text=str(int(Provision.OK))),
        Element("Provision:Policies", policy),
    )
