"""Random writes against a plain model: items, figures and journal stay true, on both databases."""

from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from gateway.effort import examples
from gateway.seen import through
from gateway.texts import card
from pimgate import collections
from pimgate.core import Core
from pimgate.errors import AlreadyThere, NoSuchItem, UidTaken
from pimgate.items import View
from pimgate.model.collections import CollectionKind
from pimgate.model.items import Bookmark, Op
from pimgate.model.people import Account

UIDS = st.sampled_from("uvw")
NAMES = st.sampled_from(["a.vcf", "b.vcf", "c.vcf"])
WORDS = st.sampled_from(["Ada", "Zoë", "Grace " * 20, "李"])
SIDES = st.sampled_from([0, 1])


class _Broken(Exception):
    pass


def machine(core: Core, anna: Account) -> type[RuleBasedStateMachine]:
    """The machine for one gateway; each of its runs works on two books of its own."""

    class Books(RuleBasedStateMachine):
        """`kept`: for each book, name -> text. `told`: for each book, what its journal must have made known."""

        @initialize()
        def make_books(self) -> None:
            with core.database.write() as work:
                self.books = [collections.create(work, anna.id, CollectionKind.BOOK, each) for each in "AB"]
            self.kept: list[dict[str, str]] = [{}, {}]
            self.followed: list[dict[str, int]] = [{}, {}]
            self.bookmarks = [Bookmark(0), Bookmark(0)]
            self.ids: set[int] = set()

        def change(self, job: Callable[[list[View]], None], breaks: bool = False) -> None:
            """One unit of work; one that breaks off at its end must leave no trace."""
            try:
                with core.database.write() as work:
                    job([core.catalogue.open_view(work, through(anna), each.id) for each in self.books])
                    if breaks:
                        raise _Broken
            except _Broken:
                pass

        def taken(self, side: int, name: str, uid: str) -> bool:
            return any(f"UID:{uid}\r" in text for each, text in self.kept[side].items() if each != name)

        @rule(side=SIDES, name=NAMES, uid=UIDS, words=WORDS, breaks=st.booleans())
        def put(self, side: int, name: str, uid: str, words: str, breaks: bool) -> None:
            text = card(uid, words)

            def job(views: list[View]) -> None:
                if self.taken(side, name, uid):
                    with pytest.raises(UidTaken):
                        views[side].put(name, text)
                else:
                    views[side].put(name, text)

            self.change(job, breaks)
            if not breaks and not self.taken(side, name, uid):
                self.kept[side][name] = text

        @rule(side=SIDES, name=NAMES, breaks=st.booleans())
        def delete(self, side: int, name: str, breaks: bool) -> None:
            def job(views: list[View]) -> None:
                if name in self.kept[side]:
                    views[side].delete(name)
                else:
                    with pytest.raises(NoSuchItem):
                        views[side].delete(name)

            self.change(job, breaks)
            if not breaks:
                self.kept[side].pop(name, None)

        @rule(side=SIDES, to=SIDES, name=NAMES, new_name=NAMES, overwrite=st.booleans())
        def move(self, side: int, to: int, name: str, new_name: str, overwrite: bool) -> None:
            text = self.kept[side].get(name)
            stays = (side, name) == (to, new_name)
            others = {each: other for each, other in self.kept[to].items() if each != new_name}
            uid = text.split("UID:")[1].split("\r")[0] if text else ""
            expected: type[Exception] | None = None
            if text is None:
                expected = NoSuchItem
            elif not stays and new_name in self.kept[to] and not overwrite:
                expected = AlreadyThere
            elif side != to and any(f"UID:{uid}\r" in other for other in others.values()):
                expected = UidTaken

            def job(views: list[View]) -> None:
                if expected is None:
                    views[side].move(name, views[to], new_name, overwrite=overwrite)
                else:
                    with pytest.raises(expected):
                        views[side].move(name, views[to], new_name, overwrite=overwrite)

            self.change(job)
            if expected is None and text is not None:
                del self.kept[side][name]
                self.kept[to][new_name] = text

        @invariant()
        def books_hold_what_the_model_holds_and_their_figures_are_true(self) -> None:
            if not hasattr(self, "books"):
                return
            with core.database.read() as work:
                for side, book in enumerate(self.books):
                    items = work.items.all(book.id)
                    assert {item.head.name: item.text for item in items} == self.kept[side]
                    found = work.collections.by_id(book.id)
                    assert found is not None
                    size = sum(len(text.encode()) for text in self.kept[side].values())
                    assert (found.item_count, found.size_bytes) == (len(items), size)

        @rule(side=SIDES, limit=st.integers(1, 4))
        def follow(self, side: int, limit: int) -> None:
            """A client that applies the journal line by line ends with just the items that are there."""
            with core.database.read() as work:
                has_more = True
                while has_more:
                    found = work.journal.since(self.books[side].id, self.bookmarks[side], limit)
                    for change in found.changes:
                        assert change.item_id is not None
                        if change.op is Op.CREATE:
                            assert change.item_id not in self.ids
                            self.ids.add(change.item_id)
                        if change.op is Op.DELETE:
                            del self.followed[side][change.name]
                        else:
                            self.followed[side][change.name] = change.item_id
                    self.bookmarks[side], has_more = found.upto, found.has_more
                heads = {head.name: head.id for head in work.items.heads(self.books[side].id)}
            assert self.followed[side] == heads

    return Books


def test_items_figures_and_journal_stay_true_under_random_writes(core: Core, person: Callable[[str], Account]) -> None:
    run_state_machine_as_test(
        machine(core, person("anna")),
        settings=settings(
            max_examples=examples(4, 30),
            stateful_step_count=20,
            deadline=None,
        ),
    )
