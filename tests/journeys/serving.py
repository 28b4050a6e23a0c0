"""A gateway as a process of its own, on SQLite, which can be killed and started again on the same port."""

import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gateway.places import PASSWORD, PEOPLE
from pimgate.app import open_core
from pimgate.core import Core
from pimgate.testing.running import free_port

START_SECONDS = 30.0
DEAD = 9
"""What a gateway that died at its point leaves as its exit code."""
PROGRAM = "from pimgate.cli import main; main()"
DYING = Path(__file__).with_name("dying.py")
SETTINGS = """\
[http]
port = {port}
[database]
url = "sqlite:///pimgate.db"
[plugins]
enabled = ["eas", "dav"]
[log]
requests = false
"""


@dataclass
class Serving:
    """`directory` is where everything is kept; `kills` counts. With `dies_at` it is a gateway that dies by itself at that point,
    once it is `armed`; `deaths` counts how often it did."""

    directory: Path
    port: int = field(default_factory=free_port)
    kills: int = 0
    deaths: int = 0
    dies_at: str = ""
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> Path:
        return self.directory / "pimgate.toml"

    def furnish(self) -> Core:
        """Settings and people; gives the gateway without its doors."""
        self.settings.write_text(SETTINGS.format(port=self.port))
        core = open_core(self.settings)
        with core.database.write() as work:
            for login in PEOPLE:
                core.people.create(work, login, PASSWORD)
        return core

    def start(self) -> None:
        """Start it, unless it runs; give it time until it answers."""
        if self._process is not None and self._process.poll() is None:
            return
        if self._process is not None and self._process.returncode == DEAD:
            self.deaths += 1
        program = [str(DYING), self.dies_at, str(self._armed), "--"] if self.dies_at else ["-c", PROGRAM]
        command = [sys.executable, *program, "--settings", str(self.settings), "serve"]
        log = (self.directory / "log").open("ab")
        with log:
            self._process = subprocess.Popen(command, stderr=log)
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise TimeoutError((self.directory / "log").read_text()[-2000:])
            time.sleep(0.05)

    @property
    def _armed(self) -> Path:
        return self.directory / "armed"

    def arm(self) -> None:
        """The next time that it comes by its point it dies."""
        self._armed.touch()

    def wait_for_death(self) -> None:
        """Until it came by its point."""
        assert self._process is not None
        assert self._process.wait(START_SECONDS) == DEAD

    def wait_until(self, happened: Callable[[], bool]) -> None:
        until = time.monotonic() + START_SECONDS
        while not happened():
            assert time.monotonic() < until, "it does not happen"
            time.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL: no goodbye, no last write."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self.kills += 1

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(START_SECONDS)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
