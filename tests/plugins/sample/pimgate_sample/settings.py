"""What the operator may decide about the rooms."""

from dataclasses import dataclass

from pimgate.api import setting


@dataclass(frozen=True, slots=True)
class SampleSettings:
    """Meeting rooms in the directory, and a porter who names them."""

    greeting: str = setting("Welcome.", "The first line that the porter says.")
    rooms: list[str] = setting(["Library", "Winter garden"], "The meeting rooms of the house.")
    domain: str = setting("rooms.example", "The part behind the @ in the rooms' addresses.")
    porter_port: int = setting(
        0, "Port of this machine at which the porter sits; 0 takes any free one.", least=0, most=65535
    )
    has_doves: bool = setting(False, "Mail leaves by dove.")
    guest_login: str = setting("guest@rooms.example", "The login of the guest, who is known to this plugin alone.")
    guest_password: str = setting("", "The password of the guest; without one no guest is let in.")
