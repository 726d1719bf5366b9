"""Who is reached where: what other rooms ask about customers, openids and accounts."""

from h5app.identity.customers import Customers
from h5app.identity.model import Look
from h5app.kernel.clock import Clock
from h5app.plumbing.db import Database


class Directory:
    """Answers from the tables; makes a customer only where it says so."""

    def __init__(self, database: Database, wall: Clock) -> None:
        self._database = database
        self._customers = Customers(database, wall)

    def customer_of_account(self, account_id: str) -> str | None:
        """Return the customer of a fund account; None when it never came in."""
        with self._database.read() as connection:
            known = self._customers.of_account(connection, account_id)
        return known.customer_id if known else None

    def customer_of_openid(self, openid: str) -> str | None:
        """Return the customer of an openid; None when it was never seen."""
        with self._database.read() as connection:
            known = self._customers.of_openid(connection, openid)
        return known.customer_id if known else None

    def account_of(self, customer_id: str) -> str | None:
        """Return a customer's fund account; None when none is bound."""
        with self._database.read() as connection:
            known = self._customers.of_id(connection, customer_id)
        return known.account_id if known else None

    def account_of_openid(self, openid: str) -> str | None:
        """Return the fund account that an openid is bound to."""
        with self._database.read() as connection:
            known = self._customers.of_openid(connection, openid)
        return known.account_id if known else None

    def openid_of(self, customer_id: str) -> str | None:
        """Return the openid a customer is reached by: the one that was bound first.

        Where an account may have several, a new one is thereby told to the old one.
        """
        with self._database.read() as connection:
            names = self._customers.openids_of(connection, customer_id)
        return names[0] if names else None

    def ensure_customer(self, account_id: str) -> str:
        """Return the customer of a fund account, made now when there is none: for seeds."""
        with self._database.write() as connection:
            return self._customers.ensure_account(connection, account_id).customer_id

    def propose_look(self, customer_id: str, look: Look) -> None:
        """Keep how pages should look for a customer who has not chosen: for seeds."""
        with self._database.write() as connection:
            known = self._customers.of_id(connection, customer_id)
            if known is not None and not known.look:
                self._customers.keep_look(connection, customer_id, look.as_text())

    def openids_bound_to(self, account_id: str) -> list[str]:
        """Return the openids that are bound to a fund account."""
        with self._database.read() as connection:
            known = self._customers.of_account(connection, account_id)
            return self._customers.openids_of(connection, known.customer_id) if known else []
