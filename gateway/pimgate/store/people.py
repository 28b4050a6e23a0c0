"""Rows of people: accounts, app passwords, and the guesses that count against somebody."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from pimgate.model.people import Account, AccountId, AccountState, AppPassword
from pimgate.store.tables import account, app_password, guess

# Statements of every request are made once: making one costs more than carrying it out.
BY_ID = select(account).where(account.c.id == bindparam("id"))


class PeopleRows:
    def __init__(self, connection: Connection, now: float) -> None:
        self._connection = connection
        self._now = now

    def lock(self) -> None:
        """Nobody else makes people, or what the organisation always has, until the commit; on SQLite there is one writer
        anyhow."""
        if self._connection.dialect.name == "postgresql":
            self._connection.exec_driver_sql("LOCK TABLE account IN SHARE ROW EXCLUSIVE MODE")

    def add(self, person: Account, password_hash: str) -> None:
        row = {
            "id": person.id,
            "login": person.login,
            "name": person.name,
            "password_hash": password_hash,
            "state": person.state.value,
            "is_operator": person.is_operator,
            "language": person.language,
            "secret_stamp": person.secret_stamp,
            "created_at": self._now,
        }
        self._connection.execute(insert(account), row)

    def by_id(self, account_id: AccountId) -> Account | None:
        return _account(self._connection.execute(BY_ID, {"id": account_id}).first())

    def by_login(self, login: str) -> Account | None:
        return _account(self._connection.execute(select(account).where(account.c.login == login)).first())

    def all(self) -> list[Account]:
        rows = self._connection.execute(select(account).order_by(account.c.login)).all()
        return [person for row in rows if (person := _account(row))]

    def password_hash(self, account_id: AccountId) -> str:
        found = self._connection.execute(select(account.c.password_hash).where(account.c.id == account_id)).scalar()
        return found or ""

    def change(self, account_id: AccountId, **values: Any) -> None:
        """Change columns of one account; whatever voids a verified credential must go through `void`, too."""
        self._connection.execute(update(account).where(account.c.id == account_id).values(**values))

    def void(self, account_id: AccountId) -> None:
        """Every credential verified so far must be verified again."""
        self.change(account_id, secret_stamp=account.c.secret_stamp + 1)

    def remove(self, account_id: AccountId) -> None:
        self._connection.execute(delete(account).where(account.c.id == account_id))

    def add_app_password(self, person: AccountId, secret_sha256: str, **bound_to: Any) -> AppPassword:
        """`bound_to`: label, protocol, client_kind, device_identifier."""
        row = {"account_id": person, "secret_sha256": secret_sha256, "created_at": self._now, **bound_to}
        made = self._connection.execute(insert(app_password).values(row).returning(app_password)).one()
        return _app_password(made)

    def app_password(self, secret_sha256: str) -> AppPassword | None:
        row = self._connection.execute(
            select(app_password).where(app_password.c.secret_sha256 == secret_sha256)
        ).first()
        return _app_password(row) if row else None

    def app_passwords(self, person: AccountId) -> list[AppPassword]:
        query = select(app_password).where(app_password.c.account_id == person).order_by(app_password.c.id)
        return [_app_password(row) for row in self._connection.execute(query)]

    def remove_app_password(self, person: AccountId, number: int) -> bool:
        gone = delete(app_password).where(app_password.c.account_id == person, app_password.c.id == number)
        return self._connection.execute(gone).rowcount > 0

    def note_guess(self, subjects: list[str]) -> None:
        self._connection.execute(insert(guess), [{"subject": each, "at": self._now} for each in subjects])

    def guesses(self, subject: str, seconds: int) -> tuple[int, float]:
        """How many wrong passwords count against `subject` in the last `seconds`, and when the oldest of them was."""
        query = select(func.count(), func.min(guess.c.at)).where(
            guess.c.subject == subject, guess.c.at > self._now - seconds
        )
        count, oldest = self._connection.execute(query).one()
        return count, oldest or self._now

    def forget_guesses(self, before: float, subject: str | None = None) -> None:
        gone = delete(guess).where(guess.c.at < before)
        self._connection.execute(gone if subject is None else gone.where(guess.c.subject == subject))


def _account(row: Row[Any] | None) -> Account | None:
    if row is None:
        return None
    return Account(
        id=AccountId(row.id),
        login=row.login,
        name=row.name,
        state=AccountState(row.state),
        is_operator=row.is_operator,
        language=row.language,
        secret_stamp=row.secret_stamp,
    )


def _app_password(row: Row[Any]) -> AppPassword:
    return AppPassword(
        id=row.id,
        account_id=AccountId(row.account_id),
        label=row.label,
        protocol=row.protocol,
        client_kind=row.client_kind,
        device_identifier=row.device_identifier,
        created_at=row.created_at,
    )
