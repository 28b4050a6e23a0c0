import pytest

from pimgate_mail.settings import NotLoopback, require_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_server_listens_on_this_machine(host: str) -> None:
    assert require_loopback(host) == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "mail.example.org"])
def test_server_refuses_to_be_reached_from_elsewhere_and_says_why(host: str) -> None:
    with pytest.raises(NotLoopback, match="for trying things out"):
        require_loopback(host)
