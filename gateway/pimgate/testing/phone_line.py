"""The line between a simulated phone and its gateway: who it says it is, how it asks, and what it does when no answer comes.

A lost question is asked again with the same octets. A gateway that is busy is asked again later; one that wants its policy
acknowledged first gets that, and the question again.
Source: MS-ASHTTP, "Request Line" and "Request Headers"; MS-ASPROV, "Phase 1" to "Phase 4".
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from pimgate.testing import phone_questions as ask
from pimgate.testing.network import Lost, Network, Reply, http_request
from pimgate_eas.wbxml.codec import WbxmlError, decode, encode
from pimgate_eas.wbxml.codepages import introduced_in
from pimgate_eas.wbxml.element import Element

PATH = "/Microsoft-Server-ActiveSync"
ANSWER_SECONDS = 30.0
NEEDS_POLICY = ("142", "143", "144")
WIPE = "140"


class PhoneRefused(Exception):
    """The gateway turns the phone away: the HTTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Facts:
    """What a phone says of itself with each request."""

    login: str
    password: str
    device_id: str
    device_type: str
    user_agent: str
    version: str

    @property
    def query(self) -> str:
        device_type = quote(self.device_type, safe="")
        return f"User={quote(self.login, safe='')}&DeviceId={self.device_id}&DeviceType={device_type}"

    def headers(self, policy_key: str) -> dict[str, str]:
        secret = base64.b64encode(f"{self.login}:{self.password}".encode()).decode()
        return {
            "Authorization": f"Basic {secret}",
            "User-Agent": self.user_agent,
            "MS-ASProtocolVersion": self.version,
            "X-MS-PolicyKey": policy_key,
        }


class Line:
    """Asks one gateway as one phone."""

    def __init__(
        self, base_url: str, facts: Facts, network: Network, patience: int, complain: Callable[[str], None]
    ) -> None:
        self.network = network
        self.policy_key = "0"
        self.is_wiped = False
        self.when_lost: Callable[[], None] = lambda: None
        self.when_busy: Callable[[], None] = lambda: time.sleep(0.2)
        self._base_url = base_url
        self.facts = facts
        self._patience = patience
        self._complain = complain

    def ask(
        self, command: str, question: Callable[[], Element | None], seconds: float = ANSWER_SECONDS
    ) -> Element | None:
        """The answer to a command; None for an empty one. `question` is called anew at each attempt: while nothing was
        edited meanwhile it gives the same octets. Lost when patience ends; PhoneRefused."""
        last: Lost | None = None
        for _ in range(self._patience):
            asked = question()
            try:
                reply = self._post(command, encode(asked) if asked is not None else b"", seconds)
            except Lost as error:
                last = error
                self.when_lost()
                continue
            if reply.status in (429, 503):
                self.when_busy()
                continue
            answer = self._read(command, reply)
            if reply.status != 449 and not self._wants_policy(command, answer):
                return answer
            self.provision()
        raise last or Lost(f"{command} gets nowhere")

    def options(self) -> dict[str, list[str]]:
        """The versions and commands that the gateway offers."""
        headers = self._send("OPTIONS", PATH, b"", ANSWER_SECONDS).headers
        names = {"versions": "ms-asprotocolversions", "commands": "ms-asprotocolcommands"}
        return {
            key: [each for each in headers.get(name, "").replace(" ", "").split(",") if each]
            for key, name in names.items()
        }

    def provision(self) -> None:
        """Fetch the policy and acknowledge it; or acknowledge a wipe, if that is what the answer wants."""
        self.policy_key = "0"
        offer = self.ask(
            "Provision", lambda: ask.ask_policy(self.facts.device_type, self.facts.user_agent, self.facts.version)
        )
        if offer is None or offer.text_of("Provision:Status") != "1":
            self._complain("Provision: no policy")
            return
        wipe = next((name for name in ask.WIPES if offer.has(name)), None)
        if wipe is not None:
            self.is_wiped = True
            self.ask("Provision", lambda: ask.acknowledge_wipe(wipe))
            return
        temporary = self._key_in(offer)
        self.policy_key = temporary
        final = self.ask("Provision", lambda: ask.acknowledge_policy(temporary))
        self.policy_key = self._key_in(final) if final is not None else "0"

    def _key_in(self, answer: Element) -> str:
        policies = answer.path("Provision:Policies", "Provision:Policy")
        key = policies[0].text_of("Provision:PolicyKey") if policies else None
        if not key or policies[0].text_of("Provision:Status") != "1":
            self._complain("Provision: a policy without a key")
        return key or "0"

    def _post(self, command: str, octets: bytes, seconds: float) -> Reply:
        return self._send("POST", f"{PATH}?Cmd={command}&{self.facts.query}", octets, seconds)

    def _send(self, method: str, target: str, octets: bytes, seconds: float) -> Reply:
        headers = self.facts.headers(self.policy_key)
        if octets:
            headers["Content-Type"] = "application/vnd.ms-sync.wbxml"
        request = http_request(method, self._base_url, target, headers, octets)
        return self.network.carry(self._base_url, request, seconds)

    def _read(self, command: str, reply: Reply) -> Element | None:
        if reply.status not in (200, 449):
            raise PhoneRefused(reply.status)
        if reply.status == 449 or not reply.body:
            return None
        try:
            answer = decode(reply.body)
        except WbxmlError as error:
            self._complain(f"{command}: an answer that cannot be read: {error}")
            return None
        foreign = foreign_in(answer, self.facts.version)
        if foreign:
            self._complain(f"{command}: elements that {self.facts.version} does not know: {', '.join(foreign)}")
        return answer

    def _wants_policy(self, command: str, answer: Element | None) -> bool:
        """Whether the answer sends the phone to Provision first: its own Status, whatever the command's namespace."""
        if command == "Provision" or answer is None:
            return False
        status = answer.text_of(f"{answer.namespace}:Status")
        return status in NEEDS_POLICY or (status == WIPE and not self.is_wiped)


def foreign_in(answer: Element, version: str) -> list[str]:
    """The names of elements in an answer that this version does not know. Find's are nobody's who did not ask in them."""
    found, waiting = set(), [answer]
    while waiting:
        element = waiting.pop()
        waiting += element.children
        if element.namespace != "Find" and float(introduced_in(element.name)) > float(version):
            found.add(element.name)
    return sorted(found)
