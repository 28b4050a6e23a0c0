"""AirSyncBase:Body of contacts and events: always plain text towards devices, plain text or HTML from them.

Source: MS-ASAIRS, "Body".
"""

from __future__ import annotations

from typing import Final

from pimgate_eas.mapping.rows import Shape
from pimgate_eas.mapping.words import clean, without_tags
from pimgate_eas.wbxml.element import Element

TAG: Final = "AirSyncBase:Body"
PLAIN: Final = "1"
HTML: Final = "2"


def _read(element: Element) -> str | None:
    """The plain text. None without Data, or in a form (RTF, MIME) that nothing is made of: then the text stays."""
    data = element.text_of("AirSyncBase:Data")
    kind = element.text_of("AirSyncBase:Type", PLAIN)
    if data is None or kind not in (PLAIN, HTML):
        return None
    return without_tags(data) if kind == HTML else clean(data)


def _element(tag: str, text: str) -> Element:
    data = text.replace("\n", "\r\n")
    return Element(
        tag,
        Element("AirSyncBase:Type", text=PLAIN),
        Element("AirSyncBase:EstimatedDataSize", text=str(len(data.encode()))),
        Element("AirSyncBase:Data", text=data),
    )


BODY: Final = Shape("", _read, _element)
