"""How passwords are kept and checked."""

import threading
import time

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from pimgate.passwords import AT_ONCE, Hasher, app_password_digest, new_app_password


@pytest.fixture(scope="module")
def hasher() -> Hasher:
    return Hasher()


@pytest.fixture(scope="module")
def kept(hasher: Hasher) -> str:
    return hasher.hash("correct horse")


def test_password_is_kept_as_the_cheat_sheet_of_owasp_asks(kept: str) -> None:
    parameters = extract_parameters(kept)
    assert parameters.type is Type.ID
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (19 * 1024, 2, 1)
    assert parameters.salt_len >= 16
    assert parameters.hash_len >= 32


def test_right_password_is_right_and_nothing_else(hasher: Hasher, kept: str) -> None:
    assert hasher.is_right(kept, "correct horse")
    for wrong in ("", "correct", "Correct horse", "correct horse ", "correct horse\0", "c\ud800", "x" * 100_000):
        assert not hasher.is_right(kept, wrong)


@pytest.mark.parametrize("broken", ["", "not a hash", "$argon2id$v=19$m=1", "$2b$12$abc"])
def test_nothing_fits_a_hash_that_is_none(hasher: Hasher, broken: str) -> None:
    assert not hasher.is_right(broken, "")
    assert not hasher.is_right(broken, "correct horse")


def test_same_password_is_never_kept_the_same_way_twice(hasher: Hasher, kept: str) -> None:
    assert hasher.hash("correct horse") != kept


def test_no_more_than_two_checks_run_at_a_time(hasher: Hasher, kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    running, most = 0, 0
    lock = threading.Lock()

    class Counting:
        def verify(self, *_: str) -> bool:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            time.sleep(0.02)
            with lock:
                running -= 1
            return True

    monkeypatch.setattr(hasher, "_argon2", Counting())
    threads = [threading.Thread(target=hasher.is_right, args=(kept, "correct horse")) for _ in range(10)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert most == AT_ONCE == 2


def test_app_password_is_random_readable_and_forgiving_when_typed() -> None:
    made = {new_app_password() for _ in range(100)}
    assert len(made) == 100
    secret = made.pop()
    assert [len(group) for group in secret.split("-")] == [5] * 5
    digest = app_password_digest(secret)
    for typed in (secret.upper(), secret.replace("-", ""), secret.replace("-", " "), f" {secret} "):
        assert app_password_digest(typed) == digest
    assert secret.replace("-", "") not in digest
    assert app_password_digest(new_app_password()) != digest
