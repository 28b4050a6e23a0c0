"""What a large file and a large message cost the gateway while a phone fetches them: measured in its process."""

from __future__ import annotations

import base64
import multiprocessing
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from types import SimpleNamespace

import httpx
import pytest

from gateway.mail.mailserver import MailServer
from gateway.places import PASSWORD, Place, make_gateway
from pimgate_eas.wbxml.codec import encode
from pimgate_eas.wbxml.element import Element
from plugins.eas.gateway_process import gateway
from plugins.eas.mail_house import ANNA, MailHouse, letter, put
from plugins.eas.test_item_operations import file, item, operations
from plugins.eas.test_mail_fetch import WHOLE
from plugins.eas.wire import TYPE, authorization

FILE_BYTES = 25 * 1024 * 1024
MOST_GROWTH = 24 * 1024 * 1024
"""By this much the gateway may grow over what it needs at rest; one copy of the file would already be more."""


def peak(process: int) -> int:
    """The most memory that the process had since `forget_peak`, in bytes."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def forget_peak(process: int) -> int:
    Path(f"/proc/{process}/clear_refs").write_text("5")
    return peak(process)


@pytest.fixture
def place(_templates: Callable[[str], str], tmp_path: Path) -> Place:
    place = Place("sqlite", "sqlite:///mail.db", tmp_path)
    shutil.copy(_templates("sqlite"), place.file)
    return place


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer("full") as made:
        yield made


@pytest.mark.slow
def test_large_file_and_large_message_pass_through_in_slices(place: Place, server: MailServer) -> None:
    content = Random(1).randbytes(FILE_BYTES)
    mail = letter("Film", "Look")
    mail.add_attachment(content, maintype="video", subtype="mp4", filename="film.mp4")
    with server.program(ANNA) as line:
        put(line, mail)
    with make_gateway(place, "eas", mail=server.settings) as core:
        house = MailHouse(SimpleNamespace(core=core), server)  # type: ignore[arg-type]
        folder = house.index()
        server_id = f"{folder}:{house.indexed(folder)[mail['Message-ID']].id}"
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=gateway, args=(place, server.settings, theirs))
    process.start()
    try:
        assert ours.poll(60), "the gateway does not start"
        url = ours.recv()
        assert process.pid is not None
        sizes: dict[str, tuple[int, int]] = {}
        questions = {"warm": item(server_id), "file": file(f"{server_id}:2"), "message": item(server_id, *WHOLE)}
        for multipart in ("F", "T"):
            for name, question in questions.items():
                before = forget_peak(process.pid)
                sizes[name + multipart] = fetched(url, operations(question), multipart), peak(process.pid) - before
        print({name: (size, f"{growth / 2**20:.1f} MB") for name, (size, growth) in sizes.items()})
        assert sizes["fileF"][0] > len(base64.b64encode(content))
        assert sizes["fileT"][0] > len(content)
        assert sizes["messageF"][0] > len(content) * 4 // 3
        assert {name: growth for name, (_, growth) in sizes.items() if growth > MOST_GROWTH} == {}
    finally:
        if process.is_alive():
            ours.send("end")
        process.join(30)


def fetched(url: str, question: Element, multipart: str) -> int:
    """How many octets the answer has; they are thrown away as they come."""
    query = "Cmd=ItemOperations&User=anna&DeviceId=Mem1&DeviceType=iPhone"
    headers = {
        "Authorization": authorization(ANNA, PASSWORD),
        "MS-ASProtocolVersion": "16.1",
        "Content-Type": TYPE,
        "MS-ASAcceptMultiPart": multipart,
    }
    address = f"{url}/Microsoft-Server-ActiveSync?{query}"
    with httpx.stream("POST", address, content=encode(question), headers=headers, timeout=120) as answer:
        assert answer.status_code == 200
        return sum(len(each) for each in answer.iter_raw())
