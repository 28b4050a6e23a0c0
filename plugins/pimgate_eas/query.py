"""Query: who asks for which command, read from the request line. For the endpoint, before anything else is looked at.

A client sends it as plain text (`Cmd=Sync&User=anna&DeviceId=ApplF1&DeviceType=iPhone`, with version and policy key in
headers) or packed into base64, where every field has a length. Nothing here is to be trusted: the person is known
from the credentials, never from `user`, and a device id is what the client says it is.

Source: MS-ASHTTP, "Request Line", "Base64 Encoded Query Value", "Plain Text Query Value", "Request Headers".
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote_to_bytes

# The code of a command in the packed form. 5-8 belong to 2.5 and are known so that they can be answered with 501.
COMMANDS: Final[Mapping[int, str]] = {
    0: "Sync",
    1: "SendMail",
    2: "SmartForward",
    3: "SmartReply",
    4: "GetAttachment",
    5: "GetHierarchy",
    6: "CreateCollection",
    7: "DeleteCollection",
    8: "MoveCollection",
    9: "FolderSync",
    10: "FolderCreate",
    11: "FolderDelete",
    12: "FolderUpdate",
    13: "MoveItems",
    14: "GetItemEstimate",
    15: "MeetingResponse",
    16: "Search",
    17: "Settings",
    18: "Ping",
    19: "ItemOperations",
    20: "Provision",
    21: "ResolveRecipients",
    22: "ValidateCert",
    23: "Find",
}

# The version byte of the packed form is ten times the version.
VERSIONS: Final[Mapping[int, str]] = {
    25: "2.5",
    120: "12.0",
    121: "12.1",
    140: "14.0",
    141: "14.1",
    160: "16.0",
    161: "16.1",
}

# The tag of a parameter in the packed form: its name in the plain one.
PARAMETERS: Final[Mapping[int, str]] = {
    0: "attachmentname",
    1: "collectionid",
    3: "itemid",
    4: "longid",
    5: "parentid",
    6: "occurrence",
    7: "options",
    8: "user",
}

_SAVE_IN_SENT: Final = 0x01
_ACCEPT_MULTIPART: Final = 0x02

_MAX_QUERY_BYTES: Final = 4096
_MAX_PARAMETERS: Final = 32
_DEVICE_ID: Final = re.compile(r"[A-Za-z0-9]{1,32}")
_DEVICE_TYPE: Final = re.compile(r"[!-~][ -~]{0,63}")
_POLICY_KEY: Final = re.compile(r"[0-9]{1,10}")
_GUID_BYTES: Final = 16
_IS_PLAIN: Final = re.compile(rb"(?:^|&)Cmd=", re.IGNORECASE)
_STILL_ESCAPED: Final = re.compile(r"%[0-9A-Fa-f]{2}")


@dataclass(frozen=True, slots=True)
class Query:
    """One request line, checked for form only. What was not sent is None (`user`: "")."""

    command: str
    user: str
    device_id: str
    device_type: str
    protocol_version: str
    policy_key: int | None = None
    locale: int | None = None
    collection_id: str | None = None
    item_id: str | None = None
    long_id: str | None = None
    occurrence: str | None = None
    attachment_name: str | None = None
    parent_id: str | None = None
    save_in_sent: bool = False
    accepts_multipart: bool = False


class BadQuery(Exception):
    """The request line is not one of ActiveSync. `reason` is for people and repeats nothing the client sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse_query(raw_query: bytes, headers: Mapping[str, str]) -> Query:
    """The Query in the part behind the "?", as it came, and the request headers (names in any case).

    Raises BadQuery. A device id is taken as it is or refused, never mended: mended ids of two devices may be the same.
    """
    if not raw_query:
        raise BadQuery("the request names no command")
    if len(raw_query) > _MAX_QUERY_BYTES:
        raise BadQuery(f"the query is longer than {_MAX_QUERY_BYTES} bytes")
    by_name = {name.lower(): value for name, value in headers.items()}
    if _IS_PLAIN.search(raw_query):
        return _plain(raw_query, by_name)
    return _packed(raw_query, by_name)


def device_type_in(raw_query: bytes) -> str:
    """The device type that a request for the versions names, where it names a usable one; else ""."""
    if len(raw_query) > _MAX_QUERY_BYTES:
        return ""
    try:
        return _device_type(_plain_parameters(raw_query).get("devicetype", ""))
    except BadQuery:
        return ""


def _plain(raw_query: bytes, headers: Mapping[str, str]) -> Query:
    values = _plain_parameters(raw_query)
    query = Query(
        command=_known(_as_spelt(values.get("cmd", "")), COMMANDS, "command"),
        user=_unescaped_again(values.get("user", "")),
        device_id=_device_id(values.get("deviceid", "")),
        device_type=_device_type(values.get("devicetype", "")),
        protocol_version=_known(headers.get("ms-asprotocolversion", "").strip(), VERSIONS, "protocol version"),
        policy_key=_policy_key_in(headers),
        save_in_sent=values.get("saveinsent") == "T",
        accepts_multipart=headers.get("ms-asacceptmultipart", "").strip() == "T",
    )
    return _with_items(query, values)


def _plain_parameters(raw_query: bytes) -> dict[str, str]:
    pairs = raw_query.split(b"&")
    if len(pairs) > _MAX_PARAMETERS:
        raise BadQuery(f"the query has more than {_MAX_PARAMETERS} parameters")
    values: dict[str, str] = {}
    for pair in pairs:
        # A plus stays a plus: clients write a space as %20, and addresses may contain a plus.
        name, _, value = pair.partition(b"=")
        key = _text(unquote_to_bytes(name)).lower()
        if key in values:
            raise BadQuery("a parameter is given twice")
        values[key] = _text(unquote_to_bytes(value))
    return values


def _packed(raw_query: bytes, headers: Mapping[str, str]) -> Query:
    fields = _Fields(_from_base64(raw_query))
    version = _known(VERSIONS.get(fields.byte(), ""), VERSIONS, "protocol version")
    command = _known(COMMANDS.get(fields.byte(), ""), COMMANDS, "command")
    locale = int.from_bytes(fields.take(2), "little")
    device_id = _device_id(_guid_or_text(fields.counted()))
    policy_key = _packed_policy_key(fields.counted())
    device_type = _device_type(_text(fields.counted()))
    parameters = _packed_parameters(fields)
    options = _options(parameters.pop("options", b"\x00"))
    values = {name: _text(value) for name, value in parameters.items()}
    query = Query(
        command=command,
        user=_unescaped_again(values.get("user", "")),
        device_id=device_id,
        device_type=device_type,
        protocol_version=version,
        policy_key=_policy_key_in(headers) if policy_key is None else policy_key,
        locale=locale,
        save_in_sent=bool(options & _SAVE_IN_SENT),
        accepts_multipart=bool(options & _ACCEPT_MULTIPART),
    )
    return _with_items(query, values)


def _from_base64(raw_query: bytes) -> bytes:
    packed = unquote_to_bytes(raw_query).rstrip(b"=")
    try:
        return base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
    except binascii.Error:
        raise BadQuery("the query is neither plain text with a Cmd nor base64") from None


class _Fields:
    """The packed form, read from the front."""

    def __init__(self, packed: bytes) -> None:
        self.rest = packed

    def take(self, count: int) -> bytes:
        if count > len(self.rest):
            raise BadQuery("the query ends too early")
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def byte(self) -> int:
        return self.take(1)[0]

    def counted(self) -> bytes:
        return self.take(self.byte())


def _guid_or_text(octets: bytes) -> str:
    """A device id as text; the sixteen bytes of a GUID, which some clients send, as their hexadecimal digits."""
    if len(octets) == _GUID_BYTES and not octets.isalnum():
        return octets.hex()
    return _text(octets)


def _packed_policy_key(octets: bytes) -> int | None:
    if len(octets) not in (0, 4):
        raise BadQuery("a policy key has four bytes or none")
    return int.from_bytes(octets, "little") if octets else None


def _packed_parameters(fields: _Fields) -> dict[str, bytes]:
    """The parameters by their plain name. A tag that is not known is skipped: it has a length too."""
    parameters: dict[str, bytes] = {}
    while fields.rest:
        name = PARAMETERS.get(fields.byte())
        value = fields.counted()
        if name in parameters:
            raise BadQuery("a parameter is given twice")
        if name is not None:
            parameters[name] = value
    return parameters


def _options(octets: bytes) -> int:
    if len(octets) != 1:
        raise BadQuery("the options are a single byte")
    return octets[0]


def _with_items(query: Query, values: Mapping[str, str]) -> Query:
    """The query with what it says about one item, for the commands that need it."""
    return replace(
        query,
        collection_id=values.get("collectionid"),
        item_id=values.get("itemid"),
        long_id=values.get("longid"),
        occurrence=values.get("occurrence"),
        attachment_name=values.get("attachmentname"),
        parent_id=values.get("parentid"),
    )


def _device_id(device_id: str) -> str:
    if not _DEVICE_ID.fullmatch(device_id):
        raise BadQuery("a device id is 1 to 32 letters and digits")
    return device_id


def _device_type(device_type: str) -> str:
    if not _DEVICE_TYPE.fullmatch(device_type):
        raise BadQuery("a device type is 1 to 64 printable characters")
    return device_type


def _as_spelt(command: str) -> str:
    """The command as the table spells it, whatever the case it came in."""
    return next((name for name in COMMANDS.values() if name.lower() == command.lower()), command)


def _known(value: str, table: Mapping[int, str], what: str) -> str:
    if value not in table.values():
        raise BadQuery(f"an unknown {what}" if value else f"no {what}, or an unknown one")
    return value


def _policy_key_in(headers: Mapping[str, str]) -> int | None:
    written = headers.get("x-ms-policykey", "").strip()
    if not written:
        return None
    if not _POLICY_KEY.fullmatch(written) or int(written) > 0xFFFF_FFFF:
        raise BadQuery("a policy key is a number of 32 bits")
    return int(written)


def _unescaped_again(user: str) -> str:
    """Some clients escape the user name twice; what is left after the first time still looks like %40."""
    return _text(unquote_to_bytes(user)) if _STILL_ESCAPED.search(user) else user


def _text(octets: bytes) -> str:
    """UTF-8, or Latin-1 as old clients write it. Control characters are refused: these values end up in logs."""
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        text = octets.decode("latin-1")
    if any(character < " " or "\x7f" <= character <= "\x9f" for character in text):
        raise BadQuery("a parameter holds control characters")
    return text
