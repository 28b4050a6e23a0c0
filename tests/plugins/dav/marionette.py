"""The real Thunderbird, without a window of its own on the desk: a fresh profile with our extension in it, spoken to by Marionette,
the remote control that it brings along.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

EXTENSION = "thunderbird@pimgate.org"
STARTS_WITHIN_SECONDS = 180
SCRIPT_MILLISECONDS = 120_000

PREFERENCES: dict[str, bool | int | str] = {
    "app.donation.eoy.version.viewed": 999,
    "app.update.enabled": False,
    "browser.shell.checkDefaultClient": False,
    "calendar.timezone.useSystemTimezone": True,
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.autoDisableScopes": 0,
    "extensions.update.enabled": False,
    "intl.locale.requested": "en-US",
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.rights.version": 1,
    "mail.shell.checkDefaultClient": False,
    "mail.spotlight.firstRunDone": True,
    "mailnews.start_page.enabled": False,
    "mailnews.start_page_override.mstone": "ignore",
    "marionette.port": 0,
    "toolkit.telemetry.enabled": False,
    "xpinstall.signatures.required": False,
}


OPEN_PAGE = """
const { ExtensionParent } = ChromeUtils.importESModule("resource://gre/modules/ExtensionParent.sys.mjs");
const extension = ExtensionParent.GlobalManager.getExtension(arguments[0]);
const url = extension.baseURI.resolve(arguments[1]);
const given = { url, linkHandler: "single-page", userContextId: 0, triggeringPrincipal: extension.principal };
const window = Services.wm.getMostRecentWindow("mail:3pane");
window.pimgatePage = window.document.getElementById("tabmail").openTab("contentTab", given);
"""

IN_PAGE = """
const manager = Services.wm.getMostRecentWindow("mail:3pane").pimgatePage.browser.messageManager;
const name = `pimgate-test-${Math.random()}`;
const answer = new Promise(resolve => manager.addMessageListener(name, message => resolve(message.data)));
const script = `sendAsyncMessage("${name}", (() => { try { return { value: ${arguments[0]} }; }
  catch (error) { return { error: String(error) }; } })());`;
manager.loadFrameScript(`data:application/javascript;charset=utf-8,${encodeURIComponent(script)}`, false);
const found = await answer;
if (found.error) { throw new Error(found.error); }
return found.value ?? null;
"""


class ScriptFailed(AssertionError):
    """What a script threw inside Thunderbird."""


class Thunderbird:
    """One running Thunderbird."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=SCRIPT_MILLISECONDS / 1000 + 30)
        self._number = 0
        self._heard = b""
        self._hear()
        self.command("WebDriver:NewSession", {"capabilities": {}})
        self.command("WebDriver:SetTimeouts", {"script": SCRIPT_MILLISECONDS})
        self.command("Marionette:SetContext", {"value": "chrome"})

    def command(self, name: str, parameters: dict[str, Any]) -> Any:
        self._number += 1
        octets = json.dumps([0, self._number, name, parameters]).encode()
        self._socket.sendall(str(len(octets)).encode() + b":" + octets)
        _, number, error, result = self._hear()
        assert number == self._number
        if error is not None:
            raise ScriptFailed(f"{error.get('message')}\n{error.get('stacktrace', '')}")
        return result

    def run(self, script: str, *given: object) -> Any:
        """What an asynchronous function gives, with all rights of the program. `given` are its `arguments`."""
        body = f"const done = arguments[arguments.length - 1]; (async function() {{ {script} }})(...arguments).then("
        body += "value => done({value}), error => done({error: String(error) + '\\n' + error?.stack}));"
        parameters = {"script": body, "args": list(given), "newSandbox": True, "sandbox": "system"}
        found = self.command("WebDriver:ExecuteAsyncScript", parameters)["value"]
        if "error" in found:
            raise ScriptFailed(found["error"])
        return found.get("value")

    def until(self, script: str, *given: object, seconds: float = 90) -> Any:
        """The same, again and again until it gives something that is true."""
        end = time.monotonic() + seconds
        while not (value := self.run(script, *given)):
            assert time.monotonic() < end, f"this did not come true: {script}"
            time.sleep(0.5)
        return value

    def open_page(self, path: str) -> None:
        """One of the extension's pages in a tab of its own, in front, as soon as it can be used."""
        self.run(OPEN_PAGE, EXTENSION, path)
        is_there = "document.readyState == 'complete' && window.location.protocol == 'moz-extension:'"
        is_usable = f"{is_there} && !document.body.hasAttribute('aria-busy')"
        end = time.monotonic() + STARTS_WITHIN_SECONDS
        while not self.in_page(is_usable):
            assert time.monotonic() < end, f"{path} did not become usable"
            time.sleep(0.2)

    def in_page(self, expression: str) -> Any:
        """What an expression gives in the page that was opened last; `document` is the page's."""
        return self.run(IN_PAGE, f"((document, window) => {expression})(content.document, content)")

    def complaints(self) -> list[str]:
        """What the console of the program says about our extension."""
        said = "return Services.console.getMessageArray().map(String).filter(each => each.includes('pimgate'))"
        return [str(each)[:1000] for each in self.run(said)]

    def picture(self) -> bytes:
        """The whole window as PNG."""
        return b64decode(self.command("WebDriver:TakeScreenshot", {"full": True, "hash": False})["value"])

    def close(self) -> None:
        with suppress(OSError, ScriptFailed):
            self.command("Marionette:Quit", {"flags": ["eForceQuit"]})
        self._socket.close()

    def _hear(self) -> Any:
        while b":" not in self._heard:
            self._more()
        length, _, rest = self._heard.partition(b":")
        while len(rest) < int(length):
            self._more()
            rest = self._heard.partition(b":")[2]
        self._heard = rest[int(length) :]
        return json.loads(rest[: int(length)])

    def _more(self) -> None:
        octets = self._socket.recv(65536)
        if not octets:
            raise ScriptFailed("Thunderbird has gone")
        self._heard += octets


@contextmanager
def thunderbird(directory: Path, extension: bytes) -> Iterator[Thunderbird]:
    """Thunderbird with this extension and its profile in `directory`: a fresh one, or the one that it had there before."""
    profile = directory / "profile"
    (profile / "extensions").mkdir(parents=True, exist_ok=True)
    (profile / "MarionetteActivePort").unlink(missing_ok=True)
    (profile / "extensions" / f"{EXTENSION}.xpi").write_bytes(extension)
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("\n".join(lines))
    program = shutil.which("thunderbird")
    assert program is not None, "Thunderbird is not installed"
    command = ["xvfb-run", "-a", "-s", "-screen 0 1280x900x24", program, "--no-remote", "--profile", str(profile)]
    environment = {**os.environ, "HOME": str(directory), "MOZ_DISABLE_CONTENT_SANDBOX": "1", "LANG": "C.UTF-8"}
    with (directory / "output").open("wb") as output:
        process = subprocess.Popen(
            [*command, "--marionette", "--remote-allow-system-access"],
            stdout=output,
            stderr=output,
            env=environment,
            start_new_session=True,
        )
    try:
        found = Thunderbird(_port_of(profile, process))
        try:
            yield found
        finally:
            found.close()
    finally:
        _end(process)


def _port_of(profile: Path, process: subprocess.Popen[bytes]) -> int:
    """The port that Marionette chose; it writes it down once it listens."""
    end = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, "Thunderbird did not start"
        with suppress(OSError, ValueError):
            return int((profile / "MarionetteActivePort").read_text())
        time.sleep(0.3)
    raise AssertionError("Thunderbird did not start in time")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program with the display that was started for it: they are a group of their own."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(20)
    if process.poll() is None:
        os.killpg(process.pid, 15)
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
    if process.poll() is None:
        os.killpg(process.pid, 9)
        process.wait(20)
