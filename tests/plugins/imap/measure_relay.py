"""What the proxy costs: NOOP, FETCH of everything and logins, directly at Dovecot and through the proxy, as ratios.

Run from the top of the repository: `PYTHONPATH=tests python tests/plugins/imap/measure_relay.py`.
Believe only the ratios of a quiet machine.
"""

import asyncio
import imaplib
import multiprocessing
import socket
import statistics
import time
from collections.abc import Callable

import uvloop

from gateway.mail.dovecot import Dovecot, running_dovecot
from pimgate_imap.listener import Door, listening
from plugins.imap.stage import OpenGate, house_for

ROUNDS = 7
LOGIN = b'a LOGIN "alice" "s3cret pass"\r\n'


def serve(upstream: int, port: "multiprocessing.Queue[int]", run: Callable[..., object]) -> None:
    async def main() -> None:
        gate = OpenGate({"alice": "s3cret pass"})
        async with listening([Door("127.0.0.1", 0)], house_for(gate, upstream)) as addresses:
            port.put(addresses[0][1])
            await asyncio.Event().wait()

    run(main())


def noop_us(port: int, count: int = 2000) -> float:
    with socket.create_connection(("127.0.0.1", port)) as connection, connection.makefile("rb") as answers:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answers.readline()
        connection.sendall(LOGIN)
        answers.readline()
        times = []
        for _ in range(count):
            started = time.perf_counter()
            connection.sendall(b"x NOOP\r\n")
            answers.readline()
            times.append(time.perf_counter() - started)
    return statistics.median(times) * 1e6


def fetch_seconds_a_gb(port: int) -> float:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(LOGIN + b"b SELECT INBOX\r\nc FETCH 1:* BODY.PEEK[]\r\n")
        started, size, tail = time.perf_counter(), 0, b""
        while b"\r\nc OK" not in tail:
            octets = connection.recv(1 << 20)
            size += len(octets)
            tail = (tail + octets)[-200:]
        return (time.perf_counter() - started) / size * 1e9


def login_ms(port: int, count: int = 20) -> float:
    started = time.perf_counter()
    for _ in range(count):
        program = imaplib.IMAP4("127.0.0.1", port)
        program.login("alice", "s3cret pass")
        program.shutdown()
    return (time.perf_counter() - started) / count * 1e3


def fill(server: Dovecot) -> None:
    with imaplib.IMAP4("127.0.0.1", server.port) as program:
        program.login(server.user, server.password)
        for number in range(300):
            lines = 3000 if number % 3 else 10
            program.append("INBOX", "", "", b"Subject: x\r\n\r\n" + (b"x" * 70 + b"\r\n") * lines)


def main() -> None:
    with running_dovecot() as server:
        fill(server)
        ports, processes = {"direct": server.port}, []
        for name, run in (("asyncio", asyncio.run), ("uvloop", uvloop.run)):
            queue: multiprocessing.Queue[int] = multiprocessing.Queue()
            process = multiprocessing.Process(target=serve, args=(server.port, queue, run), daemon=True)
            process.start()
            processes.append(process)
            ports[name] = queue.get(timeout=10)
        for measure in (noop_us, fetch_seconds_a_gb, login_ms):
            found: dict[str, list[float]] = {name: [] for name in ports}
            for _ in range(ROUNDS):
                for name, port in ports.items():
                    found[name].append(measure(port))
            direct = statistics.median(found["direct"])
            for name, values in found.items():
                value = statistics.median(values)
                print(f"{measure.__name__:20}{name:10}{value:10.2f}  ratio {value / direct:.2f}")
        for process in processes:
            process.terminate()


if __name__ == "__main__":
    main()
