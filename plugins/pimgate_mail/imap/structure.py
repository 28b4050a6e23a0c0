"""ENVELOPE, BODY and BODYSTRUCTURE of a message. Source: RFC 9051, "FETCH Response"."""

from email.message import Message

from .mime import MAX_VALUE_CHARACTERS, Part, addresses_of, ascii_value, parameters_of, value_of


def quoted(text: str | None) -> bytes:
    """Text as a string for IMAP: quoted, a literal when it must be, NIL for None."""
    if text is None:
        return b"NIL"
    value = ascii_value(text[:MAX_VALUE_CHARACTERS]).encode("ascii", "replace")
    if len(value) > 500 or any(octet < 32 or octet == 127 for octet in value):
        return b"{%d}\r\n%s" % (len(value), value)
    return b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def envelope(header: "Message[str, str]") -> bytes:
    """The ENVELOPE of a header."""
    sender = _addresses(header, "From")
    parts = [
        quoted(value_of(header, "Date")),
        quoted(value_of(header, "Subject")),
        sender,
        _or(_addresses(header, "Sender"), sender),
        _or(_addresses(header, "Reply-To"), sender),
        _addresses(header, "To"),
        _addresses(header, "Cc"),
        _addresses(header, "Bcc"),
        quoted(value_of(header, "In-Reply-To")),
        quoted(value_of(header, "Message-ID")),
    ]
    return b"(" + b" ".join(parts) + b")"


def body_structure(part: Part, *, extended: bool) -> bytes:
    """BODYSTRUCTURE of a part and all below it, or BODY when not `extended`."""
    if part.is_multipart:
        fields = [b"".join(body_structure(child, extended=extended) for child in part.children), quoted(part.subtype)]
        if extended:
            fields += [_parameters(part.parameters), *_extension(part)]
        return b"(" + b" ".join(fields) + b")"
    # A multipart without parts cannot be written as one.
    kind, subtype = ("text", "plain") if part.type == "multipart" else (part.type, part.subtype)
    fields = [
        quoted(kind),
        quoted(subtype),
        _parameters(part.parameters or ({"charset": "us-ascii"} if kind == "text" else {})),
        quoted(value_of(part.header, "Content-ID")),
        quoted(value_of(part.header, "Content-Description")),
        quoted((value_of(part.header, "Content-Transfer-Encoding") or "7bit").lower()),
        b"%d" % (part.end - part.body),
    ]
    if part.message is not None:
        fields += [envelope(part.message.header), body_structure(part.message, extended=extended), _lines(part)]
    elif kind == "text":
        fields.append(_lines(part))
    if extended:
        fields += [quoted(value_of(part.header, "Content-MD5")), *_extension(part)]
    return b"(" + b" ".join(fields) + b")"


def _addresses(header: "Message[str, str]", name: str) -> bytes:
    written = []
    for shown, address in addresses_of(header, name):
        mailbox, at, host = address.rpartition("@")
        local = mailbox if at else address
        if local or shown:
            fields = (quoted(shown or None), b"NIL", quoted(local), quoted(host if at else "."))
            written.append(b"(" + b" ".join(fields) + b")")
    return b"(" + b"".join(written) + b")" if written else b"NIL"


def _or(first: bytes, otherwise: bytes) -> bytes:
    return otherwise if first == b"NIL" else first


def _parameters(parameters: dict[str, str]) -> bytes:
    if not parameters:
        return b"NIL"
    return b"(" + b" ".join(quoted(name) + b" " + quoted(value) for name, value in parameters.items()) + b")"


def _extension(part: Part) -> list[bytes]:
    """Disposition, language and location, which end every BODYSTRUCTURE."""
    disposition = b"NIL"
    if value := value_of(part.header, "Content-Disposition"):
        parameters = _parameters(parameters_of(part.header, "Content-Disposition"))
        disposition = b"(" + quoted(value.split(";")[0].strip().lower()) + b" " + parameters + b")"
    language = quoted(value_of(part.header, "Content-Language"))
    return [disposition, language, quoted(value_of(part.header, "Content-Location"))]


def _lines(part: Part) -> bytes:
    return b"%d" % part.octets.count(b"\n", part.body, part.end)
