"""Messages made to hurt whoever reads them: forty kinds, each in any size."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

from gateway.effort import examples
from gateway.mail.mime.letters import multipart, part

Hostile = Callable[[int], bytes]


def with_header(*lines: bytes) -> bytes:
    return b"".join(line + b"\r\n" for line in lines) + b"\r\nwords\r\n"


def html(body: str, declared: str = "text/html; charset=utf-8") -> bytes:
    return b"Subject: x\r\n" + part(declared, body.encode())


def filled(unit: str, octets: int) -> str:
    return unit * (octets // len(unit) + 1)


def nested(octets: int) -> bytes:
    deep = octets // 60
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(deep))


def enclosed(octets: int) -> bytes:
    return b"Content-Type: message/rfc822\r\n\r\n" * (octets // 32) + b"Subject: inner\r\n\r\nx"


def addresses(octets: int) -> bytes:
    return with_header(b"To: " + b", ".join(b"p%d@example.org" % n for n in range(octets // 18)))


def same_boundary(octets: int) -> bytes:
    return b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * (octets // 50)


def stranded(octets: int) -> bytes:
    return html("".join(f"<font color={n}>" for n in range(200)) + filled("<p>x", octets))


def words_of_one_letter(octets: int) -> bytes:
    return with_header(b"Subject: " + b" ".join([b"=?utf-8?Q?=C3?="] * (octets // 16)))


KINDS: Mapping[str, Hostile] = {
    "nested multiparts": nested,
    "messages in messages": enclosed,
    "one boundary for all": same_boundary,
    "many parts": lambda n: b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * (n // 7),
    "many false delimiters": lambda n: b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--c\r\n" * (n // 5),
    "a boundary of great length": lambda n: b'Content-Type: multipart/mixed; boundary="%s"\r\n\r\nx' % (b"b" * n),
    "many headers": lambda n: with_header(*(b"X-%d: y" % k for k in range(n // 8))),
    "one long header": lambda n: with_header(b"Subject: " + b"x" * n),
    "a folded header": lambda n: with_header(b"Subject: x", *([b" y"] * (n // 4))),
    "many addresses": addresses,
    "nested comments": lambda n: with_header(b"To: " + b"(" * n),
    "closed comments": lambda n: with_header(b"To: " + b"(" * (n // 2) + b")" * (n // 2) + b" a@example.org"),
    "open quotes": lambda n: with_header(b'To: "' + b'\\"' * (n // 2)),
    "open brackets": lambda n: with_header(b"To: " + b"<" * n),
    "groups": lambda n: with_header(b"To: " + b"g:" * (n // 2)),
    "many encoded words": words_of_one_letter,
    "an open encoded word": lambda n: with_header(b"Subject: " + b"=?utf-8?B?" * (n // 10)),
    "many references": lambda n: with_header(b"References: " + b"<a@b> " * (n // 6)),
    "many parameters": lambda n: with_header(b"Content-Type: text/plain" + b"; a=b" * (n // 5)),
    "continued parameters": lambda n: with_header(
        b"Content-Type: text/plain" + b"".join(b"; n*%d*=x" % k for k in range(n // 9))
    ),
    "quotes in parameters": lambda n: with_header(b'Content-Type: text/plain; a="' + b'\\"' * (n // 2)),
    "a far date": lambda n: with_header(b"Date: " + b"9" * n),
    "no line ends": lambda n: b"x" * n,
    "only line ends": lambda n: b"\n" * n,
    "all octets": lambda n: bytes(range(256)) * (n // 256 + 1),
    "NUL": lambda n: b"Subject: \0\r\n\r\n" + b"\0" * n,
    "broken base64": lambda n: part("text/plain", b"*=A" * (n // 3), "Content-Transfer-Encoding: base64"),
    "padded base64": lambda n: part("text/plain", b"QQ==" * (n // 4), "Content-Transfer-Encoding: base64"),
    "broken quoted-printable": lambda n: part(
        "text/plain", b"=Z=" * (n // 3), "Content-Transfer-Encoding: quoted-printable"
    ),
    "broken uuencode": lambda n: part(
        "text/plain", b"begin 644 x\n" + b"\xff!!\n" * (n // 4), "Content-Transfer-Encoding: uuencode"
    ),
    "utf-7": lambda n: part("text/plain; charset=utf-7", b"+AGE-" * (n // 5)),
    "shifts of iso-2022": lambda n: part("text/plain; charset=iso-2022-jp", b"\x1b$B\x1b(B" * (n // 6)),
    "nested elements": lambda n: html(filled("<div>", n)),
    "nested tables": lambda n: html(filled("<div><table></div></table>", n)),
    "stranded formatting": stranded,
    "open comments": lambda n: html(filled("<!--", n)),
    "open attributes": lambda n: html(filled('<a title="', n)),
    "many attributes": lambda n: html("<a " + filled("x=y ", n) + ">"),
    "many ampersands": lambda n: html(filled("&", n)),
    "great character numbers": lambda n: html("&#" + "9" * n + ";"),
    "open scripts": lambda n: html(filled("<script>", n)),
    "flowed lines": lambda n: part("text/plain; format=flowed", b"> > x \r\n" * (n // 8)),
    "two forms of everything": lambda n: multipart(
        "alternative", *([part("text/plain"), part("text/html", b"<p>x</p>")] * (n // 80))
    ),
    "HTML in base64": lambda n: part(
        "text/html", base64.b64encode(filled("<b><i>", n).encode()), "Content-Transfer-Encoding: base64"
    ),
}

SIZES = (1_000, 60_000, examples(150_000, 600_000))
