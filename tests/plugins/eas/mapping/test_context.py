"""What the mappings know besides the item."""

from __future__ import annotations

from datetime import UTC

import pytest

from pimgate_eas.mapping.context import NO_TIME, Context


@pytest.mark.parametrize(("version", "is_16"), [("12.1", False), ("14.1", False), ("16.0", True), ("16.1", True)])
def test_dialect_of_16_is_its_own(version: str, is_16: bool) -> None:
    assert Context(version).is_16 == is_16
    assert Context(version).knows("AirSyncBase:InstanceId") == is_16


def test_zone_that_nobody_knows_is_utc() -> None:
    assert Context("16.1", "Nowhere/Special").home is UTC
    assert str(Context("16.1", "Europe/Berlin").home) == "Europe/Berlin"


def test_context_without_a_moment_stamps_nothing() -> None:
    assert Context("16.1").now is NO_TIME
