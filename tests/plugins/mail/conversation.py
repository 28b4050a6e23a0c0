"""IMAP as a script: what the mail program says, and what it must hear."""

import re
import socket


class Conversation:
    """A raw connection that checks the server's lines against expectations."""

    def __init__(self, port: int, login: str = "alice@example.org", password: str = "wonder land") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self._file = self.socket.makefile("rb")
        self._count = 0
        assert self.line().startswith("* OK")
        if login:
            assert self.ask(f'LOGIN {login} "{password}"')[-1].startswith("OK")

    def __enter__(self) -> "Conversation":
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()
        self.socket.close()

    def send(self, octets: bytes) -> None:
        self.socket.sendall(octets)

    def line(self) -> str:
        """The next line, any literal in it included; "" when the server has closed."""
        octets = self._file.readline()
        while match := re.search(rb"\{(\d+)\}\r\n\Z", octets):
            octets += self._file.read(int(match.group(1))) + self._file.readline()
        return octets.decode("utf-8").removesuffix("\r\n")

    def ask(self, command: str | bytes) -> list[str]:
        """Send one command; gives the untagged lines and at the end the answer without its tag."""
        self._count += 1
        tag = f"t{self._count}"
        octets = command if isinstance(command, bytes) else command.encode()
        self.send(tag.encode() + b" " + octets + b"\r\n")
        return self.until(tag)

    def until(self, tag: str) -> list[str]:
        lines = []
        while line := self.line():
            if line.startswith(tag + " "):
                return [*lines, line.removeprefix(tag + " ")]
            lines.append(line)
        return [*lines, ""]
