"""An answer on its way: compressed for those who read that, in parts for those who asked for parts, and as it is for all others."""

import gzip
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pimgate_eas import multipart
from pimgate_eas.answer import LEAST_COMPRESSED_BYTES, MEDIA_TYPE, Octets, accepts_gzip, compressed, rendered
from pimgate_eas.dialect import Ending
from pimgate_eas.multipart import Multipart
from pimgate_eas.wbxml.codec import decode, encode
from pimgate_eas.wbxml.element import Element
from plugins.eas.test_sync import book_of
from plugins.eas.wire import add, collection, contact, folder_sync, key_of, sync

ITEM = Element("ItemOperations:ItemOperations", Element("ItemOperations:Status", text="1"))


def parts_of(octets: bytes) -> list[bytes]:
    """The parts of a multipart answer, read as the specification says."""
    [count] = struct.unpack_from("<i", octets)
    places = [struct.unpack_from("<ii", octets, 4 + 8 * number) for number in range(count)]
    assert places[0][0] == 4 + 8 * count
    assert places[-1][0] + places[-1][1] == len(octets)
    return [octets[start : start + length] for start, length in places]


def octets_of(answer: Multipart) -> bytes:
    return b"".join(
        each if isinstance(each, bytes) else b"".join(each.pieces()) for each in multipart.to_pieces(answer)
    )


@given(st.lists(st.binary(max_size=50), max_size=5))
def test_parts_come_behind_the_element_in_their_order(parts):
    element, *rest = parts_of(octets_of(Multipart(ITEM, tuple(parts))))
    assert decode(element) == ITEM
    assert rest == parts


def test_a_multipart_answer_looks_as_specified():
    octets = octets_of(Multipart(ITEM, (b"abc",)))
    size = len(encode(ITEM))
    assert octets == struct.pack("<5i", 2, 20, size, 20 + size, 3) + encode(ITEM) + b"abc"


def test_the_element_of_a_multipart_answer_is_in_the_dialect_of_the_device():
    foreign = Element("ItemOperations:ItemOperations", Element("AirSyncBase:Location"))
    said = rendered(Multipart(foreign, (b"x",)), "14.1")
    assert isinstance(said, Octets)
    assert said.media_type == multipart.MEDIA_TYPE
    assert decode(parts_of(said.content)[0]).children == []


def test_each_sort_of_answer_has_its_media_type():
    assert rendered(ITEM, "16.1") == Octets(encode(ITEM), MEDIA_TYPE)
    assert rendered(Octets(b"pdf", "application/pdf"), "12.1") == Octets(b"pdf", "application/pdf")
    assert rendered(None, "12.1") == Octets(b"", "")
    failed = Element("Search:Search", Element("Search:Status", text="111"))
    assert rendered(failed, "12.1") == Ending(503)


@pytest.mark.parametrize(
    ("header", "accepts"),
    [
        ("gzip", True),
        ("gzip, deflate", True),
        ("br;q=1.0, GZip;q=0.5", True),
        ("*", True),
        ("x-gzip", True),
        ("", False),
        ("identity", False),
        ("deflate", False),
        ("gzip;q=0", False),
        ("gzip; q=0.0", False),
        ("notgzip", False),
    ],
)
def test_who_reads_gzip(header, accepts):
    assert accepts_gzip(header) is accepts


def test_the_same_content_gives_the_same_octets():
    content = encode(ITEM) * 100
    assert compressed(content) == compressed(content)
    assert gzip.decompress(compressed(content)) == content


def raw(wire, command, body, encoding):
    """The answer as it is on the line; httpx would take it out of its wrapping."""
    query = f"Cmd={command}&User=anna&DeviceId={wire.device}&DeviceType={wire.device_type}"
    sent = {
        "Authorization": wire.authorization,
        "MS-ASProtocolVersion": wire.version,
        "Accept-Encoding": encoding,
    }
    request = ("POST", f"/Microsoft-Server-ActiveSync?{query}")
    with wire.client.stream(*request, content=encode(body), headers=sent) as answer:
        return answer.headers, b"".join(answer.iter_raw())


def test_a_large_answer_is_compressed_for_who_reads_it_and_a_small_one_for_nobody(wire):
    headers, octets = raw(wire, "FolderSync", folder_sync("0"), "gzip")
    assert "content-encoding" not in headers
    assert len(octets) < LEAST_COMPRESSED_BYTES
    book, other = book_of(wire), wire.twin(device="Appl2")
    people = tuple(add(f"c{number}", *contact(f"Ann{number}", "Alpha")) for number in range(60))
    other.sync(collection(book, other.begin(book), commands=people))
    question = sync(collection(book, wire.begin(book)))
    headers, plain = raw(wire, "Sync", question, "identity")
    assert "content-encoding" not in headers
    headers, small = raw(wire, "Sync", question, "gzip, deflate")
    assert headers["content-encoding"] == "gzip"
    assert headers["content-length"] == str(len(small))
    assert gzip.decompress(small) == plain, "a repeated question gets the same bytes, compressed or not"
    assert key_of(decode(plain).path("AirSync:Collections", "AirSync:Collection")[0])


def test_an_error_is_never_compressed(wire):
    headers, _ = raw(wire.twin(version="12.1"), "FolderSync", Element("Ping:Ping"), "gzip")
    assert "content-encoding" not in headers


def test_a_compressed_body_is_refused_with_415_and_not_read(wire):
    wire.octets("FolderSync", gzip.compress(b"\0" * 1_000_000), Content_Encoding="gzip")
    assert wire.status == 415
    assert wire.headers["accept-encoding"] == "identity"
    wire.octets("FolderSync", folder_sync("0"), Content_Encoding="identity")
    assert wire.status == 200
