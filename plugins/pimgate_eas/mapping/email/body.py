"""Body, BodyPart and NativeBodyType of a message.

The first form of the device's list that can be made is taken; one that it wants all or nothing of gives way to the next when it is
too long. What is signed or encrypted is sent as it is in one piece, or not at all: half of it is worth nothing.

Sources: MS-ASAIRS "Body", "BodyPart", "AllOrNone", "Truncated", "EstimatedDataSize", "Preview", "NativeBodyType"; MS-ASCNVRS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from pimgate.mail.mime.bodies import FetchedParts, Text, html_body, plain_body, unopened
from pimgate.mail.mime.cutting import cut, cut_html, cut_original, size_of
from pimgate.mail.mime.html_safe import FRAME
from pimgate.mail.mime.html_text import text_of
from pimgate.mail.mime.original import original_text
from pimgate.mail.mime.parts import Contents, Seal
from pimgate.mail.mime.pieces import WHOLE
from pimgate.mail.mime.plain import as_html, preview
from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.email.fetching import SEALED_BYTES, usable
from pimgate_eas.mapping.email.message import Message
from pimgate_eas.mapping.email.options import HTML, MIME, PLAIN, Options, Preference
from pimgate_eas.wbxml.element import Element

PREVIEWED: Final = 64 * 1024
"""Characters of HTML in which the first words are looked for."""
UNKNOWN_PART_TYPE: Final = "164"
_NATIVE: Final = "AirSyncBase:NativeBodyType"
_CUT: Final[Mapping[str, Callable[[str, int], str]]] = {PLAIN: cut, HTML: cut_html, MIME: cut_original}


@dataclass(frozen=True, slots=True)
class Source:
    """A message and what was fetched of it; texts are made when they are asked for, each once."""

    message: Message
    contents: Contents
    fetched: FetchedParts
    made: dict[str, Text]

    @classmethod
    def of(cls, message: Message, contents: Contents, fetched: FetchedParts) -> Source:
        return cls(message, contents, fetched, {})

    def text(self, form: str) -> Text:
        if form not in self.made:
            self.made[form] = self._make(form)
        return self.made[form]

    def words(self) -> str:
        """The beginning of what people read, as far as it was fetched in any form."""
        if HTML in self.made and PLAIN not in self.made:
            return text_of(self.made[HTML].text[:PREVIEWED])
        return self.text(PLAIN).text

    def _make(self, form: str) -> Text:
        if form == MIME:
            return self._original()
        if self.message.structure.breach:
            words = unopened(self.message.structure.breach)
            text = FRAME.format(as_html(words)) if form == HTML else words
            return Text(text, size_of(text))
        if form == HTML:
            return html_body(self.contents, self.fetched)
        found = plain_body(self.contents, self.fetched)
        lines = found.text.count("\n")
        return Text(found.text.replace("\n", "\r\n"), found.size_bytes + lines, found.is_cut)

    def _original(self) -> Text:
        octets = self.fetched.octets.get(WHOLE, b"")
        is_cut = WHOLE in self.fetched.cut
        text = original_text(octets)
        return Text(text, max(self.message.size_bytes, size_of(text)) if is_cut else size_of(text), is_cut)


def elements(source: Source, options: Options, context: Context) -> list[Element]:
    """Body, NativeBodyType and, where it is asked for, BodyPart."""
    found = [_body(source, options, context)]
    if options.part is not None and context.knows("AirSyncBase:BodyPart"):
        found.append(_part(source, options.part))
    native = HTML if source.contents.has_html else PLAIN
    return [*found, Element(_NATIVE, text=native)]


def _body(source: Source, options: Options, context: Context) -> Element:
    preferred = usable(options, source.contents, is_opaque=bool(source.message.structure.breach))
    chosen = next((each for each in preferred if not _is_refused(source, each)), preferred[-1])
    children = [Element("AirSyncBase:Type", text=chosen.form), *_content(source, chosen)]
    if chosen.preview and context.knows("AirSyncBase:Preview"):
        children += _preview(source, chosen)
    return Element("AirSyncBase:Body", *children)


def _part(source: Source, asked: Preference) -> Element:
    if asked.form != HTML:
        return Element(
            "AirSyncBase:BodyPart",
            Element("AirSyncBase:Status", text=UNKNOWN_PART_TYPE),
            Element("AirSyncBase:Type", text=HTML),
            Element("AirSyncBase:EstimatedDataSize", text="0"),
        )
    children = [Element("AirSyncBase:Status", text="1"), Element("AirSyncBase:Type", text=HTML)]
    children += _content(source, asked)
    if asked.preview:
        children += _preview(source, asked)
    return Element("AirSyncBase:BodyPart", *children)


def _is_refused(source: Source, preference: Preference) -> bool:
    """Whether all was wanted, or nothing, and it is nothing."""
    return preference.all_or_none and source.text(preference.form).size_bytes > (preference.most or 0)


def _content(source: Source, preference: Preference) -> list[Element]:
    text = source.text(preference.form)
    data = _data(source, preference, text)
    found = [Element("AirSyncBase:EstimatedDataSize", text=str(text.size_bytes))]
    if data is None or len(data) < len(text.text) or text.is_cut:
        found.append(Element("AirSyncBase:Truncated", text="1"))
    return [*found, Element("AirSyncBase:Data", text=data)] if data is not None else found


def _data(source: Source, preference: Preference, text: Text) -> str | None:
    """What is sent; None for nothing of it."""
    if _is_refused(source, preference):
        return None
    if preference.form == MIME and source.contents.seal is not Seal.NONE:
        most = max(SEALED_BYTES, preference.most or 0)
        is_short = not text.is_cut and (preference.most is None or text.size_bytes <= most)
        return text.text if is_short else None
    return text.text if preference.most is None else _CUT[preference.form](text.text, preference.most)


def _preview(source: Source, preference: Preference) -> list[Element]:
    words = preview(source.words(), preference.preview)
    return [Element("AirSyncBase:Preview", text=words)] if words else []
