"""Customers: who stands behind an openid or a fund account, and what binding changes."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from h5app.identity.store import consent, customer, openid
from h5app.kernel.clock import Clock
from h5app.plumbing.db import Database


@dataclass(frozen=True, kw_only=True)
class Known:
    """A customer with the fund account, if there is one."""

    customer_id: str
    account_id: str | None
    look: str = ""


@dataclass(frozen=True, kw_only=True)
class Left:
    """An openid that lost its fund account, and the customer it goes on as."""

    openid: str
    customer_id: str


@dataclass(frozen=True, kw_only=True)
class Bound:
    """What binding an openid to an account changed."""

    customer_id: str
    merged_from: str | None
    """The openid's own customer, when the account had one already."""
    left: tuple[Left, ...]
    """Openids that had to make room."""


class Customers:
    """Keeps customers and openids; the caller brings the transaction."""

    def __init__(self, database: Database, wall: Clock) -> None:
        self._wall = wall
        self._insert = sqlite.insert if database.dialect == "sqlite" else postgresql.insert

    def of_openid(self, connection: Connection, name: str) -> Known | None:
        """Return the customer of an openid; None when it was never seen."""
        query = _KNOWN.join_from(openid, customer, customer.c.customer_id == openid.c.customer_id)
        return _known(connection, query.where(openid.c.openid == name))

    def of_account(self, connection: Connection, account_id: str) -> Known | None:
        """Return the customer of a fund account; None when it never signed in or was bound."""
        return _known(connection, _KNOWN.where(customer.c.account_id == account_id))

    def of_id(self, connection: Connection, customer_id: str) -> Known | None:
        """Return a customer by its own id."""
        return _known(connection, _KNOWN.where(customer.c.customer_id == customer_id))

    def ensure_openid(self, connection: Connection, name: str) -> Known:
        """Return the customer of an openid, made now when it was never seen."""
        found = self.of_openid(connection, name)
        if found is not None:
            return found
        customer_id = self._add(connection)
        added = connection.execute(
            self._insert(openid)
            .values(openid=name, customer_id=customer_id, first_seen_at=self._wall.now())
            .on_conflict_do_nothing()
            .returning(openid.c.openid)
        ).scalar_one_or_none()
        if added is None:  # Another return from WeChat was quicker.
            connection.execute(delete(customer).where(customer.c.customer_id == customer_id))
            found = self.of_openid(connection, name)
            assert found is not None, "an openid that is and is not there"
            return found
        return Known(customer_id=customer_id, account_id=None)

    def ensure_account(self, connection: Connection, account_id: str) -> Known:
        """Return the customer of a fund account, made now when there is none."""
        found = self.of_account(connection, account_id)
        if found is not None:
            return found
        customer_id = self._add(connection, account_id)
        return Known(customer_id=customer_id, account_id=account_id)

    def bind(self, connection: Connection, name: str, account_id: str, openids_max: int) -> Bound:
        """Put an openid to an account; the oldest beyond `openids_max` make room."""
        own = self.ensure_openid(connection, name)
        assert own.account_id in {None, account_id}, "the openid is bound to another account"
        target = self.of_account(connection, account_id)
        merged_from = None
        if target is None:
            customer_id = own.customer_id
            connection.execute(
                update(customer)
                .where(customer.c.customer_id == customer_id)
                .values(account_id=account_id)
            )
        else:
            customer_id = target.customer_id
            merged_from = self._merge(connection, own.customer_id, customer_id)
        connection.execute(
            update(openid)
            .where(openid.c.openid == name)
            .values(customer_id=customer_id, bound_at=self._wall.now())
        )
        others = [one for one in self.openids_of(connection, customer_id) if one != name]
        room = max(0, openids_max - 1)
        surplus = others[: len(others) - room] if len(others) > room else []
        left = tuple(self.leave(connection, one) for one in surplus)
        return Bound(customer_id=customer_id, merged_from=merged_from, left=left)

    def leave(self, connection: Connection, name: str) -> Left:
        """Take an openid off its account; it goes on as a customer of its own."""
        customer_id = self._add(connection)
        connection.execute(
            update(openid)
            .where(openid.c.openid == name)
            .values(customer_id=customer_id, bound_at=None)
        )
        return Left(openid=name, customer_id=customer_id)

    def openids_of(self, connection: Connection, customer_id: str) -> list[str]:
        """Return a customer's openids, the one bound first standing first."""
        rows = connection.execute(
            select(openid.c.openid)
            .where(openid.c.customer_id == customer_id)
            .order_by(openid.c.bound_at, openid.c.first_seen_at, openid.c.openid)
        )
        return [row.openid for row in rows]

    def keep_look(self, connection: Connection, customer_id: str, look: str) -> None:
        """Remember how the customer wants pages to look."""
        connection.execute(
            update(customer).where(customer.c.customer_id == customer_id).values(look=look)
        )

    def accepted(
        self, connection: Connection, customer_id: str, document: str, version: str
    ) -> None:
        """Remember what was read and accepted."""
        connection.execute(
            consent.insert().values(
                customer_id=customer_id,
                document=document,
                version=version,
                accepted_at=self._wall.now(),
            )
        )

    def _merge(self, connection: Connection, from_id: str, to_id: str) -> str | None:
        if from_id == to_id:
            return None
        connection.execute(
            update(customer).where(customer.c.customer_id == from_id).values(merged_into=to_id)
        )
        return from_id

    def _add(self, connection: Connection, account_id: str | None = None) -> str:
        number = connection.execute(
            customer.insert()
            .values(account_id=account_id, created_at=self._wall.now())
            .returning(customer.c.number)
        ).scalar_one()
        customer_id = f"c{number:06d}"
        connection.execute(
            update(customer).where(customer.c.number == number).values(customer_id=customer_id)
        )
        return customer_id


_KNOWN = select(customer.c.customer_id, customer.c.account_id, customer.c.look)


def _known(connection: Connection, query: Select[Any]) -> Known | None:
    row = connection.execute(query).first()
    if row is None:
        return None
    return Known(customer_id=row.customer_id, account_id=row.account_id, look=row.look)
