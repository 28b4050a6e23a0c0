"""What keeps a known device from being served for now: it is to be wiped first, or has no policy yet, or not the present one.

Source: MS-ASPROV, "Provision Command Errors"; MS-ASCMD, "Common Status Codes".
"""

from __future__ import annotations

from pimgate.api import Core, Device, DeviceState, Profile, Work
from pimgate_eas import shelved
from pimgate_eas.policy import fingerprint, policy_for
from pimgate_eas.query import Query
from pimgate_eas.settings import EasSettings
from pimgate_eas.status import Common


async def problem(core: Core, settings: EasSettings, query: Query, device: Device, profile: Profile) -> Common | None:
    """The status for a command that is not served before the policy is acknowledged; None if nothing stands in its way."""
    if device.state is DeviceState.WIPING:
        return Common.REMOTE_WIPE
    if not settings.require_policy or not profile.keeps_policies:
        return None
    if not query.policy_key or not device.policy_key:
        return Common.NOT_PROVISIONED
    if query.policy_key != device.policy_key:
        return Common.INVALID_POLICY_KEY
    kept = await core.read(lambda work: _fingerprint_kept(work, device))
    present = fingerprint(policy_for(settings.policy, profile), query.protocol_version)
    return None if kept == present else Common.POLICY_REFRESH


def _fingerprint_kept(work: Work, device: Device) -> str:
    found = work.shelf.get(device.id, shelved.POLICY)
    return str(found.content.get("kept", "")) if found else ""
