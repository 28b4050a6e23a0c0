"""Every error of the core has its words on the pages."""

from pimgate.api import CollectionHidden, NoSuchCollection, Protected
from pimgate_web.errors import ERRORS, row_of
from plugins.web.stage import all_errors


def test_every_error_of_the_core_has_a_row() -> None:
    assert set(ERRORS) == all_errors()


def test_hidden_collection_is_answered_like_one_that_does_not_exist() -> None:
    assert row_of(CollectionHidden()) == row_of(NoSuchCollection()) == (404, "error.no-such-collection")


def test_error_of_a_later_release_has_the_row_of_its_group() -> None:
    class StillNewer(Protected):
        pass

    assert row_of(StillNewer()) == ERRORS[Protected]
