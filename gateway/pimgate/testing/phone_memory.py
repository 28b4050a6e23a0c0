"""What a simulated phone remembers when it is switched off, so that another can go on in its place. Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pimgate.testing.phone_folders import Folder
from pimgate_eas.wbxml.codec import decode
from pimgate_eas.wbxml.element import Element


@dataclass(frozen=True, slots=True)
class Memory:
    """`copies`: by folder its key and its items by ServerId."""

    policy_key: str
    folder_key: str
    folders: Mapping[str, Folder]
    copies: Mapping[str, tuple[str, Mapping[str, Element]]]

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Memory:
        """From JSON: folders as [name, type], items as WBXML in Base64."""
        return cls(
            document["policy_key"],
            document["folder_key"],
            {server_id: Folder(*facts) for server_id, facts in document["folders"].items()},
            {server_id: (copy["key"], _items(copy["items"])) for server_id, copy in document["copies"].items()},
        )


def _items(kept: Mapping[str, str]) -> dict[str, Element]:
    return {server_id: decode(base64.b64decode(octets)) for server_id, octets in kept.items()}
