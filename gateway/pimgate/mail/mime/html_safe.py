"""HTML without what acts: scripts, forms, frames, and links that do something else than lead somewhere.

What a mail looks like stays: its style sheet, colours, tables, pictures. A mail's own pictures (`cid:`) stay too; whether others
are loaded from the web is for the device to decide. HTML that no parser should see is made text, and that HTML again.
"""

from __future__ import annotations

import re
from html.entities import html5
from typing import Final

import nh3

from pimgate.mail.mime.html_text import text_of
from pimgate.mail.mime.html_tokens import is_affordable
from pimgate.mail.mime.limits import LIMITS, Limits
from pimgate.mail.mime.plain import as_html
from pimgate.mail.mime.words import readable

TAGS: Final = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "address",
        "article",
        "aside",
        "b",
        "bdi",
        "bdo",
        "big",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "dfn",
        "dir",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "font",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "main",
        "map",
        "area",
        "mark",
        "nav",
        "ol",
        "p",
        "pre",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "section",
        "small",
        "span",
        "strike",
        "strong",
        "style",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
        "wbr",
    ]
)
_EVERYWHERE: Final = frozenset(
    [
        "align",
        "bgcolor",
        "border",
        "cellpadding",
        "cellspacing",
        "class",
        "color",
        "dir",
        "face",
        "height",
        "id",
        "lang",
        "role",
        "size",
        "style",
        "title",
        "valign",
        "width",
        "background",
        "hspace",
        "vspace",
        "nowrap",
    ]
)
_ATTRIBUTES: Final = {
    "*": set(_EVERYWHERE),
    "a": {"href", "name", "target"},
    "area": {"href", "shape", "coords", "alt"},
    "blockquote": {"cite", "type"},
    "col": {"span"},
    "colgroup": {"span"},
    "img": {"src", "alt", "usemap", "srcset"},
    "map": {"name"},
    "ol": {"start", "type"},
    "style": {"type", "media"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ul": {"type"},
}
_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel", "sms", "cid", "data", "ftp", "geo", "xmpp", "sip"})
_AMPERSAND: Final = re.compile(r"&(?!#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};)([a-zA-Z][a-zA-Z0-9]{1,31};)?")
_MOST_AMPERSANDS: Final = 5_000
_PICTURE: Final = re.compile(r"data:image/(?:png|jpe?g|gif|webp|bmp)[;,]", re.IGNORECASE)
_ACTS: Final = re.compile(r"@import|expression\s*\(|javascript:|-moz-binding|behavior\s*:", re.IGNORECASE)
_STYLE: Final = re.compile(r"<style[^>]*>(.*?)</style>", re.IGNORECASE | re.DOTALL)
FRAME: Final = (
    '<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body>{}</body></html>'
)
"""A whole document, said to be UTF-8."""


def safe_fragment(html: str, limits: Limits = LIMITS) -> str:
    """What can be shown, to be put into a `FRAME` or beside others. Of more than the limits allow the beginning."""
    html = _with_few_ampersands(readable(html)[: limits.html_bytes])[: limits.html_bytes]
    if not is_affordable(html, limits):
        return as_html(text_of(html))
    cleaned = nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags={"script", "title", "iframe", "object", "noembed", "template", "svg", "math"},
        attributes={name: set(allowed) for name, allowed in _ATTRIBUTES.items()},
        attribute_filter=_attribute,
        url_schemes=set(_SCHEMES),
        link_rel=None,
        strip_comments=True,
    )
    return _STYLE.sub(lambda found: "" if _ACTS.search(found.group(1)) else found.group(), cleaned)


def _with_few_ampersands(html: str) -> str:
    """Ampersands that begin no character are written out where there are many: the parser takes ever longer for each of them."""
    if html.count("&") <= _MOST_AMPERSANDS:
        return html
    return _AMPERSAND.sub(lambda found: found.group() if found.group(1) in html5 else f"&amp;{found.group()[1:]}", html)


def _attribute(_element: str, name: str, value: str) -> str | None:
    """The value, None to leave the attribute out. `data:` is for pictures alone: a page of it would act in its reader's name."""
    if name == "style":
        return None if _ACTS.search(value) else value
    if value.lstrip()[:5].lower() == "data:":
        return value if name == "src" and _PICTURE.match(value.lstrip()) else None
    return value
