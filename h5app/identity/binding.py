"""Binding: an openid comes to a fund account, or leaves it, in one transaction."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection

from h5app.identity.books import Books
from h5app.identity.customers import Left
from h5app.identity.lockout import Attempt
from h5app.identity.model import (
    RISK_NOTICE_VERSION,
    CustomerBound,
    CustomersMerged,
    CustomerUnbound,
    Granted,
    Origin,
    Visitor,
)
from h5app.identity.policy import Policy
from h5app.identity.refusal import BoundToAnother, NothingBound, SessionOver
from h5app.kernel.clock import Clock
from h5app.plumbing.outbox import Outbox

NO_GRACE = timedelta(0)


class Bindings:
    """Writes bindings down and publishes the facts; the caller brings the transaction."""

    def __init__(self, books: Books, outbox: Outbox, wall: Clock, policy: Policy) -> None:
        self._books = books
        self._outbox = outbox
        self._wall = wall
        self._policy = policy

    def bind(
        self, connection: Connection, visitor: Visitor, attempt: Attempt, origin: Origin
    ) -> Granted:
        """Put the visitor's openid to the account whose password was just given.

        Raises:
            BoundToAnother: The openid was bound to another account meanwhile.
            SessionOver: The session ended meanwhile.
        """
        openid, session_id, account_id = visitor.openid, visitor.session_id, attempt.account_id
        assert openid is not None, "an openid is bound or nothing is"
        assert session_id is not None, "a visitor with an openid has a session"
        books = self._books
        books.lockouts.succeeded(connection, attempt)
        own = books.customers.of_openid(connection, openid)
        if own is None:
            raise SessionOver
        if own.account_id not in {None, account_id}:
            raise BoundToAnother
        result = books.customers.bind(
            connection, openid, account_id, self._policy.openids_per_account_max
        )
        books.customers.accepted(connection, result.customer_id, "risk_notice", RISK_NOTICE_VERSION)
        books.sessions.move_openid(connection, openid, result.customer_id, account_id)
        stepped_us = books.sessions.stepped_up_us()
        token, bound = books.sessions.rotate(
            connection, session_id, NO_GRACE, {"stepped_up_until_us": stepped_us}
        )
        books.note(connection, "bind", bound, origin)
        if own.account_id is None:
            self._publish_bound(connection, bound, result.merged_from)
        self._let_go(connection, bound.owner, account_id, result.left, was_replaced=True)
        return self._granted(connection, token, bound)

    def unbind(self, connection: Connection, visitor: Visitor, origin: Origin) -> Granted | None:
        """Take the visitor's openid, or all of the account's, off the account.

        Raises:
            NothingBound: There is no binding.
            SessionOver: The session ended meanwhile.
        """
        books, account_id = self._books, visitor.account
        names = self._bound_names(connection, visitor)
        left = [books.customers.leave(connection, name) for name in names]
        books.note(connection, "unbind", visitor, origin)
        granted = None
        if visitor.openid is not None:
            assert visitor.session_id is not None, "a visitor with an openid has a session"
            token, alone = books.sessions.rotate(
                connection,
                visitor.session_id,
                NO_GRACE,
                {
                    "customer_id": left[0].customer_id,
                    "account_id": None,
                    "stepped_up_until_us": 0,
                },
            )
            granted = self._granted(connection, token, alone)
        self._let_go(connection, visitor.owner, account_id, left, but=visitor.session_id)
        return granted

    def _bound_names(self, connection: Connection, visitor: Visitor) -> list[str]:
        customers = self._books.customers
        if visitor.openid is None:
            names = customers.openids_of(connection, visitor.owner)
        else:
            own = customers.of_openid(connection, visitor.openid)
            is_bound = own is not None and own.account_id == visitor.account_id
            names = [visitor.openid] if is_bound else []
        if not names:
            raise NothingBound
        return names

    def _let_go(
        self,
        connection: Connection,
        customer_id: str,
        account_id: str,
        left: Sequence[Left],
        *,
        but: int | None = None,
        was_replaced: bool = False,
    ) -> None:
        """End the sessions of openids that left, and say so."""
        for one in left:
            self._books.sessions.end_openid(connection, one.openid, "unbound", but=but)
            self._outbox.publish(
                connection,
                CustomerUnbound(
                    customer_id=customer_id,
                    account_id=account_id,
                    openid=one.openid,
                    at=self._wall.now(),
                    openid_customer_id=one.customer_id,
                    was_replaced=was_replaced,
                ),
            )

    def _publish_bound(
        self, connection: Connection, bound: Visitor, merged_from: str | None
    ) -> None:
        assert bound.openid is not None, "bound without an openid"
        if merged_from is not None:
            self._outbox.publish(
                connection,
                CustomersMerged(from_customer_id=merged_from, to_customer_id=bound.owner),
            )
        self._outbox.publish(
            connection,
            CustomerBound(
                customer_id=bound.owner,
                account_id=bound.account,
                openid=bound.openid,
                at=self._wall.now(),
            ),
        )

    def _granted(self, connection: Connection, token: str, visitor: Visitor) -> Granted:
        known = self._books.customers.of_id(connection, visitor.owner)
        return Granted(
            token=token,
            lasts=self._policy.openid_lasts,
            visitor=visitor,
            look=known.look if known else "",
        )
