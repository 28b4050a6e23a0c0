"""The extension for Thunderbird, as a file to install: what lies in `thunderbird/`, packed so that the same files always give the
same octets.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pimgate_dav.layout import MOUNT

FILES: Final = Path(__file__).parent / "thunderbird"
PATH: Final = f"{MOUNT}/thunderbird.xpi"
BEGINNING_OF_TIME: Final = (1980, 1, 1, 0, 0, 0)
READABLE: Final = 0o100644 << 16


def packed() -> bytes:
    """The extension as one file."""
    octets = BytesIO()
    with ZipFile(octets, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(each for each in FILES.rglob("*") if each.is_file()):
            entry = ZipInfo(file.relative_to(FILES).as_posix(), BEGINNING_OF_TIME)
            entry.compress_type, entry.external_attr, entry.create_system = ZIP_DEFLATED, READABLE, 3
            archive.writestr(entry, file.read_bytes())
    return octets.getvalue()


def download() -> Route:
    """Hands the extension to whoever asks; there is no secret in it."""
    octets = packed()
    headers = {"Content-Disposition": 'attachment; filename="pimgate-thunderbird.xpi"', "Cache-Control": "no-cache"}

    async def give(_request: Request) -> Response:
        return Response(octets, 200, headers, "application/x-xpinstall")

    return Route(PATH, give, methods=["GET", "HEAD"])
