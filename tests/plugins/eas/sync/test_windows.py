"""How far back devices look, and when time alone moves that on."""

from hypothesis import given
from hypothesis import strategies as st

from pimgate_eas.sync.windows import DAYS, EVERYTHING, STEPS, cut_of, passes_in

NOW = st.floats(1_700_000_000, 2_000_000_000)


@given(st.sampled_from(sorted(STEPS)), st.sampled_from(sorted(DAYS)), NOW, st.integers(1, 10**7))
def test_cut_passes_an_item_when_it_is_said_to(name: str, chosen: str, now: float, later: int) -> None:
    options = {"FilterType": chosen}
    cut = cut_of(name, options, now)
    ends_at = cut.at + later
    seconds = passes_in(name, cut, ends_at, now)
    assert 0 <= seconds <= later + STEPS[name]
    assert not cut_of(name, options, now + seconds + 0.01).keeps(ends_at, 1)
    assert cut_of(name, options, now + seconds - 0.01).keeps(ends_at, 1)


@given(NOW)
def test_messages_leave_a_few_times_a_day_and_never_too_early(now: float) -> None:
    cuts = {cut_of("Email", {"FilterType": "2"}, now + minutes * 60) for minutes in range(24 * 60)}
    assert len(cuts) <= 5
    assert all(cut.at <= now + 86_400 - 3 * 86_400 for cut in cuts)
    assert cut_of("Email", {"FilterType": "0"}, now) == cut_of("Email", {}, now) == EVERYTHING
