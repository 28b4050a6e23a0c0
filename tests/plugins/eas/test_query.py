"""The request line as phones write it, plain and packed, and as nobody should."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pimgate_eas.query import COMMANDS, VERSIONS, BadQuery, Query, parse_query

HEADERS = {"MS-ASProtocolVersion": "16.1", "X-MS-PolicyKey": "3942919513", "User-Agent": "Apple-iPhone14C2/2006.75"}
PLAIN = b"Cmd=Sync&User=anna%40home.example&DeviceId=ApplF17XQ&DeviceType=iPhone"


def counted(octets: bytes) -> bytes:
    return bytes((len(octets),)) + octets


def packed(
    *parameters: tuple[int, bytes],
    version: int = 161,
    command: int = 0,
    locale: bytes = b"\x07\x04",
    device_id: bytes = b"Nine0a1b2c3d",
    policy_key: bytes = b"",
    device_type: bytes = b"Android",
) -> bytes:
    """The packed form, field by field."""
    fields = bytes((version, command)) + locale + counted(device_id) + counted(policy_key) + counted(device_type)
    return base64.b64encode(fields + b"".join(bytes((tag,)) + counted(value) for tag, value in parameters))


def refused(raw_query: bytes, headers: dict[str, str] | None = None) -> str:
    with pytest.raises(BadQuery) as caught:
        parse_query(raw_query, HEADERS if headers is None else headers)
    return caught.value.reason


def test_an_iphone_asks_in_plain_text() -> None:
    assert parse_query(PLAIN, HEADERS) == Query(
        command="Sync",
        user="anna@home.example",
        device_id="ApplF17XQ",
        device_type="iPhone",
        protocol_version="16.1",
        policy_key=3942919513,
    )


def test_microsofts_own_example_of_a_packed_query_is_read() -> None:
    assert parse_query(b"jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l", {}) == Query(
        command="Sync",
        user="",
        device_id="v140Device",
        device_type="SmartPhone",
        protocol_version="14.0",
        locale=0x0409,
    )


def test_every_field_of_a_packed_query_is_read() -> None:
    raw_query = packed(
        (0, b"5:17:2"),
        (1, b"m5"),
        (3, b"5:17"),
        (4, b"long"),
        (5, b"m0"),
        (6, b"2026-02-10T09:00:00.000Z"),
        (7, b"\x03"),
        (8, "zoë".encode()),
        command=2,
        policy_key=b"\x01\x02\x00\x80",
    )
    assert parse_query(raw_query, {}) == Query(
        command="SmartForward",
        user="zoë",
        device_id="Nine0a1b2c3d",
        device_type="Android",
        protocol_version="16.1",
        policy_key=0x80000201,
        locale=0x0407,
        collection_id="m5",
        item_id="5:17",
        long_id="long",
        occurrence="2026-02-10T09:00:00.000Z",
        attachment_name="5:17:2",
        parent_id="m0",
        save_in_sent=True,
        accepts_multipart=True,
    )


def test_every_item_parameter_of_a_plain_query_is_read() -> None:
    raw_query = (
        b"Cmd=SmartReply&User=zo%C3%AB&DeviceId=androidc12345&DeviceType=Android&CollectionId=m5&ItemId=5%3A17"
        b"&LongId=long&Occurrence=2026-02-10&AttachmentName=a%20b&ParentId=m0&SaveInSent=T"
    )
    query = parse_query(raw_query, {"ms-asprotocolversion": "12.1", "ms-asacceptmultipart": "T"})
    assert query == Query(
        command="SmartReply",
        user="zoë",
        device_id="androidc12345",
        device_type="Android",
        protocol_version="12.1",
        collection_id="m5",
        item_id="5:17",
        long_id="long",
        occurrence="2026-02-10",
        attachment_name="a b",
        parent_id="m0",
        save_in_sent=True,
        accepts_multipart=True,
    )


@pytest.mark.parametrize(("code", "command"), COMMANDS.items())
def test_every_command_has_its_code(code: int, command: str) -> None:
    assert parse_query(packed(command=code), {}).command == command
    assert parse_query(PLAIN.replace(b"Sync", command.encode()), HEADERS).command == command


@pytest.mark.parametrize(("byte", "version"), VERSIONS.items())
def test_every_version_has_its_byte(byte: int, version: str) -> None:
    assert parse_query(packed(version=byte), {}).protocol_version == version
    assert parse_query(PLAIN, {"MS-ASProtocolVersion": version}).protocol_version == version


@pytest.mark.parametrize(
    ("written", "user"),
    [
        ("anna", "anna"),
        ("anna%40home.example", "anna@home.example"),
        ("anna%2540home.example", "anna@home.example"),
        ("HOME%5Canna", "HOME\\anna"),
        ("HOME%255Canna", "HOME\\anna"),
        ("anna+phone@home.example", "anna+phone@home.example"),
        ("100%25", "100%"),
        ("m%FCller", "müller"),
        ("", ""),
    ],
)
def test_a_user_name_is_read_however_the_client_escaped_it(written: str, user: str) -> None:
    raw_query = PLAIN.replace(b"anna%40home.example", written.encode())
    assert parse_query(raw_query, HEADERS).user == user


def test_a_user_may_be_missing_because_the_credentials_name_the_person() -> None:
    assert parse_query(PLAIN.replace(b"User=anna%40home.example&", b""), HEADERS).user == ""


def test_a_command_may_come_in_any_case_and_is_known_by_its_own_spelling() -> None:
    assert parse_query(PLAIN.replace(b"Sync", b"sync"), HEADERS).command == "Sync"
    assert parse_query(PLAIN.replace(b"Sync", b"FOLDERSYNC"), HEADERS).command == "FolderSync"


def test_names_of_parameters_may_come_in_any_case() -> None:
    assert parse_query(b"cmd=Ping&user=a&DeviceID=b&deviceType=c", HEADERS).device_id == "b"


@pytest.mark.parametrize("ending", [b"", b"=", b"==", b"%3D%3D"])
def test_padding_of_a_packed_query_may_be_missing_or_escaped(ending: bytes) -> None:
    raw_query = packed(device_id=b"Nine0").rstrip(b"=")
    assert parse_query(raw_query + ending, {}).device_id == "Nine0"


def test_a_guid_as_device_id_becomes_its_hexadecimal_digits() -> None:
    guid = bytes(range(0xF0, 0x100))
    assert parse_query(packed(device_id=guid), {}).device_id == "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
    assert parse_query(packed(device_id=b"0123456789abcdef"), {}).device_id == "0123456789abcdef"


def test_a_policy_key_in_the_packed_query_counts_before_the_header() -> None:
    assert parse_query(packed(policy_key=b"\x05\x00\x00\x00"), HEADERS).policy_key == 5
    assert parse_query(packed(), HEADERS).policy_key == 3942919513
    assert parse_query(packed(), {}).policy_key is None


def test_unknown_parameters_are_skipped() -> None:
    assert parse_query(packed((2, b"Inbox"), (99, b"?"), (3, b"5:17")), {}).item_id == "5:17"
    assert parse_query(PLAIN + b"&Flavour=vanilla", HEADERS).command == "Sync"


@pytest.mark.parametrize("device_id", ["a-b", "a_b", "", "a" * 33, "a b", "ä", "a%00", "../x", "a\nb", "a,b"])
def test_a_device_id_that_is_not_letters_and_digits_is_refused_in_both_forms(device_id: str) -> None:
    escaped = "".join(f"%{byte:02X}" for byte in device_id.encode())
    assert refused(PLAIN.replace(b"ApplF17XQ", escaped.encode()))
    assert refused(packed(device_id=device_id.encode()))


def test_device_ids_that_differ_in_case_stay_different() -> None:
    one, two = (parse_query(PLAIN.replace(b"ApplF17XQ", device), HEADERS).device_id for device in (b"ab", b"AB"))
    assert (one, two) == ("ab", "AB")


@pytest.mark.parametrize(
    ("raw_query", "headers", "reason"),
    [
        (b"", HEADERS, "names no command"),
        (b"x" * 5000, HEADERS, "longer than"),
        (PLAIN.replace(b"Sync", b"Sunk"), HEADERS, "unknown command"),
        (PLAIN.replace(b"Sync", b""), HEADERS, "no command"),
        (PLAIN, {}, "no protocol version"),
        (PLAIN, {"MS-ASProtocolVersion": "17.0"}, "unknown protocol version"),
        (PLAIN, HEADERS | {"X-MS-PolicyKey": "-1"}, "policy key"),
        (PLAIN, HEADERS | {"X-MS-PolicyKey": "4294967296"}, "policy key"),
        (PLAIN, HEADERS | {"X-MS-PolicyKey": "\u0664"}, "policy key"),
        (PLAIN + b"&Cmd=Ping", HEADERS, "twice"),
        (PLAIN + b"&deviceid=other", HEADERS, "twice"),
        (PLAIN.replace(b"iPhone", b"iPhone%0D%0A"), HEADERS, "control characters"),
        (PLAIN.replace(b"anna%40", b"anna%0A"), HEADERS, "control characters"),
        (PLAIN.replace(b"anna%40", b"anna%250A"), HEADERS, "control characters"),
        (PLAIN.replace(b"iPhone", b""), HEADERS, "device type"),
        (PLAIN.replace(b"iPhone", b"i" * 65), HEADERS, "device type"),
        (PLAIN + b"&a" * 40, HEADERS, "more than 32 parameters"),
        (b"User=anna&DeviceId=ab&DeviceType=iPhone", HEADERS, "neither plain text with a Cmd nor base64"),
        (b"jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25", HEADERS, "ends too early"),
        (b"jAAJB", HEADERS, "nor base64"),
        (packed(version=170), {}, "protocol version"),
        (packed(version=0), {}, "protocol version"),
        (packed(command=24), {}, "command"),
        (packed(policy_key=b"\x01"), {}, "four bytes or none"),
        (packed(device_type=b""), {}, "device type"),
        (packed((7, b"")), {}, "single byte"),
        (packed((7, b"\x01\x01")), {}, "single byte"),
        (packed((3, b"a"), (3, b"b")), {}, "twice"),
        (packed((8, b"anna\r\n")), {}, "control characters"),
    ],
)
def test_a_bad_query_is_refused_with_a_reason(raw_query: bytes, headers: dict[str, str], reason: str) -> None:
    assert reason in refused(raw_query, headers)


def test_a_packed_query_cut_anywhere_is_refused_or_lacks_only_parameters() -> None:
    octets = base64.b64decode(packed((1, b"m5"), (8, b"anna")))
    fixed = len(base64.b64decode(packed()))
    for length in range(len(octets)):
        raw_query = base64.b64encode(octets[:length])
        if length in (fixed, fixed + 4):
            assert parse_query(raw_query, {}).device_id == "Nine0a1b2c3d"
        else:
            refused(raw_query, {})


@given(st.binary(max_size=120), st.booleans())
def test_any_bytes_are_read_or_refused(octets: bytes, as_base64: bool) -> None:
    raw_query = base64.b64encode(octets) if as_base64 else octets
    try:
        query = parse_query(raw_query, HEADERS)
    except BadQuery:
        return
    assert query.command in COMMANDS.values()
    assert query.device_id.isascii() and query.device_id.isalnum()
