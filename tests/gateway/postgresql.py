"""A PostgreSQL server for one run of the tests: made, started and thrown away here."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from gateway.places import in_memory

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
OWNER = "pimgate"
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=200")


class Cluster:
    """One server that is reached through a socket of its own. It never runs as root, which PostgreSQL refuses."""

    def __init__(self) -> None:
        if not (PROGRAMS / "initdb").exists():
            raise FileNotFoundError(f"these tests need PostgreSQL 15: {PROGRAMS}/initdb is missing")
        self.place = Path(tempfile.mkdtemp(prefix="pimgate-pg-", dir=in_memory()))
        self._as: dict[str, object] = {}
        if os.geteuid() == 0:
            person = pwd.getpwnam("postgres")
            os.chown(self.place, person.pw_uid, person.pw_gid)
            self._as = {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
        self._run("initdb", "--auth=trust", f"--username={OWNER}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [PROGRAMS / program, "-D", self.place / "data", *arguments],
            cwd=self.place,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            **self._as,  # type: ignore[call-overload]
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {done.stderr}")

    def start(self) -> None:
        options = " ".join(f"-c {each}" for each in (*QUICK, f"unix_socket_directories={self.place}"))
        self._run("pg_ctl", "start", "-w", "-l", str(self.place / "log"), "-o", options)

    def stop(self) -> None:
        """Stop at once: whoever is connected loses their line."""
        self._run("pg_ctl", "stop", "-w", "-m", "fast")

    def remove(self) -> None:
        self._run("pg_ctl", "stop", "-w", "-m", "immediate")
        shutil.rmtree(self.place)

    def url(self, name: str) -> str:
        return f"postgresql://{OWNER}@/{name}?host={self.place}"

    def create(self, name: str, template: str = "template0") -> str:
        """A new database; gives its address."""
        self._sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        self._sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _sql(self, statement: str) -> None:
        deadline = time.monotonic() + 10
        while True:
            try:
                with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
                    connection.execute(statement.encode())
                return
            except psycopg.errors.ObjectInUse:  # a template that somebody has only just let go of
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
