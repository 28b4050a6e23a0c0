"""The door: who is let in with what, how long that is remembered, and how guesses are held off."""

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.places import PASSWORD
from gateway.seen import through
from pimgate import directory
from pimgate.core import Core
from pimgate.errors import BadCredentials, NoSuchAccount, PimgateError, Refused, Throttled
from pimgate.guesses import network_of
from pimgate.login import WrongPassword
from pimgate.model.devices import DeviceFacts
from pimgate.model.people import Account, AccountId, AccountState, Credentials, Identity
from pimgate.settings import Accounts
from pimgate.store.shelf import Document
from pimgate.store.tables import metadata

HOME = "192.0.2.1"
NOW = 1_800_000_000.0
RIGHT = Credentials("anna@example.org", PASSWORD, "dav", HOME)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(core: Core) -> Clock:
    made = Clock()
    core.database.clock = made
    return made


@pytest.fixture
def anna(person: Callable[[str], Account]) -> Account:
    return person("anna")


@pytest.fixture
def cheap(core: Core, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Passwords are compared without the costly hash; gives the list of what was compared."""
    compared: list[str] = []

    def is_right(password_hash: str, password: str) -> bool:
        compared.append(password)
        return bool(password_hash) and password == PASSWORD

    monkeypatch.setattr(core.door._hasher, "is_right", is_right)
    return compared


def enter(core: Core, **changes: str) -> Identity:
    return core.door.authenticate(replace(RIGHT, **changes))


def guess(core: Core, **changes: str) -> float:
    """The delay that the answer to a wrong password is given."""
    with pytest.raises(WrongPassword) as wrong:
        enter(core, **changes)
    return wrong.value.delay_seconds


# Who is let in


@pytest.mark.parametrize(
    "login", ["anna@example.org", "ANNA@Example.ORG", " anna ", "EXAMPLE\\anna", "x\\anna@example.org"]
)
def test_person_comes_in_by_the_spellings_that_clients_use(core: Core, anna: Account, login: str) -> None:
    assert enter(core, login=login) == Identity(anna)


def test_wrong_password_and_unknown_person_are_told_the_same(core: Core) -> None:
    answers = []
    for changes in ({"secret": "wrong horse"}, {"login": "nobody@example.org"}, {"login": "not a login"}):
        with pytest.raises(BadCredentials) as refused:
            enter(core, **changes)
        answers.append(refused.value.public)
    assert len(set(answers)) == 1


def test_disabled_person_is_not_let_in_and_told_no_more_than_others(core: Core, anna: Account) -> None:
    with core.database.write() as work:
        core.people.set_state(work, anna.id, AccountState.DISABLED)
        secret, _ = core.people.add_app_password(work, anna.id, "phone")
    guess(core)
    guess(core, secret=secret)


def test_person_without_a_password_is_not_let_in_with_an_empty_one(core: Core) -> None:
    with core.database.write() as work:
        core.people.create(work, "dora@example.org", None)
    guess(core, login="dora@example.org", secret="")


# App passwords


def test_app_password_opens_just_the_protocol_it_is_for(core: Core, anna: Account, cheap: list[str]) -> None:
    """And never the pages, where a person's account is looked after."""
    protocols = ("eas", "dav", "imap", "smtp")
    for bound in ("any", *protocols):
        with core.database.write() as work:
            secret, row = core.people.add_app_password(work, anna.id, "phone", protocol=bound)
        for number, used in enumerate((*protocols, "web")):
            compared = len(cheap)
            if used != "web" and bound in ("any", used):
                assert enter(core, secret=secret, protocol=used).app_password == row, (bound, used)
                assert len(cheap) == compared
            else:
                guess(core, secret=secret, protocol=used, network=f"198.51.{number}.{len(bound)}")
        with core.database.write() as work:
            work.people.forget_guesses(work.now + 1)


def test_app_password_bound_to_a_device_opens_for_no_other(core: Core, anna: Account) -> None:
    with core.database.write() as work:
        secret, row = core.people.add_app_password(work, anna.id, "phone", protocol="eas", device_identifier="APPL1")
    assert enter(core, secret=secret, protocol="eas", device_identifier="APPL1").app_password == row
    guess(core, secret=secret, protocol="eas", device_identifier="APPL2")
    guess(core, secret=secret, protocol="dav")


def test_app_password_bound_to_a_device_opens_for_a_phone_that_has_not_named_itself_yet(
    core: Core, anna: Account
) -> None:
    with core.database.write() as work:
        secret, _ = core.people.add_app_password(work, anna.id, "phone", protocol="eas", device_identifier="APPL1")
    enter(core, secret=secret, protocol="eas")
    guess(core, secret=secret, protocol="eas", device_identifier="APPL2")


def test_app_password_of_one_person_opens_nothing_of_anothers(core: Core, anna: Account) -> None:
    with core.database.write() as work:
        secret, _ = core.people.add_app_password(work, anna.id, "phone")
    guess(core, login="bert@example.org", secret=secret)


def test_app_passwords_are_listed_without_their_secret_and_can_be_revoked(core: Core, anna: Account) -> None:
    with core.database.write() as work:
        secret, row = core.people.add_app_password(work, anna.id, "  my\n phone ", client_kind="eas-ios")
        assert core.people.app_passwords(work, anna.id) == [row]
        assert (row.label, row.client_kind) == ("my phone", "eas-ios")
        assert secret not in repr(row)
    enter(core, secret=secret)
    with core.database.write() as work:
        assert core.people.remove_app_password(work, anna.id, row.id) is True
        assert core.people.remove_app_password(work, anna.id, row.id) is False
    guess(core, secret=secret)


def test_app_password_of_another_person_cannot_be_revoked(
    core: Core, anna: Account, person: Callable[[str], Account]
) -> None:
    with core.database.write() as work:
        _, row = core.people.add_app_password(work, anna.id, "phone")
    bert = person("bert")
    with core.database.write() as work:
        assert core.people.remove_app_password(work, bert.id, row.id) is False


def test_app_password_for_an_unknown_protocol_or_person_is_refused(core: Core, anna: Account) -> None:
    with core.database.write() as work:
        with pytest.raises(Refused):
            core.people.add_app_password(work, anna.id, "phone", protocol="telex")
        with pytest.raises(NoSuchAccount):
            core.people.add_app_password(work, AccountId("pnobody"), "phone")


# What is remembered


def test_verified_password_is_not_hashed_again_until_its_time_is_over(
    core: Core, clock: Clock, cheap: list[str]
) -> None:
    for _ in range(5):
        enter(core)
    assert len(cheap) == 1
    clock.now += core.settings.accounts.verified_for_seconds
    enter(core)
    assert len(cheap) == 2


@pytest.mark.parametrize("change", ["password", "disabled", "app password made", "removed"])
@pytest.mark.parametrize("where", ["here", "in another gateway"])
def test_memory_is_void_at_once_after_every_change(
    make_core: Callable[..., Core], anna: Account, cheap: list[str], core: Core, change: str, where: str
) -> None:
    enter(core)
    enter(core)
    assert len(cheap) == 1
    changing = core if where == "here" else make_core()
    with changing.database.write() as work:
        if change == "password":
            changing.people.set_password(work, anna.id, "another horse")
        elif change == "disabled":
            changing.people.set_state(work, anna.id, AccountState.DISABLED)
        elif change == "removed":
            changing.people.remove(work, anna.id)
        else:
            changing.people.add_app_password(work, anna.id, "phone")
    if change in ("disabled", "removed"):
        guess(core)
    else:
        enter(core)
    assert len(cheap) == 2


@pytest.mark.parametrize("where", ["here", "in another gateway"])
def test_revoked_app_password_is_forgotten_at_once(
    make_core: Callable[..., Core], core: Core, anna: Account, where: str
) -> None:
    with core.database.write() as work:
        secret, row = core.people.add_app_password(work, anna.id, "phone")
    enter(core, secret=secret)
    changing = core if where == "here" else make_core()
    with changing.database.write() as work:
        changing.people.remove_app_password(work, anna.id, row.id)
    guess(core, secret=secret)


def test_password_that_was_wrong_is_right_once_it_is_set(core: Core, anna: Account) -> None:
    guess(core, secret="another horse")
    with core.database.write() as work:
        core.people.set_password(work, anna.id, "another horse")
    enter(core, secret="another horse")
    guess(core)


def test_login_that_did_not_exist_comes_in_once_it_is_made(core: Core) -> None:
    guess(core, login="dora@example.org", secret="dora's horse")
    with core.database.write() as work:
        core.people.create(work, "dora@example.org", "dora's horse")
    enter(core, login="dora@example.org", secret="dora's horse")


def test_memory_for_one_network_or_secret_is_not_used_for_another(core: Core, anna: Account, cheap: list[str]) -> None:
    enter(core)
    enter(core, network="192.0.2.2")
    assert len(cheap) == 2
    for secret in (f"{PASSWORD}\0dav", f"{PASSWORD}\0", PASSWORD.upper()):
        guess(core, secret=secret)


def test_remembered_app_password_opens_nothing_but_what_it_is_for(core: Core, anna: Account) -> None:
    with core.database.write() as work:
        secret, row = core.people.add_app_password(work, anna.id, "phone", protocol="eas", device_identifier="APPL1")
    for _ in range(2):
        assert enter(core, secret=secret, protocol="eas", device_identifier="APPL1").app_password == row
        guess(core, secret=secret, protocol="dav", device_identifier="APPL1")
        guess(core, secret=secret, protocol="web", device_identifier="APPL1")
        guess(core, secret=secret, protocol="eas", device_identifier="APPL2")


def test_recognised_is_only_who_was_right_a_moment_ago(core: Core, anna: Account, clock: Clock) -> None:
    def recognised(credentials: Credentials) -> Identity | None:
        with core.database.read() as work:
            return core.door.recognise(work, credentials)

    assert recognised(RIGHT) is None
    enter(core)
    assert recognised(RIGHT) == Identity(anna)
    for changes in ({"secret": "wrong"}, {"login": "bert@example.org"}, {"login": "\0"}, {"network": "192.0.2.2"}):
        assert recognised(replace(RIGHT, **changes)) is None
    clock.now += core.settings.accounts.verified_for_seconds
    assert recognised(RIGHT) is None


# Guesses


def test_answers_to_wrong_passwords_come_later_and_later(core: Core, clock: Clock, cheap: list[str]) -> None:
    assert [guess(core, secret=f"wrong {number}") for number in range(6)] == [2, 4, 8, 15, 15, 15]
    clock.now += 61
    assert guess(core, secret="wrong again") == 2


def test_ten_guesses_in_a_minute_close_the_network_until_the_first_is_a_minute_old(
    core: Core, clock: Clock, cheap: list[str]
) -> None:
    for number in range(10):
        guess(core, login=f"nobody{number}@example.org")
        clock.now += 1
    compared = len(cheap)
    for login in ("anna@example.org", "nobody@example.org"):
        with pytest.raises(Throttled) as throttled:
            enter(core, login=login)
        assert throttled.value.retry_after_seconds == 50
    assert len(cheap) == compared
    enter(core, network="192.0.2.2")
    clock.now += 50.5
    enter(core)


def test_fifty_guesses_in_a_day_close_the_network_until_the_first_is_a_day_old(
    core: Core, clock: Clock, cheap: list[str]
) -> None:
    for number in range(50):
        guess(core, login=f"nobody{number}@example.org")
        clock.now += 120
    with pytest.raises(Throttled) as throttled:
        enter(core)
    assert throttled.value.retry_after_seconds == 86_400 - 50 * 120
    clock.now += 86_400 - 50 * 120 + 1
    enter(core)


def test_ten_guesses_from_ten_networks_close_the_account_to_strangers_alone(
    core: Core, clock: Clock, cheap: list[str]
) -> None:
    """The owner's own network stays open: nobody is locked out by others."""
    enter(core)
    for number in range(10):
        guess(core, secret=f"wrong {number}", network=f"198.51.100.{number}")
    with pytest.raises(Throttled):
        enter(core, network="203.0.113.9")
    enter(core)
    enter(core, protocol="imap")
    enter(core, login="bert@example.org", network="203.0.113.9")


def test_stranger_cannot_guess_past_the_limits_at_what_the_owner_made_us_remember(
    core: Core, clock: Clock, cheap: list[str]
) -> None:
    enter(core)
    for number in range(10):
        guess(core, secret=f"wrong {number}", network="198.51.100.1")
    with pytest.raises(Throttled):
        enter(core, network="198.51.100.1")


def test_same_wrong_password_again_is_one_guess_and_costs_no_hash(core: Core, clock: Clock, cheap: list[str]) -> None:
    for number in range(100):
        assert guess(core, secret="stale horse", network=f"192.0.2.{number % 4}") == 2
        clock.now += 1
    assert len(cheap) == 1
    with core.database.read() as work:
        assert work.people.guesses("a:anna@example.org", 86_400)[0] == 1


def test_limits_are_those_of_the_settings(make_core: Callable[..., Core]) -> None:
    core = make_core(accounts=Accounts(guesses_per_minute=2))
    for number in range(2):
        guess(core, secret=f"wrong {number}")
    with pytest.raises(Throttled):
        enter(core, secret="wrong 3")


def test_old_guesses_are_forgotten(core: Core, clock: Clock, cheap: list[str]) -> None:
    guess(core, secret="wrong")
    clock.now += 2 * 86_400
    guess(core, secret="wrong again")
    with core.database.read() as work:
        assert work.people.guesses("a:anna@example.org", 10 * 86_400)[0] == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("2001:db8:1:ffff::", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("", "local"),
        ("not an address", "local"),
        ("192.0.2.1, 198.51.100.1", "local"),
    ],
)
def test_guesses_count_against_one_address_or_a_whole_site_of_ipv6(address: str, network: str) -> None:
    assert network_of(address) == network


# Enumeration


def test_time_of_an_answer_does_not_tell_whether_a_person_exists(core: Core, clock: Clock) -> None:
    guess(core, login="warm@example.org")

    def seconds(login: str, number: int) -> float:
        clock.now += 61
        begun = time.perf_counter()
        guess(core, login=login, secret=f"wrong {login} {number}", network=f"198.51.{number}.{len(login)}")
        return time.perf_counter() - begun

    samples = [
        (seconds("anna@example.org", number), seconds(f"nobody{number}@example.org", number)) for number in range(20)
    ]
    known, unknown = (statistics.median(each) for each in zip(*samples, strict=True))
    assert 0.75 < known / unknown < 1.34


def hostile_logins() -> list[str]:
    dice = random.Random(5)
    alphabet = "aA@.\\/:%&'\"<>;,()[]{}|*?~`^ \0\n\r\t\x7f\u202e\u200b\ufeff\ud800\U0001f600éßİŉ١-_+=#!$"
    made = ["".join(dice.choice(alphabet) for _ in range(dice.choice((0, 1, 3, 10, 40, 300)))) for _ in range(360)]
    return [
        *made, "", "@", "@@", "a@", "@b", "İ" * 254, "ŉ" * 253 + "@", "a" * 253 + "@", "x" * 1_000_000, "\\", "\\\\",
        "dom\\", "\\user", "anna@example.org\0", "anna@example.org\r\nX: y", "' OR 1=1 --@x.y", "anna%40example.org",
        "anna@example.org#bert@example.org", "anna@example.org!bert", "*@example.org", "anna@*", "${jndi:x}@a.b",
        "../../etc/passwd", "%00", "anna@exаmple.org", "\ud800@example.org", "a\u0301" * 200, "ﬁ" * 100 + "@x.org",
        "K@example.org", "ſ@example.org", "a@b" * 80, "n:192.0.2.1", "a:anna@example.org", "-", "None", "NULL", "0",
        "true", "[]", "{}",
    ]  # fmt: skip


def test_hostile_names_and_secrets_are_wrong_credentials_and_nothing_else(
    core: Core, clock: Clock, cheap: list[str]
) -> None:
    logins = hostile_logins()
    assert len(logins) >= 400
    secrets = ["", "\0", "\ud800", "x" * 100_000, PASSWORD, "%s%s", "'; --"]
    for number, login in enumerate(logins):
        changes = {"login": login, "secret": secrets[number % len(secrets)], "network": f"10.0.{number}.1"}
        try:
            enter(core, **changes)
        except (BadCredentials, Throttled):
            continue
        pytest.fail(f"{login!r} was let in")


@pytest.mark.parametrize("secret", ["\ud800", "\0", "", "x" * 2000])
def test_hostile_secret_of_a_known_person_is_a_wrong_password(core: Core, secret: str) -> None:
    guess(core, secret=secret)


def test_secret_is_in_no_representation_of_credentials_or_errors() -> None:
    assert PASSWORD not in repr(RIGHT)
    assert RIGHT.login not in repr(RIGHT)


# Accounts


def test_login_is_taken_whatever_its_spelling(core: Core) -> None:
    for login in ("anna@example.org", "ANNA@example.org", "anna"):
        with pytest.raises(PimgateError, match=r"anna@example\.org"), core.database.write() as work:
            core.people.create(work, login, PASSWORD)


@pytest.mark.parametrize("password", ["", "short", "x" * 2000])
def test_password_that_is_too_short_or_endless_is_refused(core: Core, anna: Account, password: str) -> None:
    with core.database.write() as work:
        with pytest.raises(Refused):
            core.people.set_password(work, anna.id, password)
        with pytest.raises(Refused):
            core.people.create(work, "dora@example.org", password)


def test_removed_person_leaves_nothing_behind(core: Core, anna: Account) -> None:
    with core.database.write() as work:
        core.people.add_app_password(work, anna.id, "phone")
        phone = core.devices.admit(work, Identity(anna), DeviceFacts("eas", "A1"))
        work.shelf.put(phone.id, "state", Document({}))
        work.shelf.put(anna.id, "state", Document({}))
        core.people.remove(work, anna.id)
    with core.database.read() as work:
        for table in metadata.sorted_tables:
            for row in work.connection.execute(table.select()):
                assert anna.id not in [str(value) for value in row], table.name
                assert f"h:{anna.id}" not in [str(value) for value in row], table.name
        with pytest.raises(NoSuchAccount):
            core.people.get(work, "anna")


def test_nothing_can_be_done_to_an_account_that_is_not_there(core: Core) -> None:
    nobody = AccountId("pnobody")
    for attempt in (
        lambda work: core.people.set_password(work, nobody, PASSWORD),
        lambda work: core.people.set_state(work, nobody, AccountState.DISABLED),
        lambda work: core.people.remove(work, nobody),
        lambda work: core.people.remove_app_password(work, nobody, 1),
        lambda work: core.people.get(work, "nobody"),
    ):
        with core.database.write() as work, pytest.raises(NoSuchAccount):
            attempt(work)


def test_new_person_is_found_in_the_directory_and_a_removed_one_is_not(core: Core) -> None:
    def found() -> list[str]:
        with core.database.read() as work:
            viewer = through(core.people.get(work, "bert"), "eas-ios")
            return [entry.email for entry in directory.search(core, work, viewer, "o'neil", 10)]

    with core.database.write() as work:
        dora = core.people.create(work, "dora@example.org", None, name="Dora; O'Neil,\n Jr")
    assert found() == ["dora@example.org"]
    with core.database.write() as work:
        core.people.remove(work, dora.id)
    assert found() == []
