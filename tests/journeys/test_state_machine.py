"""Whatever two phones and a desktop program do, on lines that lose, cut and repeat: at the end all have what the server has, and
nothing that anybody wrote is lost, doubled or reverted.

A state machine whose steps and faults hypothesis chooses, and makes fewer until only the culprits are left.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Collection

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from journeys.moving_in import household
from pimgate.model.items import ItemId
from pimgate.testing.network import FINE, HUNG_UP, REPEATED, Fate, Network
from pimgate.testing.running import Running
from pimgate_eas.moving import Moves
from pimgate_eas.status import MoveItems
from pimgate_eas.sync.edits import Edits
from pimgate_eas.sync.keys import FIRST, Generations, Turn
from pimgate_eas.sync.moves import Notes
from pimgate_eas.wbxml.element import Element

A_FEW, MANY = 2, 150
STEPS = 40

KINDS = st.sampled_from(["book", "calendar", "calendar", "tasks", "notes"])
PHONES = st.sampled_from([0, 1])
SEEDS = st.integers(0, 2**16)
SHARES = st.floats(0, 0.999)
FATES = st.lists(
    st.one_of(
        st.just(FINE),
        st.builds(Fate, answer_share=SHARES),
        st.builds(Fate, request_share=SHARES),
        st.sampled_from([HUNG_UP, REPEATED]),
    ),
    max_size=4,
)


def machine(gateway: Running, older: str) -> type[RuleBasedStateMachine]:
    """The machine for one gateway; each of its runs has a person of its own. `older` is the dialect of the second phone."""
    numbers = itertools.count()

    class Lives(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            self.household, self.phones = household(
                gateway, f"p{next(numbers)}@example.org", older, (Network(), Network())
            )

        def dare(self, seed: int, phone: int = 0, fates: list[Fate] | None = None) -> None:
            """What follows happens by this chance, on this line."""
            self.household.chance = random.Random(seed)
            self.phones[phone].phone.network.send_next(*(fates or ()))

        @rule(seed=SEEDS, phone=PHONES, kind=KINDS, action=st.sampled_from(["adds", "changes", "deletes", "takes out"]))
        def phone_edits(self, seed: int, phone: int, kind: str, action: str) -> None:
            self.dare(seed)
            if action != "takes out" or kind == "calendar":
                self.household.phone_edits(self.phones[phone], kind, action)

        @rule(seed=SEEDS, phone=PHONES, fates=FATES)
        def phone_syncs(self, seed: int, phone: int, fates: list[Fate]) -> None:
            self.dare(seed, phone, fates)
            self.household.phone_syncs(self.phones[phone])

        @rule(seed=SEEDS, phone=PHONES, kind=KINDS, fates=FATES)
        def phone_moves(self, seed: int, phone: int, kind: str, fates: list[Fate]) -> None:
            self.dare(seed, phone, fates)
            self.household.phone_moves(self.phones[phone], kind)

        @rule(seed=SEEDS, phone=PHONES, kind=KINDS, fates=FATES, what=st.sampled_from(["make", "rename", "delete"]))
        def phone_keeps_folders(self, seed: int, phone: int, kind: str, fates: list[Fate], what: str) -> None:
            self.dare(seed, phone, fates)
            writer = self.phones[phone]
            if what == "make":
                self.household.phone_makes_folder(writer, kind)
            elif what == "rename":
                self.household.phone_renames_folder(writer)
            else:
                self.household.phone_deletes_folder(writer)

        @rule(seed=SEEDS, kind=KINDS, action=st.sampled_from(["adds", "changes", "deletes"]))
        def program_edits(self, seed: int, kind: str, action: str) -> None:
            self.dare(seed)
            self.household.program_edits(kind, action)

        @rule(seed=SEEDS, action=st.sampled_from(["series", "series", "moves an occurrence", "past"]))
        def program_plans(self, seed: int, action: str) -> None:
            self.dare(seed)
            self.household.program_edits("calendar", action)

        @rule(seed=SEEDS, kind=KINDS)
        def all_change_one(self, seed: int, kind: str) -> None:
            self.dare(seed)
            self.household.all_change_one(kind)

        @rule(seed=SEEDS, phone=PHONES, kind=KINDS, share=SHARES)
        def phone_edits_on(self, seed: int, phone: int, kind: str, share: float) -> None:
            self.dare(seed, phone, [Fate(answer_share=share), Fate(answer_share=share)])
            self.household.phone_edits_on(self.phones[phone], kind)

        @rule(seed=SEEDS, kind=KINDS)
        def switch_turns(self, seed: int, kind: str) -> None:
            self.dare(seed)
            self.household.switch_turns(kind)

        def teardown(self) -> None:
            if hasattr(self, "household"):
                self.household.finish()
                assert "\n".join(self.household.findings()) == ""

    return Lives


def run(gateway: Running, older: str, examples: int, phases: Collection[Phase] = tuple(Phase)) -> None:
    run_state_machine_as_test(
        machine(gateway, older),
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            phases=phases,
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("older", ["14.1", "12.1"])
def test_nothing_is_lost_doubled_or_reverted_whatever_happens(gateway: Running, older: str) -> None:
    run(gateway, older, A_FEW)


@pytest.mark.slow
@pytest.mark.parametrize("older", ["14.1", "12.1"])
def test_nothing_is_lost_doubled_or_reverted_whatever_happens_for_long(gateway: Running, older: str) -> None:
    run(gateway, older, MANY)


# Would it notice?


def forgets_answers(patch: pytest.MonkeyPatch) -> None:
    """A question that is asked again is a new one."""
    turn = Generations.turn

    def forgetful(self: Generations, key: str, question: str) -> Turn:
        found = turn(self, key, question)
        return Turn.NEXT if found in (Turn.AGAIN, Turn.BACK) and key != FIRST else found

    patch.setattr(Generations, "turn", forgetful)


def forgets_new_items(patch: pytest.MonkeyPatch) -> None:
    """What a lost answer spoke of is made once more."""

    def made(self: Edits, _client_id: str, data: Element) -> tuple[ItemId, int]:
        head = self._new_item(data)
        return head.id, head.seq

    patch.setattr(Edits, "_added", made)


def forgets_moves(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Moves, "status_of_gone", lambda self, move: MoveItems.BAD_SOURCE)


def tells_moves(patch: pytest.MonkeyPatch) -> None:
    """The mover is told of its move like everybody else."""
    patch.setattr(Notes, "came", lambda self, head, is_latest: None)


def knows_no_conflicts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Edits, "_is_conflict", lambda self, head: False)


FAULTS = (forgets_answers, forgets_new_items, forgets_moves, tells_moves, knows_no_conflicts)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_gateway_with_a_fault_is_found_out(
    gateway: Running, fault: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(monkeypatch)
    with pytest.raises(AssertionError):
        run(gateway, "14.1", MANY, phases=[Phase.generate])
