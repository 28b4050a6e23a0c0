"""A gateway in a process of its own, so that what it needs can be measured."""

from multiprocessing.connection import Connection

from gateway.places import Place, make_gateway
from pimgate.settings import Mail
from pimgate.testing.running import running


def gateway(place: Place, mail: Mail, pipe: Connection) -> None:
    """Serve until something comes through the pipe; the first thing that is sent through it is the address."""
    with make_gateway(place, "eas", mail=mail) as core, running(core) as here:
        pipe.send(here.url)
        pipe.recv()
