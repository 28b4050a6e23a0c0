"""`pimgate outbox`, and what `pimgate check` says of mail."""

from collections.abc import Callable
from contextlib import closing

from gateway.cli.conftest import Operator
from pimgate import outbox
from pimgate.app import open_core
from pimgate.core import Core
from pimgate.model.outbox import Channel, State
from pimgate.outbox import Posting
from pimgate.store.work import Work

ANNA = "anna@example.org"


def in_core(operator: Operator, act: Callable[[Core, Work], object]) -> None:
    with closing(open_core(operator.file)) as core, core.database.write() as work:
        act(core, work)


def post(core: Core, work: Work) -> None:
    anna = core.people.get(work, ANNA)
    for name in ("zoe", "yan"):
        to = (f"{name}@outside.example",)
        outbox.post(work, Posting(Channel.MAIL, anna.id, ANNA, to, b"a secret", (name,)))


def test_operator_sees_what_waits_and_not_what_it_says(operator: Operator) -> None:
    operator.adds(ANNA)
    in_core(operator, post)
    found = operator.asks("outbox", "list")
    assert [(each["id"], each["state"], each["person"], each["recipients"]) for each in found] == [
        (1, "accepted", ANNA, ["zoe@outside.example"]),
        (2, "accepted", ANNA, ["yan@outside.example"]),
    ]
    assert "secret" not in operator.does("outbox", "list")
    assert operator.asks("outbox", "list", "--state", "unknown") == []


def test_operator_sends_the_unknown_again_and_drops_the_rest(operator: Operator) -> None:
    operator.adds(ANNA)
    in_core(operator, post)
    in_core(operator, lambda core, work: work.outbox.change(1, State.UNKNOWN))  # type: ignore[arg-type]
    assert operator.asks("outbox", "retry", "1")["state"] == "accepted"
    assert "Only what failed or is unknown" in operator.fails("outbox", "retry", "2")
    operator.does("outbox", "drop", "2")
    assert [each["id"] for each in operator.asks("outbox", "list")] == [1]
    assert "no such entry" in operator.fails("outbox", "drop", "2")


def test_check_says_by_whom_mail_leaves(operator: Operator) -> None:
    operator.adds(ANNA)
    assert operator.asks("check")["mail"] == (
        "leaves nowhere: name a server in [outgoing], or guests get no mail; outbox: nothing waits"
    )
    in_core(operator, post)
    operator.settings('[plugins]\nenabled = []\n[outgoing]\nhost = "mail.example.org"\npassword_file = "secret"\n')
    assert "there is no file secret" in operator.fails("check", code=2)
    (operator.directory / "secret").write_text("x")
    assert operator.asks("check")["mail"] == "leaves by mail.example.org:587; outbox: 2 accepted"
