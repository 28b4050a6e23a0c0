"""How much recurrence is too much: asked before a calendar object is stored.

The bounds let through what people have in their calendars and stop rules that would fill one by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from pimgate.text.component import Component
from pimgate.text.errors import RecurrenceTooLarge
from pimgate.text.expansion import Effort, expand
from pimgate.text.rule import Frequency, Rule, rules_of

MAX_COUNT: Final = 10_000
MAX_FINE_COUNT: Final = 1_000
MAX_DATES: Final = 1_000
MAX_TIMES_A_DAY: Final = 24
MAX_RULES: Final = 4
MAX_OVERRIDES: Final = 2_000
MAX_AT_ONCE: Final = 2_000


def check_recurrence(component: Component) -> None:
    """Refuse, before it is stored, a series that costs far more than any person's calendar needs.

    `component` is the VCALENDAR, or one component of it. RecurrenceTooLarge says which bound it breaks; BadText if a
    rule is malformed.
    """
    parts = [component, *component.children]
    if sum(part.get("RECURRENCE-ID") is not None for part in parts) > MAX_OVERRIDES:
        raise RecurrenceTooLarge("A series has too many changed occurrences.")
    for part in parts:
        _check_one(part)


def _check_one(component: Component) -> None:
    rules = rules_of(component)
    if len(rules) > MAX_RULES:
        raise RecurrenceTooLarge("A series has too many rules.")
    for rule in rules:
        times_a_day = max(1, len(rule.by_hour)) * max(1, len(rule.by_minute)) * max(1, len(rule.by_second))
        is_fine = rule.frequency > Frequency.DAILY or times_a_day > MAX_TIMES_A_DAY
        if is_fine and (rule.count is None or rule.count > MAX_FINE_COUNT):
            raise RecurrenceTooLarge("A series that repeats more often than daily has to say COUNT, at most 1,000.")
        if rule.count is not None and rule.count > MAX_COUNT:
            raise RecurrenceTooLarge("A series has more than 10,000 occurrences.")
    for name in ("EXDATE", "RDATE"):
        if sum(line.value.count(",") + 1 for line in component.all(name)) > MAX_DATES:
            raise RecurrenceTooLarge("A series has more than 1,000 single dates.")


def check_length(rule: Rule, first: datetime, length: timedelta) -> None:
    """RecurrenceTooLarge for a series of which so many are under way at once, because each lasts so long, that it cannot be told
    when it takes place. `first` is its start without zone."""
    if length < timedelta(hours=MAX_AT_ONCE // MAX_TIMES_A_DAY):
        return
    end = first + min(length, datetime.max - first)
    under_way: Iterator[datetime] = expand(rule, first, first, end, Effort(10 * MAX_AT_ONCE))
    if sum(1 for _ in islice(under_way, MAX_AT_ONCE + 1)) > MAX_AT_ONCE:
        raise RecurrenceTooLarge("A series lasts too long each time for how often it repeats.")
