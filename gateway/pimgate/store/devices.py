"""Rows of devices: one list for all protocols."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, update

from pimgate.model.devices import Device, DeviceId, DeviceState
from pimgate.model.people import AccountId
from pimgate.store.tables import device

# Statements of every request are made once: making one costs more than carrying it out.
BY_ID = select(device).where(device.c.id == bindparam("id"))
BY_IDENTIFIER = select(device).where(
    device.c.account_id == bindparam("account_id"),
    device.c.protocol == bindparam("protocol"),
    device.c.identifier == bindparam("identifier"),
)


class DeviceRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, seen: Device) -> None:
        row = {name: getattr(seen, name) for name in device.c.keys()}  # noqa: SIM118 - columns by name
        self._connection.execute(insert(device), {**row, "state": seen.state.value})

    def find(self, account_id: AccountId, protocol: str, identifier: str) -> Device | None:
        given = {"account_id": account_id, "protocol": protocol, "identifier": identifier}
        return self._one(BY_IDENTIFIER, given)

    def by_id(self, device_id: DeviceId) -> Device | None:
        return self._one(BY_ID, {"id": device_id})

    def _one(self, statement: Select[Any], given: dict[str, str]) -> Device | None:
        row = self._connection.execute(statement, given).first()
        return _device(row) if row else None

    def of_person(self, account_id: AccountId) -> list[Device]:
        query = select(device).where(device.c.account_id == account_id).order_by(device.c.first_seen)
        return [_device(row) for row in self._connection.execute(query)]

    def all(self) -> list[Device]:
        return [_device(row) for row in self._connection.execute(select(device).order_by(device.c.first_seen))]

    def count(self, account_id: AccountId, protocol: str, states: Iterable[DeviceState]) -> int:
        """How many devices of a person are in one of these states."""
        query = select(func.count()).where(
            device.c.account_id == account_id,
            device.c.protocol == protocol,
            device.c.state.in_([each.value for each in states]),
        )
        return self._connection.execute(query).scalar_one()

    def change(self, device_id: DeviceId, **values: Any) -> None:
        self._connection.execute(update(device).where(device.c.id == device_id).values(**values))

    def lock(self, device_id: DeviceId) -> None:
        """One unit of work at a time for this device, until the commit."""
        self._connection.execute(select(device.c.id).where(device.c.id == device_id).with_for_update())

    def remove(self, device_id: DeviceId) -> None:
        self._connection.execute(delete(device).where(device.c.id == device_id))


def _device(row: Row[Any]) -> Device:
    return Device(
        id=DeviceId(row.id),
        account_id=AccountId(row.account_id),
        protocol=row.protocol,
        identifier=row.identifier,
        device_type=row.device_type,
        agent=row.agent,
        protocol_version=row.protocol_version,
        client_kind=row.client_kind,
        profile=row.profile,
        state=DeviceState(row.state),
        policy_key=row.policy_key,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
    )
