"""AirSyncBase:Body of tasks and notes: plain text or HTML, whichever the device prefers and there is.

The plain words are DESCRIPTION, which every program shows. HTML is kept beside them, in X-ALT-DESC as Outlook and others
write it; what Thunderbird keeps in ALTREP is read as well. Neither is touched by a device that gives back what it got.

Sources: MS-ASAIRS "Body", "BodyPreference", "Type (Body)"; RFC 5545 "Alternate Text Representation".
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from pimgate.text.component import Component
from pimgate.text.lines import escape, make_line
from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.editing import put_text, text_of
from pimgate_eas.mapping.rows import Shape
from pimgate_eas.mapping.words import clean, without_tags
from pimgate_eas.wbxml.element import Element

PLAIN: Final = "1"
HTML: Final = "2"
_HTML_PROPERTY: Final = "X-ALT-DESC"
_INLINE: Final = "data:text/html,"


@dataclass(frozen=True, slots=True)
class Said:
    """Words in one form: PLAIN or HTML."""

    form: str
    text: str


NOTHING: Final = Said(PLAIN, "")


def said(component: Component, context: Context) -> Said:
    """The words of a component in the form that the device likes best. Plain ones are made HTML only for a device that reads
    nothing else."""
    plain, marked = text_of(component.get("DESCRIPTION")), _html_of(component)
    readable = [form for form in context.body_forms if form in (PLAIN, HTML)] or [PLAIN]
    if readable[0] == HTML and (marked or (plain and PLAIN not in readable)):
        return Said(HTML, marked or _as_html(plain))
    return Said(PLAIN, plain or without_tags(marked))


def put_said(component: Component, wanted: Said) -> None:
    """Make these the words. What says them already, in either form, stays as it is written."""
    plain, marked = text_of(component.get("DESCRIPTION")), _html_of(component)
    is_html = wanted.form == HTML
    if wanted.text in ((marked, _as_html(plain)) if is_html else (plain or without_tags(marked),)):
        return
    words = without_tags(wanted.text) if is_html else wanted.text
    if words != plain or not is_html:
        put_text(component, "DESCRIPTION", words, dropped=("ALTREP",))
    component.remove(_HTML_PROPERTY)
    if is_html and wanted.text:
        component.add(make_line(_HTML_PROPERTY, escape(wanted.text), (("FMTTYPE", ("text/html",)),)))


def _html_of(component: Component) -> str:
    for line in component.all(_HTML_PROPERTY):
        if line.param("FMTTYPE") in ((), ("TEXT/HTML",)):
            return text_of(line)
    description = component.get("DESCRIPTION")
    inline = description.param_text("ALTREP") if description is not None else None
    if inline is None or inline[: len(_INLINE)].lower() != _INLINE:
        return ""
    return clean(unquote(inline[len(_INLINE) :]))


def _as_html(plain: str) -> str:
    return html.escape(plain, quote=False).replace("\n", "<br>")


def _read(element: Element) -> Said | None:
    """None without Data, or in a form (RTF, MIME) that nothing is made of: then the words stay."""
    data = element.text_of("AirSyncBase:Data")
    form = element.text_of("AirSyncBase:Type", PLAIN) or ""
    if data is None or form not in (PLAIN, HTML):
        return None
    text = clean(data)
    return Said(form, text) if text else NOTHING


def _element(tag: str, words: Said) -> Element:
    data = words.text.replace("\n", "\r\n")
    return Element(
        tag,
        Element("AirSyncBase:Type", text=words.form),
        Element("AirSyncBase:EstimatedDataSize", text=str(len(data.encode()))),
        Element("AirSyncBase:Data", text=data),
    )


RICH: Final = Shape(NOTHING, _read, _element)
