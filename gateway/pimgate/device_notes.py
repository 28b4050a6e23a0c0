"""What is kept beside a device for its person and the operator: what it says of itself, what of its items was refused, whether it
had to be slowed down, what it did with the policy, and the wipe that was asked for.

Each is one small document on the device's shelf, so all of it goes when the device is forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from pimgate.model.devices import (
    DeviceId,
    DeviceInformation,
    DeviceState,
    PolicyKept,
    Refusal,
    Slowing,
    Wipe,
    WipeScope,
)
from pimgate.store.shelf import Document
from pimgate.store.work import Work

INFORMATION, REFUSED, SLOWED = "device/information", "device/refused", "device/slowed"
POLICY, WIPE, RECOVERY = "device/policy", "device/wipe", "device/recovery-password"

LONGEST = 128
"""Of each word that a device says of itself, and of a reason."""

MOST_REFUSALS = 20
FORGIVEN_SECONDS = 86_400
"""After a day without a loop a device is no longer shown as slowed down."""


@dataclass(frozen=True, slots=True)
class Notes:
    """All that is kept beside one device. The newest refusal comes first."""

    information: DeviceInformation
    refusals: tuple[Refusal, ...] = ()
    slowing: Slowing | None = None
    policy: PolicyKept | None = None
    wipe: Wipe | None = None


def notes_of(work: Work, device_id: DeviceId) -> Notes:
    """Everything about one device, in one look at the shelf."""
    kept = {key: each.content for key, each in work.shelf.get_many(device_id, "device/").items()}
    slowing = Slowing(**kept[SLOWED]) if SLOWED in kept else None
    return Notes(
        information=DeviceInformation(**kept.get(INFORMATION, {})),
        refusals=tuple(Refusal(**each) for each in kept.get(REFUSED, {}).get("last", [])),
        slowing=slowing if slowing is not None and work.now - slowing.last_at < FORGIVEN_SECONDS else None,
        policy=PolicyKept(**kept[POLICY]) if POLICY in kept else None,
        wipe=_wipe(kept[WIPE]) if WIPE in kept else None,
    )


def set_information(work: Work, device_id: DeviceId, told: Mapping[str, str]) -> None:
    """Keep what a device says of itself, by the names of `DeviceInformation`; what it does not mention stays."""
    kept = work.shelf.get(device_id, INFORMATION)
    content = {**(kept.content if kept else {}), **{name: _word(value) for name, value in told.items()}}
    if kept is None or kept.content != content:
        work.shelf.put(device_id, INFORMATION, Document(asdict(DeviceInformation(**content))))


def add_refusals(work: Work, device_id: DeviceId, refusals: list[tuple[str, str, str]]) -> None:
    """Remember (collection, item, reason) of each, and forget all but the last of them. What is refused again is there once."""
    if not refusals:
        return
    kept = work.shelf.get(device_id, REFUSED)
    new = [Refusal(work.now, *map(_word, each)) for each in reversed(refusals)]
    earlier = [Refusal(**each) for each in kept.content["last"]] if kept else []
    once = {(each.collection, each.item, each.reason): each for each in reversed([*new, *earlier])}
    newest = list(once.values())[::-1]
    last = sorted(newest, key=lambda each: each.at, reverse=True)[:MOST_REFUSALS]
    work.shelf.put(device_id, REFUSED, Document({"last": [asdict(each) for each in last]}))


def add_slowing(work: Work, device_id: DeviceId, reason: str) -> None:
    """Remember that a device was made to wait."""
    kept = work.shelf.get(device_id, SLOWED)
    earlier = Slowing(**kept.content) if kept else Slowing(reason, work.now, work.now, 0)
    now = replace(earlier, reason=_word(reason), last_at=work.now, times=earlier.times + 1)
    work.shelf.put(device_id, SLOWED, Document(asdict(now)))


def set_policy_kept(work: Work, device_id: DeviceId, compliance: str) -> None:
    """Remember what a device did with the policy."""
    work.shelf.put(device_id, POLICY, Document(asdict(PolicyKept(compliance, work.now))))


def set_recovery_password(work: Work, device_id: DeviceId, password: str) -> None:
    """Keep the password with which a locked device can be opened; an empty one takes it away."""
    if password:
        work.shelf.put(device_id, RECOVERY, Document({"password": password}))
    else:
        work.shelf.remove(device_id, RECOVERY)


def recovery_password(work: Work, device_id: DeviceId) -> str | None:
    """The password with which a locked device can be opened, for the operator alone."""
    kept = work.shelf.get(device_id, RECOVERY)
    return str(kept.content["password"]) if kept else None


def wipe_of(work: Work, device_id: DeviceId) -> Wipe | None:
    """The wipe that was asked for last, unless it was cancelled."""
    kept = work.shelf.get(device_id, WIPE)
    return _wipe(kept.content) if kept else None


def set_wipe(work: Work, device_id: DeviceId, wipe: Wipe | None) -> None:
    if wipe is None:
        work.shelf.remove(device_id, WIPE)
    else:
        work.shelf.put(device_id, WIPE, Document(asdict(wipe)))


def _wipe(content: Mapping[str, object]) -> Wipe:
    kept: dict[str, object] = dict(content)
    return Wipe(scope=WipeScope(str(kept.pop("scope"))), before=DeviceState(str(kept.pop("before"))), **kept)  # type: ignore[arg-type]


def _word(text: str) -> str:
    return "".join(each for each in text if each.isprintable())[:LONGEST]
